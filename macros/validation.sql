{% macro join_by_version(checked, record) -%}
    {#- The join to what was checked of the same version of the same record. -#}
    left join {{ checked }}
        on {{ checked }}.source_id = {{ record }}.source_id
        and {{ checked }}.entity = {{ record }}.entity
        and {{ checked }}.record_key = {{ record }}.record_key
        and {{ checked }}.observed_at = {{ record }}.observed_at
{%- endmacro %}

{% macro is_accepted(rejected) -%}
    {#- Whether a record as a whole counts; some of its fields may still be rejected. -#}
    {{ rejected }}.is_rejected is not true
{%- endmacro %}

{% macro unless_rejected_as(column, field, rejected='rejected') -%}
    {#- A column, null where the field of which it was read was rejected. -#}
    case
        when not coalesce(list_contains({{ rejected }}.rejected_fields, '{{ field }}'), false)
            then {{ column }}
    end
{%- endmacro %}
