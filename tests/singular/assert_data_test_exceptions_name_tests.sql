-- Proves that every known exception is one to a data test that exists. What else a row must have (a
-- JSON object of columns and values, a reason, the day of the decision) is checked before a build.

with tests as (
    select test_name from {{ declared_data_tests() }}
),

exceptions as (
    select * from {{ ref('data_test_exceptions') }}
),

final as (
    select
        exceptions.*,
        'no data test of this name' as violation,
    from exceptions
    anti join tests on tests.test_name = exceptions.test_name
)

select * from final
