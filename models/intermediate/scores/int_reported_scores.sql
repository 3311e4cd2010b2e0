-- Scores that a source collected from reports, in one shape. llm-stats names models by an id; who
-- made them and when they came out is in its list of models.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name,
-- state_from_on).

with stated as (
    select * from {{ ref('int_stated_fields') }}
),

llm_stats_models as (
    select models.* replace (stated.released_on as released_on),
    from {{ ref('stg_llm_stats__models') }} as models
    {{ join_by_version('stated', 'models') }}
    where models.source_model_name is not null and {{ is_accepted('stated') }}
    qualify row_number() over (
        partition by models.source_model_name order by models.state_to_on desc, models.record_key
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
