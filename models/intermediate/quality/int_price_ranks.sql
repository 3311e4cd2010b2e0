-- Which routes to a model have a price to compare today, and how cheap each is: live, not free,
-- with a price for input and one for output, and in no row of price_disagreements. The blended
-- price decides; equal prices share a rank. Prices are equal that agree in their first digits: one
-- price written in two units, or converted from a host's own, differs in the last ones.
-- Grain: one row per (source_id, entity, record_key).

with deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

disagreements as (
    select * from {{ ref('int_price_comparisons') }}
    where is_disagreement
),

disputed as (
    -- The comparisons hold one of several names under which a source lists one price of a host.
    {% for side in ['first', 'second'] %}
    select
        model_id,
        {{ side }}_source_id as source_id,
        {{ side }}_host_id as host_id,
        {{ side }}_input_price_usd_per_1m as input_price,
        {{ side }}_output_price_usd_per_1m as output_price,
    from disagreements
    where {{ side }}_record_key is not null
    {% if not loop.last %}
    union
    {% endif %}
    {% endfor %}
),

parameters as (
    select
        {{ parameter('facts', 'blended_input_share') }} as input_share,
        {{ parameter('facts', 'price_digits') }} as price_digits,
),

judged as (
    select
        deployments.source_id,
        deployments.entity,
        deployments.record_key,
        deployments.model_id,
        -- Not the blended price is rounded: 3.4375 is one, and the least dust beside it another.
        round(
            {{ first_digits('deployments.input_price_usd_per_1m', 'parameters.price_digits') }}
            * parameters.input_share
            + {{ first_digits('deployments.output_price_usd_per_1m', 'parameters.price_digits') }}
            * (1 - parameters.input_share),
            9
        ) as blended_price,
        disputed.source_id is not null as is_disputed,
        deployments.model_id is not null
        and deployments.origin != 'analytics'
        and not deployments.is_deprecated
        and not deployments.is_free
        and coalesce(
            least(deployments.input_price_usd_per_1m, deployments.output_price_usd_per_1m) > 0,
            false
        )
        and deployments.blended_price_usd_per_1m is not null
        and disputed.source_id is null as is_comparable,
    from deployments
    cross join parameters
    left join disputed
        on disputed.model_id = deployments.model_id
        and disputed.source_id = deployments.source_id
        and disputed.host_id = deployments.host_id
        and disputed.input_price
        is not distinct from nullif(deployments.input_price_usd_per_1m, 0)
        and disputed.output_price
        is not distinct from nullif(deployments.output_price_usd_per_1m, 0)
),

final as (
    select
        source_id,
        entity,
        record_key,
        is_disputed,
        case
            when is_comparable
                then rank() over (
                    partition by model_id, is_comparable order by blended_price
                )
        end as price_rank,
    from judged
)

select * from final
