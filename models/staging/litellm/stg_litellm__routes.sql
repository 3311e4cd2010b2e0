-- LiteLLM's routes: which host serves which model, and how much text it takes. Prices are read
-- by the seeds record_fields and price_fields.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('litellm', 'routes') }}
),

extracted as (
    select
        source_id,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$._route')") }} as route,
        {{ text_or_null("json_extract_string(record, '$.litellm_provider')") }} as host,
        {{ text_or_null("json_extract_string(record, '$.mode')") }} as mode,
        {{ number_or_null("json_extract_string(record, '$.max_input_tokens')") }}
            as max_input_tokens,
        {{ number_or_null("json_extract_string(record, '$.max_tokens')") }} as max_tokens,
        {{ number_or_null("json_extract_string(record, '$.max_output_tokens')") }}
            as max_output_tokens,
        try_cast(json_extract_string(record, '$.supports_reasoning') as boolean)
            as supports_reasoning,
        try_cast(json_extract_string(record, '$.supports_vision') as boolean) as supports_vision,
        try_cast(json_extract_string(record, '$.supports_function_calling') as boolean)
            as supports_tools,
        {{ day_or_null("json_extract_string(record, '$.deprecation_date')") }} as deprecated_on,
        try_cast(json_extract(record, '$.reasoning_effort_levels') as varchar[]) as effort_levels,
        -- Flags of single efforts: whoever has one of them offers the usual ones too.
        list_filter(
            ['none', 'minimal', 'low', 'xhigh', 'max'],
            lambda word: json_extract_string(
                record, '$.supports_' || word || '_reasoning_effort'
            ) = 'true'
        ) as efforts_flagged,
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
        route,
        host,
        mode,
        try_cast(nullif(coalesce(max_input_tokens, max_tokens), 0) as bigint)
            as context_window_tokens,
        try_cast(nullif(max_output_tokens, 0) as bigint) as max_output_tokens,
        supports_reasoning,
        supports_vision,
        supports_tools,
        deprecated_on,
        case
            when len(effort_levels) > 0 then effort_levels
            when len(efforts_flagged) > 0
                then list_sort(
                    list_distinct(list_concat(['low', 'medium', 'high'], efforts_flagged))
                )
        end as efforts,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
