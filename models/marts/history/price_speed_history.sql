-- What each deployment cost and how fast it was, each time that its record changed. A row with
-- is_gone is the day on which the source no longer listed it.
-- Grain: one row per (source_id, entity, record_key, observed_on).

with measures as (
    select * from {{ ref('int_measures_observed') }}
),

deployments as (
    -- A route that its source no longer lists keeps the model that it last served.
    select * from {{ ref('int_deployments') }}
    qualify row_number() over (
        partition by source_id, entity, record_key order by as_of_on desc
    ) = 1
),

pivoted as (
    select
        source_id,
        entity,
        record_key,
        cast(observed_at as date) as observed_on,
        {% for measure in [
            'input_price_usd_per_1m', 'output_price_usd_per_1m', 'tokens_per_second', 'ttft_ms'
        ] -%}
        arg_max(value, observed_at) filter (where measure = '{{ measure }}') as {{ measure }},
        {% endfor %}
        arg_max(is_gone, observed_at) as is_gone,
    from measures
    group by source_id, entity, record_key, cast(observed_at as date)
),

final as (
    select
        pivoted.source_id,
        pivoted.entity,
        pivoted.record_key,
        deployments.model_id,
        deployments.variant,
        deployments.host,
        deployments.route,
        round(pivoted.input_price_usd_per_1m, 6) as input_price_usd_per_1m,
        round(pivoted.output_price_usd_per_1m, 6) as output_price_usd_per_1m,
        round(pivoted.tokens_per_second, 6) as tokens_per_second,
        round(pivoted.ttft_ms, 6) as ttft_ms,
        pivoted.is_gone,
        pivoted.observed_on,
    from pivoted
    left join deployments
        on deployments.source_id = pivoted.source_id
        and deployments.entity = pivoted.entity
        and deployments.record_key = pivoted.record_key
)

select * from final
order by source_id, entity, record_key, observed_on
