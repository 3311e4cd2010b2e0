-- Cells with their verdict: what the model's other cells say the cell should be, how far off it is
-- by the spread of its benchmark, and what share of its evidence it keeps. A flagged cell keeps
-- nothing: it takes no part in the fit that counts and is completed like a missing one. Composite
-- indices are not judged, nor are cells of a model or a benchmark with too few others to judge by:
-- they keep all.
-- Grain: one row per (as_of_on, scope, model_id, variant, benchmark_id).

with cells as (
    select * from {{ ref('int_cells') }}
),

verdicts as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'verdict'
),

parameters as (
    select {{ parameter('basket', 'counted_kept_share') }} as counted_kept_share
),

final as (
    select
        cells.*,
        verdicts.expected_0_1,
        verdicts.residual,
        verdicts.modified_z,
        verdicts.benchmark_id is not null as is_judged,
        coalesce(verdicts.kept_share, 1) as kept_share,
        coalesce(verdicts.kept_share = 0, false) as is_flagged,
        coalesce(verdicts.kept_share, 1) >= parameters.counted_kept_share as is_counted,
    from cells
    cross join parameters
    left join verdicts
        on verdicts.as_of_on = cells.as_of_on
        and verdicts.scope = cells.scope
        and verdicts.model_id = cells.model_id
        and verdicts.variant = coalesce(cells.variant, '')
        and verdicts.benchmark_id = cells.benchmark_id
)

select * from final
