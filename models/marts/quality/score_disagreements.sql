-- Which stated scores contradict each other: pairs of records on one model, variant, benchmark and
-- setting that lie further apart than their errors allow. The largest z first: a difference counts
-- the more, the better both values are known.
-- Grain: one row per (first_source_id, first_entity, first_record_key,
-- first_source_benchmark_name, second_source_id, second_entity, second_record_key,
-- second_source_benchmark_name).

with comparisons as (
    select * from {{ ref('int_score_comparisons') }}
    where is_disagreement
),

final as (
    select
        model_id,
        variant,
        benchmark_id,
        setting,
        {% for side in ['first', 'second'] %}
        {{ side }}_source_id,
        {{ side }}_entity,
        {{ side }}_record_key,
        {{ side }}_source_model_name,
        {{ side }}_source_benchmark_name,
        {{ side }}_evidence_kind,
        {{ side }}_url,
        round({{ side }}_value_0_1, 6) as {{ side }}_value_0_1,
        round({{ side }}_sd_0_1, 6) as {{ side }}_sd_0_1,
        {{ side }}_dated_on,
        {% endfor %}
        round(difference_0_1, 6) as difference_0_1,
        round(z, 6) as z,
        threshold,
    from comparisons
)

select * from final
order by
    z desc, first_source_id, first_entity, first_record_key, first_source_benchmark_name,
    second_source_id, second_entity, second_record_key, second_source_benchmark_name
