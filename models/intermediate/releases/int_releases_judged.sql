-- Every stated release with how far it goes (a day, a month, a year), whose word it is, and whether
-- it fits the date in the model's own id. What the id leaves open (a year, a day, which of two
-- readings) is taken as near to the stated day as it can be; a day that is then further off than
-- the tolerance of the rule release_fits_id contradicts the id.
-- A vendor's host that serves somebody else's model is a host like any other.
-- Grain: one row per (as_of_on, source_id, entity, record_key, model_id, released_on).

with statements as (
    select * from {{ ref('int_release_statements') }}
),

vendor_hosts as (
    select * from {{ ref('vendor_hosts') }}
),

sources as (
    select * from {{ ref('source_layers') }}
),

id_dates as (
    select * from {{ ref('int_id_dates') }}
),

tolerances as (
    select tolerance
    from {{ ref('consistency_rules') }}
    where rule_id = 'release_fits_id'
),

read_out as (
    select
        statements.*,
        case
            when statements.role != 'route' then statements.role
            when
                vendor_hosts.host is not null
                and coalesce(statements.provider_id = vendor_hosts.provider_id, true)
                then 'vendor_route'
            else 'host_route'
        end as origin,
        case
            when
                sources.coarsest_release = 'year'
                and month(statements.released_on) = 1
                and day(statements.released_on) = 1
                then 'year'
            when sources.coarsest_release is not null and day(statements.released_on) = 1
                then 'month'
            else 'day'
        end as release_precision,
    from statements
    left join vendor_hosts
        on vendor_hosts.source_id = statements.source_id
        and vendor_hosts.host = statements.host
    left join sources on sources.source_id = statements.source_id
),

bounded as (
    select
        *,
        case release_precision
            when 'day' then released_on
            when 'month' then last_day(released_on)
            else make_date(year(released_on), 12, 31)
        end as released_by,
    from read_out
),

stated_days as (
    select distinct
        model_id,
        released_on,
        released_by,
    from bounded
),

years as (
    select unnest([-1, 0, 1]) as years_off
),

-- The periods that the id can mean near a stated day.
periods as (
    select
        stated_days.model_id,
        stated_days.released_on,
        stated_days.released_by,
        id_dates.year is not null as is_year_in_id,
        try(
            make_date(
                coalesce(id_dates.year, year(stated_days.released_on) + years.years_off),
                id_dates.month,
                coalesce(id_dates.day, 1)
            )
        ) as id_from_on,
        case when id_dates.day is null then last_day(id_from_on) else id_from_on end as id_to_on,
        greatest(
            date_diff('day', stated_days.released_by, id_from_on),
            date_diff('day', id_to_on, stated_days.released_on),
            0
        ) as days_apart,
    from stated_days
    inner join id_dates on id_dates.model_id = stated_days.model_id
    cross join years
),

nearest as (
    select * from periods
    where id_from_on is not null
    qualify row_number() over (
        partition by model_id, released_on, released_by order by days_apart, id_from_on
    ) = 1
),

final as (
    select
        bounded.as_of_on,
        bounded.source_id,
        bounded.entity,
        bounded.record_key,
        bounded.model_id,
        bounded.origin,
        bounded.load_id,
        bounded.release_precision,
        nearest.days_apart,
        coalesce(nearest.days_apart > tolerances.tolerance, false) as is_contradicted,
        nearest.is_year_in_id,
        bounded.is_known_by_then,
        bounded.is_current,
        bounded.released_on,
        bounded.released_by,
        nearest.id_from_on,
        nearest.id_to_on,
        bounded.observed_at,
    from bounded
    cross join tolerances
    left join nearest
        on nearest.model_id = bounded.model_id
        and nearest.released_on = bounded.released_on
        and nearest.released_by = bounded.released_by
)

select * from final
