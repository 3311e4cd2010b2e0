-- LiveCodeBench's models: the full name behind the short one in the performances.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('livecodebench', 'models') }}
),

final as (
    select
        source_id,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.model_repr')") }} as short_name,
        {{ text_or_null("json_extract_string(record, '$.model_name')") }} as full_name,
        {{ text_or_null("json_extract_string(record, '$.link')") }} as url,
        {{ day_of_milliseconds("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
