-- Every field of the records that state facts (the registry, routes, prices, speeds, what models
-- can do), parsed and checked: what the source wrote, the number, day or words it stands for,
-- and the rule that rejects it. Which fields a record has, which of them it must have and how it
-- writes "unknown" is the seed record_fields, and for prices beside the plain ones price_fields;
-- what is too high or too low, the seed field_limits. A flag is the number 1 or 0. An unknown
-- value is no violation. Where one price of a record lies above its ceiling, none of them
-- counts, of whatever tier or service: a slip of units seldom stops at one. Of records with one
-- id the first counts that has no fault of its own: a broken record takes no good one's place,
-- and of today's records none that is gone or was another one before. An id in other letters'
-- case is the same id. Of records observed after the day that the build speaks of only the release
-- is read, by which a model may be known in hindsight; none of them is the newest.
-- Grain: one row per (source_id, entity, record_key, observed_at, field).

with versions as (
    select
        *,
        observed_at >= {{ as_of_on() }} + interval 1 day as is_later,
        not is_later
        and observed_at = max(observed_at) filter (where not is_later) over (
            partition by source_id, entity, record_key
        ) as is_newest,
    from {{ ref('stg_landing__record_versions') }}
    qualify record is not null
),

record_fields as (
    select
        *,
        -- 'a[*].b' is b of each object in the list a.
        regexp_extract(json_path, '\[\*\](\..+)$', 1) as member,
        list_transform(
            string_split(regexp_replace(json_path, '\[\*\].*$', ''), ';'),
            lambda path: struct_pack(
                path := split_part(path, '!=', 1), other := nullif(split_part(path, '!=', 2), '')
            )
        ) as json_paths,
    from {{ ref('record_fields') }}
),

price_fields as (
    select * from {{ ref('int_price_fields') }}
),

limits as (
    select * from {{ ref('field_limits') }}
),

record_values as (
    select
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.observed_at,
        versions.record,
        record_fields.field,
        record_fields.kind,
        record_fields.is_required,
        record_fields.is_unique,
        record_fields.factor,
        record_fields.unknown_values,
        record_fields.member,
        record_fields.json_paths,
    from versions
    inner join record_fields
        on record_fields.source_id = versions.source_id
        and record_fields.entity = versions.entity
    where not versions.is_later or record_fields.field = 'released_on'
),

extracted as (
    select
        source_id,
        entity,
        record_key,
        field,
        kind,
        is_required,
        is_unique,
        true as is_declared,
        factor,
        string_split(unknown_values, ';') as unknown_values,
        member,
        -- The first of the paths at which anything stands: 'a!=b' only what differs from b.
        list_filter(
            list_transform(
                json_paths,
                lambda item: case
                    when
                        item.other is null
                        or json_extract_string(record, item.path)
                        is distinct from json_extract_string(record, coalesce(item.other, '$'))
                        then json_extract(record, item.path)
                end
            ),
            lambda item: {{ text_or_null("item ->> '$'") }} is not null
        )[1] as value,
        observed_at,
    from record_values

    union all by name

    select
        source_id,
        entity,
        record_key,
        field,
        kind,
        false as is_required,
        false as is_unique,
        price_kind is not null as is_declared,
        factor,
        string_split(unknown_values, ';') as unknown_values,
        value,
        observed_at,
    from price_fields
),

stated as (
    select
        *,
        {{ text_or_null("value ->> '$'") }} as value_text,
        {{ number_or_null("value ->> '$'") }} as number,
        value_text is null
        or coalesce(
            list_contains(unknown_values, value_text)
            or list_contains(
                list_transform(unknown_values, lambda text: try_cast(text as double)), number
            ),
            false
        ) as is_unknown,
        kind = 'text' and not is_unknown and json_type(value) != 'VARCHAR' as is_other_type,
        {{ day_or_null('value_text') }} as day,
        case lower(value_text) when 'true' then 1 when 'false' then 0 end as flag,
        case
            when kind = 'words' and json_type(value) = 'ARRAY'
                then list_sort(list_distinct(flatten(list_transform(
                    cast(value as json[]),
                    lambda item: case json_type(item, '$' || member)
                        when 'VARCHAR' then [json_extract_string(item, '$' || member)]
                        when 'ARRAY' then cast(json_extract(item, '$' || member) as varchar[])
                        else []
                    end
                ))))
        end as words,
    from extracted
),

limited as (
    select
        stated.*,
        versions.load_id,
        versions.is_newest,
        json_extract_string(versions.record, '$._error') as landing_error,
        limits.floor,
        limits.ceiling,
    from stated
    inner join versions
        on versions.source_id = stated.source_id
        and versions.entity = stated.entity
        and versions.record_key = stated.record_key
        and versions.observed_at = stated.observed_at
    left join limits on limits.kind = stated.kind
),

faulty as (
    select
        *,
        bool_or(landing_error is not null or is_other_type or (is_required and is_unknown)) over (
            partition by source_id, entity, record_key, observed_at
        ) as is_faulty_record,
    from limited
),

repeats as (
    select
        *,
        min(record_key) filter (where not is_faulty_record) over same_id as first_key,
        min(record_key) filter (where not is_faulty_record and is_newest) over same_id
            as first_newest_key,
    from faulty
    window same_id as (partition by source_id, entity, field, lower(value_text))
),

judged as (
    select
        *,
        kind in ('price', 'input_price') as is_price,
        case
            when landing_error is not null then 'unreadable_record'
            when is_unknown then case when is_required then 'missing_field' end
            when is_other_type then 'not_a_text'
            when
                is_unique
                and not is_faulty_record
                and record_key != case when is_newest then first_newest_key else first_key end
                then 'duplicate_record'
            when kind = 'text' then null
            when not is_declared then 'unknown_price'
            when kind in ('flag', 'word', 'words', 'cutoff', 'length', 'parameters')
                then
                    case
                        when coalesce(
                            case kind
                                when 'flag' then flag is null
                                when 'word' then json_type(value) != 'VARCHAR'
                                when 'words' then words is null
                                when 'cutoff' then day > cast(observed_at as date)
                                else number <= 0 or number * factor > ceiling
                            end,
                            true
                        ) then 'unreadable_fact'
                    end
            when kind in ('day', 'past_day')
                then
                    case
                        when day is null then 'not_a_day'
                        when kind = 'past_day' and day > cast(observed_at as date)
                            then 'in_the_future'
                    end
            when number is null then 'not_a_number'
            when kind = 'tokens' and number <= 0 then 'not_positive'
            when number < 0 then 'negative'
            when number * factor > ceiling then 'above_ceiling'
            when number > 0 and number * factor < floor then 'below_floor'
        end as broken_rule,
    from repeats
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
            when
                broken_rule is null
                and is_price
                and not is_unknown
                and bool_or(is_price and broken_rule = 'above_ceiling') over (
                    partition by source_id, entity, record_key, observed_at
                )
                then 'beside_above_ceiling'
            else broken_rule
        end as rejected_by,
        landing_error,
        coalesce(number * factor, flag) as value,
        words,
        day,
        floor,
        ceiling,
        is_unknown,
        is_newest,
        observed_at,
    from judged
)

select * from final
