{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {#- dbt asks this macro how to count the failing rows of any data test; those that a known
        exception excuses do not count. They stay in the stored failures, so that it shows when an
        exception is no longer needed. -#}
    select
        {{ fail_calc }} as failures,
        {{ fail_calc }} {{ warn_if }} as should_warn,
        {{ fail_calc }} {{ error_if }} as should_error
    from (
        select * from ({{ main_sql }}) as failing_row
        where not exists (
            select 1 from {{ known_exceptions(model.name) }} as known
            where {{ excuses('known', 'failing_row') }}
        )
        {{ "limit " ~ limit if limit is not none }}
    ) as dbt_internal_test
{%- endmacro %}

{% macro known_exceptions(test_name=none) -%}
    {#- The rows of the seed data_test_exceptions, of all tests or of one, with `named_columns` and
        `is_in_force`. It is the seed's file that is read, as declared, and not its table: a test that
        refers to one more relation no longer holds back what is built on a dbt model that fails it. -#}
    {%- set seed = graph.nodes['seed.' ~ project_name ~ '.data_test_exceptions'] -%}
    (
        select
            *,
            json_keys(row_key) as named_columns,
            coalesce(valid_to >= date '{{ run_started_at.strftime("%Y-%m-%d") }}', true)
                as is_in_force,
        from read_csv(
            '{{ seed.original_file_path | replace("'", "''") }}',
            header = true, delim = ',', quote = '"', escape = '"',
            types = {
                {%- for column, type in seed.config.column_types.items() %}
                '{{ column }}': '{{ type }}'{{ ',' if not loop.last }}
                {%- endfor %}
            }
        )
        {%- if test_name is not none %}
        where test_name = '{{ test_name | replace("'", "''") }}'
        {%- endif %}
    )
{%- endmacro %}

{% macro excuses(exception, failing_row) -%}
    {#- The condition under which an exception excuses a failing row: every column that its row_key
        names has the value given there, compared as text; null means null. -#}
    {{ exception }}.is_in_force
    and len(
        list_filter(
            {{ exception }}.named_columns,
            lambda name: json_extract_string(to_json({{ failing_row }}), '$."' || name || '"')
                is distinct from
                json_extract_string({{ exception }}.row_key, '$."' || name || '"')
            or not json_exists(to_json({{ failing_row }}), '$."' || name || '"')
        )
    ) = 0
{%- endmacro %}

{% macro exceptions_used(test) -%}
    {#- How a test's exceptions met the failing rows that it has just stored: how many exceptions
        there are, how many rows they excused, and of each that excused none its row_key and why. -#}
    {%- set stored = api.Relation.create(
        database=test.database, schema=test.schema, identifier=test.alias
    ) -%}
    {%- set granted = known_exceptions(test.name) -%}
    {%- set unused = run_query(
        "select row_key, case when is_in_force then 'no failing row matches it any more' "
        ~ "else 'it was valid to ' || valid_to end "
        ~ "from " ~ granted ~ " as known where not exists (select 1 from " ~ stored
        ~ " as failing_row where " ~ excuses('known', 'failing_row') ~ ") order by row_key"
    ).rows -%}
    {%- set counts = run_query(
        "select (select count(*) from " ~ granted ~ "), count(*) from " ~ stored
        ~ " as failing_row where exists (select 1 from " ~ granted ~ " as known where "
        ~ excuses('known', 'failing_row') ~ ")"
    ).rows[0] -%}
    {{ return({'granted': counts[0], 'excused': counts[1], 'unused': unused}) }}
{%- endmacro %}
