-- What the names of each canonical model say of it, read by the name grammar: family, generation,
-- tier, size. Rules that compare a model with its siblings, or its maker with its family, read it.
-- A registry model that no name was read for has no row, nor has one that did not exist on the day
-- that the build speaks of.
-- Grain: one row per (model_id).

with resolved as (
    select
        model_id,
        provider_id,
        tokens,
    from {{ ref('int_name_resolution') }}
    where kind = 'model' and tokens is not null
),

models as (
    select model_id
    from {{ ref('int_models') }}
),

existing as (
    select resolved.*
    from resolved
    semi join models on models.model_id = resolved.model_id
),

final as (
    select
        model_id,
        provider_id,
        array_to_string(tokens.words, ' ') as words,
        array_to_string(tokens.generation, ' ') as generation,
        array_to_string(tokens.tier, ' ') as tier,
        array_to_string(tokens.domain, ' ') as domain,
        array_to_string(tokens.stage, ' ') as stage,
        tokens.size,
        tokens.base as base_family,
        tokens.base_generation,
        tokens.tune,
    from existing
)

select * from final
