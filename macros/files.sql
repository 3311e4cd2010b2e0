{% macro saved_rows(path) -%}
    {#- The rows of a JSON file that an earlier command saved beside the project. -#}
    read_json('{{ path }}')
{%- endmacro %}

{% macro file_is_there(path) -%}
    {#- Whether a file lies beside the project; the path is relative to its root. -#}
    {%- if execute -%}
        {{ return(run_query("select * from glob('" ~ path ~ "')").rows | length > 0) }}
    {%- endif -%}
    {{ return(false) }}
{%- endmacro %}
