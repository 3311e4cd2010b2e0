-- Where the numbers come from: every source with its layer, licence and attribution, what was last
-- landed from it, and whether anything is missing.
-- Grain: one row per (source_id).

with sources as (
    select * from {{ ref('source_layers') }}
),

declared as (
    select * from {{ ref('stg_landing__sources') }}
),

source_statuses as (
    select * from {{ ref('source_statuses') }}
),

attempts as (
    select
        *,
        -- What one attempt did to the entities of a source shares its start.
        started_at = max(started_at) over (partition by source_id) as is_last_attempt,
        -- The newest row about the newest thing observed of an entity, or of a file of it.
        row_number() over (
            partition by source_id, entity, part
            order by observed_at desc nulls last, landed_at desc
        ) = 1 as is_newest_of_listing,
    from {{ ref('stg_landing__loads') }}
    where status != 'skipped'
),

loads as (
    select
        source_id,
        bool_or(status = 'failed' and is_last_attempt) as has_failed,
        bool_or(is_held and is_newest_of_listing) as is_held_back,
        bool_or(freshness = 'stale' and is_last_attempt) as is_stale,
        coalesce(
            arg_max(error, landed_at) filter (where status = 'failed' and is_last_attempt),
            arg_max(error, landed_at) filter (where is_held and is_newest_of_listing),
            arg_max(error, landed_at) filter (where freshness = 'stale' and is_last_attempt)
        ) as last_error,
        max(observed_at) filter (where status in ('landed', 'unchanged') and is_held is not true)
            as last_observed_at,
        max(landed_at) filter (where status in ('landed', 'unchanged') and is_held is not true)
            as last_landed_at,
    from attempts
    group by source_id
),

judged as (
    select
        sources.source_id,
        declared.source_name,
        sources.layer_id,
        sources.provides,
        declared.homepage,
        declared.live_url,
        declared.licence,
        declared.attribution,
        case
            when declared.source_id is null or not declared.is_declared
                then 'not_declared'
            when loads.has_failed and loads.last_observed_at is null
                then 'failed_nothing_landed'
            when loads.has_failed then 'failed'
            when loads.is_held_back then 'held_back'
            when loads.last_observed_at is null then 'nothing_landed'
            when loads.is_stale then 'stale'
            else 'landed'
        end as status,
        loads.last_error,
        declared.ttl_hours,
        declared.is_declared,
        loads.last_observed_at,
        loads.last_landed_at,
    from sources
    left join declared on declared.source_id = sources.source_id
    left join loads on loads.source_id = sources.source_id
),

final as (
    select
        judged.source_id,
        judged.source_name,
        judged.layer_id,
        judged.provides,
        judged.homepage,
        judged.live_url,
        judged.licence,
        judged.attribution,
        judged.status,
        source_statuses.explanation as status_explanation,
        judged.last_error,
        judged.ttl_hours,
        judged.is_declared,
        judged.last_observed_at,
        judged.last_landed_at,
    from judged
    left join source_statuses on source_statuses.status = judged.status
)

select * from final
order by source_id
