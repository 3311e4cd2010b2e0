-- When a record was last seen in its source, as of each day that scores are computed for. Landing
-- stores a record only when it changes, so that a version's own date is the day it was first seen;
-- a later complete listing that still held it (record_key null: it speaks for every record), a
-- later listing of its file, or a later partial one that names it, confirms it. A listing that is
-- held back confirms nothing.
-- Grain: one row per (as_of_on, source_id, entity, record_key).

with loads as (
    select * from {{ ref('stg_landing__loads') }}
    where status in ('landed', 'unchanged') and is_held is not true
),

-- Which records the listings of a file speak for.
files as (
    select distinct
        source_id,
        entity,
        part,
        record_key,
    from {{ ref('stg_landing__record_versions') }}
    where part is not null
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

seen as (
    select
        source_id,
        entity,
        part,
        cast(null as varchar) as record_key,
        observed_at,
    from loads
    where completeness in ('yes', 'file')

    union all

    select
        source_id,
        entity,
        cast(null as varchar) as part,
        unnest(confirmed_keys) as record_key,
        observed_at,
    from loads
    where completeness not in ('yes', 'file')
),

last_seen as (
    select
        as_of_dates.as_of_on,
        seen.source_id,
        seen.entity,
        seen.part,
        seen.record_key,
        max(seen.observed_at) as last_observed_at,
    from seen
    inner join as_of_dates on seen.observed_at < as_of_dates.as_of_on + interval 1 day
    group by as_of_dates.as_of_on, seen.source_id, seen.entity, seen.part, seen.record_key
),

final as (
    select
        last_seen.as_of_on,
        last_seen.source_id,
        last_seen.entity,
        coalesce(last_seen.record_key, files.record_key) as record_key,
        max(last_seen.last_observed_at) as last_observed_at,
    from last_seen
    left join files
        on files.source_id = last_seen.source_id
        and files.entity = last_seen.entity
        and files.part = last_seen.part
    where last_seen.part is null or files.record_key is not null
    group by all
)

select * from final
