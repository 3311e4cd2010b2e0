-- Models that the curated registry does not list: releases that a source introduced, the last to
-- come out first, those whose day nobody states at the end. The place to look for what has just
-- come out, and for what the registry is missing.
-- A model is new on the day on which it came out. Where nobody states that, it is new when a source
-- that had been landed before first lists it: what stood in the first load of a source may be of
-- any age. Names that move on with each release (-latest) are no release.
-- Grain: one row per (model_id).

with models as (
    select * from {{ ref('models') }}
    where not is_in_registry
),

sightings as (
    select
        model_id,
        is_first_load,
    from {{ ref('int_models') }}
),

scores as (
    select
        model_id,
        sum(value_count) as value_count,
    from {{ ref('int_crosswalk') }}
    where status = 'auto'
    group by model_id
),

rolling_words as (
    select string_agg(word, '|' order by word) as pattern
    from {{ ref('matching_words') }}
    where kind = 'rolling'
),

dated as (
    select distinct model_id
    from {{ ref('int_id_dates') }}
),

rolling as (
    select models.model_id
    from models
    cross join rolling_words
    anti join dated on dated.model_id = models.model_id
    where regexp_matches(models.model_id, '(^|[^a-z])(' || rolling_words.pattern || ')([^a-z]|$)')
),

final as (
    select
        models.model_id,
        models.line_id,
        models.provider_id,
        models.display_name,
        models.first_observed_source_id,
        models.released_on_origin,
        models.release_precision,
        cast(coalesce(scores.value_count, 0) as bigint) as value_count,
        models.deployment_count,
        sightings.is_first_load,
        coalesce(
            models.released_on,
            case when not sightings.is_first_load then cast(models.first_observed_at as date) end
        ) as new_on,
        models.released_on,
        models.first_observed_at,
    from models
    inner join sightings on sightings.model_id = models.model_id
    left join scores on scores.model_id = models.model_id
    anti join rolling on rolling.model_id = models.model_id
)

select * from final
order by released_on desc nulls last, new_on desc nulls last, value_count desc, model_id
