-- Records of which something was rejected: the whole record (it could not be read, lacks a required
-- field, repeats another one), or some of its fields, whose values count as unknown.
-- Grain: one row per (source_id, entity, record_key, observed_at).

with checks as (
    select * from {{ ref('int_field_checks') }}
    where rejected_by is not null
),

rules as (
    select * from {{ ref('validation_rules') }}
),

final as (
    select
        checks.source_id,
        checks.entity,
        checks.record_key,
        checks.observed_at,
        bool_or(rules.subject = 'record') as is_rejected,
        list(checks.field order by checks.field) as rejected_fields,
    from checks
    inner join rules on rules.rule_id = checks.rejected_by
    group by checks.source_id, checks.entity, checks.record_key, checks.observed_at
)

select * from final
