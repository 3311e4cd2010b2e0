-- Cells: what is measured of a model on a benchmark, over all sources, on a given day.
-- Value = mean over sources weighted by quality; evidence = the largest among its sources of
-- evidence quality * trust in the layer * data quality of the source * 2^(-age / half-life). At scope `model` each source speaks
-- with its best variant; at scope `variant` (today only) every variant stands for itself.
-- Grain: one row per (as_of_on, scope, model_id, variant, benchmark_id).

with source_values as (
    select * from {{ ref('int_source_values') }}
),

variant_values as (
    select * from {{ ref('int_variant_values') }}
    where is_current
),

layers as (
    select
        layer_id,
        layer_weight / max(layer_weight) over () as trust,
    from {{ ref('layers') }}
),

parameters as (
    select max(value) filter (where parameter = 'recency_half_life_days') as half_life_days
    from {{ ref('scoring_parameters') }}
),

source_quality as (
    select * from {{ ref('int_source_quality') }}
),

scoped as (
    select
        'model' as scope,
        cast(null as varchar) as scoped_variant,
        *,
    from source_values

    union all by name

    select
        'variant' as scope,
        coalesce(variant, 'unstated') as scoped_variant,
        *,
    from variant_values
),

weighed as (
    select
        scoped.*,
        scoped.evidence_quality * layers.trust * source_quality.data_quality
        * {{ age_decay('scoped.dated_on', 'parameters.half_life_days', 'scoped.as_of_on') }}
            as evidence,
    from scoped
    inner join layers on layers.layer_id = scoped.layer_id
    inner join source_quality
        on source_quality.as_of_on = scoped.as_of_on
        and source_quality.source_id = scoped.source_id
    cross join parameters
),

final as (
    select
        as_of_on,
        scope,
        model_id,
        scoped_variant as variant,
        benchmark_id,
        base_benchmark_id,
        sum(quality * value_0_1) / sum(quality) as value_0_1,
        max(evidence) as evidence,
        count(*) as source_count,
        bool_or(calibrates) as calibrates,
        min(dated_on) as first_dated_on,
        is_current,
    from weighed
    group by
        as_of_on, scope, model_id, scoped_variant, benchmark_id, base_benchmark_id, is_current
    -- The history keeps only models that could be ranked in it.
    qualify
        is_current
        or bool_or(bool_or(calibrates)) over (partition by as_of_on, scope, model_id)
)

select * from final
