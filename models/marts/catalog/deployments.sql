-- Who serves which model: routes with host, prices, context, speed and deprecation. The
-- cheapest host of a model is where price_rank is 1; tiers, batch and cache prices are in
-- prices. Prices are as stated: 0 can mean free, a trial, or paid by a subscription. A route
-- whose name is not known for certain has no model_id; crosswalk_review says why.
-- Grain: one row per (source_id, entity, record_key).

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

price_ranks as (
    select * from {{ ref('int_price_ranks') }}
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
        deployments.mode,
        deployments.origin,
        deployments.match_status,
        deployments.context_window_tokens,
        deployments.max_output_tokens,
        round(deployments.input_price_usd_per_1m, 6) as input_price_usd_per_1m,
        round(deployments.output_price_usd_per_1m, 6) as output_price_usd_per_1m,
        round(deployments.blended_price_usd_per_1m, 6) as blended_price_usd_per_1m,
        round(deployments.cache_read_price_usd_per_1m, 6) as cache_read_price_usd_per_1m,
        round(deployments.tokens_per_second, 6) as tokens_per_second,
        round(deployments.ttft_ms, 6) as ttft_ms,
        price_ranks.price_rank,
        deployments.is_text_generation,
        deployments.is_free,
        price_ranks.is_disputed as is_price_disputed,
        deployments.is_deprecated,
        deployments.deprecated_on,
        cast(deployments.observed_at as date) as observed_on,
    from deployments
    inner join price_ranks
        on price_ranks.source_id = deployments.source_id
        and price_ranks.entity = deployments.entity
        and price_ranks.record_key = deployments.record_key
)

select * from final
order by source_id, entity, record_key
