-- The curated registry with the model that each row is: the matcher may find that two rows spell
-- the id of one model, which is then called by one of the two. `registry_id` is the id as written.
-- A row that is gone today is not asked for any more and keeps its own.
-- Grain: one row per (record_key, state_from_on).

with registry as (
    select * from {{ ref('int_registry') }}
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
),

final as (
    select
        registry.* replace (coalesce(crosswalk.model_id, registry.model_id) as model_id),
        registry.model_id as registry_id,
    from registry
    left join crosswalk
        on {{ is_same_name('crosswalk', 'registry', 'provider_name', 'model_id') }}
)

select * from final
