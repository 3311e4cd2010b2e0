-- Artificial Analysis, the current shape of its API (free and Pro tiers): one row per evaluated
-- model and effort. Unknown is null in this shape and 0 is a measured 0. Which version of the
-- composite indices a row speaks is in the response's envelope, which stays with the load.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('artificial_analysis', 'models') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.id')") }} as aa_model_id,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        {{ text_or_null("json_extract_string(record, '$.slug')") }} as slug,
        {{ text_or_null("json_extract_string(record, '$.model_creator.name')") }} as creator_name,
        json_extract(record, '$.evaluations') as evaluations,
        {{ day_or_null("json_extract_string(record, '$.release_date')") }} as released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
