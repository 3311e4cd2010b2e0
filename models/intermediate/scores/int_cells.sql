-- Cells: what is measured of a model on a benchmark, over all sources, on a given day.
-- Value = mean over sources weighted by quality; evidence = the largest among its sources. At scope
-- `model` each source speaks with its best variant; at scope `variant` (today only) every variant
-- stands for itself.
-- Grain: one row per (as_of_on, scope, model_id, variant, benchmark_id).

with variant_values as (
    select * from {{ ref('int_variant_values') }}
),

scoped as (
    select
        'model' as scope,
        cast(null as varchar) as scoped_variant,
        *,
    from variant_values
    where is_best_variant

    union all by name

    select
        'variant' as scope,
        coalesce(variant, 'unstated') as scoped_variant,
        *,
    from variant_values
    where is_current
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
    from scoped
    group by
        as_of_on, scope, model_id, scoped_variant, benchmark_id, base_benchmark_id, is_current
    -- The history keeps only models that could be ranked in it.
    qualify
        is_current
        or bool_or(bool_or(calibrates)) over (partition by as_of_on, scope, model_id)
)

-- Sums are added up in this order, so that equal inputs give equal digits.
select * from final
order by as_of_on, scope, model_id, variant, benchmark_id
