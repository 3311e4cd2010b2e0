-- Every route as it counts, with what it states: rejected records are left out, rejected fields
-- unknown. A route named deprecated without a day is so from when that was seen. Whether a route
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

stated as (
    select * from {{ ref('int_stated_fields') }}
),

efforts as (
    select * from {{ ref('int_capability_statements') }}
    where attribute = 'reasoning_efforts'
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
            coalesce(stated.deprecated_on, routes.deprecated_on) as deprecated_on,
            routes.is_text_generation and coalesce(
                not regexp_matches(
                    lower(routes.source_model_name), '(^|[^a-z])(' || words.pattern || ')([^a-z]|$)'
                ), true
            ) as is_text_generation
        ),
        stated.context_window_tokens,
        stated.max_output_tokens,
        prices.input_price_usd_per_1m,
        prices.output_price_usd_per_1m,
        prices.cache_read_price_usd_per_1m,
        prices.blended_price_usd_per_1m,
        stated.tokens_per_second,
        stated.ttft_ms,
        string_split(efforts.value_text, ', ') as efforts,
        stated.released_on,
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
    {{ join_by_version('stated', 'routes') }}
    {{ join_by_version('efforts', 'routes') }}
    {{ join_by_version('prices', 'routes') }}
    left join hosts
        on hosts.host = lower(regexp_replace(routes.host, '[^A-Za-z0-9]', '', 'g'))
    cross join words
    cross join free_routes
    where {{ is_accepted('stated') }}
)

select * from final
