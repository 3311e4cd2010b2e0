-- Each model's ability: one number behind all of its expected cells, in standard deviations over
-- the models that calibrate the benchmarks (0 = their mean).
-- Grain: one row per (model_id).

with abilities as (
    select * from {{ ref('int_abilities') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

final as (
    select
        model_id,
        round(ability, 6) as ability,
        round(ability_sd, 6) as ability_sd,
        cast(cell_count as integer) as cell_count,
        as_of_on,
    from abilities
)

select * from final
order by ability desc, model_id
