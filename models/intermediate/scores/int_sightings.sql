-- When a record was last seen in its source, as of each day that scores are computed for. Landing
-- stores a record only when it changes, so that a version's own date is the day it was first seen;
-- a later complete listing that still held it (record_key null: it speaks for every record), or a
-- later partial one that names it, confirms it.
-- Grain: one row per (as_of_on, source_id, entity, record_key).

with loads as (
    select * from {{ ref('stg_landing__loads') }}
    where status in ('landed', 'unchanged')
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

seen as (
    select
        source_id,
        entity,
        cast(null as varchar) as record_key,
        observed_at,
    from loads
    where completeness = 'yes'

    union all

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
        as_of_dates.as_of_on,
        seen.source_id,
        seen.entity,
        seen.record_key,
        max(seen.observed_at) as last_observed_at,
    from seen
    inner join as_of_dates on seen.observed_at < as_of_dates.as_of_on + interval 1 day
    group by as_of_dates.as_of_on, seen.source_id, seen.entity, seen.record_key
)

select * from final
