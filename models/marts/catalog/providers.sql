-- Who makes the models: one row per maker, with how many of its models the warehouse knows.
-- Grain: one row per (provider_id).

with models as (
    select * from {{ ref('models') }}
),

final as (
    select
        provider_id,
        count(*) as model_count,
        count(*) filter (where is_in_registry) as registry_model_count,
        count(*) filter (where is_open_weights) as open_weights_model_count,
        min(released_on) as first_released_on,
        max(released_on) as last_released_on,
    from models
    group by provider_id
)

select * from final
order by provider_id
