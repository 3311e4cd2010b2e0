-- Which model is good at what: every candidate model in every category, ranked where its score
-- rests on enough measurements, listed with the reason where it does not.
-- `score` is the capability with the category's bounded adjustments; `layered_score` is the
-- transparent baseline beside it.
-- Grain: one row per (category, model_id).

with models as (
    select * from {{ ref('models') }}
),

categories as (
    select * from {{ ref('categories') }}
),

unranked_reasons as (
    select * from {{ ref('unranked_reasons') }}
),

-- The layered baseline is null where only static facts speak.
layered_scores as (
    select
        category,
        model_id,
        case
            when bool_or(layer_id != 'static') then least(greatest(sum(points), 0), 100)
        end as layered_score,
        any_value(layered_confidence) as layered_confidence,
    from {{ ref('int_layered_contributions') }}
    group by category, model_id
),

category_scores as (
    select
        category,
        model_id,
        is_ranked,
        unranked_reason,
        score,
        score_low,
        score_high,
        capability,
        confidence,
        coverage,
        cells_measured,
        rank_low,
        rank_high,
    from {{ ref('int_scores_ranked') }}
),

joined as (
    select
        categories.category,
        models.*,
        category_scores.score,
        category_scores.score_low,
        category_scores.score_high,
        category_scores.capability,
        category_scores.confidence,
        category_scores.coverage,
        category_scores.cells_measured,
        category_scores.rank_low,
        category_scores.rank_high,
        round(layered_scores.layered_score, 6) as layered_score,
        round(layered_scores.layered_confidence, 6) as layered_confidence,
        coalesce(category_scores.is_ranked, false) as is_ranked,
        case
            when category_scores.model_id is null then 'static_facts_only'
            else category_scores.unranked_reason
        end as unranked_reason,
    from models
    cross join categories
    left join layered_scores
        on layered_scores.category = categories.category
        and layered_scores.model_id = models.model_id
    left join category_scores
        on category_scores.category = categories.category
        and category_scores.model_id = models.model_id
),

ranked as (
    select
        *,
        case
            when is_ranked
                then rank() over (
                    partition by category, is_ranked order by round(score, 6) desc
                )
        end as score_rank,
        case
            when is_ranked
                then rank() over (
                    partition by category, is_ranked order by round(capability, 6) desc
                )
        end as capability_rank,
        case
            when layered_score is not null
                then rank() over (partition by category order by layered_score desc nulls last)
        end as layered_rank,
    from joined
),

final as (
    select
        ranked.category,
        ranked.model_id,
        ranked.provider_id,
        ranked.display_name,
        cast(ranked.score_rank as integer) as rank,
        -- The interval is that of the score among all others; it always holds the rank itself.
        cast(least(ranked.rank_low, ranked.score_rank) as integer) as rank_low,
        cast(greatest(ranked.rank_high, ranked.score_rank) as integer) as rank_high,
        round(ranked.score, 6) as score,
        round(ranked.score_low, 6) as score_low,
        round(ranked.score_high, 6) as score_high,
        round(ranked.capability, 6) as capability,
        cast(ranked.capability_rank as integer) as capability_rank,
        ranked.layered_score,
        cast(ranked.layered_rank as integer) as layered_rank,
        ranked.layered_confidence,
        round(ranked.confidence, 6) as confidence,
        round(ranked.coverage, 6) as coverage,
        ranked.is_ranked,
        ranked.unranked_reason,
        unranked_reasons.explanation as unranked_explanation,
        cast(coalesce(ranked.cells_measured, 0) as integer) as cells_measured,
        ranked.blended_price_usd_per_1m,
        ranked.tokens_per_second,
        ranked.ttft_ms,
        ranked.context_window_tokens,
        ranked.is_open_weights,
        ranked.released_on,
        {{ as_of_on() }} as as_of_on,
    from ranked
    left join unranked_reasons on unranked_reasons.unranked_reason = ranked.unranked_reason
)

select * from final
order by category, rank nulls last, model_id
