{% macro begin_changes() -%}
    {#- The start of every dbt command. Before anything is changed, what stands where a full build is
        going to be published is checked, and the working database is no longer marked as whole. -#}
    {%- if execute and flags.WHICH not in ('test', 'freshness', 'generate') -%}
        {%- do check_vars() -%}
        {%- set is_to_be_published = flags.WHICH == 'build' and is_full_build() -%}
        {%- do warehouse_file('begin', {
            'command': 'dbt ' ~ flags.WHICH,
            'destination': publish_destination() if is_to_be_published else none,
            'is_of_another_day': speaks_of_another_day(),
            'known': built_tables() if is_to_be_published else [],
        }) -%}
    {%- endif -%}
{%- endmacro %}

{% macro built_tables() -%}
    {#- The relations that a full build makes, by name with schema. -#}
    {%- set relations = [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'in', ('model', 'seed')) -%}
        {%- do relations.append(node.schema ~ '.' ~ node.alias) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{% macro publish_finished_build(results) -%}
    {#- The end of every dbt command. A full build in which everything passed marks the working
        database as whole and is published; any other command, a partial build or a failed one leaves
        the published file as it is. How tests and builds went is noted in the working database either
        way. A build that cannot be published fails by the SQL that is returned. -#}
    {%- if execute and flags.WHICH in ('build', 'run', 'test') -%}
        {%- do record_data_tests(results) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH == 'freshness' -%}
        {%- do print_freshness(results) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set failed = results | rejectattr(
            'status', 'in', ('success', 'pass', 'warn', 'no-op')
        ) | list -%}
        {%- set is_whole = not failed and is_full_build() -%}
        {%- set build = build_row(results, 'failed' if failed else 'not published') -%}
        {%- do warehouse_file('keep', {
            'build': build, 'mark': build_mark(build) if is_whole else none
        }) -%}
        {%- if failed -%}
            {%- do print(
                '\nNot published: ' ~ failed | length ~ ' of ' ~ results | length ~ ' nodes failed or '
                ~ 'were skipped. The published warehouse is as it was before.'
            ) -%}
        {%- elif not is_whole -%}
            {%- do print(
                'Not published: only a part was built. `dbt build` builds and publishes all of it.'
            ) -%}
        {%- elif publish_destination() is none -%}
            {%- do print(
                'Not published: this build speaks of another day. `dbt run-operation publish --vars '
                ~ '"{publish_to: PATH}"` publishes it to a file of its own.'
            ) -%}
        {%- else -%}
            {%- set problem = publish(build.started_at) -%}
            {%- if problem -%}
                select error('{{ problem | replace("'", "''") }}')
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro check_vars() -%}
    {#- A misspelt var would be ignored, and today's warehouse replaced by what was asked for another
        day or another file. -#}
    {%- set known = ['as_of', 'known_at', 'publish_to'] -%}
    {%- for name in (invocation_args_dict.vars or {}) if name not in known -%}
        {{ exceptions.raise_compiler_error(
            "var " ~ name ~ ": there is no var of this name; allowed: " ~ known | join(', ')
        ) }}
    {%- endfor -%}
    {%- if var('publish_to') is not none and var('publish_to') is not string -%}
        {{ exceptions.raise_compiler_error(
            "var publish_to: " ~ var('publish_to') ~ " is no path; write it as a text"
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro is_full_build() -%}
    {#- Whether the command is to build and check everything: all but unit tests, which look at made-up
        rows and say nothing of the data, on all rows. -#}
    {%- set left_out = graph.nodes.values()
        | selectattr('resource_type', 'in', ('model', 'seed', 'snapshot', 'test'))
        | rejectattr('unique_id', 'in', selected_resources) | list -%}
    {{ return(
        not left_out and not invocation_args_dict.get('empty')
        and not invocation_args_dict.get('sample')
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
    {#- Where a build goes: warehouse.duckdb, unless it speaks of another day; none = nowhere. -#}
    {%- if var('publish_to') is not none -%}
        {{ return(var('publish_to')) }}
    {%- endif -%}
    {{ return(none if speaks_of_another_day() else 'warehouse.duckdb') }}
{%- endmacro %}

{% macro publish(build_started_at=none) -%}
    {#- Publishes the whole build that the working database holds: readers see the old warehouse or
        the new one, never a half of either. Stops with one line where it cannot; as the last step of
        a build it returns that line instead, since dbt takes a stop there for an interrupt. -#}
    {%- do check_vars() -%}
    {%- set step = {
        'destination': var('publish_to'),
        'as_of': valid_day(var('as_of') | string) if var('as_of') is not none else none,
        'known_at': known_at() or none,
        'build_started_at': build_started_at,
        'descriptions': descriptions(),
    } -%}
    {%- if build_started_at is not none -%}
        {%- do step.update({'problem': none}) -%}
    {%- endif -%}
    {%- do warehouse_file('publish', step) -%}
    {%- if step.problem -%}
        {{ return(step.problem) }}
    {%- endif -%}
    {%- do print_summary(step.destination or 'warehouse.duckdb') -%}
{%- endmacro %}

{% macro descriptions() -%}
    {#- What the project says of each relation and of its columns, by name with schema. They are put
        into the published file at once: persist_docs would ask for the columns of every relation and
        comment on a database that nobody reads. -#}
    {%- set described = {} -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'in', ('model', 'seed')) -%}
        {%- set columns = {} -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.update({column.name: column.description}) -%}
        {%- endfor -%}
        {%- do described.update({
            node.schema ~ '.' ~ node.alias: {'description': node.description, 'columns': columns}
        }) -%}
    {%- endfor -%}
    {{ return(described) }}
{%- endmacro %}

{% macro warehouse_file(step, given) -%}
    {#- Takes a step of the plugin of this name (warehouse_file.py). -#}
    {%- do given.update({'step': step}) -%}
    {%- do adapter.store_relation(
        'warehouse_file', api.Relation.create(identifier=step), [], '', 'duckdb', given
    ) -%}
{%- endmacro %}
