{% macro declared_data_tests() -%}
    {#- Every data test of the project as a relation: what it looks at, what it proves and where its
        failing rows are stored. -#}
    {%- set tests = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'test' -%}
        {%- do tests.append(node) -%}
    {%- endfor -%}
    (
        select
            cast(null as varchar) as test_name,
            cast(null as varchar) as test_kind,
            cast(null as varchar) as generic_test,
            cast(null as varchar) as tested,
            cast(null as varchar) as proves,
            cast(null as varchar) as severity,
            cast(null as varchar) as failures_table,
        where false
        {%- for test in tests | sort(attribute='unique_id') %}
        union all
        select
            '{{ test.name | replace("'", "''") }}',
            '{{ 'generic' if test.test_metadata else 'singular' }}',
            {{ "'" ~ test.test_metadata.name ~ "'" if test.test_metadata else 'null' }},
            '{{ names_of_tested(test) | replace("'", "''") }}',
            '{{ what_it_proves(test) | replace("'", "''") }}',
            '{{ test.config.severity | lower }}',
            {{ "'" ~ test.schema ~ '.' ~ test.alias ~ "'" if test.config.store_failures else 'null' }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro names_of_tested(test) -%}
    {#- The dbt models and seeds that a test looks at, by name. -#}
    {%- set names = [] -%}
    {%- for unique_id in ([test.attached_node] if test.attached_node else test.depends_on.nodes) -%}
        {%- do names.append(unique_id.split('.')[2:] | join('.')) -%}
    {%- endfor -%}
    {{ return(names | sort | join(', ')) }}
{%- endmacro %}

{% macro what_it_proves(test) -%}
    {#- In words: the test's description; else the first comment of a singular test; else what a
        generic test proves with these arguments; else its name. -#}
    {%- set given = (test.test_metadata or {}).get('kwargs', {}) -%}
    {%- set kind = (test.test_metadata or {}).get('name') -%}
    {%- if test.description -%}
        {{ return(test.description) }}
    {%- elif kind == 'accepted_values' -%}
        {{ return(given['column_name'] ~ ' is one of ' ~ given['values'] | join(', ')) }}
    {%- elif kind -%}
        {{ return(test.name | replace('_', ' ')) }}
    {%- endif -%}
    {%- set comment = modules.re.match('\\s*((?:--[^\\n]*\\n)+)', test.raw_code) -%}
    {%- if comment -%}
        {{ return(modules.re.sub('\\s*\\n?--\\s*', ' ', comment.group(1)) | trim) }}
    {%- endif -%}
    {{ return(test.name | replace('_', ' ')) }}
{%- endmacro %}

{% macro record_data_tests(results) -%}
    {#- Notes how the command's data tests went, for the mart data_tests_status, and says which known
        exceptions are not needed any more. What was noted of other tests stays as it was. -#}
    {%- set excepted = run_query('select distinct test_name from ' ~ known_exceptions()).rows
        | map(attribute=0) | list if execute else [] -%}
    {%- set rows = [] -%}
    {%- for result in results if result.node.resource_type == 'test' -%}
        {%- set test = result.node -%}
        {%- set is_run = result.status in ('pass', 'warn', 'fail') -%}
        {%- set met = exceptions_used(test)
            if is_run and test.name in excepted and test.config.store_failures
            else {'granted': 0, 'excused': 0, 'unused': []} -%}
        {%- for row_key, why in met.unused -%}
            {%- do print(
                'Exception without effect: ' ~ test.name ~ ' for ' ~ row_key ~ ': ' ~ why
                ~ '. Remove or renew it in the seed data_test_exceptions.'
            ) -%}
        {%- endfor -%}
        {%- do rows.append({
            'test_name': test.name,
            'status': result.status | string,
            'message': result.message if result.status not in ('pass', 'skipped') else none,
            'last_run_id': invocation_id,
            'failing_rows': result.failures if is_run else none,
            'excused_rows': met.excused if is_run else none,
            'exception_count': met.granted if is_run else none,
            'unused_exception_count': met.unused | length if is_run else none,
            'last_run_at': run_started_at.strftime('%Y-%m-%d %H:%M:%S'),
        }) -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- do run_query('create schema if not exists operations') -%}
        {%- do run_query(
            'create table if not exists operations.data_test_results '
            ~ '(test_name varchar primary key, result json not null)'
        ) -%}
        {%- do run_query(
            "insert or replace into operations.data_test_results "
            ~ "select row->>'test_name', row from (select unnest(cast('"
            ~ tojson(rows) | replace("'", "''") ~ "' as json[])) as row)"
        ) -%}
    {%- endif -%}
    {%- do fill_data_tests_status() -%}
{%- endmacro %}

{% macro fill_data_tests_status() -%}
    {#- Writes into the mart what was last noted of each test. -#}
    {%- set filled = [
        'status', 'message', 'last_run_id', 'failing_rows', 'excused_rows',
        'unused_exception_count', 'last_run_at',
    ] -%}
    {%- if is_table('main', 'data_tests_status') and is_table('operations', 'data_test_results') -%}
        {%- set settings = [
            "exception_count = coalesce(cast(result->>'exception_count' as bigint), exception_count)"
        ] -%}
        {%- for column in filled -%}
            {%- do settings.append(column ~ " = result->>'" ~ column ~ "'") -%}
        {%- endfor -%}
        {%- do run_query(
            'update main.data_tests_status set ' ~ settings | join(', ')
            ~ ' from operations.data_test_results as noted '
            ~ 'where noted.test_name = data_tests_status.test_name'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro is_table(schema, table) -%}
    {#- Whether the working database holds this table. -#}
    {{ return(
        run_query(
            "select 1 from duckdb_tables() where database_name = current_database() and schema_name = '"
            ~ schema ~ "' and table_name = '" ~ table ~ "'"
        ).rows | length > 0
    ) }}
{%- endmacro %}
