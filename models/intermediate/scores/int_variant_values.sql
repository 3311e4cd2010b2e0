-- One value per source, model, variant and benchmark on a day: the mean of the observations that
-- count for it, and its evidence: evidence quality * trust in the layer (its weight over the
-- largest) * data quality of the source * 2^(-age / half-life), ages counted from that day. For the
-- model as a whole a source speaks with the best of the model's variants (is_best_variant), since a
-- model can do what any of its variants can.
-- Grain: one row per (as_of_on, source_id, model_id, variant, benchmark_id); variant null =
-- unknown.

with observations as (
    select * from {{ ref('int_observations') }}
    where excluded_for is null
),

source_quality as (
    select * from {{ ref('int_source_quality') }}
),

layers as (
    select
        layer_id,
        layer_weight / max(layer_weight) over () as trust,
    from {{ ref('layers') }}
),

parameters as (
    select {{ parameter('recency', 'half_life_days') }} as half_life_days
),

averaged as (
    select
        as_of_on,
        is_current,
        source_id,
        layer_id,
        model_id,
        variant,
        benchmark_id,
        base_benchmark_id,
        string_agg(distinct setting, '; ' order by setting) as setting,
        -- Of repeats with different dates or evidence the one that weighs most speaks for them.
        arg_max_null(evidence_kind, (evidence_quality, dated_on, record_key)) as evidence_kind,
        arg_max_null(date_basis, (evidence_quality, dated_on, record_key)) as date_basis,
        arg_max_null(url, (evidence_quality, dated_on, record_key)) as url,
        avg(value_0_1) as value_0_1,
        max(quality) as quality,
        max(evidence_quality) as evidence_quality,
        count(*) as observation_count,
        bool_or(calibrates) as calibrates,
        arg_max_null(dated_on, (evidence_quality, dated_on, record_key)) as dated_on,
    from observations
    group by
        as_of_on, is_current, source_id, layer_id, model_id, variant, benchmark_id,
        base_benchmark_id
),

final as (
    select
        averaged.*,
        averaged.evidence_quality * layers.trust * source_quality.data_quality
        * {{ age_decay('averaged.dated_on', 'parameters.half_life_days', 'averaged.as_of_on') }}
            as evidence,
        row_number() over (
            partition by
                averaged.as_of_on, averaged.source_id, averaged.model_id, averaged.benchmark_id
            order by averaged.value_0_1 desc, averaged.variant nulls last
        ) = 1 as is_best_variant,
    from averaged
    inner join layers on layers.layer_id = averaged.layer_id
    inner join source_quality
        on source_quality.as_of_on = averaged.as_of_on
        and source_quality.source_id = averaged.source_id
    cross join parameters
)

-- Sums are added up in this order, so that equal inputs give equal digits.
select * from final
order by as_of_on, source_id, model_id, variant, benchmark_id
