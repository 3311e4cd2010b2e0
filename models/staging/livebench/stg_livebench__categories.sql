-- LiveBench's categories: which tasks of a release make which category.
-- Grain: one row per (benchmark_release, category_name, task, state_from_on).

with source as (
    {{ landed('livebench', 'categories') }}
),

final as (
    select
        record_key,
        load_id,
        {{ text_or_null("json_extract_string(record, '$._category')") }} as category_name,
        {{ text_or_null("json_extract_string(record, '$._task')") }} as task,
        replace(json_extract_string(record, '$._release'), '_', '-') as benchmark_release,
        state_from_on,
        state_to_on,
    from source
    where landing_error is null
)

select * from final
