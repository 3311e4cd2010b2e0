-- Scores that count on a day: accepted, of a model that is known for certain, of the version of
-- their record that was the state on that day, and dated by then. A value without a day of its own
-- has that on which its record was last seen.
-- A name that is in review or unmatched carries no score into any ranking; the crosswalk's marts
-- list what hangs on it.
-- Grain: one row per (as_of_on, source_id, entity, record_key, source_benchmark_name).

with scores as (
    select * from {{ ref('int_scores_validated') }}
    where rejected_by is null
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

dated as (
    select
        as_of_dates.as_of_on,
        scores.source_id,
        scores.entity,
        scores.record_key,
        scores.load_id,
        scores.record_id,
        crosswalk.model_id,
        crosswalk.variant,
        scores.source_model_name,
        scores.org,
        scores.source_benchmark_name,
        scores.benchmark_id,
        scores.base_benchmark_id,
        scores.benchmark_release,
        scores.setting,
        scores.evidence_kind,
        scores.url,
        scores.date_basis,
        scores.value,
        scores.value_0_1,
        scores.standard_error_0_1,
        scores.quality,
        scores.evidence_quality,
        as_of_dates.is_current,
        {{ last_observed_at('scores', 'as_of_dates.as_of_on', 'listings', 'records') }}
            as observed_at,
        coalesce(scores.evaluated_on, scores.published_on) as stated_on,
    from scores
    inner join crosswalk
        on crosswalk.source_id = scores.source_id
        and crosswalk.org is not distinct from scores.org
        and crosswalk.source_model_name = scores.source_model_name
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'scores') }}
    {{ join_sightings('sightings', 'scores', 'as_of_dates.as_of_on', 'listings', 'records') }}
),

final as (
    select
        * exclude (stated_on),
        coalesce(stated_on, cast(observed_at as date)) as dated_on,
    from dated
    where dated_on <= as_of_on
)

select * from final
