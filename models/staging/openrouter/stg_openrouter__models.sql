-- OpenRouter's models. What they state is read in int_field_checks; a price of "-1" marks a
-- router, which picks a model by itself and is none. `id` is the key: a canonical_slug can stand
-- for several routes, and the date in it is that of the listing.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('openrouter', 'models') }}
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        {{ text_or_null("json_extract_string(record, '$.id')") }} as route,
        {{ text_or_null("json_extract_string(record, '$.canonical_slug')") }} as canonical_slug,
        {{ text_or_null("json_extract_string(record, '$.hugging_face_id')") }} as hugging_face_id,
        {{ text_or_null("json_extract_string(record, '$.name')") }} as display_name,
        coalesce(
            {{ number_or_null("json_extract_string(record, '$.pricing.prompt')") }} = -1, false
        ) as is_router,
        coalesce(
            list_contains(
                try_cast(json_extract(record, '$.architecture.output_modalities') as varchar[]),
                'text'
            ),
            true
        ) as is_text_generation,
        {{ text_or_null("json_extract_string(record, '$.alias_target.slug')") }} as alias_of,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
)

select * from final
