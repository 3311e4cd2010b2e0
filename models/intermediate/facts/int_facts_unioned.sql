-- What each origin says on a day of a model's speed, context and what the registry tells: one
-- candidate per fact and origin, before one is chosen. Prices are those of int_price_facts, what
-- models can do those of int_capability_facts. The registry, a vendor's own route and Artificial
-- Analysis speak with one row each; other hosts with the median over their live routes (of contexts
-- the lower one, which one of them states). Of Artificial Analysis' variants the one with the best
-- intelligence index speaks first, of a vendor's routes a live one with a price, then the newest,
-- then the shortest name; what it does not state the next one may. A source that is skipped says
-- nothing.
-- Grain: one row per (as_of_on, model_id, attribute, origin).

with skipped as (
    select
        as_of_on,
        source_id,
    from {{ ref('int_source_quality') }}
    where is_skipped
),

registry as (
    -- Of two rows of one model the one that spells its id as the model is called speaks first.
    select
        as_of_dates.as_of_on,
        models.*,
        row_number() over (
            partition by as_of_dates.as_of_on, models.model_id
            order by models.registry_id != models.model_id, models.record_key
        ) as turn,
    from {{ ref('int_registry_models') }} as models
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'models') }}
        and models.first_observed_at < as_of_dates.as_of_on + interval 1 day
    anti join skipped
        on skipped.as_of_on = as_of_dates.as_of_on and skipped.source_id = models.source_id
),

deployments as (
    select
        routes.*,
        nullif(routes.input_price_usd_per_1m, 0) as input_price,
    from {{ ref('int_deployments') }} as routes
    anti join skipped
        on skipped.as_of_on = routes.as_of_on and skipped.source_id = routes.source_id
    where routes.model_id is not null
),

prices as (
    select * from {{ ref('int_price_facts') }}
),

intelligence as (
    select
        as_of_on,
        source_id,
        record_id,
        arg_max(value_0_1, (observed_at, entity)) as value_0_1,
    from {{ ref('int_observations') }}
    where base_benchmark_id = 'aa_intelligence_index'
    group by as_of_on, source_id, record_id
),

ordered_routes as (
    -- Which of a model's routes of one origin speaks first: for each fact the first that states it.
    select
        deployments.*,
        row_number() over (
            partition by deployments.as_of_on, deployments.model_id, deployments.origin
            order by
                intelligence.value_0_1 desc nulls last,
                deployments.is_deprecated,
                deployments.input_price is null,
                deployments.observed_at desc,
                length(deployments.route),
                deployments.source_id,
                deployments.route,
                deployments.record_key
        ) as turn,
        -- Some state the whole window, some the longest input: the most of any live one counts.
        row_number() over (
            partition by deployments.as_of_on, deployments.model_id, deployments.origin
            order by
                deployments.is_deprecated,
                deployments.context_window_tokens desc nulls last,
                deployments.observed_at desc,
                deployments.source_id,
                deployments.route,
                deployments.record_key
        ) as context_turn,
    from deployments
    left join intelligence
        on intelligence.as_of_on = deployments.as_of_on
        and intelligence.source_id = deployments.source_id
        and intelligence.record_id = deployments.record_id
    where deployments.origin in ('vendor_route', 'openrouter', 'analytics')
),

host_routes as (
    select * from deployments
    where origin = 'host_median' and not is_deprecated
),

stated as (
    select
        as_of_on,
        model_id,
        'registry' as origin,
        turn,
        turn as context_turn,
        source_id,
        record_key,
        load_id,
        observed_at,
        context_window_tokens,
        latency_ms,
        try_cast(json_extract_string(capabilities, '$.math') as double) as capability_math,
        try_cast(json_extract_string(capabilities, '$.reasoning') as double)
            as capability_reasoning,
        api_alias,
        tags_text as tags,
    from registry

    union all by name

    select
        as_of_on,
        model_id,
        origin,
        turn,
        context_turn,
        source_id,
        record_key,
        load_id,
        observed_at,
        context_window_tokens,
        ttft_ms as latency_ms,
        ttft_ms,
        tokens_per_second,
    from ordered_routes
    -- Speeds of another variant are no speeds of the best one.
    where origin != 'analytics' or turn = 1

    union all by name

    select
        as_of_on,
        model_id,
        'host_median' as origin,
        1 as turn,
        1 as context_turn,
        string_agg(distinct source_id, ', ' order by source_id) as source_id,
        count(*) || ' routes' as record_key,
        cast(null as varchar) as load_id,
        max(observed_at) as observed_at,
        quantile_disc(context_window_tokens, 0.5) as context_window_tokens,
    from host_routes
    group by as_of_on, model_id

    union all by name

    select
        as_of_on,
        model_id,
        'any_route' as origin,
        1 as turn,
        1 as context_turn,
        string_agg(distinct source_id, ', ' order by source_id) as source_id,
        count(*) || ' routes' as record_key,
        cast(null as varchar) as load_id,
        max(observed_at) as observed_at,
        max(cast(not is_deprecated as integer)) as is_available,
    from deployments
    where origin != 'analytics'
    group by as_of_on, model_id
),

numbers as (
    {% set attributes = {
        'context_window_tokens': 'context_window_tokens',
        'latency_ms': 'latency_ms',
        'ttft_ms': 'ttft_ms',
        'tokens_per_second': 'tokens_per_second',
        'is_available': 'is_available',
        'capability_math': 'capability_math',
        'capability_reasoning': 'capability_reasoning',
    } %}
    {% for attribute, column in attributes.items() %}
    select
        as_of_on,
        model_id,
        '{{ attribute }}' as attribute,
        origin,
        {{ 'context_turn' if attribute == 'context_window_tokens' else 'turn' }} as turn,
        source_id,
        record_key,
        load_id,
        cast(null as varchar) as value_text,
        cast({{ column }} as double) as value_number,
        observed_at,
    from stated
    where {{ column }} is not null
    union all
    {% endfor %}
    {% for attribute in ['api_alias', 'tags'] %}
    select
        as_of_on,
        model_id,
        '{{ attribute }}' as attribute,
        origin,
        turn,
        source_id,
        record_key,
        load_id,
        {{ attribute }} as value_text,
        cast(null as double) as value_number,
        observed_at,
    from stated
    where {{ attribute }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

chosen as (
    select * exclude (turn)
    from numbers
    qualify row_number() over (
        partition by as_of_on, model_id, attribute, origin order by turn
    ) = 1
),

final as (
    select * from chosen
    union all by name
    select * from prices
)

select * from final
