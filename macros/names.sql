{% macro name_id(source_id='source_id', org='org', source_model_name='source_model_name') -%}
    {#- The key of a name: who writes it, of whose model, and how, as one JSON text. No two names
        share it, whatever characters are in them; it is known where the organisation is not. -#}
    cast(to_json([{{ source_id }}, {{ org }}, {{ source_model_name }}]) as varchar)
{%- endmacro %}
