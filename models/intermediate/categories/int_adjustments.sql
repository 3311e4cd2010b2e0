-- The bounded adjustments that turn a capability into a score, one row each: u is where the input
-- lies between low and high on a logarithmic scale (reversed where lower is better), the effect is
-- size * (2u - 1), as a factor or in points. An unknown, zero or negative input has no row: it
-- adjusts nothing. A model that nothing serves any more loses `size` of its score where the
-- category says so.
-- Grain: one row per (category, model_id, adjustment_id).

with adjustments as (
    select * from {{ ref('adjustments') }}
),

facts as (
    select * from {{ ref('int_facts') }}
),

placed as (
    select
        adjustments.*,
        facts.model_id,
        facts.value_number as input,
        facts.source_id,
        case
            when adjustments.kind = 'available' then facts.value_number
            when facts.value_number > 0
                then least(greatest(
                    ln(facts.value_number / adjustments.low)
                    / ln(adjustments.high / nullif(adjustments.low, 0)),
                    0
                ), 1)
        end as position,
    from adjustments
    inner join facts on facts.attribute = adjustments.attribute
    where facts.value_number > 0 or adjustments.kind = 'available'
),

final as (
    select
        category,
        model_id,
        adjustment_id,
        attribute,
        kind,
        unit,
        source_id,
        input,
        case when direction = 'lower_is_better' then 1 - position else position end as u,
        case
            when kind = 'multiply' and direction = 'lower_is_better'
                then 1 + size * (1 - 2 * position)
            when kind = 'multiply' then 1 + size * (2 * position - 1)
            when kind = 'available' then 1 - size * (1 - position)
            else 1
        end as factor,
        case
            when kind = 'add' and direction = 'lower_is_better' then size * (1 - 2 * position)
            when kind = 'add' then size * (2 * position - 1)
            else 0
        end as points,
    from placed
)

select * from final
