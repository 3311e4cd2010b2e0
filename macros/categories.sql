{% macro categories_of_contract() -%}
    {#- The categories in their order, for a dbt model with columns for each. It is the seed's file that
        is read: columns are made before any table is. Stops where the contract of the calling dbt model
        lists columns of other categories. -#}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set seed = graph.nodes['seed.' ~ project_name ~ '.categories'] -%}
    {%- set categories = run_query(
        "select category from read_csv('" ~ seed.original_file_path | replace("'", "''")
        ~ "', header = true, delim = ',', quote = '\"', escape = '\"') order by sort_order"
    ).columns[0].values() | list -%}
    {%- set listed = [] -%}
    {%- for column in model.columns if column.endswith('_rank') and column != 'overall_rank' -%}
        {%- do listed.append(column[:-5]) -%}
    {%- endfor -%}
    {%- if listed != categories -%}
        {{ exceptions.raise_compiler_error(
            "the contract of " ~ model.name ~ " lists columns of " ~ listed | join(', ')
            ~ ", and the seed has the categories " ~ categories | join(', ')
            ~ ": `python -m macros.wide_contract` writes the contract anew"
        ) }}
    {%- endif -%}
    {{ return(categories) }}
{%- endmacro %}
