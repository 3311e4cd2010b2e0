-- Every route as it counts: rejected records are left out, rejected fields unknown. Whether a route
-- generates text is what its source says, and no for names with a word of the seed not_text_models
-- in them (sources call some embeddings, images and voices chat).
-- Grain: one row per (source_id, entity, record_key, state_from_on).

with routes as (
    select * from {{ ref('int_routes_unioned') }}
),

rejected as (
    select * from {{ ref('int_records_rejected') }}
),

words as (
    select string_agg(word, '|' order by word) as pattern
    from {{ ref('not_text_models') }}
),

final as (
    select
        routes.* replace (
            {{ unless_rejected('routes', [
                'context_window_tokens', 'max_output_tokens', 'input_price_usd_per_1m',
                'output_price_usd_per_1m', 'cache_read_price_usd_per_1m', 'tokens_per_second',
                'ttft_ms', 'deprecated_on', 'released_on',
            ]) }},
            routes.is_text_generation and coalesce(
                not regexp_matches(
                    lower(routes.source_model_name), '(^|[^a-z])(' || words.pattern || ')([^a-z]|$)'
                ), true
            ) as is_text_generation
        ),
    from routes
    {{ join_rejected('rejected', 'routes') }}
    cross join words
    where {{ is_accepted('rejected') }}
)

select * from final
