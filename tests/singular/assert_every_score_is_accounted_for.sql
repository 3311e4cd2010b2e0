-- Proves that no landed score gets lost or counts twice on the day that the build speaks of: each
-- one has exactly one fate. It counts
-- (int_observations), it was rejected (quarantine), its name is not known for certain (crosswalk),
-- it is dated after the day that the build speaks of, or it was rejected and observed after that
-- day.

{% set outcomes = ['validated', 'observations', 'quarantine', 'rejected_later'] %}

with scores as (
    select
        source_id,
        entity,
        record_key,
        source_benchmark_name,
        source_model_name,
        org,
        count(*) as landed_count,
    from (
        {{ all_scores() }}
    ) as every_score
    where {{ is_state_on(as_of_on()) }}
    group by all
),

validated as (
    select * from {{ ref('int_scores_validated') }}
    where is_current
),

observations as (
    select * from {{ ref('int_observations') }}
    where is_current
),

quarantine as (
    select
        *,
        field as source_benchmark_name,
    from {{ ref('quarantine') }}
    where subject = 'score' and rejected_by != 'source_below_threshold'
),

rejected_later as (
    select * from validated
    where rejected_by is not null and observed_at >= {{ as_of_on() }} + interval 1 day
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

{% for relation in outcomes %}
{{ relation }}_counts as (
    select
        source_id,
        entity,
        record_key,
        source_benchmark_name,
        count(*) as row_count,
    from {{ relation }}
    group by source_id, entity, record_key, source_benchmark_name
),

{% endfor %}
waiting as (
    select
        validated.source_id,
        validated.entity,
        validated.record_key,
        validated.source_benchmark_name,
        bool_or(
            crosswalk.status != 'auto' or crosswalk.model_id is null
        ) as is_name_uncertain,
        bool_or(
            coalesce(
                validated.evaluated_on, validated.published_on, cast(validated.observed_at as date)
            ) > {{ as_of_on() }}
        ) as is_after_as_of,
    from validated
    inner join crosswalk
        on {{ is_same_name('crosswalk', 'validated') }}
    where validated.rejected_by is null
    group by
        validated.source_id,
        validated.entity,
        validated.record_key,
        validated.source_benchmark_name
),

fates as (
    select
        scores.*,
        coalesce(validated_counts.row_count, 0) as validated_count,
        coalesce(observations_counts.row_count, 0) as observation_count,
        coalesce(quarantine_counts.row_count, 0) as quarantine_count,
        coalesce(rejected_later_counts.row_count, 0) as rejected_later_count,
        coalesce(waiting.is_name_uncertain, false) as is_name_uncertain,
        coalesce(waiting.is_after_as_of, false) as is_after_as_of,
    from scores
    {% for relation in outcomes %}
    left join {{ relation }}_counts
        on {{ relation }}_counts.source_id = scores.source_id
        and {{ relation }}_counts.entity = scores.entity
        and {{ relation }}_counts.record_key = scores.record_key
        and {{ relation }}_counts.source_benchmark_name
        is not distinct from scores.source_benchmark_name
    {% endfor %}
    left join waiting
        on waiting.source_id = scores.source_id
        and waiting.entity = scores.entity
        and waiting.record_key = scores.record_key
        and waiting.source_benchmark_name is not distinct from scores.source_benchmark_name
),

final as (
    select * from fates
    where
        landed_count != 1
        or validated_count != 1
        or observation_count + quarantine_count + rejected_later_count
        + cast(is_name_uncertain or is_after_as_of as integer) != 1
)

select * from final
