-- LiveCodeBench as scores: a model's mean pass@1 over the questions, with the window of question
-- days as the setting. The full name of a model goes first; the short one is ambiguous. A question
-- without a number leaves no score: a mean over fewer questions is another test. A performance that
-- names no model stands for itself, so that it is not lost. Questions that a later file added are
-- no part of an earlier mean: there is a mean for every period between two changes.
-- Grain: one row per (record_key, state_from_on).

with performances as (
    select
        *,
        coalesce(source_model_name, record_key) as subject,
        {{ number_or_null('value_text') }} as value,
    from {{ ref('stg_livecodebench__performances') }}
),

models as (
    select * from {{ ref('stg_livecodebench__models') }}
    where short_name is not null
    qualify row_number() over (
        partition by short_name order by state_to_on desc, record_key
    ) = 1
),

-- Before its file was observed a question stands in for nothing: the mean is of those known then,
-- and before any was, of those known first.
known as (
    select
        * replace (
            case
                when first_observed_at > min(first_observed_at) over (partition by subject)
                    then greatest(state_from_on, cast(first_observed_at as date))
                else state_from_on
            end as state_from_on
        ),
    from performances
),

periods as (
    {{ state_periods('known', 'subject') }}
),

means as (
    select
        known.source_id,
        known.entity,
        known.subject,
        known.source_model_name,
        periods.state_from_on,
        periods.state_to_on,
        arg_max(known.load_id, (known.observed_at, known.load_id)) as load_id,
        min(known.landing_error) as landing_error,
        'questions of ' || min(known.question_on) || ' to ' || max(known.question_on) as setting,
        count(*) as question_count,
        count(known.value) as value_count,
        avg(known.value) as value,
        max(known.observed_at) as observed_at,
        min(known.first_observed_at) as first_observed_at,
    from known
    inner join periods
        on periods.subject = known.subject
        and {{ is_state_on('periods.state_from_on', 'known') }}
    group by
        known.source_id, known.entity, known.subject, known.source_model_name,
        periods.state_from_on, periods.state_to_on
),

final as (
    select
        means.source_id,
        means.entity,
        means.subject as record_key,
        means.load_id,
        coalesce(
            means.landing_error,
            case
                when means.value_count < means.question_count
                    then
                        means.value_count || ' of ' || means.question_count
                        || ' questions have a number'
            end
        ) as landing_error,
        means.source_model_name as record_id,
        coalesce(models.full_name, means.source_model_name) as source_model_name,
        cast(null as varchar) as org,
        'pass@1' as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        cast(means.value as varchar) as value_text,
        cast(null as varchar) as dated_text,
        means.setting,
        cast(null as double) as standard_error,
        models.url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        -- Its `release_date` is the day from which on questions are new to the model.
        cast(null as date) as model_released_on,
        means.observed_at,
        means.first_observed_at,
        means.state_from_on,
        means.state_to_on,
    from means
    left join models on models.short_name = means.source_model_name
)

select * from final
