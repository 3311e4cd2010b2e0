-- Which of the observations speak for (source, model, variant, benchmark) on a day, and why the
-- others do not: the source as a whole is below its threshold of quality; of one record's values
-- the newest observed counts (a service may be read in two shapes of its API); of several settings
-- the benchmark's standard one counts, and where none is, all.
-- Grain: one row per (as_of_on, source_id, entity, record_key, source_benchmark_name).

with observations as (
    select * from {{ ref('int_observations') }}
),

benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
),

source_layers as (
    select * from {{ ref('source_layers') }}
),

source_quality as (
    select * from {{ ref('int_source_quality') }}
),

marked as (
    select
        observations.*,
        source_layers.layer_id,
        source_layers.calibrates,
        coalesce(observations.setting = benchmarks.standard_setting, false) as is_standard_setting,
        case
            when source_quality.is_skipped then 'source_below_threshold'
            when
                observations.record_id is not null
                and observations.observed_at != max(observations.observed_at) over (
                    partition by
                        observations.as_of_on,
                        observations.source_id,
                        observations.record_id,
                        observations.model_id,
                        observations.variant,
                        observations.benchmark_id,
                        observations.setting
                )
                then 'newer_value_of_the_record'
        end as is_passed_over_for,
    from observations
    inner join source_layers on source_layers.source_id = observations.source_id
    inner join source_quality
        on source_quality.as_of_on = observations.as_of_on
        and source_quality.source_id = observations.source_id
    left join benchmarks on benchmarks.benchmark_id = observations.base_benchmark_id
),

final as (
    select
        * exclude (is_passed_over_for, is_standard_setting),
        case
            when is_passed_over_for is not null then is_passed_over_for
            when
                not is_standard_setting
                and max(is_standard_setting) over (
                    partition by
                        as_of_on, source_id, model_id, variant, benchmark_id,
                        is_passed_over_for is null
                )
                then 'standard_setting'
        end as passed_over_for,
    from marked
)

-- Sums are added up in this order, so that equal inputs give equal digits.
select * from final
order by as_of_on, source_id, entity, record_key, source_benchmark_name
