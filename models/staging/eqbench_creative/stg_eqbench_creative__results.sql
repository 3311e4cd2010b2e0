-- EQ-Bench Creative Writing v3: the rubric score, 0 to 20. A * before a name marks newer rows. The
-- Elo beside it has no fixed ends and is not read.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('eqbench_creative', 'results') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        cast(null as varchar) as record_id,
        {{ text_or_null("ltrim(json_extract_string(record, '$.model_name'), '* ')") }}
            as source_model_name,
        cast(null as varchar) as org,
        'creative_writing_score' as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        json_extract_string(record, '$.creative_writing_score') as value_text,
        cast(null as varchar) as dated_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        cast(null as varchar) as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        cast(null as date) as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
