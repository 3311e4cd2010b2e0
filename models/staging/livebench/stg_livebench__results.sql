-- LiveBench's tables: one row per model of a release, its task scores in `fields`. The release is
-- in the file's name; nothing says when a model was run. Which tasks make a category is in the
-- categories of the same release.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('livebench', 'results') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.model')") }} as source_model_name,
        replace(json_extract_string(record, '$._release'), '_', '-') as benchmark_release,
        record as fields,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
