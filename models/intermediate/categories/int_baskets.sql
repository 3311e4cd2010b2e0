-- Each category's basket on each day: the benchmark meant by an id without a release (the benchmark
-- itself where it has data without one, else its newest release with data by then; without any data
-- it stays in the basket under its own id, and every cell of it is completed), and its weight.
-- Grain: one row per (as_of_on, category, benchmark_id).

with baskets as (
    select * from {{ ref('baskets') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

releases as (
    select
        as_of_on,
        base_benchmark_id,
        benchmark_id,
        row_number() over (
            partition by as_of_on, base_benchmark_id
            order by
                not contains(benchmark_id, '@') desc,
                coalesce(
                    try_cast(split_part(benchmark_id, '@', 2) as date), min(first_dated_on)
                ) desc,
                benchmark_id desc
        ) = 1 as is_meant,
    from {{ ref('int_cells') }}
    where scope = 'model'
    group by as_of_on, base_benchmark_id, benchmark_id
),

final as (
    select
        as_of_dates.as_of_on,
        baskets.category,
        coalesce(releases.benchmark_id, baskets.benchmark_id) as benchmark_id,
        baskets.benchmark_id as base_benchmark_id,
        baskets.weight / sum(baskets.weight) over (
            partition by as_of_dates.as_of_on, baskets.category
        ) as weight,
        releases.benchmark_id is not null as has_data,
    from baskets
    cross join as_of_dates
    left join releases
        on releases.as_of_on = as_of_dates.as_of_on
        and releases.base_benchmark_id = baskets.benchmark_id
        and releases.is_meant
)

select * from final
