{% macro build_row(results, status, publish_seconds=none, published_rows=none) -%}
    {#- One build as a row of the mart runs, in JSON: how long each stage took, how its nodes went,
        what it saw of the landing for the first time and what became of the models. -#}
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
    {%- set is_whole = status != 'failed' and not is_partial_build() -%}
    {%- set models = models_by_status() if is_whole else {} -%}
    {{ return(tojson({
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
        'publish_seconds': publish_seconds,
        'row_count': published_rows,
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
        'is_full_build': not is_partial_build(),
        'as_of_on': var('as_of') | string if var('as_of') is not none
            else run_started_at.strftime('%Y-%m-%d'),
        'started_at': run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f'),
        'finished_at': now.strftime('%Y-%m-%d %H:%M:%S.%f'),
        'landed_at': loads.get('landed_at'),
    })) }}
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

{% macro keep_build(build) -%}
    {#- Keeps a build's row in the working database, so that one that published nothing is told of
        by the next that does, and shows it in the working mart. -#}
    {%- do run_query(
        "insert into operations.builds select '" ~ invocation_id ~ "', '"
        ~ build | replace("'", "''") ~ "'"
    ) -%}
    {%- if is_table('main', 'runs') -%}
        {%- do add_builds('main.runs') -%}
    {%- endif -%}
{%- endmacro %}

{% macro prepare_builds() -%}
    {#- Where the working database keeps the builds; JSON, so that any version of runs reads them. -#}
    {%- do run_query('create schema if not exists operations') -%}
    {%- do run_query(
        'create table if not exists operations.builds (run_id varchar primary key, build json)'
    ) -%}
{%- endmacro %}

{% macro add_builds(relation, build=none) -%}
    {#- Writes builds into a table of the shape of runs that does not have them yet: those kept in
        the working database or, where one is given, that one alone. -#}
    {%- set columns = run_query(
        "select column_name, data_type from duckdb_columns() where schema_name = 'main' "
        ~ "and table_name = 'runs' and database_name = current_database() order by column_index"
    ).rows -%}
    {%- set values = [] -%}
    {%- for name, type in columns -%}
        {%- do values.append("cast(build->>'" ~ name ~ "' as " ~ type ~ ')') -%}
    {%- endfor -%}
    {%- set builds = 'operations.builds' if build is none else
        "(select cast('" ~ build | replace("'", "''") ~ "' as json) as build)" -%}
    {%- do run_query(
        'insert into ' ~ relation ~ ' select ' ~ values | join(', ') ~ ' from ' ~ builds
        ~ " where build->>'run_id' not in (select run_id from " ~ relation ~ ')'
        ~ " order by build->>'started_at'"
    ) -%}
{%- endmacro %}
