{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas are named for what they hold (main, staging, intermediate, parameters, audit), the
        same for every user: nobody has to know a target's prefix to write a query. -#}
    {{- (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
