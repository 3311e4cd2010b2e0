-- The figures and days that each record states, one column per field, as int_field_checks parsed
-- them: null where the record states none, or where a rule rejected it. Which routes and rows of the
-- registry say what is read here, and nowhere else. `is_rejected`: the record as a whole does not
-- count.
-- Grain: one row per (source_id, entity, record_key, observed_at).

{% set numbers = [
    'input_price_usd_per_1m', 'output_price_usd_per_1m', 'cache_read_price_usd_per_1m',
    'latency_ms', 'ttft_ms', 'tokens_per_second',
] %}
{% set counts = ['context_window_tokens', 'max_output_tokens'] %}
{% set days = ['deprecated_on', 'released_on'] %}

with checks as (
    select * from {{ ref('int_field_checks') }}
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
        {% for field in numbers + counts + days -%}
        {% set column = 'day' if field in days else 'value' -%}
        max({{ 'try_cast(checks.value as bigint)' if field in counts else 'checks.' ~ column }})
            filter (
                where checks.field = '{{ field }}'
                and checks.rejected_by is null
                and not checks.is_unknown
            ) as {{ field }},
        {% endfor -%}
        checks.observed_at,
    from checks
    left join rules on rules.rule_id = checks.rejected_by
    group by checks.source_id, checks.entity, checks.record_key, checks.observed_at
)

select * from final
