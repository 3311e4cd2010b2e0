-- The curated registry: the models people ask for. What it states in figures and days is read in
-- int_field_checks. "NA" and blanks mean unknown in this file; a list that is there but empty means
-- "has none".
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('static_registry', 'models') }}
),

final as (
    select
        source_id,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.id')") }} as model_id,
        nullif({{ text_or_null("json_extract_string(record, '$.provider')") }}, 'NA')
            as provider_name,
        nullif({{ text_or_null("json_extract_string(record, '$.display_name')") }}, 'NA')
            as display_name,
        nullif({{ text_or_null("json_extract_string(record, '$.api_alias')") }}, 'NA')
            as api_alias,
        case
            when json_type(record, '$.tags') = 'ARRAY'
                then lower(json_extract_string(record, '$.tags'))
        end as tags_text,
        json_extract(record, '$.capabilities') as capabilities,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
