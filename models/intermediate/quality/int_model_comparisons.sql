-- How far what is said of each model agrees: the weight of all comparisons of two records that
-- state one score or one price, and of those in disagreement.
-- Grain: one row per (model_id).

with score_comparisons as (
    select * from {{ ref('int_score_comparisons') }}
),

price_comparisons as (
    select * from {{ ref('int_price_comparisons') }}
),

unioned as (
    select
        model_id,
        weight,
        is_disagreement,
    from score_comparisons

    union all

    select
        model_id,
        weight,
        is_disagreement,
    from price_comparisons
),

final as (
    select
        model_id,
        count(*) as comparison_count,
        count(*) filter (where is_disagreement) as disagreement_count,
        1 - sum(case when is_disagreement then weight else 0 end) / sum(weight)
            as consistency_score,
    from unioned
    group by model_id
)

select * from final
