-- LiteLLM's routes: one host's offer of one model. What a route states is read in int_field_checks.
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
