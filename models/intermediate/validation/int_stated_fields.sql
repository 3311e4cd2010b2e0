-- The figures and days that each record states, one column per field, as int_field_checks parsed
-- them: null where the record states none, or where a rule rejected it. What routes and rows of
-- the registry state is read here and nowhere else. `is_rejected`: the record as a whole does
-- not count (it could not be read, lacks a required field, repeats another one). Of others
-- `rejected_fields` count as unknown.
-- Grain: one row per (source_id, entity, record_key, observed_at).

{% set numbers = [
    'input_price_usd_per_1m', 'output_price_usd_per_1m', 'cache_read_price_usd_per_1m',
    'latency_ms', 'ttft_ms', 'tokens_per_second',
] %}
{% set counts = ['context_window_tokens', 'max_output_tokens'] %}
{% set days = ['deprecated_on', 'released_on'] %}

with checks as (
    select
        * replace (
            case when rejected_by is null and not is_unknown then value end as value,
            case when rejected_by is null and not is_unknown then day end as day
        ),
    from {{ ref('int_field_checks') }}
),

rules as (
    select rule_id
    from {{ ref('validation_rules') }}
    where subject = 'record'
),

final as (
    select
        checks.source_id,
        checks.entity,
        checks.record_key,
        bool_or(rules.rule_id is not null) as is_rejected,
        list(checks.field order by checks.field) filter (where checks.rejected_by is not null)
            as rejected_fields,
        {% for field in numbers %}
        max(checks.value) filter (where checks.field = '{{ field }}') as {{ field }},
        {% endfor %}
        {% for field in counts %}
        max(try_cast(checks.value as bigint)) filter (where checks.field = '{{ field }}')
            as {{ field }},
        {% endfor %}
        {% for field in days %}
        max(checks.day) filter (where checks.field = '{{ field }}') as {{ field }},
        {% endfor %}
        checks.observed_at,
    from checks
    left join rules on rules.rule_id = checks.rejected_by
    group by checks.source_id, checks.entity, checks.record_key, checks.observed_at
)

select * from final
