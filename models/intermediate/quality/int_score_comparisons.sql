-- Every comparison of two stated scores: pairs of records, within or across sources, on the same
-- model, variant, benchmark and setting, an unknown one equal to an unknown one only. Settings are
-- compared as written: shots and edit formats are written alike everywhere, while `zero_shot` and
-- `0` stay apart, so that no pair is made up.
-- z = |difference| / sqrt(sd1^2 + sd2^2); sd = the source's own standard error, else a seeded one.
-- A standard error of 0 (everything solved, or nothing) says nothing of the noise and is none.
-- One record in two shapes of an API, or at two times, speaks with what was observed last, as it
-- does in scores. Releases of a benchmark and versions of a composite are different benchmarks.
-- Weight = the worse quality of the two * 2 / records compared: n records hold n - 1
-- comparisons' worth of news, however many pairs they make.
-- Grain: one row per (first_source_id, first_entity, first_record_key,
-- first_source_benchmark_name, second_source_id, second_entity, second_record_key,
-- second_source_benchmark_name).

with standing as (
    select * from {{ ref('int_observations') }}
    where is_current and excluded_for is distinct from 'newer_value_of_the_record'
),

reporting_sds as (
    select * from {{ ref('reporting_sds') }}
),

parameters as (
    select
        {{ parameter('consistency', 'disagreement_z') }} as threshold,
        {{ parameter('consistency', 'compared_repeats') }} as compared_repeats,
),

with_sds as (
    select
        standing.*,
        coalesce(nullif(standing.standard_error_0_1, 0), reporting_sds.reporting_sd_0_1) as sd_0_1,
    from standing
    inner join reporting_sds
        on (reporting_sds.source_id is null or reporting_sds.source_id = standing.source_id)
        and (
            reporting_sds.evidence_kind is null
            or reporting_sds.evidence_kind = standing.evidence_kind
        )
    -- Of the rows that apply the one that says most about whom it is for.
    qualify row_number() over (
        partition by
            standing.source_id, standing.entity, standing.record_key, standing.source_benchmark_name
        order by reporting_sds.source_id is null, reporting_sds.evidence_kind is null
    ) = 1
),

-- Pairs grow with the square of repeats: of a source that repeats itself often its lowest and
-- highest values are compared.
outermost as (
    select with_sds.*
    from with_sds
    cross join parameters
    qualify
        least(
            row_number() over (
                partition by
                    with_sds.source_id, with_sds.model_id, with_sds.variant,
                    with_sds.benchmark_id, with_sds.setting
                order by with_sds.value_0_1, with_sds.entity, with_sds.record_key
            ),
            row_number() over (
                partition by
                    with_sds.source_id, with_sds.model_id, with_sds.variant,
                    with_sds.benchmark_id, with_sds.setting
                order by with_sds.value_0_1 desc, with_sds.entity, with_sds.record_key
            )
        ) <= parameters.compared_repeats / 2
),

counted as (
    select
        *,
        count(*) over (partition by model_id, variant, benchmark_id, setting) as record_count,
    from outermost
),

pairs as (
    select
        first_record.model_id,
        first_record.variant,
        first_record.benchmark_id,
        first_record.base_benchmark_id,
        first_record.setting,
        {% for side in ['first', 'second'] %}
        {{ side }}_record.source_id as {{ side }}_source_id,
        {{ side }}_record.entity as {{ side }}_entity,
        {{ side }}_record.record_key as {{ side }}_record_key,
        {{ side }}_record.source_model_name as {{ side }}_source_model_name,
        {{ side }}_record.source_benchmark_name as {{ side }}_source_benchmark_name,
        {{ side }}_record.evidence_kind as {{ side }}_evidence_kind,
        {{ side }}_record.url as {{ side }}_url,
        {{ side }}_record.value_0_1 as {{ side }}_value_0_1,
        {{ side }}_record.sd_0_1 as {{ side }}_sd_0_1,
        {{ side }}_record.dated_on as {{ side }}_dated_on,
        {% endfor %}
        first_record.record_count,
        least(first_record.quality, second_record.quality) as quality,
    from counted as first_record
    inner join counted as second_record
        on second_record.model_id = first_record.model_id
        and second_record.benchmark_id = first_record.benchmark_id
        and second_record.variant is not distinct from first_record.variant
        and second_record.setting is not distinct from first_record.setting
        and (
            second_record.source_id,
            second_record.entity,
            second_record.record_key,
            second_record.source_benchmark_name
        ) > (
            first_record.source_id,
            first_record.entity,
            first_record.record_key,
            first_record.source_benchmark_name
        )
),

measured as (
    select
        pairs.*,
        abs(pairs.first_value_0_1 - pairs.second_value_0_1) as difference_0_1,
        abs(pairs.first_value_0_1 - pairs.second_value_0_1)
        / sqrt(pow(pairs.first_sd_0_1, 2) + pow(pairs.second_sd_0_1, 2)) as z,
        parameters.threshold,
        pairs.quality * 2.0 / pairs.record_count as weight,
    from pairs
    cross join parameters
),

final as (
    select
        * exclude (quality),
        z > threshold as is_disagreement,
    from measured
)

select * from final
