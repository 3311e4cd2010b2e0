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
        "\nQuery it with any DuckDB client:\n  duckdb -readonly " ~ destination ~ " \"select * from rankings "
        ~ "where category = 'coding' order by rank limit 10\""
    ) -%}
{%- endmacro %}

{% macro print_freshness(results) -%}
    {#- What `dbt source freshness` found, in days: how old what was last landed of each table is, and
        after how long its source counts as old (ttl_hours in extract/sources.yml). -#}
    {%- do print('\nHow old the landed sources are, and after how long each counts as old:') -%}
    {%- for result in results -%}
        {%- set name = result.node.source_name ~ '.' ~ result.node.name -%}
        {%- set warn_after = result.node.freshness.warn_after -%}
        {%- set limit = '%.0f' | format(warn_after.count / 24) -%}
        {%- if result.status == 'runtime error' or result.max_loaded_at is not defined -%}
            {%- do print('  %-35s %s' | format(name, 'cannot be read')) -%}
        {%- elif result.max_loaded_at.year == 1 -%}
            {%- do print('  %-35s %s' | format(name, 'nothing has landed yet')) -%}
        {%- else -%}
            {%- do print(
                '  %-35s %s  %5.0f of %s days%s' | format(
                    name, result.max_loaded_at.strftime('%Y-%m-%d'), result.age / 86400, limit,
                    '  old' if result.status != 'pass' else ''
                )
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do print('\n`python -m extract --live` reads the sources that have a live address anew.') -%}
{%- endmacro %}
