-- LiteLLM's routes: one host's offer of one model. What a route states is read in int_field_checks.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('litellm', 'routes') }}
),

final as (
    select
        source_id,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$._route')") }} as route,
        {{ text_or_null("json_extract_string(record, '$.litellm_provider')") }} as host,
        {{ text_or_null("json_extract_string(record, '$.mode')") }} as mode,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
