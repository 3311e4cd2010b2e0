-- The layered baseline taken apart: what every source's value, and every static indicator, adds to
-- a model's layered score, in points of 100.
-- One value per (layer, benchmark) = mean over sources weighted by quality * decay; a layer = mean
-- over its benchmarks weighted by weight * decay (that of its youngest source); the score = mean
-- over the layers present weighted by layer weight. Recency acts on weights, never on values.
-- `layered_confidence` is the weight of the layers present: 1 where there is something of each.
-- Grain: one row per (category, model_id, layer_id, benchmark_id, source_id).

with source_values as (
    select * from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
),

layered_benchmarks as (
    select * from {{ ref('layered_benchmarks') }}
),

releases as (
    select * from {{ ref('int_benchmark_releases') }}
    where is_meant
),

layers as (
    select * from {{ ref('layers') }}
),

indicators as (
    select * from {{ ref('int_static_indicators') }}
    where holds is not null
),

parameters as (
    select {{ parameter('recency', 'half_life_days') }} as half_life_days
),

measured as (
    select
        layered_benchmarks.category,
        layered_benchmarks.weight,
        source_values.*,
        {{ age_decay('source_values.dated_on', 'parameters.half_life_days') }} as decay,
    from layered_benchmarks
    inner join releases on releases.base_benchmark_id = layered_benchmarks.benchmark_id
    -- A source speaks in its own layer only: Artificial Analysis' raw evaluations are part of its
    -- indices already and would count twice.
    inner join source_values
        on source_values.benchmark_id = releases.benchmark_id
        and source_values.layer_id = layered_benchmarks.layer_id
    cross join parameters
),

weighed as (
    select
        category,
        model_id,
        layer_id,
        benchmark_id,
        source_id,
        variant,
        setting,
        date_basis,
        url,
        value_0_1,
        dated_on,
        weight * max(decay) over (partition by category, model_id, layer_id, benchmark_id)
        * quality * decay
        / sum(quality * decay) over (partition by category, model_id, layer_id, benchmark_id)
            as evidence,
    from measured

    union all by name

    select
        category,
        model_id,
        'static' as layer_id,
        indicator_id as benchmark_id,
        coalesce(source_id, 'static_registry') as source_id,
        'observed' as date_basis,
        cast(holds as integer) as value_0_1,
        cast(observed_at as date) as dated_on,
        1.0 as evidence,
    from indicators
),

shared as (
    select
        weighed.*,
        layers.layer_weight,
        weighed.evidence / sum(weighed.evidence) over (
            partition by weighed.category, weighed.model_id, weighed.layer_id
        ) as share_of_layer,
        row_number() over (
            partition by weighed.category, weighed.model_id, weighed.layer_id
            order by weighed.benchmark_id, weighed.source_id
        ) = 1 as is_first_of_layer,
    from weighed
    inner join layers on layers.layer_id = weighed.layer_id
),

confident as (
    select
        *,
        sum(case when is_first_of_layer then layer_weight end) over (
            partition by category, model_id
        ) as layered_confidence,
    from shared
),

final as (
    select
        category,
        model_id,
        layer_id,
        benchmark_id,
        source_id,
        variant,
        setting,
        date_basis,
        url,
        value_0_1,
        evidence,
        layered_confidence,
        share_of_layer * layer_weight / layered_confidence as weight,
        100 * value_0_1 * share_of_layer * layer_weight / layered_confidence as points,
        dated_on,
    from confident
)

select * from final
