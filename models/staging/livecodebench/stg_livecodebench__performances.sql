-- LiveCodeBench: one model's pass@1 on one question. `date` is the question's (milliseconds), never
-- that of the run.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('livecodebench', 'performances') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.model')") }} as source_model_name,
        json_extract_string(record, '$.question_id') as question_id,
        json_extract_string(record, '$."pass@1"') as value_text,
        {{ day_of_milliseconds("json_extract_string(record, '$.date')") }} as question_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
