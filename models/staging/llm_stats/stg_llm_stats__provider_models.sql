-- llm-stats' prices: what one host asks for one model. Prices are in US cents per 1M tokens.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'provider_models') }}
),

extracted as (
    select
        *,
        {{ number_or_null("json_extract_string(record, '$.input_cents_per_million_tokens')") }}
            as input_cents,
        {{ number_or_null("json_extract_string(record, '$.output_cents_per_million_tokens')") }}
            as output_cents,
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
        input_cents / 100 as input_price_usd_per_1m,
        output_cents / 100 as output_price_usd_per_1m,
        {{ day_or_null("json_extract_string(record, '$.deprecated_at')") }} as deprecated_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
