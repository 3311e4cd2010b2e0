-- The names under which each model is known: the evidence that what a profile says is said of it.
-- Grain: one row per (model_id).

with crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
),

final as (
    select
        model_id,
        list(
            struct_pack(
                source := source_id,
                org := org,
                name := source_model_name,
                variant := variant,
                method := method,
                score := round(score, 6)
            )
            order by source_id, org, source_model_name
        ) as names,
    from crosswalk
    group by model_id
)

select * from final
