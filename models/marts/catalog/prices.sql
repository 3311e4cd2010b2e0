-- Every price per token of every route: input, output, caches, reasoning and audio, of the standard
-- service and of batch, flex, priority and off-peak ones, for each tier of length. Where a price
-- breaks its limits no price of its record is here: quarantine says why.
-- Grain: one row per (source_id, entity, record_key, price_kind, service, threshold_tokens).

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

prices as (
    select * from {{ ref('int_prices') }}
),

final as (
    select
        deployments.source_id,
        deployments.entity,
        deployments.record_key,
        deployments.model_id,
        deployments.variant,
        deployments.host_id,
        deployments.host,
        deployments.route,
        deployments.origin,
        prices.price_kind,
        prices.service,
        prices.stated_field,
        prices.time_window,
        prices.time_zone,
        prices.threshold_tokens,
        round(prices.price_usd_per_1m, 6) as price_usd_per_1m,
        deployments.is_text_generation,
        deployments.is_free,
        deployments.is_deprecated,
        cast(deployments.observed_at as date) as observed_on,
    from deployments
    inner join prices
        on prices.source_id = deployments.source_id
        and prices.entity = deployments.entity
        and prices.record_key = deployments.record_key
        and prices.observed_at = deployments.stated_at
)

select * from final
order by source_id, entity, record_key, price_kind, service, threshold_tokens
