-- The facts of each model with the record that each comes from, in one map.
-- Grain: one row per (model_id).

with facts as (
    select * from {{ ref('int_facts') }}
    where is_current
),

final as (
    select
        model_id,
        map_from_entries(
            list(
                struct_pack(
                    key := attribute,
                    value := struct_pack(
                        value := coalesce(value_text, cast(round(value_number, 6) as varchar)),
                        origin := origin,
                        source := source_id,
                        record_key := record_key,
                        load_id := load_id,
                        observed_on := cast(observed_at as date)
                    )
                )
                order by attribute
            )
        ) as facts,
    from facts
    group by model_id
)

select * from final
