-- The fitted curve of each benchmark on each day: p(C) = chance + (1 - chance) * sigmoid(slope *
-- (C - difficulty)), and the noise around it.
-- Grain: one row per (as_of_on, benchmark_id).

with fit as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'benchmark'
),

final as (
    select
        as_of_on,
        benchmark_id,
        value_1 as difficulty,
        value_2 as ln_alpha,
        value_3 as sigma_0_1,
        cast(value_4 as integer) as calibration_cell_count,
    from fit
)

select * from final
