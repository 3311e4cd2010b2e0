-- models.dev: what a host offers of a model. A release date can be a year and a month (its
-- first day counts). Models without text output are kept and marked. A model named deprecated
-- without a day is deprecated from when that was seen.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('models_dev', 'models') }}
),

extracted as (
    select
        *,
        {{ number_or_null("json_extract_string(record, '$.limit.context')") }} as context_window,
        {{ number_or_null("json_extract_string(record, '$.limit.output')") }} as max_output,
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.id')") }} as route,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$._provider')") }} as host,
        try_cast(nullif(context_window, 0) as bigint) as context_window_tokens,
        try_cast(nullif(max_output, 0) as bigint) as max_output_tokens,
        coalesce(
            list_contains(
                try_cast(json_extract(record, '$.modalities.output') as varchar[]), 'text'
            ),
            true
        ) as is_text_generation,
        try_cast(json_extract_string(record, '$.open_weights') as boolean) as is_open_weights,
        case
            when json_extract_string(record, '$.status') = 'deprecated'
                then cast(observed_at as date)
        end as deprecated_on,
        flatten(
            list_transform(
                try_cast(json_extract(record, '$.reasoning_options') as json[]),
                lambda option: case
                    when option ->> '$.type' = 'effort'
                        then try_cast(json_extract(option, '$.values') as varchar[])
                    else []
                end
            )
        ) as efforts,
        {{ day_or_null("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
)

select * from final
