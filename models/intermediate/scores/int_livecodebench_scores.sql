-- LiveCodeBench as scores: a model's mean pass@1 over the questions, with the window of question
-- days as the setting. The full name of a model goes first; the short one is ambiguous. A question
-- without a number leaves no score: a mean over fewer questions is another test. A performance that
-- names no model stands for itself, so that it is not lost.
-- Grain: one row per (record_key).

with performances as (
    select
        *,
        {{ number_or_null('value_text') }} as value,
    from {{ ref('stg_livecodebench__performances') }}
    -- Questions that a later file added are no part of an earlier mean.
    where observed_at < {{ as_of_on() }} + interval 1 day
),

models as (
    select * from {{ ref('stg_livecodebench__models') }}
    where short_name is not null
    qualify row_number() over (partition by short_name order by record_key) = 1
),

means as (
    select
        source_id,
        entity,
        coalesce(source_model_name, record_key) as record_key,
        source_model_name,
        arg_max(load_id, (observed_at, load_id)) as load_id,
        min(landing_error) as landing_error,
        'questions of ' || min(question_on) || ' to ' || max(question_on) as setting,
        count(*) as question_count,
        count(value) as value_count,
        avg(value) as value,
        max(observed_at) as observed_at,
        min(first_observed_at) as first_observed_at,
    from performances
    group by source_id, entity, coalesce(source_model_name, record_key), source_model_name
),

final as (
    select
        means.source_id,
        means.entity,
        means.record_key,
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
    from means
    left join models on models.short_name = means.source_model_name
)

select * from final
