-- What ran, how long it took and what came of it: every attempt to land something, and every build.
-- A load's row is made here out of the landing. A build's row is known only once it is over:
-- publish writes it into the finished file, beside those of the file that it replaces.
-- Grain: one row per (run_id).

{% set of_builds = {
    'http_status_counts': 'varchar',
    'seed_seconds': 'double',
    'staging_seconds': 'double',
    'intermediate_seconds': 'double',
    'mart_seconds': 'double',
    'data_test_seconds': 'double',
    'unit_test_seconds': 'double',
    'publish_seconds': 'double',
    'loads_seen': 'bigint',
    'loads_landed': 'bigint',
    'loads_unchanged': 'bigint',
    'loads_superseded': 'bigint',
    'loads_held': 'bigint',
    'loads_skipped': 'bigint',
    'loads_failed': 'bigint',
    'models_ranked': 'bigint',
    'models_unranked': 'bigint',
    'models_not_validated': 'bigint',
    'dbt_models_ok': 'bigint',
    'dbt_models_failed': 'bigint',
    'dbt_models_skipped': 'bigint',
    'data_tests_passed': 'bigint',
    'data_tests_warned': 'bigint',
    'data_tests_failed': 'bigint',
    'data_tests_skipped': 'bigint',
    'unit_tests_passed': 'bigint',
    'unit_tests_failed': 'bigint',
    'is_full_build': 'boolean',
    'as_of_on': 'date',
} %}

with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

timed as (
    select
        *,
        -- The entities of a source are landed one after the other in one attempt, which they share
        -- as their start: each lasts from the end of the one before it.
        coalesce(
            lag(finished_at) over (
                partition by source_id, started_at order by finished_at, landed_at
            ),
            started_at
        ) as began_at,
    from loads
),

final as (
    select
        load_id as run_id,
        'load' as run_kind,
        status,
        source_id,
        entity,
        origin,
        error,
        cast(null as {{ of_builds.http_status_counts }}) as http_status_counts,
        round(epoch(finished_at - began_at), 6) as duration_seconds,
        {% for column, type in of_builds.items() if column.endswith('_seconds') -%}
        cast(null as {{ type }}) as {{ column }},
        {% endfor -%}
        http_status,
        file_count,
        bytes as byte_count,
        record_count as row_count,
        new_count,
        changed_count,
        gone_count,
        skipped_count,
        error_count,
        {% for column, type in of_builds.items() if type == 'bigint' -%}
        cast(null as {{ type }}) as {{ column }},
        {% endfor -%}
        cast(null as {{ of_builds.is_full_build }}) as is_full_build,
        cast(null as {{ of_builds.as_of_on }}) as as_of_on,
        began_at as started_at,
        finished_at,
        landed_at,
    from timed
)

select * from final
order by started_at, run_id
