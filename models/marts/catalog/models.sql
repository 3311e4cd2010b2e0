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
    select * from {{ ref('int_deployments') }}
    where is_current and model_id is not null and origin != 'analytics'
),

price_ranks as (
    select * from {{ ref('int_price_ranks') }}
),

compared as (
    select
        deployments.*,
        price_ranks.price_rank,
        -- Of hosts at the lowest price the model's own vendor, then the first by name.
        row_number() over (
            partition by deployments.model_id
            order by
                price_ranks.price_rank nulls last,
                deployments.origin != 'vendor_route'
                and deployments.host_id is distinct from models.provider_id,
                deployments.host_id,
                deployments.source_id,
                deployments.record_key
        ) as price_order,
    from deployments
    inner join models on models.model_id = deployments.model_id
    inner join price_ranks
        on price_ranks.source_id = deployments.source_id
        and price_ranks.entity = deployments.entity
        and price_ranks.record_key = deployments.record_key
),

routes as (
    select
        model_id,
        count(*) as deployment_count,
        count(*) filter (where not is_deprecated) as live_deployment_count,
        {% set lowest = 'filter (where price_rank = 1 and price_order = 1)' -%}
        max(host_id) {{ lowest }} as lowest_price_host_id,
        {% for price in ['input', 'output', 'blended'] -%}
        max({{ price }}_price_usd_per_1m) {{ lowest }} as lowest_{{ price }}_price_usd_per_1m,
        {% endfor -%}
        max(input_price_usd_per_1m) filter (where price_rank is not null)
            as highest_input_price_usd_per_1m,
    from compared
    group by model_id
),

hosts as (
    select
        source_id,
        record_key,
        any_value(host_id) as host_id,
    from deployments
    group by source_id, record_key
),

prices as (
    select
        facts.model_id,
        any_value(facts.origin) as price_origin,
        any_value(hosts.host_id) as price_host_id,
    from facts
    left join hosts
        on hosts.source_id = facts.source_id
        and hosts.record_key = facts.record_key
        and facts.origin != 'registry'
    where facts.attribute in ('input_price_usd_per_1m', 'output_price_usd_per_1m')
    group by facts.model_id
),

pivoted as (
    select
        model_id,
        {% for attribute in [
            'context_window_tokens', 'input_price_usd_per_1m', 'output_price_usd_per_1m',
            'blended_price_usd_per_1m', 'latency_ms', 'ttft_ms', 'tokens_per_second',
            'max_input_tokens', 'max_output_tokens', 'parameter_count', 'active_parameter_count',
            'is_open_weights', 'has_reasoning', 'has_image_input', 'has_audio_input',
            'has_video_input', 'has_pdf_input', 'has_tool_calling', 'has_structured_output',
        ] -%}
        max(value_number) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
        {% for attribute in [
            'licence', 'status', 'reasoning_efforts', 'default_reasoning_effort', 'successor',
            'successor_model_id', 'knowledge_cutoff_on',
        ] -%}
        max(value_text) filter (where attribute = '{{ attribute }}') as {{ attribute }},
        {% endfor %}
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
        prices.price_origin,
        prices.price_host_id,
        routes.lowest_price_host_id,
        models.first_seen_source_id as first_observed_source_id,
        pivoted.licence,
        pivoted.status,
        pivoted.successor,
        pivoted.successor_model_id,
        pivoted.reasoning_efforts,
        pivoted.default_reasoning_effort,
        -- What is said to be read beside text; null where nothing is said of any of it.
        case
            when
                coalesce(
                    pivoted.has_image_input, pivoted.has_audio_input, pivoted.has_video_input,
                    pivoted.has_pdf_input
                ) is not null
                then concat_ws(
                    ', ',
                    'text',
                    case when pivoted.has_image_input = 1 then 'image' end,
                    case when pivoted.has_audio_input = 1 then 'audio' end,
                    case when pivoted.has_video_input = 1 then 'video' end,
                    case when pivoted.has_pdf_input = 1 then 'pdf' end
                )
        end as input_modalities,
        models.released_on_origin,
        models.release_precision,
        cast(pivoted.context_window_tokens as bigint) as context_window_tokens,
        cast(pivoted.max_input_tokens as bigint) as max_input_tokens,
        cast(pivoted.max_output_tokens as bigint) as max_output_tokens,
        cast(pivoted.parameter_count as bigint) as parameter_count,
        cast(pivoted.active_parameter_count as bigint) as active_parameter_count,
        round(pivoted.input_price_usd_per_1m, 6) as input_price_usd_per_1m,
        round(pivoted.output_price_usd_per_1m, 6) as output_price_usd_per_1m,
        round(pivoted.blended_price_usd_per_1m, 6) as blended_price_usd_per_1m,
        round(routes.lowest_input_price_usd_per_1m, 6) as lowest_input_price_usd_per_1m,
        round(routes.lowest_output_price_usd_per_1m, 6) as lowest_output_price_usd_per_1m,
        round(routes.lowest_blended_price_usd_per_1m, 6) as lowest_blended_price_usd_per_1m,
        round(routes.highest_input_price_usd_per_1m, 6) as highest_input_price_usd_per_1m,
        round(pivoted.latency_ms, 6) as latency_ms,
        round(pivoted.ttft_ms, 6) as ttft_ms,
        round(pivoted.tokens_per_second, 6) as tokens_per_second,
        coalesce(routes.deployment_count, 0) as deployment_count,
        coalesce(routes.live_deployment_count, 0) as live_deployment_count,
        models.name_count,
        cast(pivoted.is_open_weights as boolean) as is_open_weights,
        cast(pivoted.has_reasoning as boolean) as has_reasoning,
        cast(pivoted.has_image_input as boolean) as has_image_input,
        cast(pivoted.has_audio_input as boolean) as has_audio_input,
        cast(pivoted.has_video_input as boolean) as has_video_input,
        cast(pivoted.has_pdf_input as boolean) as has_pdf_input,
        cast(pivoted.has_tool_calling as boolean) as has_tool_calling,
        cast(pivoted.has_structured_output as boolean) as has_structured_output,
        models.is_in_registry,
        cast(pivoted.knowledge_cutoff_on as date) as knowledge_cutoff_on,
        models.released_on,
        models.first_seen_at as first_observed_at,
    from models
    left join pivoted on pivoted.model_id = models.model_id
    left join routes on routes.model_id = models.model_id
    left join prices on prices.model_id = models.model_id
)

select * from final
order by model_id
