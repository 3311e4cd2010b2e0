-- What the data tests prove and how each last went: the list is that of the project's tests, the
-- outcome is written in at the end of every dbt command that ran some of them (macros/quality).
-- Failing rows are stored in the working database, build/warehouse.duckdb, in `failures_table`.
-- Grain: one row per (test_name).

with tests as (
    select * from {{ declared_data_tests() }}
),

exceptions as (
    select
        test_name,
        count(*) as exception_count,
    from {{ ref('data_test_exceptions') }}
    group by test_name
),

final as (
    select
        tests.test_name,
        tests.test_kind,
        tests.generic_test,
        tests.tested,
        tests.proves,
        tests.severity,
        'not run' as status,
        cast(null as varchar) as message,
        tests.failures_table,
        cast(null as varchar) as last_run_id,
        cast(null as bigint) as failing_rows,
        cast(null as bigint) as excused_rows,
        coalesce(exceptions.exception_count, 0) as exception_count,
        cast(null as bigint) as unused_exception_count,
        cast(null as timestamp) as last_run_at,
    from tests
    left join exceptions on exceptions.test_name = tests.test_name
)

select * from final
order by test_name
