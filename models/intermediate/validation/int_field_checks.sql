-- Every field of the records that state facts (the registry, routes, prices, speeds), checked: what
-- the source wrote, the number it stands for, and the rule that rejects it. Which fields a record
-- has, which of them it must have and how it writes "unknown" is the seed record_fields; what is
-- too high, the seed field_ceilings. An unknown value is no violation.
-- Grain: one row per (source_id, entity, record_key, observed_at, field).

with versions as (
    select * from {{ ref('stg_landing__record_versions') }}
    where record is not null
),

record_fields as (
    select * from {{ ref('record_fields') }}
),

ceilings as (
    select * from {{ ref('field_ceilings') }}
),

extracted as (
    select
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.load_id,
        versions.observed_at,
        json_extract_string(versions.record, '$._error') as landing_error,
        record_fields.field,
        record_fields.kind,
        record_fields.is_required,
        record_fields.is_unique,
        record_fields.factor,
        ceilings.ceiling,
        string_split(record_fields.unknown_values, ';') as unknown_values,
        {{ text_or_null('json_extract_string(versions.record, record_fields.json_path)') }}
            as value_text,
        {{ number_or_null('json_extract_string(versions.record, record_fields.json_path)') }}
            as number,
    from versions
    inner join record_fields
        on record_fields.source_id = versions.source_id
        and record_fields.entity = versions.entity
    left join ceilings on ceilings.kind = record_fields.kind
),

stated as (
    select
        *,
        value_text is null
        or coalesce(
            list_contains(unknown_values, value_text)
            or list_contains(
                list_transform(unknown_values, lambda text: try_cast(text as double)), number
            ),
            false
        ) as is_unknown,
    from extracted
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        field,
        kind,
        value_text,
        case
            when landing_error is not null then 'unreadable_record'
            when is_unknown then case when is_required then 'missing_field' end
            when
                is_unique
                and record_key != min(record_key) over (
                    partition by source_id, entity, field, value_text
                )
                then 'duplicate_record'
            when kind = 'text' then null
            when kind = 'day'
                then
                    case
                        when {{ day_or_null('value_text') }} is null
                            then 'not_a_day'
                    end
            when number is null then 'not_a_number'
            when kind = 'tokens' and number <= 0 then 'not_positive'
            when number < 0 then 'negative'
            when number * factor > ceiling then 'above_ceiling'
        end as rejected_by,
        landing_error,
        number * factor as value,
        ceiling,
        is_unknown,
        observed_at,
    from stated
)

select * from final
