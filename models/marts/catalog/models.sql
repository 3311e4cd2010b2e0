-- The models that the warehouse knows, with what is stated about them.
-- Start here to look a model up; every fact's origin is in model_facts.
-- Grain: one row per (model_id).

with models as (
    select * from {{ ref('int_models') }}
),

facts as (
    select * from {{ ref('int_facts') }}
    where is_current
),

deployments as (
    select
        model_id,
        count(*) as deployment_count,
        count(*) filter (where not is_deprecated) as live_deployment_count,
        min(nullif(input_price_usd_per_1m, 0)) filter (where not is_deprecated)
            as lowest_input_price_usd_per_1m,
        max(nullif(input_price_usd_per_1m, 0)) filter (where not is_deprecated)
            as highest_input_price_usd_per_1m,
    from {{ ref('int_deployments') }}
    where is_current and model_id is not null and origin != 'analytics'
    group by model_id
),

pivoted as (
    select
        model_id,
        {% for attribute in [
            'context_window_tokens', 'input_price_usd_per_1m', 'output_price_usd_per_1m',
            'blended_price_usd_per_1m', 'latency_ms', 'ttft_ms', 'tokens_per_second',
            'is_open_weights',
        ] -%}
        max(value_number) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        max(origin) filter (where attribute = 'blended_price_usd_per_1m') as price_origin,
    from facts
    group by model_id
),

final as (
    select
        models.model_id,
        models.line_id,
        models.provider_id,
        models.display_name,
        models.api_alias,
        pivoted.price_origin,
        models.first_seen_source_id,
        models.released_on_origin,
        models.release_precision,
        cast(pivoted.context_window_tokens as bigint) as context_window_tokens,
        round(pivoted.input_price_usd_per_1m, 6) as input_price_usd_per_1m,
        round(pivoted.output_price_usd_per_1m, 6) as output_price_usd_per_1m,
        round(pivoted.blended_price_usd_per_1m, 6) as blended_price_usd_per_1m,
        round(deployments.lowest_input_price_usd_per_1m, 6) as lowest_input_price_usd_per_1m,
        round(deployments.highest_input_price_usd_per_1m, 6) as highest_input_price_usd_per_1m,
        round(pivoted.latency_ms, 6) as latency_ms,
        round(pivoted.ttft_ms, 6) as ttft_ms,
        round(pivoted.tokens_per_second, 6) as tokens_per_second,
        coalesce(deployments.deployment_count, 0) as deployment_count,
        coalesce(deployments.live_deployment_count, 0) as live_deployment_count,
        models.name_count,
        cast(pivoted.is_open_weights as boolean) as is_open_weights,
        models.is_in_registry,
        models.released_on,
        models.first_seen_at,
    from models
    left join pivoted on pivoted.model_id = models.model_id
    left join deployments on deployments.model_id = models.model_id
)

select * from final
order by model_id
