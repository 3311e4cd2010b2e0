-- The table of scores inside trun's research reports, which are prose otherwise and stay unread.
-- A score is written '94.6%'; source_and_date names who published it and when, as an ISO day or as
-- a month ('Vellum AI, 2025-08-07'; 'OpenAI, April 2025' counts as the first of that month).
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('trun', 'report_scores') }}
),

extracted as (
    select
        *,
        json_extract_string(record, '$.source_and_date') as source_and_date,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        cast(null as varchar) as record_id,
        {{ text_or_null("json_extract_string(record, '$.model_name')") }} as source_model_name,
        {{ text_or_null("json_extract_string(record, '$.provider')") }} as org,
        {{ text_or_null("json_extract_string(record, '$.benchmark_name')") }}
            as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(record, '$.score') as value_text,
        nullif(regexp_extract(source_and_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}'), '') as dated_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        {{ text_or_null('source_and_date') }} as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        coalesce(
            try_cast(regexp_extract(source_and_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}') as date),
            cast(
                try_strptime(
                    nullif(regexp_extract(source_and_date, '([A-Z][a-z]+ [0-9]{4})\s*$', 1), ''),
                    '%B %Y'
                ) as date
            )
        ) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
