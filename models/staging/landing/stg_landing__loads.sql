-- What was landed when: one row per attempt to land one entity of one source.
-- Everything that asks how fresh or how complete a source is, or which version an API spoke, asks
-- here. Attempts made after known_at do not exist. Of equal content at one time the newest row says
-- whether it is held back (is_held): an older file landed later judges anew what follows it.
-- Grain: one row per (load_id).

with source as (
    select * from {{ source('landing', 'loads') }}
),

final as (
    select
        load_id,
        source as source_id,
        entity,
        part,
        status,
        origin,
        location,
        completeness,
        content_hash,
        error,
        freshness,
        json_extract_string(envelope, '$.intelligence_index_version') as composite_index_version,
        confirmed_keys,
        http_status,
        bytes,
        file_count,
        record_count,
        new_count,
        changed_count,
        gone_count,
        skipped_count,
        error_count,
        previous_count,
        max_shrink_share,
        is_shrink_accepted,
        content_hash is not null and arg_max(status, landed_at) over (
            partition by source, entity, part, observed_at, content_hash
        ) = 'held' as is_held,
        observed_at,
        started_at,
        finished_at,
        landed_at,
    from source
    where {{ landed_by_known_at('coalesce(landed_at, finished_at)') }}
)

select * from final
