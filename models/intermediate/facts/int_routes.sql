-- Every route as it counts: rejected records are left out, rejected fields unknown. Whether a route
-- generates text is what its source says, and no for names with a word of the seed not_text_models
-- in them (sources call some embeddings, images and voices chat). Its host is the canonical one of
-- the seed hosts. It is free where it asks 0 for all it states, or says so in its name.
-- Grain: one row per (source_id, entity, record_key, state_from_on).

with routes as (
    select * from {{ ref('int_routes_unioned') }}
),

prices as (
    select * from {{ ref('int_route_prices') }}
),

rejected as (
    select * from {{ ref('int_records_rejected') }}
),

hosts as (
    select * from {{ ref('hosts') }}
),

words as (
    select string_agg(word, '|' order by word) as pattern
    from {{ ref('not_text_models') }}
),

free_routes as (
    select string_agg('(?:' || pattern || ')', '|' order by pattern) as pattern
    from {{ ref('free_routes') }}
),

final as (
    select
        routes.* replace (
            {{ unless_rejected('routes', [
                'context_window_tokens', 'max_output_tokens', 'tokens_per_second', 'ttft_ms',
                'deprecated_on', 'released_on',
            ]) }},
            routes.is_text_generation and coalesce(
                not regexp_matches(
                    lower(routes.source_model_name), '(^|[^a-z])(' || words.pattern || ')([^a-z]|$)'
                ), true
            ) as is_text_generation
        ),
        prices.input_price_usd_per_1m,
        prices.output_price_usd_per_1m,
        prices.cache_read_price_usd_per_1m,
        prices.blended_price_usd_per_1m,
        coalesce(
            hosts.host_id, lower(regexp_replace(routes.host, '[^A-Za-z0-9]', '', 'g'))
        ) as host_id,
        coalesce(
            greatest(prices.input_price_usd_per_1m, prices.output_price_usd_per_1m) = 0, false
        )
        or coalesce(
            regexp_matches(lower('/' || routes.host || '/' || routes.route), free_routes.pattern),
            false
        ) as is_free,
    from routes
    {{ join_rejected('rejected', 'routes') }}
    left join prices
        on prices.source_id = routes.source_id
        and prices.entity = routes.entity
        and prices.record_key = routes.record_key
        and prices.observed_at = routes.observed_at
    left join hosts
        on hosts.host = lower(regexp_replace(routes.host, '[^A-Za-z0-9]', '', 'g'))
    cross join words
    cross join free_routes
    where {{ is_accepted('rejected') }}
)

select * from final
