-- The first Open LLM Leaderboard (archived): open models, named as on Hugging Face. The average of
-- its four tests is not read: it would count them twice.
-- Grain: one row per (record_key, source_benchmark_name, state_from_on).

with source as (
    {{ landed('open_llm_leaderboard', 'results') }}
),

unpivoted as (
    select
        *,
        unnest([
            'ARC(25-shot)',
            'HellaSwag(10-shot)',
            'MMLU(5-shot)',
            'TruthfulQA(0-shot)',
        ]) as source_benchmark_name,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.Model')") }} as record_id,
        {{ text_or_null("json_extract_string(record, '$.Model')") }} as source_model_name,
        cast(null as varchar) as org,
        source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(record, '$."' || source_benchmark_name || '"') as value_text,
        cast(null as varchar) as dated_text,
        regexp_extract(source_benchmark_name, '\(([0-9]+)-shot\)', 1) as setting,
        cast(null as double) as standard_error,
        {{ text_or_null("json_extract_string(record, '$.URL')") }} as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from unpivoted
)

select * from final
