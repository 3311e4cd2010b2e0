-- The layered baseline: a model's score in a category, null where only static facts speak.
-- Grain: one row per (category, model_id).

with contributions as (
    select * from {{ ref('int_layered_contributions') }}
),

layers_present as (
    select
        category,
        model_id,
        layer_id,
        layer_weight,
        sum(points) as points,
        count(distinct benchmark_id) as benchmark_count,
    from contributions
    group by category, model_id, layer_id, layer_weight
),

final as (
    select
        category,
        model_id,
        case
            when bool_or(layer_id != 'static') then least(greatest(sum(points), 0), 100)
        end as layered_score,
        sum(layer_weight) as layered_confidence,
        cast(sum(benchmark_count) filter (where layer_id != 'static') as integer)
            as benchmark_count,
        bool_or(layer_id = 'benchmarks') as has_benchmarks,
        bool_or(layer_id = 'analytics') as has_analytics,
    from layers_present
    group by category, model_id
)

select * from final
