-- The releases of each benchmark that have data, and which of them an id without a release means:
-- of those with data that counts the benchmark itself where it has data without a release, else its
-- newest release. Releases named by a day are ordered by it, others by the first day of their data.
-- Grain: one row per (benchmark_id).

with observations as (
    select * from {{ ref('int_observations') }}
    where is_current
),

released as (
    select
        benchmark_id,
        base_benchmark_id,
        case when contains(benchmark_id, '@') then split_part(benchmark_id, '@', 2) end
            as benchmark_release,
        count(*) as value_count,
        count(distinct model_id) as model_count,
        min(dated_on) as first_dated_on,
        max(dated_on) as last_dated_on,
        min(dated_on) filter (where excluded_for is null) as first_counted_on,
    from observations
    group by all
),

final as (
    select
        * exclude (first_counted_on),
        first_counted_on is not null
        and row_number() over (
            partition by base_benchmark_id, first_counted_on is null
            order by
                benchmark_release is null desc,
                coalesce(try_cast(benchmark_release as date), first_counted_on) desc,
                benchmark_release desc
        ) = 1 as is_meant,
    from released
)

select * from final
