-- What the names of each canonical model say of it, read by the name grammar: family, generation,
-- tier, size. Rules that compare a model with its siblings, or its maker with its family, read it.
-- A registry model that no name was read for has no row, nor has one that did not exist on the day
-- that the build speaks of.
-- Grain: one row per (model_id).

with resolved as (
    select payload
    from {{ ref('int_name_resolution') }}
    where kind = 'model'
),

models as (
    select model_id
    from {{ ref('int_models') }}
),

typed as (
    select
        unnest(
            from_json(payload, '{
                "model_id": "varchar", "provider": "varchar",
                "tokens": {
                    "words": ["varchar"], "generation": ["varchar"], "tier": ["varchar"],
                    "domain": ["varchar"], "stage": ["varchar"], "size": "varchar",
                    "base": "varchar", "base_generation": "varchar", "tune": "varchar"
                }
            }')
        ),
    from resolved
),

existing as (
    select typed.*
    from typed
    semi join models on models.model_id = typed.model_id
),

final as (
    select
        model_id,
        provider as provider_id,
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
    where tokens is not null
)

select * from final
