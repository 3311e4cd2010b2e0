-- One value per source, model and benchmark: the best of the model's variants within that source,
-- since a model can do what any of its variants can. The variant chosen stays with the value.
-- Grain: one row per (as_of_on, source_id, model_id, benchmark_id).

with variant_values as (
    select * from {{ ref('int_variant_values') }}
),

final as (
    select *
    from variant_values
    qualify row_number() over (
        partition by as_of_on, source_id, model_id, benchmark_id
        order by value_0_1 desc, variant nulls last
    ) = 1
)

select * from final
