-- Scores: the capability, the category's adjustments, the interval around the score, and whether it
-- may be ranked.
-- Capability is the weighted mean of the category's completed basket, in points of 100. Three
-- independent errors make its sd: the ability is uncertain, each benchmark has its own noise, and a
-- model may be better or worse in a whole field than its ability says (common_error).
-- The interval is that of the capability, shifted with the score and cut to 0..100.
-- A model is ranked whose cells do not contradict each other, that has enough of them in all, one
-- in the basket that may calibrate, and enough confidence; the first condition that fails is the
-- reason. Flagged cells count for none of the others.
-- Grain: one row per (as_of_on, scope, model_id, variant, category).

with basket_cells as (
    select * from {{ ref('int_basket_cells') }}
),

variances as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'variance'
),

abilities as (
    select * from {{ ref('int_abilities') }}
),

model_anomalies as (
    select * from {{ ref('int_model_anomalies') }}
),

adjustments as (
    select * from {{ ref('int_adjustments') }}
),

parameters as (
    select
        {{ parameter('basket', 'kappa') }} as kappa,
        {{ parameter('basket', 'common_error') }} as common_error,
        {{ parameter('basket', 'confidence_half_sd') }} as confidence_half_sd,
        {{ parameter('basket', 'interval_z') }} as interval_z,
        {{ parameter('basket', 'ranked_min_cells') }} as ranked_min_cells,
        {{ parameter('basket', 'ranked_confidence') }} as ranked_confidence,
),

baskets as (
    select
        as_of_on,
        scope,
        model_id,
        variant,
        category,
        100 * sum(weight * cell_0_1) as capability,
        sum(weight * (1 - completing_share)) as coverage,
        sum(pow(weight * sigma_0_1, 2) * completing_share) as noise,
        sum(weight * completing_share * expected_slope) as completed_slope,
        count(*) filter (where is_counted) as cells_measured,
        count(*) filter (where is_doubted) as cells_doubted,
        bool_or(calibrates and is_counted) as has_calibrating_cell,
    from basket_cells
    group by as_of_on, scope, model_id, variant, category
),

capabilities as (
    select
        baskets.*,
        100 * sqrt(
            variances.ability_variance
            + baskets.noise / (1 + parameters.kappa)
            + pow(parameters.common_error * baskets.completed_slope, 2)
        ) as sd,
        parameters.interval_z * sd as half_interval,
        1 / (1 + pow(sd / parameters.confidence_half_sd, 2)) as confidence,
        parameters.ranked_min_cells,
        parameters.ranked_confidence,
    from baskets
    inner join variances
        on variances.as_of_on = baskets.as_of_on
        and variances.scope = baskets.scope
        and variances.model_id = baskets.model_id
        and variances.variant = coalesce(baskets.variant, '')
        and variances.category = baskets.category
    cross join parameters
),

summed as (
    select
        capabilities.as_of_on,
        capabilities.scope,
        capabilities.model_id,
        capabilities.variant,
        capabilities.category,
        product(adjustments.factor) as factor,
        sum(adjustments.points) as points,
    from capabilities
    inner join adjustments
        on adjustments.as_of_on = capabilities.as_of_on
        and adjustments.scope = capabilities.scope
        and adjustments.category = capabilities.category
        and adjustments.model_id = capabilities.model_id
        and coalesce(adjustments.variant, capabilities.variant, '')
        = coalesce(capabilities.variant, '')
    group by all
),

adjusted as (
    select
        capabilities.*,
        abilities.cell_count,
        -- A model of which nothing was judged contradicts nothing.
        coalesce(model_anomalies.is_validated, true) as is_validated,
        least(greatest(
            capabilities.capability * coalesce(summed.factor, 1)
            + coalesce(summed.points, 0), 0
        ), 100) as score,
    from capabilities
    inner join abilities
        on abilities.as_of_on = capabilities.as_of_on
        and abilities.scope = capabilities.scope
        and abilities.model_id = capabilities.model_id
        and abilities.variant is not distinct from capabilities.variant
    left join summed
        on summed.as_of_on = capabilities.as_of_on
        and summed.scope = capabilities.scope
        and summed.model_id = capabilities.model_id
        and summed.variant is not distinct from capabilities.variant
        and summed.category = capabilities.category
    left join model_anomalies
        on model_anomalies.as_of_on = capabilities.as_of_on
        and model_anomalies.scope = capabilities.scope
        and model_anomalies.model_id = capabilities.model_id
        and model_anomalies.variant is not distinct from capabilities.variant
),

judged as (
    select
        *,
        case
            when not is_validated then 'not_validated'
            when cell_count < ranked_min_cells then 'too_few_benchmarks'
            when cells_measured = 0 and cells_doubted > 0 then 'only_doubted_cells'
            when cells_measured = 0 then 'nothing_measured'
            when not has_calibrating_cell then 'only_an_archived_board'
            when confidence < ranked_confidence then 'too_uncertain'
        end as unranked_reason,
    from adjusted
),

final as (
    select
        as_of_on,
        scope,
        model_id,
        variant,
        category,
        unranked_reason,
        score,
        least(greatest(score - half_interval, 0), 100) as score_low,
        least(greatest(score + half_interval, 0), 100) as score_high,
        capability,
        sd,
        half_interval,
        confidence,
        coverage,
        cells_measured,
        unranked_reason is null as is_ranked,
    from judged
)

select * from final
