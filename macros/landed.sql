{% macro landed(source_id, entity) -%}
    {#- The state of one (source, entity) as known at known_at, as of as_of.

        Of a record's versions the newest observed by as_of counts; where none was observed by then,
        the earliest (its values still need dates of their own by as_of). A tombstone (record null)
        ends a record. Of rows observed at the same moment the one landed last counts. -#}
    {%- set as_of_end = '(' ~ as_of_on() ~ ' + interval 1 day)' -%}
    select
        source as source_id,
        entity,
        record_key,
        record_hash,
        load_id,
        record,
        json_extract_string(record, '$._error') as landing_error,
        observed_at,
        min(observed_at) over (partition by record_key) as first_observed_at,
    from {{ source(source_id, entity) }}
    where
        source = '{{ source_id }}'
        and entity = '{{ entity }}'
        and {{ landed_by_known_at('landed_at') }}
    qualify
        record is not null
        and row_number() over (
            partition by record_key
            order by
                observed_at < {{ as_of_end }} desc,
                case when observed_at < {{ as_of_end }} then observed_at end desc,
                observed_at asc,
                landed_at desc,
                load_id desc
        ) = 1
{%- endmacro %}
