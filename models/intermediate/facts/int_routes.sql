-- Every route as it counts, with what it states: rejected records are left out, rejected fields
-- unknown. A route named deprecated without a day is so from when that was seen. Whether a route
-- generates text is what its source says, and no for names with a word of the seed not_text_models
-- in them (sources call some embeddings, images and voices chat).
-- Grain: one row per (source_id, entity, record_key, state_from_on).

with routes as (
    select * from {{ ref('int_routes_unioned') }}
),

stated as (
    select * from {{ ref('int_stated_fields') }}
),

efforts as (
    select * from {{ ref('int_capability_statements') }}
    where attribute = 'reasoning_efforts'
),

words as (
    select string_agg(word, '|' order by word) as pattern
    from {{ ref('not_text_models') }}
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
        stated.input_price_usd_per_1m,
        stated.output_price_usd_per_1m,
        stated.cache_read_price_usd_per_1m,
        stated.tokens_per_second,
        stated.ttft_ms,
        string_split(efforts.value_text, ', ') as efforts,
        stated.released_on,
    from routes
    {{ join_by_version('stated', 'routes') }}
    {{ join_by_version('efforts', 'routes') }}
    cross join words
    where {{ is_accepted('stated') }}
)

select * from final
