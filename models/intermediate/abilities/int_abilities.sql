-- Each model's ability on each day: mean and sd of its posterior, in standard deviations of ability
-- over the calibration models; and how many cells it rests on, without those that keep little of
-- their evidence and without composite indices.
-- Grain: one row per (as_of_on, scope, model_id, variant).

with fit as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'ability'
),

definitions as (
    select * from {{ ref('benchmark_definitions') }}
),

cells as (
    select
        cells.as_of_on,
        cells.scope,
        cells.model_id,
        cells.variant,
        -- A composite index repeats what its parts say: it is no cell of its own.
        count(*) filter (
            where definitions.is_composite is not true and cells.is_counted
        ) as cell_count,
    from {{ ref('int_cells_screened') }} as cells
    left join definitions on definitions.benchmark_id = cells.base_benchmark_id
    group by cells.as_of_on, cells.scope, cells.model_id, cells.variant
),

final as (
    select
        fit.as_of_on,
        fit.scope,
        fit.model_id,
        cells.variant,
        fit.ability,
        fit.ability_sd,
        cells.cell_count,
    from fit
    inner join cells
        on cells.as_of_on = fit.as_of_on
        and cells.scope = fit.scope
        and cells.model_id = fit.model_id
        and coalesce(cells.variant, '') = fit.variant
)

select * from final
