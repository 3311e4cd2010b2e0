-- How hard each benchmark is, how sharply it separates models and how noisy it is, as fitted:
-- p(ability) = chance + (1 - chance) / (1 + exp(-slope * (ability - difficulty))).
-- Grain: one row per (benchmark_id).

with curves as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'benchmark'
),

definitions as (
    select * from {{ ref('benchmark_definitions') }}
),

final as (
    select
        curves.benchmark_id,
        definitions.benchmark_name,
        round(curves.difficulty, 6) as difficulty,
        round(exp(curves.ln_alpha), 6) as slope,
        round(curves.sigma_0_1, 6) as sigma_0_1,
        definitions.chance_0_1,
        cast(curves.calibration_cell_count as integer) as calibration_cell_count,
        curves.as_of_on,
    from curves
    inner join definitions
        on definitions.benchmark_id = split_part(curves.benchmark_id, '@', 1)
)

select * from final
order by difficulty desc, benchmark_id
