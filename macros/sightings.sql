{% macro last_observed_at(record, day, listing, key) -%}
    {#- The last moment by the end of a day at which a record was seen: when its version was first
        seen, or confirmed since by a complete listing or by name (two joins to int_sightings). A
        version first seen after that day stands in for an earlier one and keeps its own date. -#}
    case
        when {{ record }}.observed_at < {{ day }} + interval 1 day
            then greatest(
                {{ record }}.observed_at,
                coalesce({{ listing }}.last_observed_at, {{ record }}.observed_at),
                coalesce({{ key }}.last_observed_at, {{ record }}.observed_at)
            )
        else {{ record }}.observed_at
    end
{%- endmacro %}

{% macro join_sightings(sightings, record, day, listing, key) -%}
    left join {{ sightings }} as {{ listing }}
        on {{ listing }}.as_of_on = {{ day }}
        and {{ listing }}.source_id = {{ record }}.source_id
        and {{ listing }}.entity = {{ record }}.entity
        and {{ listing }}.record_key is null
    left join {{ sightings }} as {{ key }}
        on {{ key }}.as_of_on = {{ day }}
        and {{ key }}.source_id = {{ record }}.source_id
        and {{ key }}.entity = {{ record }}.entity
        and {{ key }}.record_key = {{ record }}.record_key
{%- endmacro %}
