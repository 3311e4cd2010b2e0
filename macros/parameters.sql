{% macro parameter(group, name) -%}
    {#- The value of one row of the seed scoring_parameters, as a scalar; the only way in which SQL
        reads one. A name that the seed's YAML does not declare stops at compile time, a table that
        lacks the row or holds it twice stops the query: nothing is ever computed with null. Rendered by
        itself, so that `--empty`, which empties what a dbt model reads, leaves it its parameters. -#}
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
            select value from {{ ref('scoring_parameters').render() }}
            where parameter_group = '{{ group }}' and parameter = '{{ name }}'
        ),
        error('parameter {{ group }}.{{ name }} is missing: run dbt seed')
    )
{%- endmacro %}

{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {#- Loads a seed from the file that was checked, in the form in which it was checked. The adapter's
        own macro takes the place where the project lay when dbt first parsed the seed, which a copy or
        a renamed checkout remembers, and guesses by which sign cells are quoted. -#}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ model.original_file_path | replace("'", "''") }}'
        (format csv, header true, delimiter ',', quote '"', escape '"', auto_detect false)
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
