-- Proves that the marts tell one story: scores are what their adjustments make of capabilities, ranks
-- follow scores and lie within their range, the wide and the historical rankings repeat the rankings,
-- weights sum to 1, counts are those of the rows counted, and nothing is dated after the day that the
-- build speaks of. A failing row names the check, the row by its key, and the two values that differ.

{% set as_of = as_of_on() %}

with rankings as (
    select * from {{ ref('rankings') }}
),

adjustments as (
    select
        category,
        model_id,
        product(factor) as factor,
        sum(points) as points,
    from {{ ref('score_adjustments') }}
    group by category, model_id
),

adjusted as (
    select
        rankings.category,
        rankings.model_id,
        rankings.score,
        least(greatest(
            rankings.capability * coalesce(adjustments.factor, 1)
            + coalesce(adjustments.points, 0), 0
        ), 100) as score_made,
    from rankings
    left join adjustments
        on adjustments.category = rankings.category
        and adjustments.model_id = rankings.model_id
    where rankings.capability is not null or rankings.score is not null
),

placed as (
    select
        *,
        rank() over (partition by category order by score desc) as place,
    from rankings
    where is_ranked
),

wide as (
    unpivot (
        select
            model_id,
            columns('.+_score$'),
        from {{ ref('rankings_wide') }}
    )
    on columns(* exclude (model_id)) into name column_name value score
),

weights as (
    select distinct
        method,
        category,
        model_id,
        benchmark_id,
        case when method = 'layered' then source_id end as source_id,
        weight,
    from {{ ref('score_contributions') }}
),

models as (
    select * from {{ ref('models') }}
),

deployments as (
    select
        model_id,
        count(*) as deployment_count,
        count(*) filter (where not is_deprecated) as live_deployment_count,
    from {{ ref('deployments') }}
    where model_id is not null and origin != 'analytics'
    group by model_id
),

names as (
    select
        source_id,
        count(*) as name_count,
        sum(value_count) as value_count,
    from {{ ref('crosswalk') }}
    group by source_id
),

names_summed as (
    select
        source_id,
        sum(name_count) as name_count,
        sum(auto_count + review_count + unmatched_count) as decided_count,
        sum(value_count) as value_count,
    from {{ ref('crosswalk_summary') }}
    group by source_id
),

checks as (
    select
        'rankings: score = capability * factors + points' as check_name,
        category || ', ' || model_id as row_key,
        cast(score as varchar) as stated,
        cast(score_made as varchar) as expected,
        abs(score - score_made) <= 1e-5 as holds,
    from adjusted

    union all

    select
        'rankings: rank follows score',
        category || ', ' || model_id,
        cast(rank as varchar),
        cast(place as varchar),
        rank = place,
    from placed

    union all

    select
        'rankings: rank and score lie within their intervals',
        category || ', ' || model_id,
        'rank ' || rank || ', score ' || score,
        rank_low || ' to ' || rank_high || ', ' || score_low || ' to ' || score_high,
        rank between rank_low and rank_high and score between score_low and score_high,
    from rankings
    where is_ranked

    union all

    select
        'rankings_wide: scores are those of rankings',
        wide.model_id || ', ' || wide.column_name,
        cast(wide.score as varchar),
        cast(rankings.score as varchar),
        wide.score is not distinct from rankings.score,
    from wide
    full outer join rankings
        on rankings.model_id = wide.model_id
        and rankings.category || '_score' = wide.column_name
    where wide.column_name is distinct from 'mean_score' and rankings.score is not null

    union all

    select
        'rankings_history: the last day is that of rankings',
        rankings.category || ', ' || rankings.model_id,
        coalesce(history.rank || ', score ' || history.score, 'none'),
        coalesce(rankings.rank || ', score ' || rankings.score, 'none'),
        history.rank is not distinct from rankings.rank
        and history.score is not distinct from rankings.score,
    from rankings
    left join {{ ref('rankings_history') }} as history
        on history.category = rankings.category
        and history.model_id = rankings.model_id
        and history.as_of_on = rankings.as_of_on

    union all

    select
        'score_contributions: weights sum to 1',
        method || ', ' || category || ', ' || model_id,
        cast(sum(weight) as varchar),
        '1',
        abs(sum(weight) - 1) <= 1e-6,
    from weights
    group by method, category, model_id

    union all

    select
        'models: counts are those of deployments',
        models.model_id,
        models.deployment_count || ', live ' || models.live_deployment_count,
        coalesce(deployments.deployment_count, 0)
        || ', live ' || coalesce(deployments.live_deployment_count, 0),
        models.deployment_count = coalesce(deployments.deployment_count, 0)
        and models.live_deployment_count = coalesce(deployments.live_deployment_count, 0),
    from models
    left join deployments on deployments.model_id = models.model_id

    union all

    select
        'models: the lowest price is not above the highest',
        model_id,
        cast(lowest_input_price_usd_per_1m as varchar),
        cast(highest_input_price_usd_per_1m as varchar),
        coalesce(lowest_input_price_usd_per_1m <= highest_input_price_usd_per_1m, true),
    from models

    union all

    select
        'crosswalk_summary: counts are those of crosswalk',
        coalesce(names.source_id, names_summed.source_id),
        names_summed.name_count || ' names, ' || names_summed.decided_count || ' decided, '
        || coalesce(names_summed.value_count, 0) || ' values',
        names.name_count || ' names, ' || coalesce(names.value_count, 0) || ' values',
        names_summed.name_count = names.name_count
        and names_summed.decided_count = names.name_count
        and names_summed.value_count is not distinct from names.value_count,
    from names
    full outer join names_summed on names_summed.source_id = names.source_id

    union all

    select
        'score_contributions: nothing is dated after as_of',
        method || ', ' || category || ', ' || model_id || ', ' || benchmark_id || ', ' || source_id,
        cast(dated_on as varchar),
        'by ' || cast({{ as_of }} as varchar),
        dated_on <= {{ as_of }},
    from {{ ref('score_contributions') }}
    where dated_on is not null
),

final as (
    select
        check_name,
        row_key,
        stated,
        expected,
    from checks
    where holds is not true
)

select * from final
