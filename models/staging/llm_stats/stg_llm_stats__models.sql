-- llm-stats' models: the name to show, the maker and the release day behind a model_id.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('llm_stats', 'models') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.model_id')") }} as source_model_name,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$.organization_id')") }} as org,
        {{ day_or_null("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
