-- Scores that count: accepted, of a model that is known for certain, and dated by as_of.
-- A name that is in review or unmatched carries no score into any ranking; the crosswalk's marts
-- list what hangs on it.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name).

with scores as (
    select * from {{ ref('int_scores_validated') }}
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

final as (
    select
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
        scores.dated_on,
        case
            when scores.date_basis = 'observed' then cast(scores.first_observed_at as date)
            else scores.dated_on
        end as known_from_on,
        scores.observed_at,
    from scores
    inner join crosswalk
        on crosswalk.source_id = scores.source_id
        and crosswalk.org is not distinct from scores.org
        and crosswalk.source_model_name = scores.source_model_name
    where
        scores.rejected_by is null
        and crosswalk.status = 'auto'
        and crosswalk.model_id is not null
        and scores.dated_on <= {{ as_of_on() }}
)

select * from final
