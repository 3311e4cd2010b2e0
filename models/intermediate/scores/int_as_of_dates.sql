-- The days that scores are computed for: the day the build speaks of, and the month ends before it
-- from which the history of the rankings is made.
-- Grain: one row per (as_of_on).

with history as (
    select * from {{ ref('history') }}
),

month_ends as (
    select
        last_day(
            unnest(generate_series(history_starts_on, {{ as_of_on() }}, interval 1 month))
        ) as as_of_on,
    from history
),

final as (
    select
        {{ as_of_on() }} as as_of_on,
        true as is_current,

    union all

    select
        month_ends.as_of_on,
        false as is_current,
    from month_ends
    where month_ends.as_of_on < {{ as_of_on() }}
)

select * from final
