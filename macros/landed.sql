{% macro landed(source_id, entity) -%}
    {#- The versions of every record of one (source, entity), as known at known_at, each with the
        days on which it was the state of the source.

        On a day the newest version observed by its end counts; on days before any was observed, the
        earliest (its values still need dates of their own). A tombstone (record null) ends a
        record. Of rows observed on the same day the last counts, of those observed at the same
        moment the one landed last. Versions that were the state neither at the end of a month nor
        on the day that the build speaks of are left out: no score is computed for their days. -#}
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
        case
            when row_number() over (partition by record_key order by observed_at) = 1
                then date '0001-01-01'
            else cast(observed_at as date)
        end as state_from_on,
        coalesce(
            lead(cast(observed_at as date)) over (partition by record_key order by observed_at) - 1,
            date '9999-12-31'
        ) as state_to_on,
    from (
        select *
        from {{ source(source_id, entity) }}
        where
            source = '{{ source_id }}'
            and entity = '{{ entity }}'
            and {{ landed_by_known_at('landed_at') }}
        qualify row_number() over (
            partition by record_key, cast(observed_at as date)
            order by observed_at desc, landed_at desc, load_id desc
        ) = 1
    )
    qualify
        record is not null
        and (
            last_day(state_from_on) <= state_to_on
            or {{ is_state_on(as_of_on()) }}
        )
{%- endmacro %}

{% macro is_state_on(day, record=none) -%}
    {#- Whether a version of a record was the state of its source on a day. -#}
    {%- set alias = record ~ '.' if record else '' -%}
    {{ day }} between {{ alias }}state_from_on and {{ alias }}state_to_on
{%- endmacro %}

{% macro state_periods(relation, key) -%}
    {#- The periods between two changes of anything that shares `key`: within one of them the same
        versions are the state. -#}
    select
        {{ key }},
        changed_on as state_from_on,
        coalesce(
            lead(changed_on) over (partition by {{ key }} order by changed_on) - 1,
            date '9999-12-31'
        ) as state_to_on,
    from (
        select {{ key }}, state_from_on as changed_on from {{ relation }}
        union
        select {{ key }}, state_to_on + 1 as changed_on from {{ relation }}
        where state_to_on < date '9999-12-31'
    )
{%- endmacro %}
