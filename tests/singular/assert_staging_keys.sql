-- Proves that every staging dbt model has one row per key, and no null in it but where
-- null is a value. A failing row names the dbt model, the key, how often it occurs and what is
-- wrong with it.

with broken as (
    {{ rows_against_keys(staging_keys()) }}
),

final as (
    select * from broken
)

select * from final
