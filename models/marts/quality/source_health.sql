-- How each source is doing: when it last answered, how much of what it says counts and is known to
-- be of which model, how much of all evidence hangs on it, and whether it is skipped for scoring.
-- data_quality = success_rate * accepted_share * matched_share weighs the evidence of its values;
-- its age is shown, but recency weighs that.
-- Grain: one row per (source_id).

with sources as (
    select * from {{ ref('sources') }}
),

source_statuses as (
    select * from {{ ref('source_statuses') }}
),

source_quality as (
    select * from {{ ref('int_source_quality') }}
    where is_current
),

evidence as (
    select
        source_id,
        count(*) as value_count,
        sum(evidence) as evidence,
    from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
    group by source_id
),

records as (
    select
        source_id,
        count(*) as record_count,
    from (
        select *
        from {{ ref('stg_landing__record_versions') }}
        where observed_at < {{ as_of_on() }} + interval 1 day
        qualify row_number() over (
            partition by source_id, entity, record_key order by observed_at desc
        ) = 1
    )
    where record is not null
    group by source_id
),

quarantined as (
    select
        source_id,
        count(*) as rejected_count,
        count(*) filter (where rejected_by = 'missing_file') as missing_file_count,
    from {{ ref('quarantine') }}
    group by source_id
),

final as (
    select
        sources.source_id,
        sources.layer_id,
        source_statuses.status,
        source_statuses.explanation as status_explanation,
        sources.last_error,
        cast(source_quality.load_count as integer) as recent_load_count,
        coalesce(records.record_count, 0) as record_count,
        coalesce(quarantined.rejected_count, 0) as rejected_count,
        coalesce(quarantined.missing_file_count, 0) as missing_file_count,
        cast(source_quality.checked_count as bigint) as checked_count,
        cast(source_quality.fault_count as bigint) as fault_count,
        coalesce(evidence.value_count, 0) as value_count,
        round(source_quality.success_rate, 6) as success_rate,
        round(source_quality.accepted_share, 6) as accepted_share,
        round(source_quality.matched_share, 6) as matched_share,
        round(source_quality.data_quality, 6) as data_quality,
        source_quality.min_data_quality,
        round(coalesce(evidence.evidence / sum(evidence.evidence) over (), 0), 6)
            as evidence_share,
        sources.ttl_hours,
        date_diff('day', cast(sources.last_observed_at as date), {{ as_of_on() }}) as age_days,
        coalesce(
            date_diff('day', cast(sources.last_observed_at as date), {{ as_of_on() }}) * 24
            > sources.ttl_hours,
            true
        ) as is_stale,
        coalesce(source_quality.is_skipped, false) as is_skipped,
        sources.last_observed_at,
        sources.last_landed_at,
    from sources
    inner join source_quality on source_quality.source_id = sources.source_id
    inner join source_statuses
        on source_statuses.status
        = case when source_quality.is_skipped then 'skipped' else sources.status end
    left join evidence on evidence.source_id = sources.source_id
    left join records on records.source_id = sources.source_id
    left join quarantined on quarantined.source_id = sources.source_id
)

select * from final
order by source_id
