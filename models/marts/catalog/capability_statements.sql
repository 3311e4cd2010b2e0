-- Who says what of a model's abilities: each attribute that a record states, before model_facts
-- decides which statement counts. Records whose name is not known for certain have no model_id.
-- Grain: one row per (source_id, entity, record_key, attribute).

with statements as (
    select * from {{ ref('int_capability_statements') }}
    where is_newest
),

records as (
    select * from {{ ref('int_capability_records') }}
),

final as (
    select
        statements.source_id,
        statements.entity,
        statements.record_key,
        statements.attribute,
        records.model_id,
        records.origin,
        records.host,
        records.route,
        statements.load_id,
        statements.fields,
        statements.value_text,
        statements.value_number,
        records.is_deprecated,
        cast(records.observed_at as date) as observed_on,
    from statements
    inner join records
        on records.source_id = statements.source_id
        and records.entity = statements.entity
        and records.record_key = statements.record_key
)

select * from final
order by source_id, entity, record_key, attribute
