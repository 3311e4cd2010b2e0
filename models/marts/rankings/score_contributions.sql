-- What a score is made of: the points that every measured value, every expected cell and every
-- static indicator adds. The points of one (scoring_method, category, model_id) sum to `capability`
-- or to `layered_score`; adjustments from capability to score are in score_adjustments.
-- A capability's measured part of a cell is shared among its sources by the quality of their
-- evidence; the completing part stands under the source `expected`.
-- Grain: one row per (scoring_method, category, model_id, layer_id, benchmark_id, source_id).

with layered as (
    -- Static facts alone give no layered score.
    select * from {{ ref('int_layered_contributions') }}
    qualify bool_or(layer_id != 'static') over (partition by category, model_id)
),

basket_cells as (
    select * from {{ ref('int_basket_cells') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
),

source_values as (
    select
        *,
        quality / sum(quality) over (partition by model_id, benchmark_id) as share,
    from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
),

measured as (
    select
        basket_cells.*,
        source_values.source_id,
        source_values.layer_id,
        source_values.variant as source_variant,
        source_values.setting,
        source_values.date_basis,
        source_values.url,
        source_values.value_0_1,
        source_values.dated_on,
        100 * basket_cells.weight * (1 - basket_cells.completing_share)
        * source_values.share * source_values.value_0_1 as points,
    from basket_cells
    inner join source_values
        on source_values.model_id = basket_cells.model_id
        and source_values.benchmark_id = basket_cells.benchmark_id
    -- What was measured of a flagged cell adds nothing.
    where basket_cells.measured_0_1 is not null
),

unioned as (
    select
        'layered' as scoring_method,
        layered.category,
        layered.model_id,
        layered.layer_id,
        layered.benchmark_id,
        layered.source_id,
        layered.variant,
        layered.setting,
        layered.date_basis,
        layered.url,
        layered.value_0_1,
        layered.weight,
        layered.evidence,
        layered.points,
        layered.dated_on,
    from layered

    union all by name

    select
        'capability' as scoring_method,
        category,
        model_id,
        layer_id,
        benchmark_id,
        source_id,
        source_variant as variant,
        setting,
        date_basis,
        url,
        value_0_1,
        weight,
        evidence,
        kept_share,
        expected_0_1,
        cell_0_1,
        points,
        dated_on,
    from measured

    union all by name

    select
        'capability' as scoring_method,
        category,
        model_id,
        'expected' as layer_id,
        benchmark_id,
        'expected' as source_id,
        expected_0_1 as value_0_1,
        weight,
        evidence,
        kept_share,
        expected_0_1,
        cell_0_1,
        100 * weight * completing_share * expected_0_1 as points,
    from basket_cells
),

final as (
    select
        scoring_method,
        category,
        model_id,
        layer_id,
        benchmark_id,
        source_id,
        variant,
        setting,
        date_basis,
        url,
        round(value_0_1, 9) as value_0_1,
        round(weight, 9) as weight,
        round(evidence, 9) as evidence,
        round(kept_share, 9) as kept_share,
        round(expected_0_1, 9) as expected_0_1,
        round(cell_0_1, 9) as cell_0_1,
        round(points, 9) as points,
        dated_on,
    from unioned
)

select * from final
order by scoring_method, category, model_id, layer_id, benchmark_id, source_id
