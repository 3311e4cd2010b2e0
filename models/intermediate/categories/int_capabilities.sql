-- Capability: the weighted mean of a category's completed basket, in points of 100, and how sure it
-- is. Three independent errors: the ability is uncertain, each benchmark has its own noise, and a
-- model may be better or worse in a whole field than its ability says (common_error).
-- Grain: one row per (as_of_on, scope, model_id, variant, category).

with basket_cells as (
    select * from {{ ref('int_basket_cells') }}
),

variances as (
    select * from {{ ref('int_ability_fit') }}
    where kind = 'variance'
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

summed as (
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

erred as (
    select
        summed.*,
        100 * sqrt(
            variances.ability_variance
            + summed.noise / (1 + parameters.kappa)
            + pow(parameters.common_error * summed.completed_slope, 2)
        ) as sd,
        parameters.confidence_half_sd,
        parameters.interval_z,
        parameters.ranked_min_cells,
        parameters.ranked_confidence,
    from summed
    inner join variances
        on variances.as_of_on = summed.as_of_on
        and variances.scope = summed.scope
        and variances.model_id = summed.model_id
        and variances.variant = coalesce(summed.variant, '')
        and variances.category = summed.category
    cross join parameters
),

final as (
    select
        as_of_on,
        scope,
        model_id,
        variant,
        category,
        capability,
        sd,
        interval_z * sd as half_interval,
        1 / (1 + pow(sd / confidence_half_sd, 2)) as confidence,
        coverage,
        cells_measured,
        cells_doubted,
        ranked_min_cells,
        ranked_confidence,
        has_calibrating_cell,
    from erred
)

select * from final
