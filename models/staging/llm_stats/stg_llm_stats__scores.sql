-- llm-stats: scores that it collected, most of them stated by the models' makers. `updated_at` is
-- the day of an import; only a verification date, where there is one, is the day of a run.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'scores') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        cast(null as varchar) as record_id,
        {{ text_or_null("json_extract_string(record, '$.model_id')") }} as source_model_name,
        cast(null as varchar) as org,
        {{ text_or_null("json_extract_string(record, '$.benchmark_id')") }}
            as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(record, '$.score') as value_text,
        {{ text_or_null("json_extract_string(record, '$.verification_date')") }} as dated_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        {{ text_or_null("json_extract_string(record, '$.self_reported_source_link')") }} as url,
        coalesce(try_cast(json_extract_string(record, '$.is_self_reported') as boolean), true)
            as is_self_reported,
        {{ day_or_null("json_extract_string(record, '$.verification_date')") }} as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
