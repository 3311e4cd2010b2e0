-- What a profile says of a category's measured cells: the measured value, its weight in the seed,
-- and the source whose evidence is the largest: it gives the layer and the date. All records that
-- the cell was merged from stand in `records`, so that every figure leads back to the landing.
-- Grain: one row per (category, model_id, benchmark_id).

with basket_cells as (
    select * from {{ ref('int_basket_cells') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model' and measured_0_1 is not null
),

baskets as (
    select * from {{ ref('baskets') }}
),

source_values as (
    select * from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
),

observations as (
    select * from {{ ref('int_observations') }}
    where is_current and excluded_for is null
),

record_lists as (
    select
        source_id,
        model_id,
        variant,
        benchmark_id,
        list(
            struct_pack(
                entity := entity,
                record_key := record_key,
                field := source_benchmark_name,
                load_id := load_id,
                value := round(value, 9)
            )
            order by entity, record_key, source_benchmark_name
        ) as records,
    from observations
    group by source_id, model_id, variant, benchmark_id
),

merged as (
    select
        source_values.model_id,
        source_values.benchmark_id,
        arg_max(source_values.layer_id, (source_values.evidence, source_values.source_id))
            as layer_id,
        arg_max(source_values.dated_on, (source_values.evidence, source_values.source_id))
            as dated_on,
        list(
            struct_pack(
                source := source_values.source_id,
                score := round(100 * source_values.value_0_1, 6),
                variant := source_values.variant,
                setting := source_values.setting,
                evidence := round(source_values.evidence, 6),
                date := source_values.dated_on,
                records := record_lists.records
            )
            order by source_values.evidence desc, source_values.source_id
        ) as sources,
    from source_values
    inner join record_lists
        on record_lists.source_id = source_values.source_id
        and record_lists.model_id = source_values.model_id
        and record_lists.variant is not distinct from source_values.variant
        and record_lists.benchmark_id = source_values.benchmark_id
    group by source_values.model_id, source_values.benchmark_id
),

final as (
    select
        basket_cells.category,
        basket_cells.model_id,
        basket_cells.benchmark_id,
        merged.layer_id,
        merged.sources,
        100 * basket_cells.measured_0_1 as score,
        basket_cells.kept_share,
        baskets.weight,
        merged.dated_on,
    from basket_cells
    inner join baskets
        on baskets.category = basket_cells.category
        and baskets.benchmark_id = split_part(basket_cells.benchmark_id, '@', 1)
    inner join merged
        on merged.model_id = basket_cells.model_id
        and merged.benchmark_id = basket_cells.benchmark_id
)

select * from final
