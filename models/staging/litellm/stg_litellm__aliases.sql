-- Names of LiteLLM that stand for another of its routes for the time being ('claude-opus-latest').
-- They state nothing else.
-- Grain: one row per (record_key, state_from_on).

with source as (
    {{ landed('litellm', 'aliases') }}
),

final as (
    select
        source_id,
        record_key,
        load_id,
        {{ text_or_null("json_extract_string(record, '$._route')") }} as source_model_name,
        {{ text_or_null("json_extract_string(record, '$.alias_of')") }} as alias_of,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from source
    where landing_error is null
)

select * from final
