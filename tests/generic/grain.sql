{% test grain(model, columns, nullable=[]) %}
    {#- The model has one row per `columns`, and none of them is null but those in `nullable`.
        A failing row gives the key, how often it occurs and what is wrong with it. -#}
    {%- set key = columns | join(', ') -%}
    {%- set required = columns | reject('in', nullable) | list -%}
    select
        {{ key }},
        count(*) as row_count,
        case when count(*) > 1 then 'repeated' else 'null in the key' end as violation,
    from {{ model }}
    group by {{ key }}
    having
        count(*) > 1
        {%- for column in required %}
            or {{ column }} is null
        {%- endfor %}
{% endtest %}
