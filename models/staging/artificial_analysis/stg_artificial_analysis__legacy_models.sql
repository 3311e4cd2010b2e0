-- Artificial Analysis, the legacy shape of its API (retired 2026-11-04): one row per evaluated
-- model and effort. The effort is in the display name; slugs were reused, so the UUID is the
-- key. 0 means "not measured" in this shape, for prices, speeds and evaluations alike: speeds
-- become null here, prices where record_fields reads them; evaluations stay as they came and
-- are rejected with that reason further on.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('artificial_analysis', 'legacy_models') }}
),

extracted as (
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
        {{ number_or_null("json_extract_string(record, '$.median_output_tokens_per_second')") }}
            as tokens_per_second,
        {{ number_or_null("json_extract_string(record, '$.median_time_to_first_token_seconds')") }}
            as ttft_seconds,
        {{ day_or_null("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        aa_model_id,
        display_name,
        slug,
        creator_name,
        evaluations,
        nullif(tokens_per_second, 0) as tokens_per_second,
        nullif(ttft_seconds, 0) * 1000 as ttft_ms,
        released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
