-- How hard each benchmark is, how sharply it separates models and how noisy it is, as fitted:
-- p(ability) = chance + (1 - chance) / (1 + exp(-slope * (ability - difficulty))).
-- Grain: one row per (benchmark_id).

with parameters as (
    select * from {{ ref('int_benchmark_parameters') }}
    where as_of_on = {{ as_of_on() }}
),

definitions as (
    select * from {{ ref('benchmark_definitions') }}
),

final as (
    select
        parameters.benchmark_id,
        definitions.benchmark_name,
        round(parameters.difficulty, 6) as difficulty,
        round(exp(parameters.ln_alpha), 6) as slope,
        round(parameters.sigma_0_1, 6) as sigma_0_1,
        definitions.chance_0_1,
        parameters.calibration_cell_count,
        parameters.as_of_on,
    from parameters
    inner join definitions
        on definitions.benchmark_id = split_part(parameters.benchmark_id, '@', 1)
)

select * from final
order by difficulty desc, benchmark_id
