-- When a record was last seen in its source. Landing stores a record only when it changes, so that
-- a version's own date is the day it was first seen; a later complete listing that still held it
-- (record_key null: it speaks for every record), or a later partial one that names it, confirms it.
-- Grain: one row per (source_id, entity, record_key).

with loads as (
    select * from {{ ref('stg_landing__loads') }}
    where
        status in ('landed', 'unchanged')
        and observed_at < {{ as_of_on() }} + interval 1 day
),

confirmed as (
    select
        source_id,
        entity,
        unnest(confirmed_keys) as record_key,
        observed_at,
    from loads
    where completeness != 'yes'
),

final as (
    select
        source_id,
        entity,
        cast(null as varchar) as record_key,
        max(observed_at) as last_observed_at,
    from loads
    where completeness = 'yes'
    group by source_id, entity

    union all

    select
        source_id,
        entity,
        record_key,
        max(observed_at) as last_observed_at,
    from confirmed
    group by source_id, entity, record_key
)

select * from final
