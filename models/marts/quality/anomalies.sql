-- Every measured cell that was judged, with what the model's other cells say it should be: where
-- the measurements of a model contradict each other, by how much, and what share of its evidence
-- each cell keeps; flagged ones do not count.
-- Grain: one row per (model_id, benchmark_id).

with cells as (
    select * from {{ ref('int_cells_screened') }}
    where is_current and scope = 'model' and is_judged
),

final as (
    select
        model_id,
        benchmark_id,
        round(value_0_1, 6) as measured_0_1,
        round(expected_0_1, 6) as expected_0_1,
        round(residual, 6) as residual,
        round(modified_z, 6) as modified_z,
        round(evidence, 6) as evidence,
        round(kept_share, 6) as kept_share,
        cast(source_count as integer) as source_count,
        is_flagged,
        as_of_on,
    from cells
)

select * from final
order by abs(modified_z) desc, model_id, benchmark_id
