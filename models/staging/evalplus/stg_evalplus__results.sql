-- EvalPlus: pass@1 on HumanEval, MBPP and their extended tests. The file dates nothing: not the
-- run, not the model.
-- Grain: one row per (record_key, source_benchmark_name, state_from_on).

with source as (
    {{ landed('evalplus', 'results') }}
),

extracted as (
    select
        {{ with_entries("record -> 'pass@1'", 'pass@1') }}
    from source
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        cast(null as varchar) as record_id,
        {{ text_or_null("json_extract_string(record, '$._model')") }} as source_model_name,
        cast(null as varchar) as org,
        'pass@1.' || entry.key as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        entry.value ->> '$' as value_text,
        cast(null as varchar) as dated_text,
        case
            when try_cast(json_extract_string(record, '$.prompted') as boolean) then 'prompted'
            else 'completion'
        end as setting,
        cast(null as double) as standard_error,
        {{ text_or_null("json_extract_string(record, '$.link')") }} as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from extracted
    where landing_error is not null or entry.value ->> '$' is not null
)

select * from final
