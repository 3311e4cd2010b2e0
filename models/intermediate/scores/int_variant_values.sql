-- One value per source, model, variant and benchmark.
-- Of one record's values the newest observed counts (a service may be read in two shapes of its
-- API). Of several settings the benchmark's standard one counts; where none is, their mean.
-- Grain: one row per (as_of_on, source_id, model_id, variant, benchmark_id); variant null =
-- unknown.

with observations as (
    select * from {{ ref('int_observations') }}
),

benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
),

source_layers as (
    select * from {{ ref('source_layers') }}
),

newest as (
    select *
    from observations
    qualify
        record_id is null
        or observed_at = max(observed_at) over (
            partition by as_of_on, source_id, record_id, model_id, variant, benchmark_id, setting
        )
),

marked as (
    select
        newest.*,
        source_layers.layer_id,
        source_layers.calibrates,
        coalesce(newest.setting = benchmarks.standard_setting, false) as is_standard_setting,
    from newest
    inner join source_layers on source_layers.source_id = newest.source_id
    left join benchmarks on benchmarks.benchmark_id = newest.base_benchmark_id
),

preferred as (
    select *
    from marked
    qualify is_standard_setting = max(is_standard_setting) over (
        partition by as_of_on, source_id, model_id, variant, benchmark_id
    )
),

final as (
    select
        as_of_on,
        is_current,
        source_id,
        layer_id,
        model_id,
        variant,
        benchmark_id,
        base_benchmark_id,
        benchmark_release,
        string_agg(distinct setting, '; ' order by setting) as setting,
        -- Of repeats with different dates or evidence the one that weighs most speaks for them.
        arg_max_null(evidence_kind, (evidence_quality, dated_on, record_key)) as evidence_kind,
        arg_max_null(date_basis, (evidence_quality, dated_on, record_key)) as date_basis,
        arg_max_null(url, (evidence_quality, dated_on, record_key)) as url,
        avg(value_0_1) as value_0_1,
        max(quality) as quality,
        max(evidence_quality) as evidence_quality,
        count(*) as observation_count,
        bool_or(calibrates) as calibrates,
        arg_max_null(dated_on, (evidence_quality, dated_on, record_key)) as dated_on,
    from preferred
    group by
        as_of_on, is_current, source_id, layer_id, model_id, variant, benchmark_id,
        base_benchmark_id, benchmark_release
)

select * from final
