-- Models that the curated registry does not list: releases that a source introduced, the newest
-- first. The place to look for what has just come out, and for what the registry is missing.
-- Grain: one row per (model_id).

with models as (
    select * from {{ ref('models') }}
    where not is_in_registry
),

scores as (
    select
        model_id,
        sum(value_count) as value_count,
    from {{ ref('int_crosswalk') }}
    where status = 'auto'
    group by model_id
),

final as (
    select
        models.model_id,
        models.provider_id,
        models.display_name,
        models.first_seen_source_id,
        cast(coalesce(scores.value_count, 0) as bigint) as value_count,
        models.deployment_count,
        models.released_on,
        models.first_seen_at,
    from models
    left join scores on scores.model_id = models.model_id
)

select * from final
order by first_seen_at desc, value_count desc, model_id
