-- Aider's code editing board: 133 Python exercises, second try. Rows run on another number of
-- exercises (an early subset, or the other board's) measure something else and get a benchmark
-- name of their own. Some rows name a pair of models.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('aider', 'edit') }}
),

named as (
    select
        *,
        try_cast(json_extract_string(record, '$.test_cases') as integer) as test_cases,
        'edit:pass_rate_2' || case
            when test_cases between 100 and 199 then ''
            else ':other_cases'
        end as source_benchmark_name,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        cast(null as varchar) as record_id,
        {{ text_or_null("json_extract_string(record, '$.model')") }} as source_model_name,
        cast(null as varchar) as org,
        source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(record, '$.pass_rate_2') as value_text,
        {{ text_or_null("json_extract_string(record, '$.date')") }} as dated_text,
        {{ text_or_null("json_extract_string(record, '$.edit_format')") }} as setting,
        cast(null as double) as standard_error,
        cast(null as varchar) as url,
        false as is_self_reported,
        {{ day_or_null("json_extract_string(record, '$.date')") }} as evaluated_on,
        cast(null as date) as published_on,
        {{ day_or_null("json_extract_string(record, '$.released')") }} as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from named
)

select * from final
