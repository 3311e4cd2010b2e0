-- models.dev: one host's offer of one model. What it states is read in int_field_checks. Models
-- without text output are kept and marked. A model named deprecated without a day is deprecated
-- from when that was seen.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('models_dev', 'models') }}
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
        coalesce(
            list_contains(
                try_cast(json_extract(record, '$.modalities.output') as varchar[]), 'text'
            ),
            true
        ) as is_text_generation,
        case
            when json_extract_string(record, '$.status') = 'deprecated'
                then cast(observed_at as date)
        end as deprecated_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
