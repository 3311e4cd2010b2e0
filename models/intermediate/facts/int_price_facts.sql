-- What each origin says of a model's prices on a day, in the shape of facts. Whoever states one
-- of the two prices only speaks where nobody states both, and then alone: the prices that count
-- for a model are always of one record.
-- Grain: one row per (as_of_on, model_id, attribute, origin).

with pairs as (
    select * from {{ ref('int_price_pairs') }}
),

precedence as (
    select * from {{ ref('attribute_precedence') }}
    where attribute = 'blended_price_usd_per_1m'
),

heard as (
    select pairs.*
    from pairs
    left join precedence on precedence.origin = pairs.origin
    qualify
        pairs.blended_price is not null
        or row_number() over (
            partition by pairs.as_of_on, pairs.model_id
            order by pairs.blended_price is null, precedence.precedence nulls last, pairs.origin
        ) = 1
),

final as (
    {% for price in ['input', 'output', 'blended'] %}
    select
        as_of_on,
        model_id,
        '{{ price }}_price_usd_per_1m' as attribute,
        origin,
        source_id,
        record_key,
        load_id,
        cast(null as varchar) as value_text,
        {{ price }}_price as value_number,
        observed_at,
    from heard
    where {{ price }}_price is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select * from final
