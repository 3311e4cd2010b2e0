-- Epoch AI's benchmark files, one row per line of any of its CSVs.
-- The files share few columns: what they share is typed here, the rest stays in `fields`, and which
-- column of which file is a score is a parameter (seed epoch_columns). "Release date" is the
-- model's, never the day of an evaluation. Many names carry outer spaces.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('epoch', 'results') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$._file')") }} as source_file,
        {{ text_or_null("json_extract_string(record, '$.\"Model version\"')") }} as model_version,
        {{ text_or_null("json_extract_string(record, '$.Name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$.Organization')") }} as org,
        record as fields,
        {{ day_or_null("json_extract_string(record, '$.\"Release date\"')") }} as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
