-- Scores that a source collected from reports, in one shape. llm-stats names models by an id; who
-- made them and when they came out is in its list of models.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name,
-- state_from_on).

with llm_stats_models as (
    select * from {{ ref('stg_llm_stats__models') }}
    where source_model_name is not null
    qualify row_number() over (
        partition by source_model_name order by state_to_on desc, record_key
    ) = 1
),

llm_stats as (
    select
        scores.* replace (
            llm_stats_models.org as org,
            scores.source_model_name as record_id,
            llm_stats_models.released_on as model_released_on
        ),
    from {{ ref('stg_llm_stats__scores') }} as scores
    left join llm_stats_models
        on llm_stats_models.source_model_name = scores.source_model_name
),

final as (
    select * from llm_stats
    union all by name
    {{ union_scores([ref('stg_trun__report_scores'), ref('stg_trun__scores')]) }}
)

select * from final
