-- The boards that publish one table of scores each, in one shape.
-- A new board adds one relation to the list below.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name,
-- state_from_on).

{% set relations = [
    ref('stg_aider__edit'),
    ref('stg_aider__polyglot'),
    ref('stg_bigcodebench__results'),
    ref('stg_eqbench_creative__results'),
    ref('stg_evalplus__results'),
    ref('stg_open_llm_leaderboard__results'),
] %}

with final as (
    {{ union_scores(relations) }}
)

select * from final
