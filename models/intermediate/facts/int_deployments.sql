-- Who serves which model on which day, at what price and speed: every route with the model that it
-- serves. Routes whose name is not known for certain stay in the list without a model; routes that
-- generate no text (images, audio, embeddings) are kept and have none. What was first seen after a
-- day is no route of that day.
-- Grain: one row per (as_of_on, source_id, entity, record_key).

with routes as (
    select * exclude (other_names) from {{ ref('int_routes') }}
    where landing_error is null
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

vendor_hosts as (
    select * from {{ ref('vendor_hosts') }}
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

final as (
    select
        as_of_dates.as_of_on,
        as_of_dates.is_current,
        routes.* replace (
            -- A maker's host that serves somebody else's model is a host like any other.
            case
                when
                    vendor_hosts.host is not null
                    and (
                        crosswalk.status != 'auto'
                        or coalesce(crosswalk.provider_id = vendor_hosts.provider_id, true)
                    )
                    then 'vendor_route'
                else routes.origin
            end as origin,
            {{ last_observed_at('routes', 'as_of_dates.as_of_on', 'listings', 'records') }}
                as observed_at
        ),
        routes.observed_at as stated_at,
        case when crosswalk.status = 'auto' then crosswalk.model_id end as model_id,
        case when crosswalk.status = 'auto' then crosswalk.variant end as variant,
        case when crosswalk.status = 'auto' then crosswalk.provider_id end as provider_id,
        crosswalk.status as match_status,
        vendor_hosts.provider_id as vendor_provider_id,
        coalesce(routes.deprecated_on <= as_of_dates.as_of_on, false) as is_deprecated,
    from routes
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'routes') }}
        and routes.first_observed_at < as_of_dates.as_of_on + interval 1 day
    left join crosswalk
        on {{ is_same_name('crosswalk', 'routes') }}
        and routes.is_text_generation
    left join vendor_hosts
        on vendor_hosts.source_id = routes.source_id
        and vendor_hosts.host = routes.host
    {{ join_sightings('sightings', 'routes', 'as_of_dates.as_of_on', 'listings', 'records') }}
)

select * from final
