-- Who serves which model: routes with host, prices, context, speed and deprecation.
-- Prices are as stated: 0 can mean free or unknown. A route whose name is not known for certain has
-- no model_id; crosswalk_review says why.
-- Grain: one row per (source_id, entity, record_key).

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

final as (
    select
        source_id,
        entity,
        record_key,
        model_id,
        variant,
        host,
        route,
        mode,
        origin,
        match_status,
        context_window_tokens,
        max_output_tokens,
        round(input_price_usd_per_1m, 6) as input_price_usd_per_1m,
        round(output_price_usd_per_1m, 6) as output_price_usd_per_1m,
        round(cache_read_price_usd_per_1m, 6) as cache_read_price_usd_per_1m,
        round(tokens_per_second, 6) as tokens_per_second,
        round(ttft_ms, 6) as ttft_ms,
        is_text_generation,
        is_deprecated,
        deprecated_on,
        cast(observed_at as date) as observed_on,
    from deployments
)

select * from final
order by source_id, entity, record_key
