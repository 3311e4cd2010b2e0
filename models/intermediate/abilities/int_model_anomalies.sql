-- How much of what was measured of a model contradicts the rest: the share of the evidence of its
-- judged cells that is flagged; what is doubted short of that counts as sound. From the parameter
-- max_anomaly_score on the model is not validated.
-- Grain: one row per (as_of_on, scope, model_id, variant).

with cells as (
    select * from {{ ref('int_cells_screened') }}
    where is_judged
),

parameters as (
    select {{ parameter('quality', 'max_anomaly_score') }} as max_anomaly_score
),

summed as (
    select
        as_of_on,
        scope,
        model_id,
        variant,
        sum(case when is_flagged then evidence else 0 end) / sum(evidence) as anomaly_score,
        count(*) filter (where is_flagged) as flagged_count,
        string_agg(benchmark_id, ', ' order by benchmark_id) filter (where is_flagged)
            as flagged_benchmarks,
        count(*) as cell_count,
    from cells
    group by as_of_on, scope, model_id, variant
),

final as (
    select
        summed.*,
        summed.anomaly_score < parameters.max_anomaly_score as is_validated,
    from summed
    cross join parameters
)

select * from final
