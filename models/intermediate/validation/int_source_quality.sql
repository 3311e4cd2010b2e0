-- How far each source can be trusted on each day, from what can be checked of it without any fit:
-- the share of its recent loads that succeeded, of its checked values that no rule rejects for a
-- fault of the source, and of its accepted values whose model is known with certainty. Their
-- product weighs the evidence of its values.
-- Age is no part of it: recency weighs it already. Some loads are assumed to have succeeded beside
-- the first, so that a first failure takes little. A share of nothing counts as 1. Loads count as
-- known at known_at, whatever the day.
-- A name that an override decided counts as matched, even when it maps to no model. Of stated facts
-- only those fields count of which some rule could speak against their source.
-- Grain: one row per (as_of_on, source_id).

with source_layers as (
    select * from {{ ref('source_layers') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

faults as (
    select
        subject,
        rule_id,
    from {{ ref('validation_rules') }}
    where counts_against_source
),

counted_kinds as (
    select distinct unnest(string_split(field_kinds, ';')) as kind
    from {{ ref('validation_rules') }}
    where counts_against_source and subject in ('record', 'field')
),

crosswalk as (
    select
        *,
        coalesce(method = 'override' or (status = 'auto' and model_id is not null), false)
            as is_matched,
    from {{ ref('int_crosswalk') }}
),

parameters as (
    select
        {{ parameter('quality', 'recent_loads') }} as recent_loads,
        {{ parameter('quality', 'assumed_loads') }} as assumed_loads,
),

-- An attempt lands every entity of a source, and every file that is a listing of its own.
attempts as (
    select
        source_id,
        started_at,
        avg(
            cast(
                status != 'failed'
                and is_held is not true
                and freshness is distinct from 'stale' as integer
            )
        ) as success_share,
        row_number() over (partition by source_id order by started_at desc) as turn,
    from {{ ref('stg_landing__loads') }}
    where status != 'skipped'
    group by source_id, started_at
),

successes as (
    select
        attempts.source_id,
        count(*) as load_count,
        (sum(attempts.success_share order by attempts.started_at) + parameters.assumed_loads)
        / (count(*) + parameters.assumed_loads) as success_rate,
    from attempts
    cross join parameters
    where attempts.turn <= parameters.recent_loads
    group by attempts.source_id, parameters.assumed_loads
),

judged as (
    select
        scores.source_id,
        scores.state_from_on,
        scores.state_to_on,
        scores.rejected_by is null as is_accepted,
        faults.rule_id is not null as is_fault,
        coalesce(crosswalk.is_matched, false) as is_matched,
    from {{ ref('int_scores_validated') }} as scores
    left join faults
        on faults.subject = 'score'
        and faults.rule_id = scores.rejected_by
    left join crosswalk
        on {{ is_same_name('crosswalk', 'scores') }}
),

counted as (
    -- Scores of the versions that are the state on a day.
    select
        as_of_dates.as_of_on,
        judged.source_id,
        count(*) filter (where judged.is_accepted or judged.is_fault) as checked_count,
        count(*) filter (where judged.is_fault) as fault_count,
        count(*) filter (where judged.is_accepted) as named_count,
        count(*) filter (where judged.is_accepted and judged.is_matched) as matched_count,
    from judged
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'judged') }}
    group by as_of_dates.as_of_on, judged.source_id

    union all

    -- Stated facts, of every version seen by then.
    select
        as_of_dates.as_of_on,
        checks.source_id,
        count(*) as checked_count,
        count(faults.rule_id) as fault_count,
        0 as named_count,
        0 as matched_count,
    from {{ ref('int_field_checks') }} as checks
    inner join counted_kinds on counted_kinds.kind = checks.kind
    inner join as_of_dates
        on checks.observed_at < as_of_dates.as_of_on + interval 1 day
    left join faults
        on faults.subject in ('record', 'field')
        and faults.rule_id = checks.rejected_by
    where not checks.is_unknown or checks.rejected_by is not null
    group by as_of_dates.as_of_on, checks.source_id

    union all

    -- Names of routes: whoever states facts only is matched by its names.
    select
        as_of_dates.as_of_on,
        crosswalk.source_id,
        0 as checked_count,
        0 as fault_count,
        count(*) as named_count,
        count(*) filter (where crosswalk.is_matched) as matched_count,
    from crosswalk
    inner join source_layers
        on source_layers.source_id = crosswalk.source_id
        and source_layers.provides = 'facts'
    cross join as_of_dates
    group by as_of_dates.as_of_on, crosswalk.source_id
),

summed as (
    select
        as_of_on,
        source_id,
        sum(checked_count) as checked_count,
        sum(fault_count) as fault_count,
        sum(named_count) as named_count,
        sum(matched_count) as matched_count,
    from counted
    group by as_of_on, source_id
),

shares as (
    select
        as_of_dates.as_of_on,
        as_of_dates.is_current,
        source_layers.source_id,
        source_layers.min_data_quality,
        coalesce(successes.load_count, 0) as load_count,
        coalesce(summed.checked_count, 0) as checked_count,
        coalesce(summed.fault_count, 0) as fault_count,
        coalesce(summed.named_count, 0) as named_count,
        coalesce(summed.matched_count, 0) as matched_count,
        coalesce(successes.success_rate, 1) as success_rate,
        coalesce(1 - summed.fault_count / nullif(summed.checked_count, 0), 1) as accepted_share,
        coalesce(summed.matched_count / nullif(summed.named_count, 0), 1) as matched_share,
    from source_layers
    cross join as_of_dates
    left join successes on successes.source_id = source_layers.source_id
    left join summed
        on summed.as_of_on = as_of_dates.as_of_on
        and summed.source_id = source_layers.source_id
),

final as (
    select
        *,
        least(greatest(success_rate * accepted_share * matched_share, 0), 1) as data_quality,
        success_rate * accepted_share * matched_share < min_data_quality as is_skipped,
    from shares
)

select * from final
