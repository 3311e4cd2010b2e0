-- What was checked of each source on each day: its scores and stated facts, how many of them were
-- rejected for a fault of its own, and how many of the accepted ones are known for certain to be of
-- which model. A name that a person has decided is known, though it be of none that is ranked.
-- Of facts those fields count of which some rule could speak against their source.
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
        on crosswalk.source_id = scores.source_id
        and crosswalk.org is not distinct from scores.org
        and crosswalk.source_model_name = scores.source_model_name
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

final as (
    select
        as_of_on,
        source_id,
        sum(checked_count) as checked_count,
        sum(fault_count) as fault_count,
        sum(named_count) as named_count,
        sum(matched_count) as matched_count,
    from counted
    group by as_of_on, source_id
)

select * from final
