-- llm-stats' routes: which host serves which model. What it asks is read by the seed record_fields.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'provider_models') }}
),

extracted as (
    select
        *,
        {{ number_or_null("json_extract_string(record, '$.max_input_tokens')") }} as max_input,
        {{ number_or_null("json_extract_string(record, '$.max_output_tokens')") }} as max_output,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.model_id')") }} as source_model_name,
        {{ text_or_null("json_extract_string(record, '$.provider_id')") }} as host,
        {{ text_or_null("json_extract_string(record, '$.provider_model_id_used')") }} as route,
        try_cast(nullif(max_input, 0) as bigint) as context_window_tokens,
        try_cast(nullif(max_output, 0) as bigint) as max_output_tokens,
        {{ day_or_null("json_extract_string(record, '$.deprecated_at')") }} as deprecated_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
