-- The same scores at the grain of variants, for people who choose an effort level: each variant is
-- judged on what was measured of itself. Values of which no source states the effort stand under
-- `unstated`. Prices and context in the adjustments are the model's, speed and latency the
-- variant's own.
-- Grain: one row per (category, model_id, variant).

with scores as (
    select * from {{ ref('int_category_scores') }}
    where as_of_on = {{ as_of_on() }} and scope = 'variant'
),

models as (
    select * from {{ ref('models') }}
),

unranked_reasons as (
    select * from {{ ref('unranked_reasons') }}
),

final as (
    select
        scores.category,
        scores.model_id,
        scores.variant,
        models.provider_id,
        models.display_name,
        cast(
            case
                when scores.is_ranked
                    then rank() over (
                        partition by scores.category, scores.is_ranked
                        order by round(scores.score, 6) desc
                    )
            end as integer
        ) as rank,
        scores.unranked_reason,
        unranked_reasons.explanation as unranked_explanation,
        round(scores.score, 6) as score,
        round(scores.score_low, 6) as score_low,
        round(scores.score_high, 6) as score_high,
        round(scores.capability, 6) as capability,
        round(scores.confidence, 6) as confidence,
        round(scores.coverage, 6) as coverage,
        cast(scores.cells_measured as integer) as cells_measured,
        scores.is_ranked,
        scores.as_of_on,
    from scores
    inner join models on models.model_id = scores.model_id
    left join unranked_reasons on unranked_reasons.unranked_reason = scores.unranked_reason
)

select * from final
order by category, rank nulls last, model_id, variant
