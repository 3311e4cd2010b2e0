-- Everything that was landed as a score and does not count, with the rule that rejected it.
-- Nothing is dropped in silence: the value, its record and its load stay here.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name).

with scores as (
    select * from {{ ref('int_scores_validated') }}
    where rejected_by is not null and is_current
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        source_model_name,
        source_benchmark_name,
        benchmark_id,
        value_text,
        rejected_by,
        case rejected_by
            when 'unreadable_record' then landing_error
            when 'no_model_name' then 'the record names no model'
            when 'unknown_benchmark'
                then 'no row of the seed benchmark_names maps this name to a benchmark'
            when 'benchmark_not_used' then unused_reason
            when 'not_a_number' then 'the value is no finite number'
            when 'zero_means_missing' then 'an exact 0 in this shape means "not measured"'
            when 'out_of_range'
                then 'outside the declared scale ' || scale_min || ' to ' || scale_max
            when 'evaluated_after_observed'
                then 'dated ' || evaluated_on || ', after it was observed'
        end as reason,
        cast(observed_at as date) as observed_on,
    from scores
)

select * from final
order by source_id, entity, record_key, source_benchmark_name
