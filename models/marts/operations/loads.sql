-- Every attempt to land something: how long it took and what came of it.
-- Grain: one row per (load_id).

with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

timed as (
    select
        *,
        -- The entities of a source are landed one after the other in one attempt, which they share
        -- as their start: each lasts from the end of the one before it.
        coalesce(
            lag(finished_at) over (
                partition by source_id, started_at order by finished_at, landed_at
            ),
            started_at
        ) as began_at,
    from loads
),

final as (
    select
        load_id,
        source_id,
        entity,
        status,
        origin as read_from,
        freshness,
        error,
        round(epoch(finished_at - began_at), 6) as duration_seconds,
        http_status,
        file_count,
        bytes as byte_count,
        record_count,
        new_count,
        changed_count,
        gone_count,
        skipped_count,
        error_count,
        began_at as started_at,
        finished_at,
        landed_at,
    from timed
)

select * from final
order by started_at, load_id
