-- Every score on the scale 0-1 with its benchmark and the quality of its evidence, or with the rule
-- that rejects it by what it says itself. Scale belongs to (source, benchmark) and is never guessed
-- from a value. A release belongs to benchmarks that have releases: what a record says of one (such
-- as the version of composite indices) is nothing to its other scores.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name, state_from_on).

with scores as (
    {{ all_scores() }}
),

benchmark_names as (
    select * from {{ ref('benchmark_names') }}
),

evidence_kinds as (
    select * from {{ ref('evidence_kinds') }}
),

zero_means_missing as (
    select * from {{ ref('zero_means_missing') }}
),

stated as (
    select * from {{ ref('int_stated_fields') }}
),

mapped as (
    select
        scores.* replace (
            {{ unless_rejected_as('scores.model_released_on', 'released_on', 'stated') }}
                as model_released_on,
            case
                when contains(benchmark_names.benchmark_id, '<release>')
                    then scores.benchmark_release
                else nullif(split_part(benchmark_names.benchmark_id, '@', 2), '')
            end as benchmark_release
        ),
        {{ number_or_null('scores.value_text') }} as value,
        contains(benchmark_names.benchmark_id, '<release>') and scores.benchmark_release is null
            as is_release_missing,
        case
            when contains(benchmark_names.benchmark_id, '<release>')
                then replace(benchmark_names.benchmark_id, '<release>', scores.benchmark_release)
            else benchmark_names.benchmark_id
        end as benchmark_id,
        split_part(benchmark_names.benchmark_id, '@', 1) as base_benchmark_id,
        benchmark_names.scale_min,
        benchmark_names.scale_max,
        benchmark_names.unused_reason,
        benchmark_names.source_benchmark_name is not null as is_known_benchmark,
        case
            when scores.is_self_reported then 'self_reported'
            else benchmark_names.evidence_kind
        end as evidence_kind,
        zero_means_missing.source_id is not null as is_zero_missing,
        {{ is_state_on(as_of_on(), 'scores') }} as is_current,
        {{ is_accepted('stated') }} as is_accepted_record,
        coalesce(scores.evaluated_on, scores.published_on) as stated_on,
        -- Without a day of its own a score is as old as its first observation.
        coalesce(stated_on, cast(scores.observed_at as date)) as dated_on,
    from scores
    left join benchmark_names
        on benchmark_names.source_id = scores.source_id
        and benchmark_names.source_benchmark_name = scores.source_benchmark_name
    left join zero_means_missing
        on zero_means_missing.source_id = scores.source_id
        and zero_means_missing.entity = scores.entity
    {{ join_by_version('stated', 'scores') }}
),

judged as (
    select
        *,
        case
            when landing_error is not null then 'unreadable_record'
            when source_model_name is null then 'no_model_name'
            when not is_accepted_record then 'rejected_record'
            when not is_known_benchmark then 'unknown_benchmark'
            when unused_reason is not null then 'benchmark_not_used'
            when value_text is null then 'missing_column'
            when is_release_missing then 'no_release'
            when value is null then 'not_a_number'
            when value = 0 and is_zero_missing then 'zero_means_missing'
            when value < scale_min or value > scale_max then 'out_of_range'
            when dated_text is not null and stated_on is null then 'not_a_day'
            when stated_on > cast(observed_at as date) then 'evaluated_after_observed'
        end as rejected_by,
    from mapped
),

final as (
    select
        judged.*,
        case
            when judged.rejected_by is null
                then (judged.value - judged.scale_min) / (judged.scale_max - judged.scale_min)
        end as value_0_1,
        case
            when judged.rejected_by is null
                then judged.standard_error / (judged.scale_max - judged.scale_min)
        end as standard_error_0_1,
        evidence_kinds.quality,
        evidence_kinds.evidence_quality,
        case
            when judged.evaluated_on is not null then 'evaluated'
            when judged.published_on is not null then 'published'
            else 'observed'
        end as date_basis,
    from judged
    left join evidence_kinds on evidence_kinds.evidence_kind = judged.evidence_kind
)

select * from final
