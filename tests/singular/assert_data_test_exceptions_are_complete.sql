-- Proves that every known exception can be followed and judged: it names a data test that exists,
-- says which of its failing rows it excuses (a JSON object of columns and values), has a reason and
-- the day of the decision, does not end before it began, and stands there once.

with tests as (
    select test_name from {{ declared_data_tests() }}
),

exceptions as (
    select
        *,
        {{ exception_violation() }} as incomplete,
        count(*) over (partition by test_name, row_key) as row_count,
    from {{ ref('data_test_exceptions') }}
),

judged as (
    select
        test_name,
        row_key,
        reason,
        decided_on,
        valid_to,
        case
            when incomplete is not null then incomplete
            when test_name not in (select tests.test_name from tests)
                then 'no data test of this name'
            when row_count > 1 then 'stands there ' || row_count || ' times'
        end as violation,
    from exceptions
),

final as (
    select * from judged
    where violation is not null
)

select * from final
