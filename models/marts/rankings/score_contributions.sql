-- What a score is made of: the points that every measured value, and every static indicator, adds.
-- The points of one (method, category, model_id) sum to the score of that method.
-- Grain: one row per (method, category, model_id, layer, benchmark_id, source_id).

with layered as (
    select * from {{ ref('int_layered_contributions') }}
),

scores as (
    select * from {{ ref('int_layered_scores') }}
    where layered_score is not null
),

final as (
    select
        'layered' as method,
        layered.category,
        layered.model_id,
        layered.layer_id as layer,
        layered.benchmark_id,
        layered.source_id,
        layered.variant,
        layered.setting,
        layered.date_basis,
        layered.url,
        round(layered.value_0_1, 9) as value_0_1,
        round(layered.weight, 9) as weight,
        round(layered.evidence, 9) as evidence,
        cast(null as double) as expected_0_1,
        cast(null as double) as cell_0_1,
        round(layered.points, 9) as points,
        layered.dated_on,
    from layered
    inner join scores
        on scores.category = layered.category
        and scores.model_id = layered.model_id
)

select * from final
order by method, category, model_id, layer, benchmark_id, source_id
