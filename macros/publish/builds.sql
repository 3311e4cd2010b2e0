{% macro columns_without_rows() -%}
    {#- The columns that the contract of the calling dbt model lists, each null: for a table that is
        filled once the build is over. -#}
    {%- for column in model.columns.values() %}
        cast(null as {{ column.data_type }}) as {{ column.name }},
    {%- endfor %}
{%- endmacro %}

{% macro build_row(results, status) -%}
    {#- One build as a row of the mart builds: how long each stage took and how its nodes went. The
        plugin adds what it saw of the landing for the first time, what became of the models and, when
        it is published, how that went. -#}
    {%- set seconds = {} -%}
    {%- set counts = {} -%}
    {%- set problems = [] -%}
    {%- for result in results -%}
        {%- set kind = result.node.resource_type | string -%}
        {%- set stage = result.node.fqn[1] if kind == 'model' else kind -%}
        {%- do seconds.update({stage: seconds.get(stage, 0) + result.execution_time}) -%}
        {%- set outcome = kind ~ ' ' ~ result.status -%}
        {%- do counts.update({outcome: counts.get(outcome, 0) + 1}) -%}
        {%- if result.status in ('error', 'fail', 'runtime error') -%}
            {%- do problems.append(result.node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set now = modules.datetime.datetime.now(modules.pytz.utc) -%}
    {{ return({
        'build_id': invocation_id,
        'status': status,
        'error': 'failed: ' ~ problems | join(', ') if problems else none,
        'duration_seconds': (now - run_started_at).total_seconds() | round(3),
        'seed_seconds': seconds.get('seed', 0) | round(3),
        'staging_seconds': seconds.get('staging', 0) | round(3),
        'intermediate_seconds': seconds.get('intermediate', 0) | round(3),
        'mart_seconds': seconds.get('marts', 0) | round(3),
        'data_test_seconds': seconds.get('test', 0) | round(3),
        'unit_test_seconds': seconds.get('unit_test', 0) | round(3),
        'dbt_models_ok': counts.get('model success', 0),
        'dbt_models_failed': counts.get('model error', 0),
        'dbt_models_skipped': counts.get('model skipped', 0),
        'data_tests_passed': counts.get('test pass', 0),
        'data_tests_warned': counts.get('test warn', 0),
        'data_tests_failed': counts.get('test fail', 0) + counts.get('test error', 0)
            + counts.get('test runtime error', 0),
        'data_tests_skipped': counts.get('test skipped', 0),
        'unit_tests_passed': counts.get('unit_test pass', 0),
        'unit_tests_failed': counts.get('unit_test fail', 0) + counts.get('unit_test error', 0)
            + counts.get('unit_test runtime error', 0),
        'is_full_build': is_full_build(),
        'as_of_on': var('as_of') | string if var('as_of') is not none
            else run_started_at.strftime('%Y-%m-%d'),
        'started_at': run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f'),
        'finished_at': now.strftime('%Y-%m-%d %H:%M:%S.%f'),
    }) }}
{%- endmacro %}

{% macro build_mark(build) -%}
    {#- What names a whole build, and marks the working database that holds it. -#}
    {%- set seeds = [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
        {%- do seeds.append(node.name ~ ' ' ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {{ return({
        'build_id': build.build_id,
        'as_of_on': build.as_of_on,
        'known_at': known_at() or none,
        'is_of_another_day': speaks_of_another_day(),
        'seeds_hash': local_md5(seeds | sort | join('\n')),
        'dbt_version': dbt_version,
    }) }}
{%- endmacro %}
