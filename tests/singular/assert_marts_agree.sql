-- Proves that the marts tell one story: scores are what their adjustments make of capabilities,
-- ranks follow scores, lie within their range and rest on a measurement, the wide and the
-- historical rankings repeat the rankings, weights sum to 1, counts are those of the rows counted,
-- and nothing is dated after the day that the build speaks of.
-- A failing row names the check, the row by its key, and the two values that differ.

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

-- A score that is not there stands as -1: null would be left out.
wide as (
    unpivot (
        select
            model_id,
            coalesce(columns('.+_score$'), -1),
        from {{ ref('rankings_wide') }}
    )
    on columns(* exclude (model_id)) into name column_name value score
),

weights as (
    select distinct
        scoring_method,
        category,
        model_id,
        benchmark_id,
        case when scoring_method = 'layered' then source_id end as source_id,
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
        sum(auto_count + review_count + unmatched_count + no_model_count) as decided_count,
        sum(review_count + unmatched_count) as waiting_count,
        sum(value_count) as value_count,
    from {{ ref('crosswalk_summary') }}
    group by source_id
),

measured as (
    select distinct
        category,
        model_id,
        layer_id in ('benchmarks', 'analytics') as is_measured,
    from {{ ref('score_contributions') }}
),

waiting as (
    select
        source_id,
        count(*) as waiting_count,
    from {{ ref('crosswalk_review') }}
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
        'rankings: rank follows score' as check_name,
        category || ', ' || model_id as row_key,
        cast(rank as varchar) as stated,
        cast(place as varchar) as expected,
        rank = place as holds,
    from placed

    union all

    select
        'rankings: rank and score lie within their intervals' as check_name,
        category || ', ' || model_id as row_key,
        'rank ' || rank || ', score ' || score as stated,
        rank_low || ' to ' || rank_high || ', ' || score_low || ' to ' || score_high as expected,
        rank between rank_low and rank_high and score between score_low and score_high as holds,
    from rankings
    where is_ranked

    union all

    select
        'rankings: what is ranked is measured, not stated by its vendor' as check_name,
        rankings.category || ', ' || rankings.model_id as row_key,
        'rank ' || rankings.rank as stated,
        'a measured contribution' as expected,
        measured.is_measured as holds,
    from rankings
    left join measured
        on measured.category = rankings.category
        and measured.model_id = rankings.model_id
        and measured.is_measured
    where rankings.is_ranked

    union all

    select
        'rankings_wide: scores are those of rankings' as check_name,
        wide.model_id || ', ' || wide.column_name as row_key,
        cast(wide.score as varchar) as stated,
        cast(coalesce(rankings.score, -1) as varchar) as expected,
        wide.score = coalesce(rankings.score, -1) as holds,
    from wide
    left join rankings
        on rankings.model_id = wide.model_id
        and rankings.category || '_score' = wide.column_name
    where wide.column_name != 'mean_score'

    union all

    select
        'rankings_history: the last day is that of rankings' as check_name,
        rankings.category || ', ' || rankings.model_id as row_key,
        coalesce(history.rank || ', score ' || history.score, 'none') as stated,
        coalesce(rankings.rank || ', score ' || rankings.score, 'none') as expected,
        coalesce(history.rank, 0) = coalesce(rankings.rank, 0)
        and coalesce(history.score, -1) = coalesce(rankings.score, -1) as holds,
    from rankings
    left join {{ ref('rankings_history') }} as history
        on history.category = rankings.category
        and history.model_id = rankings.model_id
        and history.as_of_on = rankings.as_of_on

    union all

    select
        'score_contributions: weights sum to 1' as check_name,
        scoring_method || ', ' || category || ', ' || model_id as row_key,
        cast(sum(weight) as varchar) as stated,
        '1' as expected,
        abs(sum(weight) - 1) <= 1e-6 as holds,
    from weights
    group by scoring_method, category, model_id

    union all

    select
        'models: counts are those of deployments' as check_name,
        models.model_id as row_key,
        models.deployment_count || ', live ' || models.live_deployment_count as stated,
        coalesce(deployments.deployment_count, 0)
        || ', live ' || coalesce(deployments.live_deployment_count, 0) as expected,
        models.deployment_count = coalesce(deployments.deployment_count, 0)
        and models.live_deployment_count = coalesce(deployments.live_deployment_count, 0) as holds,
    from models
    left join deployments on deployments.model_id = models.model_id

    union all

    select
        'models: the lowest price is not above the highest' as check_name,
        model_id as row_key,
        cast(lowest_input_price_usd_per_1m as varchar) as stated,
        cast(highest_input_price_usd_per_1m as varchar) as expected,
        coalesce(lowest_input_price_usd_per_1m <= highest_input_price_usd_per_1m, true) as holds,
    from models

    union all

    select
        'crosswalk_summary: counts are those of crosswalk' as check_name,
        coalesce(names.source_id, names_summed.source_id) as row_key,
        names_summed.name_count || ' names, ' || names_summed.decided_count || ' decided, '
        || coalesce(names_summed.value_count, 0) || ' values' as stated,
        names.name_count || ' names, ' || coalesce(names.value_count, 0) || ' values' as expected,
        names_summed.name_count = names.name_count
        and names_summed.decided_count = names.name_count
        and coalesce(names_summed.value_count, 0) = coalesce(names.value_count, 0) as holds,
    from names
    full outer join names_summed on names_summed.source_id = names.source_id

    union all

    select
        'crosswalk_review: holds the names that wait' as check_name,
        names_summed.source_id as row_key,
        cast(coalesce(waiting.waiting_count, 0) as varchar) as stated,
        cast(names_summed.waiting_count as varchar) as expected,
        coalesce(waiting.waiting_count, 0) = names_summed.waiting_count as holds,
    from names_summed
    left join waiting on waiting.source_id = names_summed.source_id

    union all

    select
        'models: the release is that of model_facts' as check_name,
        models.model_id as row_key,
        models.released_on || ' by ' || models.released_on_origin as stated,
        releases.value_text || ' by ' || releases.origin as expected,
        coalesce(models.released_on || models.released_on_origin, '')
        = coalesce(releases.value_text || releases.origin, '') as holds,
    from models
    left join {{ ref('model_facts') }} as releases
        on releases.model_id = models.model_id
        and releases.attribute = 'released_on'

    union all

    select
        'models: each existed by as_of' as check_name,
        models.model_id as row_key,
        concat_ws(
            ', ', 'released ' || models.released_on, 'first seen ' || models.first_observed_at
        ) as stated,
        'by ' || cast({{ as_of }} as varchar) || ', or measured by then' as expected,
        least(models.released_on, cast(models.first_observed_at as date)) <= {{ as_of }}
        or models.model_id in (select measured.model_id from measured) as holds,
    from models

    union all

    select
        'score_contributions: nothing is dated after as_of' as check_name,
        concat_ws(', ', scoring_method, category, model_id, benchmark_id, source_id) as row_key,
        cast(dated_on as varchar) as stated,
        'by ' || cast({{ as_of }} as varchar) as expected,
        dated_on <= {{ as_of }} as holds,
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
