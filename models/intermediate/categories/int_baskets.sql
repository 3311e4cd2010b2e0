-- Each category's basket, one for all days: the benchmark meant by an id without a release (the
-- benchmark itself where it has data without one, else its newest release with data; without any
-- data it stays in the basket under its own id, and every cell of it is completed), and its weight.
-- Grain: one row per (category, benchmark_id).

with baskets as (
    select * from {{ ref('baskets') }}
),

releases as (
    select
        base_benchmark_id,
        benchmark_id,
        row_number() over (
            partition by base_benchmark_id
            order by
                not contains(benchmark_id, '@') desc,
                coalesce(
                    try_cast(split_part(benchmark_id, '@', 2) as date), min(first_dated_on)
                ) desc,
                benchmark_id desc
        ) = 1 as is_meant,
    from {{ ref('int_cells') }}
    where scope = 'model' and is_current
    group by base_benchmark_id, benchmark_id
),

final as (
    select
        baskets.category,
        coalesce(releases.benchmark_id, baskets.benchmark_id) as benchmark_id,
        baskets.benchmark_id as base_benchmark_id,
        baskets.weight / sum(baskets.weight) over (partition by baskets.category) as weight,
        releases.benchmark_id is not null as has_data,
    from baskets
    left join releases
        on releases.base_benchmark_id = baskets.benchmark_id
        and releases.is_meant
)

select * from final
