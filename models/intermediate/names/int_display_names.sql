-- What sources call their models where they show them to people, beside the name they key them by.
-- Grain: one row per (source_id, org, source_model_name).

with routes as (
    select * from {{ ref('int_routes') }}
    where {{ is_state_on(as_of_on()) }}
),

evaluated as (
    select * from {{ ref('stg_llm_stats__models') }}
    where {{ is_state_on(as_of_on()) }}
),

shown as (
    select
        source_id,
        org,
        source_model_name,
        display_name,
    from routes

    union all by name

    select
        source_id,
        org,
        source_model_name,
        display_name,
    from evaluated
),

final as (
    select
        source_id,
        org,
        source_model_name,
        min(display_name) as display_name,
    from shown
    where source_model_name is not null and display_name is not null
    group by source_id, org, source_model_name
)

select * from final
