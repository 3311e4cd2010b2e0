-- Proves that the model of every human decision about a name exists, if the name does (empty =
-- never match this name; what is known at an earlier moment may not have the model yet). Reasons
-- and days are checked before a build.

with overrides as (
    select * from {{ ref('name_overrides') }}
),

models as (
    select * from {{ ref('models') }}
),

names as (
    select * from {{ ref('crosswalk') }}
),

final as (
    select
        overrides.*,
        'the model does not exist' as violation,
    from overrides
    anti join models on models.model_id = overrides.model_id
    semi join names
        on names.source_id = overrides.source_id
        and names.source_model_name = overrides.source_model_name
    where overrides.model_id is not null and {{ var('known_at') is none }}
)

select * from final
