-- Each model's ability: one number behind all of its expected cells, in standard deviations over
-- the models that calibrate the benchmarks (0 = their mean); and how much of what was measured of
-- it contradicts the rest.
-- Grain: one row per (model_id).

with abilities as (
    select * from {{ ref('int_abilities') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

model_anomalies as (
    select * from {{ ref('int_model_anomalies') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

final as (
    select
        abilities.model_id,
        round(abilities.ability, 6) as ability,
        round(abilities.ability_sd, 6) as ability_sd,
        round(model_anomalies.anomaly_score, 6) as anomaly_score,
        cast(abilities.cell_count as integer) as cell_count,
        cast(coalesce(model_anomalies.flagged_count, 0) as integer) as flagged_cell_count,
        abilities.as_of_on,
    from abilities
    left join model_anomalies on model_anomalies.model_id = abilities.model_id
)

select * from final
order by ability desc, model_id
