-- Every stated route to a model in one shape: who serves it under which name. A new source of
-- routes adds one relation to the list below; what its records state is seed rows (record_fields,
-- price_fields).
-- Grain: one row per (source_id, entity, record_key, state_from_on).

with litellm as (
    select
        *,
        'routes' as entity,
        route as source_model_name,
        host as org,
        'host_median' as origin,
        coalesce(mode in ('chat', 'completion', 'responses'), false) as is_text_generation,
    from {{ ref('stg_litellm__routes') }}
),

artificial_analysis as (
    select * from {{ ref('stg_artificial_analysis__legacy_models') }}
    union all by name
    select * from {{ ref('stg_artificial_analysis__models') }}
),

analytics as (
    select
        * exclude (evaluations, released_on),
        -- AA's figures are medians over the hosts that it measures.
        'analytics' as origin,
        'artificial_analysis' as host,
        slug as route,
        display_name as source_model_name,
        creator_name as org,
        aa_model_id as record_id,
        true as is_text_generation,
    from artificial_analysis
),

models_dev as (
    select
        *,
        route as source_model_name,
        host as org,
        'host_median' as origin,
    from {{ ref('stg_models_dev__models') }}
),

openrouter as (
    select
        * exclude (is_text_generation),
        'openrouter' as origin,
        'openrouter' as host,
        route as source_model_name,
        split_part(route, '/', 1) as org,
        route as record_id,
        -- A router picks a model by itself: it is none.
        is_text_generation and not is_router as is_text_generation,
        list_filter(
            [canonical_slug, hugging_face_id, display_name], lambda name: name is not null
        ) as other_names,
    from {{ ref('stg_openrouter__models') }}
),

llm_stats as (
    select
        *,
        host as org,
        'host_median' as origin,
        true as is_text_generation,
    from {{ ref('stg_llm_stats__provider_models') }}
),

unioned as (
    select * from litellm
    union all by name
    select * from analytics
    union all by name
    select * from models_dev
    union all by name
    select * from openrouter
    union all by name
    select * from llm_stats
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        record_id,
        source_model_name,
        display_name,
        org,
        host,
        route,
        other_names,
        alias_of,
        mode,
        origin,
        is_text_generation,
        deprecated_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from unioned
)

select * from final
