-- Proves that a score is the sum of what score_contributions says it is made of: for each
-- (scoring_method, category, model_id) the points sum to that method's score in rankings to 1e-6,
-- every score has contributions, and nothing contributes to a score that is not there.

with contributions as (
    select
        scoring_method,
        category,
        model_id,
        sum(points) as points,
        count(*) as contribution_count,
    from {{ ref('score_contributions') }}
    group by scoring_method, category, model_id
),

scores as (
    select
        'layered' as scoring_method,
        category,
        model_id,
        layered_score as score,
    from {{ ref('rankings') }}
    where layered_score is not null

    union all

    select
        'capability' as scoring_method,
        category,
        model_id,
        capability as score,
    from {{ ref('rankings') }}
    where capability is not null
),

final as (
    select
        coalesce(scores.scoring_method, contributions.scoring_method) as scoring_method,
        coalesce(scores.category, contributions.category) as category,
        coalesce(scores.model_id, contributions.model_id) as model_id,
        scores.score,
        contributions.points,
        contributions.contribution_count,
    from scores
    full outer join contributions
        on contributions.scoring_method = scores.scoring_method
        and contributions.category = scores.category
        and contributions.model_id = scores.model_id
    where abs(scores.score - contributions.points) <= 1e-6 is not true
)

select * from final
