-- What a record asks for plain use: its standard prices of the first tier. A route that states
-- tiers only has those of its first as its price.
-- Grain: one row per (source_id, entity, record_key, observed_at).

with prices as (
    select * from {{ ref('int_prices') }}
    where service = 'standard' and threshold_tokens = 0
),

parameters as (
    select {{ parameter('facts', 'blended_input_share') }} as input_share
),

pivoted as (
    select
        source_id,
        entity,
        record_key,
        {% for kind in ['input', 'output', 'cache_read'] -%}
        max(price_usd_per_1m) filter (where price_kind = '{{ kind }}')
            as {{ kind }}_price_usd_per_1m,
        {% endfor %}
        observed_at,
    from prices
    group by source_id, entity, record_key, observed_at
),

final as (
    select
        pivoted.source_id,
        pivoted.entity,
        pivoted.record_key,
        pivoted.input_price_usd_per_1m,
        pivoted.output_price_usd_per_1m,
        pivoted.cache_read_price_usd_per_1m,
        pivoted.input_price_usd_per_1m * parameters.input_share
        + pivoted.output_price_usd_per_1m * (1 - parameters.input_share)
            as blended_price_usd_per_1m,
        pivoted.observed_at,
    from pivoted
    cross join parameters
)

select * from final
