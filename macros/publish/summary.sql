{% macro print_summary(destination) -%}
    {#- What a finished build holds, for the person who ran it: how many models each category ranks
        and the five at its top. Printed plainly, so that `dbt --quiet` shows it too. -#}
    {%- set categories = run_query(
        "select category, count(*) filter (where is_ranked) as ranked, "
        ~ "string_agg(display_name || ' ' || format('{:.1f}', score), ', ' order by rank, model_id) "
        ~ "filter (where is_ranked and place <= 5) as leaders "
        ~ "from (select *, row_number() over "
        ~ "(partition by category order by rank nulls last, model_id) as place from main.rankings) "
        ~ "inner join parameters.categories using (category) "
        ~ "group by category, sort_order order by sort_order"
    ) -%}
    {%- do print('\nPublished ' ~ destination ~ '. Models ranked, and the five at the top:') -%}
    {%- for row in categories.rows -%}
        {%- do print('  %-17s %4d  %s' | format(row[0], row[1], row[2] or '-')) -%}
    {%- endfor -%}
    {%- do print(
        "\nQuery it with any DuckDB client:\n  duckdb " ~ destination ~ " \"select * from rankings "
        ~ "where category = 'coding' order by rank limit 10\""
    ) -%}
{%- endmacro %}
