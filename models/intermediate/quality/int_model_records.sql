-- The records that state facts of each model today: its routes, and its row of the registry.
-- Grain: one row per (source_id, entity, record_key).

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current and model_id is not null
),

registry as (
    select * from {{ ref('int_registry_models') }}
    where {{ is_state_on(as_of_on()) }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        model_id,
    from deployments

    union all

    select
        source_id,
        'models' as entity,
        record_key,
        model_id,
    from registry
)

select * from final
