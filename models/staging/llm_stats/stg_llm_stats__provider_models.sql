-- llm-stats' prices: one host's offer of one model. What it states is read in int_field_checks.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'provider_models') }}
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
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
