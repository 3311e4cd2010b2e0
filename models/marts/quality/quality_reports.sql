-- How far each model's numbers can be trusted: which rules they keep, how far different records
-- agree, how much of its evidence contradicts the rest, and how much is known at all.
-- Grain: one row per (model_id).

with models as (
    select * from {{ ref('models') }}
),

validations as (
    select
        model_id,
        sum(weight * passed_share) / sum(weight) as validation_score,
        count(*) as rule_count,
        count(*) filter (where violated_count > 0) as violated_rule_count,
        string_agg(rule_id, ', ' order by rule_id) filter (where violated_count > 0)
            as violated_rules,
    from {{ ref('int_model_validations') }}
    group by model_id
),

-- All comparisons of two records that state one score or one price.
comparisons as (
    select
        model_id,
        count(*) as comparison_count,
        count(*) filter (where is_disagreement) as disagreement_count,
        1 - sum(case when is_disagreement then weight else 0 end) / sum(weight)
            as consistency_score,
    from (
        select
            model_id,
            weight,
            is_disagreement,
        from {{ ref('int_score_comparisons') }}

        union all

        select
            model_id,
            weight,
            is_disagreement,
        from {{ ref('int_price_comparisons') }}
    ) as stated_twice
    group by model_id
),

completeness as (
    select * from {{ ref('int_model_completeness') }}
),

model_anomalies as (
    select * from {{ ref('int_model_anomalies') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

final as (
    select
        models.model_id,
        concat_ws(
            '; ',
            case
                when not model_anomalies.is_validated
                    then
                        'not validated: '
                        || cast(round(100 * model_anomalies.anomaly_score) as integer)
                        || ' % of its evidence contradicts the rest'
            end,
            'measured unlike the rest: ' || model_anomalies.flagged_benchmarks,
            'rules broken: ' || validations.violated_rules,
            case
                when comparisons.disagreement_count > 0
                    then
                        comparisons.disagreement_count || ' of '
                        || comparisons.comparison_count || ' comparisons of records disagree'
            end
        ) as explanation,
        cast(coalesce(validations.rule_count, 0) as integer) as rule_count,
        cast(coalesce(validations.violated_rule_count, 0) as integer) as violated_rule_count,
        cast(coalesce(comparisons.comparison_count, 0) as integer) as comparison_count,
        cast(coalesce(comparisons.disagreement_count, 0) as integer) as disagreement_count,
        cast(coalesce(model_anomalies.cell_count, 0) as integer) as judged_cell_count,
        cast(coalesce(model_anomalies.flagged_count, 0) as integer) as flagged_cell_count,
        -- Where nothing can be judged nothing is wrong.
        round(coalesce(validations.validation_score, 1), 6) as validation_score,
        round(coalesce(comparisons.consistency_score, 1), 6) as consistency_score,
        round(coalesce(model_anomalies.anomaly_score, 0), 6) as anomaly_score,
        round(completeness.fields_known_share, 6) as fields_known_share,
        round(completeness.basket_measured_share, 6) as basket_measured_share,
        round(completeness.data_completeness, 6) as data_completeness,
        coalesce(model_anomalies.is_validated, true) as is_validated,
        {{ as_of_on() }} as as_of_on,
    from models
    inner join completeness on completeness.model_id = models.model_id
    left join validations on validations.model_id = models.model_id
    left join comparisons on comparisons.model_id = models.model_id
    left join model_anomalies on model_anomalies.model_id = models.model_id
)

select * from final
order by model_id
