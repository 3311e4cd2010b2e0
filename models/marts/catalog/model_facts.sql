-- Where each stated fact of a model comes from: the value that counts, its origin and its record.
-- Grain: one row per (model_id, attribute).

with facts as (
    select * from {{ ref('int_facts') }}
    where is_current
),

final as (
    select
        model_id,
        attribute,
        origin,
        source_id,
        record_key,
        load_id,
        value_text,
        round(value_number, 6) as value_number,
        cast(observed_at as date) as observed_on,
    from facts
)

select * from final
order by model_id, attribute
