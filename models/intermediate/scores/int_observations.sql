-- Scores that may count on a day: accepted, of a model that is known for certain, of the version of
-- their record that was the state on that day, and dated by then. A value without a day of its own
-- has that on which its record was last seen. A name that is in review or unmatched carries no
-- score into any ranking; the crosswalk's marts list what hangs on it.
-- Whether one of them counts for (source, model, variant, benchmark) is decided here and nowhere
-- else. It is excluded where its source as a whole is below its threshold of quality, where the
-- same record has a newer observed value (a service may be read in two shapes of its API), and
-- where another setting is the benchmark's standard one; where no value has the standard setting,
-- all count.
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

source_quality as (
    select * from {{ ref('int_source_quality') }}
),

benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
),

source_layers as (
    select * from {{ ref('source_layers') }}
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
        on {{ is_same_name('crosswalk', 'scores') }}
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'scores') }}
    {{ join_sightings('sightings', 'scores', 'as_of_dates.as_of_on', 'listings', 'records') }}
),

known as (
    select
        * exclude (stated_on),
        coalesce(stated_on, cast(observed_at as date)) as dated_on,
    from dated
    where dated_on <= as_of_on
),

-- By what it says itself and by its source; settings are compared among what is left.
marked as (
    select
        known.*,
        source_layers.layer_id,
        source_layers.calibrates,
        coalesce(known.setting = benchmarks.standard_setting, false) as is_standard_setting,
        case
            when source_quality.is_skipped then 'source_below_threshold'
            when
                known.record_id is not null
                and known.observed_at != max(known.observed_at) over (
                    partition by
                        known.as_of_on,
                        known.source_id,
                        known.record_id,
                        known.model_id,
                        known.variant,
                        known.benchmark_id,
                        known.setting
                )
                then 'newer_value_of_the_record'
        end as own_reason,
    from known
    inner join source_layers on source_layers.source_id = known.source_id
    inner join source_quality
        on source_quality.as_of_on = known.as_of_on
        and source_quality.source_id = known.source_id
    left join benchmarks on benchmarks.benchmark_id = known.base_benchmark_id
),

final as (
    select
        * exclude (own_reason, is_standard_setting),
        case
            when own_reason is not null then own_reason
            when
                not is_standard_setting
                and max(is_standard_setting) over (
                    partition by
                        as_of_on, source_id, model_id, variant, benchmark_id,
                        own_reason is null
                )
                then 'standard_setting'
        end as excluded_for,
    from marked
)

-- Sums are added up in this order, so that equal inputs give equal digits.
select * from final
order by as_of_on, source_id, entity, record_key, source_benchmark_name
