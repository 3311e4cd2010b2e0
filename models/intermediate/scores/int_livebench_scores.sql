-- LiveBench's categories as scores: the mean over the tasks of a category, per release. A row of
-- which a task is missing has no score in that category: a mean over fewer tasks is another test.
-- Grain: one row per (record_key, source_benchmark_name).

with results as (
    select * from {{ ref('stg_livebench__results') }}
),

categories as (
    select * from {{ ref('stg_livebench__categories') }}
),

tasks as (
    select
        results.record_key,
        categories.category_name,
        {{ number_or_null("results.fields ->> categories.task") }} as value,
    from results
    inner join categories on categories.benchmark_release = results.benchmark_release
),

means as (
    select
        record_key,
        category_name,
        count(*) as task_count,
        count(value) as value_count,
        avg(value) as value,
    from tasks
    group by record_key, category_name
),

final as (
    select
        results.source_id,
        results.entity,
        results.record_key,
        results.load_id,
        coalesce(
            results.landing_error,
            case
                when means.value_count < means.task_count
                    then means.value_count || ' of ' || means.task_count || ' tasks have a number'
            end
        ) as landing_error,
        cast(null as varchar) as record_id,
        results.source_model_name,
        cast(null as varchar) as org,
        means.category_name as source_benchmark_name,
        results.benchmark_release,
        cast(means.value as varchar) as value_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        'https://livebench.ai' as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        results.observed_at,
        results.first_observed_at,
    from results
    left join means on means.record_key = results.record_key
)

select * from final
