-- Every score of every source in one shape, as the source wrote it.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name,
-- state_from_on).

{% set relations = [
    ref('int_artificial_analysis_scores'),
    ref('int_board_scores'),
    ref('int_epoch_scores'),
    ref('int_livebench_scores'),
    ref('int_livecodebench_scores'),
    ref('int_reported_scores'),
] %}

with final as (
    {{ union_scores(relations) }}
)

select * from final
