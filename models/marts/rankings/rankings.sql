-- Which model is good at what: every candidate model in every category, ranked where its score
-- rests on measurements, listed with the reason where it does not.
-- Grain: one row per (category, model_id).

with models as (
    select * from {{ ref('models') }}
),

categories as (
    select * from {{ ref('categories') }}
),

layered_scores as (
    select * from {{ ref('int_layered_scores') }}
),

joined as (
    select
        categories.category,
        models.*,
        round(layered_scores.layered_score, 6) as layered_score,
        round(layered_scores.layered_confidence, 6) as layered_confidence,
        coalesce(layered_scores.benchmark_count, 0) as cells_measured,
    from models
    cross join categories
    left join layered_scores
        on layered_scores.category = categories.category
        and layered_scores.model_id = models.model_id
),

ranked as (
    select
        *,
        layered_score is not null as is_ranked,
        case
            when layered_score is not null
                then rank() over (partition by category order by layered_score desc nulls last)
        end as layered_rank,
    from joined
),

final as (
    select
        category,
        model_id,
        provider_id as provider,
        display_name,
        cast(layered_rank as integer) as rank,
        cast(null as integer) as rank_low,
        cast(null as integer) as rank_high,
        layered_score as score,
        cast(null as double) as score_low,
        cast(null as double) as score_high,
        cast(null as double) as capability,
        cast(null as integer) as capability_rank,
        layered_score,
        cast(layered_rank as integer) as layered_rank,
        layered_confidence,
        cast(null as double) as confidence,
        cast(null as double) as coverage,
        is_ranked,
        case when not is_ranked then 'static facts only' end as unranked_reason,
        cast(cells_measured as integer) as cells_measured,
        blended_price_usd_per_1m,
        tokens_per_second,
        ttft_ms,
        context_window_tokens,
        is_open_weights,
        released_on,
        {{ as_of_on() }} as as_of_on,
    from ranked
)

select * from final
order by category, rank nulls last, model_id
