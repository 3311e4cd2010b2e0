{% macro parameter(group, name) -%}
    {#- The value of one row of the seed scoring_parameters, as a scalar; the only way in which SQL
        reads one. A name that the seed's YAML does not declare stops at compile time, a table that
        lacks the row or holds it twice stops the query: nothing is ever computed with null. -#}
    {%- if graph.nodes -%}{# empty while dbt parses and in its unit tests #}
        {%- set seed = graph.nodes['seed.' ~ project_name ~ '.scoring_parameters'] -%}
        {%- if name not in seed.config.meta.rows.get(group, {}) -%}
            {{ exceptions.raise_compiler_error(
                "parameter('" ~ group ~ "', '" ~ name ~ "') is not declared: add it to the rows of "
                ~ "scoring_parameters in seeds/_seeds.yml and to its CSV file"
            ) }}
        {%- endif -%}
    {%- endif -%}
    coalesce(
        (
            select value from {{ ref('scoring_parameters') }}
            where parameter_group = '{{ group }}' and parameter = '{{ name }}'
        ),
        error('parameter {{ group }}.{{ name }} is missing: run dbt seed')
    )
{%- endmacro %}
