{% macro publish_finished_build(results) -%}
    {#- The end of every dbt command. A full build in which everything passed is published; any other
        command, a partial build or a failed one leaves the published file as it is. How tests and
        builds went is noted in the working database either way. -#}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') -%}
        {%- do record_data_tests(results) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH in ('build', 'run') and speaks_of_another_day() -%}
        {%- do run_query('create or replace table intermediate.build_of_another_day as select true as yes') -%}
    {%- endif -%}
    {%- if execute and flags.WHICH == 'freshness' -%}
        {%- do print_freshness(results) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- do prepare_builds() -%}
        {%- set failed = [] -%}
        {%- for result in results if result.status in ('error', 'fail', 'skipped', 'runtime error') -%}
            {%- do failed.append(result.node.name) -%}
        {%- endfor -%}
        {%- if failed -%}
            {%- do log(
                'Not published: ' ~ failed | length ~ ' of ' ~ results | length ~ ' nodes failed or '
                ~ 'were skipped. The published warehouse is as it was before.', info=true
            ) -%}
            {%- do keep_build(build_row(results, 'failed')) -%}
        {%- elif is_partial_build() -%}
            {%- do log(
                'Not published: only a part was built. `dbt run-operation publish` publishes what '
                ~ 'the working database holds.', info=true
            ) -%}
            {%- do keep_build(build_row(results, 'not published')) -%}
        {%- else -%}
            {%- if not speaks_of_another_day() -%}
                {%- do run_query('drop table if exists intermediate.build_of_another_day') -%}
            {%- endif -%}
            {%- do publish(results) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro is_partial_build() -%}
    {#- Anything selected or left out makes a build partial, but for unit tests: they look at
        made-up rows and say nothing of the data. -#}
    {%- set left_out = invocation_args_dict.exclude_resource_types or [] -%}
    {{ return(
        invocation_args_dict.select or invocation_args_dict.exclude
        or invocation_args_dict.selector or invocation_args_dict.resource_types
        or (left_out | map('string') | reject('equalto', 'unit_test') | list | length > 0)
    ) }}
{%- endmacro %}

{% macro speaks_of_another_day() -%}
    {#- A build with another as_of than today, or any known_at, must never be taken for the current
        one. -#}
    {{ return(
        var('known_at') is not none or (
            var('as_of') is not none
            and valid_day(var('as_of') | string) != run_started_at.strftime('%Y-%m-%d')
        )
    ) }}
{%- endmacro %}

{% macro publish_destination() -%}
    {#- Where a build goes: warehouse.duckdb, unless it speaks of another day. -#}
    {%- if var('publish_to') is not none -%}
        {{- var('publish_to') -}}
    {%- elif not speaks_of_another_day() -%}
        warehouse.duckdb
    {%- endif -%}
{%- endmacro %}

{% macro publish(results=none) -%}
    {#- Copies the marts and the parameters into a new file and renames it into place: readers see
        the old warehouse or the new one, never a half of either. With the results of a build, its
        row of runs is the last thing that is written. -#}
    {%- set started_at = modules.datetime.datetime.now() -%}
    {%- set destination = publish_destination() | trim -%}
    {%- if not destination -%}
        {%- do log(
            'Not published: this build speaks of another day. --vars "{publish_to: PATH}" publishes it '
            ~ 'to a file of its own.', info=true
        ) -%}
        {%- if results is not none -%}
            {%- do keep_build(build_row(results, 'not published')) -%}
        {%- endif -%}
    {%- else -%}
        {%- do check_published_schemas() -%}
        {%- set finished = destination ~ '.' ~ invocation_id ~ '.tmp' -%}
        {%- do run_query(
            "attach '" ~ finished ~ "' as published (storage_version 'v1.4.0')"
        ) -%}
        {%- for schema in published_schemas() -%}
            {%- do copy_schema(schema) -%}
        {%- endfor -%}
        {#- Builds that published nothing; the plugin adds those of the file that is replaced. -#}
        {%- if not speaks_of_another_day() and is_table('operations', 'builds') -%}
            {%- do add_builds('published.main.runs') -%}
        {%- endif -%}
        {%- set build = none -%}
        {%- if results is not none -%}
            {%- set seconds = (modules.datetime.datetime.now() - started_at).total_seconds() -%}
            {%- set build = build_row(results, 'published', seconds | round(3), published_rows()) -%}
            {%- do add_builds('published.main.runs', build) -%}
        {%- endif -%}
        {%- do run_query('detach published') -%}
        {%- do adapter.store_relation(
            'warehouse_file', this or api.Relation.create(identifier='published'), [], finished,
            'duckdb', {'destination': destination, 'speaks_of_another_day': speaks_of_another_day()}
        ) -%}
        {%- if build is not none -%}
            {%- do keep_build(build) -%}
        {%- endif -%}
        {%- do print_summary(destination) -%}
    {%- endif -%}
{%- endmacro %}

{% macro published_rows() -%}
    {#- How many rows the marts hold in the file about to be published, but for runs itself. -#}
    {{ return(
        run_query(
            "select cast(sum(estimated_size) as bigint) from duckdb_tables() "
            ~ "where database_name = 'published' and schema_name = 'main' and table_name != 'runs'"
        ).rows[0][0] | int
    ) }}
{%- endmacro %}

{% macro published_schemas() -%}
    {{ return(['main', 'parameters']) }}
{%- endmacro %}

{% macro check_published_schemas() -%}
    {#- A mart that a partial build has not built yet is no reason to publish a warehouse without it. -#}
    {%- set built = run_query(
        'select schema_name, table_name from duckdb_tables() where database_name = current_database()'
    ).rows | map('join', '.') | list -%}
    {%- if 'intermediate.build_of_another_day' in built and not speaks_of_another_day() -%}
        {{ exceptions.raise_compiler_error(
            'Not published: the working database holds a build of another day; run dbt build first'
        ) }}
    {%- endif -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed')
        and node.schema in published_schemas() and node.schema ~ '.' ~ node.alias not in built -%}
        {%- do missing.append(node.alias) -%}
    {%- endfor -%}
    {%- if missing -%}
        {{ exceptions.raise_compiler_error(
            'Not published: ' ~ missing | join(', ') ~ ' not built yet; run dbt build first'
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro copy_schema(schema) -%}
    {%- do run_query('create schema if not exists published.' ~ schema) -%}
    {%- set tables = run_query(
        "select table_name, comment from duckdb_tables() where database_name = current_database() "
        ~ "and schema_name = '" ~ schema ~ "' and not temporary order by table_name"
    ) -%}
    {%- for table in tables.rows -%}
        {%- do copy_table(schema, table[0], table[1]) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro copy_table(schema, table, comment) -%}
    {#- `create table as` would lose NOT NULL and comments, so that both are stated. -#}
    {%- set columns = run_query(
        "select column_name, data_type, is_nullable, comment from duckdb_columns() "
        ~ "where database_name = current_database() and schema_name = '" ~ schema
        ~ "' and table_name = '" ~ table ~ "' order by column_index"
    ) -%}
    {%- set target_table = 'published.' ~ schema ~ '."' ~ table ~ '"' -%}
    {%- set definitions = [] -%}
    {%- for column in columns.rows -%}
        {%- do definitions.append(
            '"' ~ column[0] ~ '" ' ~ column[1] ~ ('' if column[2] else ' not null')
        ) -%}
    {%- endfor -%}
    {%- set statements = [
        'create table ' ~ target_table ~ ' (' ~ definitions | join(', ') ~ ')',
        'insert into ' ~ target_table ~ ' select * from ' ~ schema ~ '."' ~ table ~ '"',
    ] -%}
    {%- if comment -%}
        {%- do statements.append(
            'comment on table ' ~ target_table ~ " is '" ~ comment | replace("'", "''") ~ "'"
        ) -%}
    {%- endif -%}
    {%- for column in columns.rows if column[3] -%}
        {%- do statements.append(
            'comment on column ' ~ target_table ~ '."' ~ column[0] ~ '" is ' ~ "'"
            ~ column[3] | replace("'", "''") ~ "'"
        ) -%}
    {%- endfor -%}
    {#- In one go: hundreds of comments, each as a query of its own, would take seconds. -#}
    {%- do run_query(statements | join(';\n')) -%}
{%- endmacro %}
