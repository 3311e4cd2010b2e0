-- How a capability becomes a score: every adjustment applied, with its input.
-- score = capability * product(factor) + sum(points), cut to 0..100, over a category's rows.
-- Grain: one row per (category, model_id, adjustment_id).

with adjustments as (
    select * from {{ ref('int_adjustments') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

scores as (
    select * from {{ ref('int_category_scores') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

final as (
    select
        adjustments.category,
        adjustments.model_id,
        adjustments.adjustment_id,
        adjustments.attribute,
        adjustments.unit,
        adjustments.source_id,
        round(adjustments.input, 6) as input,
        round(adjustments.u, 9) as position_0_1,
        round(adjustments.factor, 9) as factor,
        round(adjustments.points, 9) as points,
    from adjustments
    inner join scores
        on scores.category = adjustments.category
        and scores.model_id = adjustments.model_id
)

select * from final
order by category, model_id, adjustment_id
