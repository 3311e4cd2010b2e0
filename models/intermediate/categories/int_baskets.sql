-- Each category's basket, one for all days: the benchmark that an id means (int_benchmark_releases;
-- without any data it stays in the basket under its own id, and every cell of it is completed), and
-- its weight.
-- Grain: one row per (category, benchmark_id).

with baskets as (
    select * from {{ ref('baskets') }}
),

releases as (
    select * from {{ ref('int_benchmark_releases') }}
    where is_meant
),

final as (
    select
        baskets.category,
        coalesce(releases.benchmark_id, baskets.benchmark_id) as benchmark_id,
        baskets.benchmark_id as base_benchmark_id,
        baskets.weight / sum(baskets.weight) over (partition by baskets.category) as weight,
        releases.benchmark_id is not null as has_data,
    from baskets
    left join releases on releases.base_benchmark_id = baskets.benchmark_id
)

select * from final
