{% macro build_row(results, status) -%}
    {#- One build as a row of the mart runs: how long each stage took, how its nodes went, what it saw
        of the landing for the first time and what became of the models. What publishing adds to it is
        not known yet. -#}
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
    {%- set loads = loads_first_seen() -%}
    {%- set is_full = is_full_build() -%}
    {%- set models = models_by_status() if is_full and status != 'failed' else {} -%}
    {{ return({
        'run_id': invocation_id,
        'run_kind': 'build',
        'status': status,
        'error': 'failed: ' ~ problems | join(', ') if problems else none,
        'http_status_counts': loads.get('http_status_counts'),
        'duration_seconds': (now - run_started_at).total_seconds() | round(3),
        'seed_seconds': seconds.get('seed', 0) | round(3),
        'staging_seconds': seconds.get('staging', 0) | round(3),
        'intermediate_seconds': seconds.get('intermediate', 0) | round(3),
        'mart_seconds': seconds.get('marts', 0) | round(3),
        'data_test_seconds': seconds.get('test', 0) | round(3),
        'unit_test_seconds': seconds.get('unit_test', 0) | round(3),
        'loads_seen': loads.get('loads_seen'),
        'loads_landed': loads.get('loads_landed'),
        'loads_unchanged': loads.get('loads_unchanged'),
        'loads_superseded': loads.get('loads_superseded'),
        'loads_skipped': loads.get('loads_skipped'),
        'loads_failed': loads.get('loads_failed'),
        'models_ranked': models.get('models_ranked'),
        'models_unranked': models.get('models_unranked'),
        'models_not_validated': models.get('models_not_validated'),
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
        'is_full_build': is_full,
        'as_of_on': var('as_of') | string if var('as_of') is not none
            else run_started_at.strftime('%Y-%m-%d'),
        'started_at': run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f'),
        'finished_at': now.strftime('%Y-%m-%d %H:%M:%S.%f'),
        'landed_at': loads.get('landed_at'),
    }) }}
{%- endmacro %}

{% macro loads_first_seen() -%}
    {#- The loads that no earlier build of this working database had seen: how many of each status,
        how many answers of each HTTP status (JSON), and when the newest of all landed. -#}
    {%- if not is_table('main', 'runs') -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set found = run_query(
        "with loads as (select *, landed_at > coalesce((select max(cast(build->>'landed_at' as "
        ~ "timestamp)) from operations.builds), timestamp '-infinity') as is_new "
        ~ "from main.runs where run_kind = 'load'), "
        ~ "statuses as (select http_status, count(*) as answers from loads "
        ~ "where is_new and http_status is not null group by http_status) "
        ~ "select count(*) filter (where is_new) as loads_seen, "
        ~ "count(*) filter (where is_new and status = 'landed') as loads_landed, "
        ~ "count(*) filter (where is_new and status = 'unchanged') as loads_unchanged, "
        ~ "count(*) filter (where is_new and status = 'superseded') as loads_superseded, "
        ~ "count(*) filter (where is_new and status = 'skipped') as loads_skipped, "
        ~ "count(*) filter (where is_new and status = 'failed') as loads_failed, "
        ~ "(select coalesce(cast(to_json(map_from_entries("
        ~ "list((http_status, answers) order by http_status))) as varchar), '{}') "
        ~ "from statuses) as http_status_counts, "
        ~ "cast(max(landed_at) as varchar) as landed_at from loads"
    ) -%}
    {{ return(found.rows[0].dict()) }}
{%- endmacro %}

{% macro models_by_status() -%}
    {#- How many models are ranked somewhere, are known but ranked nowhere, and are ranked nowhere
        because their measurements contradict each other. -#}
    {%- set found = run_query(
        "with models as (select reports.is_validated, bool_or(rankings.is_ranked) as is_ranked "
        ~ "from main.rankings inner join main.quality_reports as reports "
        ~ "on reports.model_id = rankings.model_id group by rankings.model_id, is_validated) "
        ~ "select count(*) filter (where is_ranked) as models_ranked, "
        ~ "count(*) filter (where not is_ranked and is_validated) as models_unranked, "
        ~ "count(*) filter (where not is_ranked and not is_validated) as models_not_validated "
        ~ "from models"
    ) -%}
    {{ return(found.rows[0].dict()) }}
{%- endmacro %}

{% macro build_mark(build) -%}
    {#- What names a whole build, and marks the working database that holds it. -#}
    {%- set seeds = [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
        {%- do seeds.append(node.name ~ ' ' ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {{ return({
        'build_id': build.run_id,
        'as_of_on': build.as_of_on,
        'known_at': (var('known_at') | string).rstrip('Z') if var('known_at') is not none else none,
        'is_of_another_day': speaks_of_another_day(),
        'landed_at': build.landed_at,
        'seeds_hash': local_md5(seeds | sort | join('\n')),
        'dbt_version': dbt_version,
    }) }}
{%- endmacro %}
