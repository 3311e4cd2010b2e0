-- The curated registry: the models people ask for, with the facts a vendor states about them.
-- "NA", 0 and blanks mean unknown in this file; a list that is there but empty means "has none".
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('static_registry', 'models') }}
),

extracted as (
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
        {{ number_or_null("json_extract_string(record, '$.context_window')") }}
            as context_window,
        {{ number_or_null("json_extract_string(record, '$.cost_in_per_1k')") }} as cost_in_per_1k,
        {{ number_or_null("json_extract_string(record, '$.cost_out_per_1k')") }}
            as cost_out_per_1k,
        {{ number_or_null("json_extract_string(record, '$.avg_latency_ms')") }}
            as avg_latency_ms,
        try_cast(json_extract_string(record, '$.open_source') as boolean) as is_open_weights,
        {{ day_or_null("json_extract_string(record, '$.released_on')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
),

final as (
    select
        source_id,
        record_key,
        load_id,
        landing_error,
        model_id,
        provider_name,
        display_name,
        api_alias,
        tags_text,
        capabilities,
        -- A zero is a way of writing "unknown" here: no model has no context, price or latency.
        try_cast(nullif(context_window, 0) as bigint) as context_window_tokens,
        nullif(cost_in_per_1k, 0) * 1000 as input_price_usd_per_1m,
        nullif(cost_out_per_1k, 0) * 1000 as output_price_usd_per_1m,
        nullif(avg_latency_ms, 0) as latency_ms,
        is_open_weights,
        released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
