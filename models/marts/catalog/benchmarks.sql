-- The benchmarks and their releases: what each measures and how much data there is on it.
-- A benchmark that no landed source provides is listed with no release and no data; where it is in
-- the basket of a category, every model's cell there is an expectation.
-- Grain: one row per (benchmark_id).

with benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
),

baskets as (
    select
        benchmark_id,
        string_agg(category, ', ' order by category) as basket_categories,
    from {{ ref('baskets') }}
    group by benchmark_id
),

releases as (
    select * from {{ ref('int_benchmark_releases') }}
),

final as (
    select
        coalesce(releases.benchmark_id, benchmarks.benchmark_id) as benchmark_id,
        benchmarks.benchmark_id as base_benchmark_id,
        benchmarks.benchmark_name,
        releases.benchmark_release,
        benchmarks.standard_setting,
        benchmarks.description,
        baskets.basket_categories,
        benchmarks.chance_0_1,
        coalesce(releases.value_count, 0) as value_count,
        coalesce(releases.model_count, 0) as model_count,
        benchmarks.is_composite,
        coalesce(releases.is_meant, false) as is_current,
        releases.first_dated_on,
        releases.last_dated_on,
    from benchmarks
    left join releases on releases.base_benchmark_id = benchmarks.benchmark_id
    left join baskets on baskets.benchmark_id = benchmarks.benchmark_id
)

select * from final
order by benchmark_id
