-- llm-stats' benchmarks: what its benchmark ids stand for. Its `max_score` is not read: it is wrong
-- for some benchmarks, and scales are declared in the seed benchmark_names.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'benchmarks') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.benchmark_id')") }}
            as source_benchmark_name,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$.modality')") }} as modality,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
