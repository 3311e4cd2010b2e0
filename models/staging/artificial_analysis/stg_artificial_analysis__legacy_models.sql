-- Artificial Analysis, the legacy shape of its API (retired 2026-11-04): one row per evaluated
-- model and effort. The effort is in the display name; slugs were reused, so the UUID is the key.
-- 0 means "not measured" in this shape: evaluations stay as they came and are rejected with that
-- reason further on. Prices and speeds are read in int_field_checks.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('artificial_analysis', 'legacy_models') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.id')") }} as aa_model_id,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$.slug')") }} as slug,
        {{ text_or_null("json_extract_string(record, '$.model_creator.name')") }} as creator_name,
        json_extract(record, '$.evaluations') as evaluations,
        {{ day_or_null("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
