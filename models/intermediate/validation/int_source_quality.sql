-- How far each source can be trusted on each day, from what can be checked of it without any fit:
-- the share of its last loads that succeeded, of what it says that is not rejected for a fault of
-- its own, and of that, which is known for certain to be of which model. Their product weighs the
-- evidence of its values. Age is no part of it: recency weighs it already. Some loads are assumed
-- to have succeeded beside the first, so that a first failure takes little: what landed before it
-- is no worse for it. A share of nothing counts as 1. Loads count as known at known_at, whatever
-- the day.
-- Grain: one row per (as_of_on, source_id).

with source_layers as (
    select * from {{ ref('source_layers') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
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
        avg(cast(status != 'failed' and is_held is not true as integer)) as success_share,
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

summed as (
    select * from {{ ref('int_source_checks') }}
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
