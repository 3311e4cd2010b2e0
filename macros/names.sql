{% macro name_id(source_id='source_id', org='org', source_model_name='source_model_name') -%}
    {#- The key of a name: who writes it, of whose model, and how, as one JSON text. No two names
        share it, whatever characters are in them; it is known where the organisation is not. -#}
    cast(to_json([{{ source_id }}, {{ org }}, {{ source_model_name }}]) as varchar)
{%- endmacro %}

{% macro is_same_name(name, other, org='org', source_model_name='source_model_name') -%}
    {#- Whether a row of names and another row, whose columns may be called otherwise, speak of one
        name, as name_id means it: what states a name has its three columns, not its key. -#}
    {{ name }}.source_id = {{ other }}.source_id
        and {{ name }}.org is not distinct from {{ other }}.{{ org }}
        and {{ name }}.source_model_name = {{ other }}.{{ source_model_name }}
{%- endmacro %}
