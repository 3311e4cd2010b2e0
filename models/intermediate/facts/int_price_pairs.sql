-- What each origin says that a model costs on a day: the input and the output price of one
-- record, never of two. A price of 0 is unknown here: a free route says nothing of what the
-- model costs. The registry, a maker's own route, OpenRouter and Artificial Analysis speak with
-- the first of their records, those with both prices before the others: of the registry the row
-- that spells its id as the model is called, of Artificial Analysis the variant with the best
-- intelligence index, of a maker's routes a live one, then the newest, then the shortest name.
-- Hosts speak with the one in the middle by blended price (of two the cheaper), and each host
-- with its own route in the middle, of live routes. Where one host only states a price it
-- speaks as `lone_host`; if that is the maker, at an endpoint that vendor_hosts does not list, and
-- nobody else says anything, there is no mark-up in it: it is a maker's own route like others. A
-- source that is skipped says nothing.
-- Grain: one row per (as_of_on, model_id, origin).

with skipped as (
    select
        as_of_on,
        source_id,
    from {{ ref('int_source_quality') }}
    where is_skipped
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

registry_models as (
    select * from {{ ref('int_registry_models') }}
),

routes as (
    select * from {{ ref('int_deployments') }}
    where model_id is not null
),

observations as (
    select * from {{ ref('int_observations') }}
    where base_benchmark_id = 'aa_intelligence_index'
),

parameters as (
    select {{ parameter('facts', 'blended_input_share') }} as input_share
),

intelligence as (
    select
        as_of_on,
        source_id,
        record_id,
        arg_max(value_0_1, (observed_at, entity)) as value_0_1,
    from observations
    group by as_of_on, source_id, record_id
),

unioned as (
    select
        as_of_dates.as_of_on,
        models.model_id,
        'registry' as origin,
        models.source_id,
        models.record_key,
        models.load_id,
        nullif(models.input_price_usd_per_1m, 0) as input_price,
        nullif(models.output_price_usd_per_1m, 0) as output_price,
        models.registry_id != models.model_id as is_other_spelling,
        false as is_deprecated,
        models.observed_at,
    from registry_models as models
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'models') }}
        and models.first_observed_at < as_of_dates.as_of_on + interval 1 day

    union all by name

    select
        routes.as_of_on,
        routes.model_id,
        routes.origin,
        routes.source_id,
        routes.record_key,
        routes.load_id,
        routes.provider_id,
        routes.host_id,
        routes.route,
        nullif(routes.input_price_usd_per_1m, 0) as input_price,
        nullif(routes.output_price_usd_per_1m, 0) as output_price,
        intelligence.value_0_1 as intelligence_0_1,
        false as is_other_spelling,
        routes.is_deprecated,
        routes.observed_at,
    from routes
    left join intelligence
        on intelligence.as_of_on = routes.as_of_on
        and intelligence.source_id = routes.source_id
        and intelligence.record_id = routes.record_id
        and routes.origin = 'analytics'
    where not routes.is_free and (routes.origin != 'host_median' or not routes.is_deprecated)
),

priced as (
    select
        unioned.*,
        unioned.input_price * parameters.input_share
        + unioned.output_price * (1 - parameters.input_share) as blended_price,
    from unioned
    anti join skipped
        on skipped.as_of_on = unioned.as_of_on and skipped.source_id = unioned.source_id
    cross join parameters
    where coalesce(unioned.input_price, unioned.output_price) is not null
),

host_routes as (
    -- One price without the other is heard only where no host states both.
    select
        *,
        -- One price written in two units differs in its last digits.
        round(coalesce(blended_price, input_price, output_price), 6) as ordered_price,
    from priced
    where origin = 'host_median'
    qualify
        blended_price is not null
        or not bool_or(blended_price is not null) over (partition by as_of_on, model_id)
),

of_each_host as (
    -- Of all that one host asks, in whatever source, the lower middle.
    select *
    from host_routes
    window
        of_host as (partition by as_of_on, model_id, host_id),
        by_price as (
            partition by as_of_on, model_id, host_id
            order by ordered_price, source_id, route, record_key
        )
    qualify row_number() over by_price = (count(*) over of_host + 1) // 2
),

in_the_middle as (
    select
        * replace (
            case when count(*) over of_model = 1 then 'lone_host' else 'host_median' end as origin
        ),
    from of_each_host
    window
        of_model as (partition by as_of_on, model_id),
        by_price as (partition by as_of_on, model_id order by ordered_price, host_id)
    qualify row_number() over by_price = (count(*) over of_model + 1) // 2
),

spoken as (
    select * from priced
    where origin != 'host_median'

    union all by name

    select * from in_the_middle
),

first_records as (
    select
        as_of_on,
        model_id,
        origin,
        source_id,
        record_key,
        load_id,
        provider_id,
        host_id,
        input_price,
        output_price,
        blended_price,
        observed_at,
    from spoken
    qualify row_number() over (
        partition by as_of_on, model_id, origin
        order by
            blended_price is null,
            is_other_spelling,
            intelligence_0_1 desc nulls last,
            is_deprecated,
            input_price is null,
            observed_at desc,
            length(route),
            source_id,
            route,
            record_key
    ) = 1
),

final as (
    select
        * exclude (provider_id) replace (
            case
                when
                    origin = 'lone_host'
                    and host_id = provider_id
                    and count(*) over (partition by as_of_on, model_id) = 1
                    then 'vendor_route'
                else origin
            end as origin
        ),
    from first_records
)

select * from final
