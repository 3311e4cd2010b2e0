-- LiveBench's categories as scores: the mean over the tasks of a category, per release. A row of
-- which a task is missing has no score in that category: a mean over fewer tasks is another test.
-- Grain: one row per (record_key, source_benchmark_name, state_from_on).

with results as (
    select * from {{ ref('stg_livebench__results') }}
),

categories as (
    select * from {{ ref('stg_livebench__categories') }}
),

periods as (
    {{ state_periods('categories', 'benchmark_release') }}
),

-- A row of results through the periods in which its release had the same categories.
results_in_periods as (
    select
        results.* replace (
            greatest(
                results.state_from_on, coalesce(periods.state_from_on, results.state_from_on)
            ) as state_from_on,
            least(results.state_to_on, coalesce(periods.state_to_on, results.state_to_on))
                as state_to_on
        ),
    from results
    left join periods
        on periods.benchmark_release = results.benchmark_release
        and periods.state_from_on <= results.state_to_on
        and periods.state_to_on >= results.state_from_on
),

tasks as (
    select
        results_in_periods.record_key,
        results_in_periods.state_from_on,
        categories.category_name,
        {{ number_or_null(
            "cast(results_in_periods.fields as map(varchar, json))[categories.task] ->> '$'"
        ) }} as value,
    from results_in_periods
    inner join categories
        on categories.benchmark_release = results_in_periods.benchmark_release
        and {{ is_state_on('results_in_periods.state_from_on', 'categories') }}
),

means as (
    select
        record_key,
        state_from_on,
        category_name,
        count(*) as task_count,
        count(value) as value_count,
        avg(value) as value,
    from tasks
    group by record_key, state_from_on, category_name
),

final as (
    select
        results_in_periods.source_id,
        results_in_periods.entity,
        results_in_periods.record_key,
        results_in_periods.load_id,
        coalesce(
            results_in_periods.landing_error,
            case
                when means.value_count < means.task_count
                    then means.value_count || ' of ' || means.task_count || ' tasks have a number'
            end
        ) as landing_error,
        cast(null as varchar) as record_id,
        results_in_periods.source_model_name,
        cast(null as varchar) as org,
        means.category_name as source_benchmark_name,
        results_in_periods.benchmark_release,
        cast(means.value as varchar) as value_text,
        cast(null as varchar) as dated_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        'https://livebench.ai' as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        try_cast(results_in_periods.benchmark_release as date) as published_on,
        cast(null as date) as model_released_on,
        results_in_periods.observed_at,
        results_in_periods.first_observed_at,
        results_in_periods.state_from_on,
        results_in_periods.state_to_on,
    from results_in_periods
    left join means
        on means.record_key = results_in_periods.record_key
        and means.state_from_on = results_in_periods.state_from_on
)

select * from final
