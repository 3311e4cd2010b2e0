-- Every version of every record, for the checks of stated facts and the history of prices and
-- speeds. The staging dbt models of the sources hold only the versions that were the state at a
-- month end or today. A version without a record is the day on which the record was gone. What was
-- observed after the day that the build speaks of is here too: who reads it as evidence leaves it
-- out.
-- Grain: one row per (source_id, entity, record_key, observed_at).

with source as (
    select * from {{ source('landing', 'records') }}
),

final as (
    select
        source as source_id,
        entity,
        record_key,
        load_id,
        part,
        record,
        observed_at,
    from source
    where {{ landed_by_known_at('landed_at') }}
    qualify row_number() over (
        partition by source, entity, record_key, observed_at order by landed_at desc, load_id desc
    ) = 1
)

select * from final
