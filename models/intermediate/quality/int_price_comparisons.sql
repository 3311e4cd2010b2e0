-- Every comparison of two stated prices of one model, variant and price class (region, fine-tuned
-- copy, batch or fast service, routing suffix: what the seed price_classes reads in a route).
-- `one_seller`: two statements, in one source or in two, of what one seller asks: a seller has one
-- list price. `market`: a seller that did not make the model against the median of the others;
-- makers' own prices are a kind apart, as they set rather than follow the market.
-- Ratio = the greater price / the smaller, of input or output, whichever is further apart. Live
-- routes only; a price of 0 is none. Artificial Analysis states medians over sellers, no seller's
-- price. Names under which one source lists one price say it once.
-- Weight: n statements of one seller hold n - 1 comparisons' worth of news, 2 / n each; in the
-- market each seller counts once.
-- Grain: one row per (comparison_kind, first_source_id, first_entity, first_record_key,
-- second_source_id, second_entity, second_record_key); the second is null in the market.

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

price_classes as (
    select * from {{ ref('price_classes') }}
),

parameters as (
    select
        {{ parameter('consistency', 'seller_price_ratio') }} as seller_price_ratio,
        {{ parameter('consistency', 'market_price_ratio') }} as market_price_ratio,
        {{ parameter('consistency', 'market_min_sellers') }} as market_min_sellers,
),

priced as (
    select
        *,
        case when vendor_provider_id is null then 'host' else 'maker' end as seller_kind,
        lower('/' || host || '/' || route) as path,
        case when input_price_usd_per_1m > 0 then input_price_usd_per_1m end as input_price,
        case when output_price_usd_per_1m > 0 then output_price_usd_per_1m end as output_price,
    from deployments
    where
        model_id is not null
        and not is_deprecated
        and origin != 'analytics'
        and greatest(input_price_usd_per_1m, output_price_usd_per_1m) > 0
),

classes as (
    select
        priced.source_id,
        priced.entity,
        priced.record_key,
        string_agg(
            distinct coalesce(
                price_classes.price_class,
                regexp_extract(priced.path, price_classes.pattern, 1)
            ),
            ' ' order by coalesce(
                price_classes.price_class,
                regexp_extract(priced.path, price_classes.pattern, 1)
            )
        ) as price_class,
    from priced
    inner join price_classes on regexp_matches(priced.path, price_classes.pattern)
    group by priced.source_id, priced.entity, priced.record_key
),

sold as (
    select
        priced.model_id,
        priced.variant,
        priced.seller_kind,
        coalesce(priced.vendor_provider_id, priced.host_id) as seller_id,
        coalesce(classes.price_class, 'standard') as price_class,
        priced.source_id,
        priced.entity,
        priced.record_key,
        priced.host_id,
        priced.host,
        priced.route,
        priced.input_price,
        priced.output_price,
        priced.observed_at,
    from priced
    left join classes
        on classes.source_id = priced.source_id
        and classes.entity = priced.entity
        and classes.record_key = priced.record_key
),

distinct_prices as (
    select *
    from sold
    qualify row_number() over (
        partition by
            model_id, variant, seller_kind, seller_id, price_class, source_id, input_price,
            output_price
        order by length(route), route, entity, record_key
    ) = 1
),

statements as (
    select
        *,
        count(*) over (
            partition by model_id, variant, seller_kind, seller_id, price_class
        ) as statement_count,
    from distinct_prices
),

of_one_seller as (
    select
        'one_seller' as comparison_kind,
        first_price.*,
        second_price.source_id as second_source_id,
        second_price.entity as second_entity,
        second_price.record_key as second_record_key,
        second_price.host_id as second_host_id,
        second_price.host as second_host,
        second_price.route as second_route,
        second_price.input_price as second_input_price,
        second_price.output_price as second_output_price,
        second_price.observed_at as second_observed_at,
        1 as other_seller_count,
        2.0 / first_price.statement_count as weight,
    from statements as first_price
    inner join statements as second_price
        on second_price.model_id = first_price.model_id
        and second_price.variant is not distinct from first_price.variant
        and second_price.seller_kind = first_price.seller_kind
        and second_price.seller_id = first_price.seller_id
        and second_price.price_class = first_price.price_class
        and (second_price.source_id, second_price.entity, second_price.record_key)
        > (first_price.source_id, first_price.entity, first_price.record_key)
),

sellers as (
    select
        model_id,
        variant,
        price_class,
        seller_id,
        median(input_price) as input_price,
        median(output_price) as output_price,
        max(observed_at) as observed_at,
    from statements
    where seller_kind = 'host'
    group by model_id, variant, price_class, seller_id
),

others as (
    -- What the others ask, for each statement: the seller's own prices do not weigh in.
    select
        statements.source_id,
        statements.entity,
        statements.record_key,
        median(sellers.input_price) as input_price,
        median(sellers.output_price) as output_price,
        max(sellers.observed_at) as observed_at,
        count(*) as seller_count,
    from statements
    inner join sellers
        on sellers.model_id = statements.model_id
        and sellers.variant is not distinct from statements.variant
        and sellers.price_class = statements.price_class
        and sellers.seller_id != statements.seller_id
    where statements.seller_kind = 'host'
    group by statements.source_id, statements.entity, statements.record_key
),

of_the_market as (
    select
        'market' as comparison_kind,
        statements.*,
        others.input_price as second_input_price,
        others.output_price as second_output_price,
        others.observed_at as second_observed_at,
        others.seller_count as other_seller_count,
        1.0 / statements.statement_count as weight,
    from statements
    inner join others
        on others.source_id = statements.source_id
        and others.entity = statements.entity
        and others.record_key = statements.record_key
    cross join parameters
    where others.seller_count >= parameters.market_min_sellers
),

compared as (
    select * from of_one_seller
    union all by name
    select * from of_the_market
),

measured as (
    select
        compared.*,
        -- Null where one of the two is unknown.
        greatest(
            compared.input_price / compared.second_input_price,
            compared.second_input_price / compared.input_price
        ) as input_ratio,
        greatest(
            compared.output_price / compared.second_output_price,
            compared.second_output_price / compared.output_price
        ) as output_ratio,
        case compared.comparison_kind
            when 'one_seller' then parameters.seller_price_ratio
            else parameters.market_price_ratio
        end as threshold,
    from compared
    cross join parameters
),

final as (
    select
        comparison_kind,
        model_id,
        variant,
        seller_kind,
        seller_id,
        price_class,
        source_id as first_source_id,
        entity as first_entity,
        record_key as first_record_key,
        host_id as first_host_id,
        host as first_host,
        route as first_route,
        second_source_id,
        second_entity,
        second_record_key,
        second_host_id,
        second_host,
        second_route,
        input_price as first_input_price_usd_per_1m,
        output_price as first_output_price_usd_per_1m,
        second_input_price as second_input_price_usd_per_1m,
        second_output_price as second_output_price_usd_per_1m,
        input_ratio,
        output_ratio,
        greatest(input_ratio, output_ratio) as ratio,
        threshold,
        other_seller_count,
        weight,
        greatest(input_ratio, output_ratio) > threshold as is_disagreement,
        observed_at as first_observed_at,
        second_observed_at,
    from measured
    where greatest(input_ratio, output_ratio) is not null
)

select * from final
