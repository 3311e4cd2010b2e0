-- Every cell of every basket, measured or not: completed = (kappa * expected + evidence * measured)
-- / (kappa + evidence), with as much of the evidence as a doubted cell keeps; a missing cell is the
-- expected value, and so is one that is flagged. So every model is judged on the same benchmarks.
-- Grain: one row per (as_of_on, scope, model_id, variant, category, benchmark_id).

with baskets as (
    select * from {{ ref('int_baskets') }}
),

cells as (
    -- Of a flagged cell, which keeps no evidence, only that it is doubted counts.
    select
        * replace (
            case when not is_flagged then value_0_1 end as value_0_1,
            case when not is_flagged then kept_share end as kept_share,
            calibrates and not is_flagged as calibrates
        ),
        evidence * kept_share as kept_evidence,
    from {{ ref('int_cells_screened') }}
),

expected as (
    select * replace (nullif(variant, '') as variant)
    from {{ ref('int_ability_fit') }}
    where kind = 'expected'
),

curves as (
    select
        benchmark_id,
        sigma_0_1,
    from {{ ref('int_ability_fit') }}
    where kind = 'benchmark'
),

parameters as (
    select {{ parameter('basket', 'kappa') }} as kappa
),

joined as (
    select
        expected.as_of_on,
        expected.scope,
        expected.model_id,
        expected.variant,
        baskets.category,
        baskets.benchmark_id,
        baskets.weight,
        cells.value_0_1 as measured_0_1,
        cells.kept_share,
        coalesce(cells.kept_evidence, 0) as evidence,
        coalesce(cells.calibrates, false) as calibrates,
        coalesce(cells.is_counted, false) as is_counted,
        coalesce(not cells.is_counted, false) as is_doubted,
        expected.expected_0_1,
        expected.expected_slope,
        curves.sigma_0_1,
        parameters.kappa,
        parameters.kappa / (parameters.kappa + coalesce(cells.kept_evidence, 0))
            as completing_share,
    from expected
    inner join baskets on baskets.benchmark_id = expected.benchmark_id
    inner join curves on curves.benchmark_id = baskets.benchmark_id
    left join cells
        on cells.as_of_on = expected.as_of_on
        and cells.scope = expected.scope
        and cells.model_id = expected.model_id
        and cells.variant is not distinct from expected.variant
        and cells.benchmark_id = baskets.benchmark_id
    cross join parameters
),

final as (
    select
        *,
        completing_share * expected_0_1
        + (1 - completing_share) * coalesce(measured_0_1, 0) as cell_0_1,
    from joined
)

-- Sums are added up in this order, so that equal inputs give equal digits.
select * from final
order by as_of_on, scope, model_id, variant, category, benchmark_id
