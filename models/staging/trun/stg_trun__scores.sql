-- Benchmark scores of the hand-kept trun files, one row per model and benchmark.
-- Scores are percentages and each has a date of its own, the day of the evaluation.
-- Grain: one row per (record_key, source_benchmark_name, state_from_on).

with source as (
    {{ landed('trun', 'scores') }}
),

extracted as (
    select
        {{ with_entries("record -> 'benchmarks'", 'benchmarks') }}
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
        {{ text_or_null("json_extract_string(record, '$._model')") }} as source_model_name,
        cast(null as varchar) as org,
        entry.key as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(entry.value, '$.score') as value_text,
        {{ text_or_null("json_extract_string(entry.value, '$.date')") }} as dated_text,
        {{ text_or_null("json_extract_string(record, '$.metadata.evaluation_setup')") }} as setting,
        cast(null as double) as standard_error,
        {{ text_or_null("json_extract_string(record, '$.metadata.source')") }} as url,
        false as is_self_reported,
        {{ day_or_null("json_extract_string(entry.value, '$.date')") }} as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
