-- Every route, with whether it generates text: what its source says, and no for names with a word
-- of the seed not_text_models in them (sources call some embeddings, images and voices chat).
-- Grain: one row per (source_id, entity, record_key, state_from_on).

with routes as (
    select * from {{ ref('int_routes_unioned') }}
),

words as (
    select string_agg(word, '|' order by word) as pattern
    from {{ ref('not_text_models') }}
),

final as (
    select
        routes.* replace (
            routes.is_text_generation and coalesce(
                not regexp_matches(
                    lower(routes.source_model_name), '(^|[^a-z])(' || words.pattern || ')([^a-z]|$)'
                ), true
            ) as is_text_generation
        ),
    from routes
    cross join words
)

select * from final
