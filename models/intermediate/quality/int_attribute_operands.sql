-- What rules of kind `attributes` compare: two attributes that one record states, or an attribute
-- and a number. Applies to `facts`: those that count for a model; or to `routes`: each stated one,
-- live or not, since a mistaken one says something of its source. A price or limit of 0 is unknown.
-- Grain: one row per (rule_id, model_id, subject).

with rules as (
    select
        *,
        try_cast(right_operand as double) as right_number,
    from {{ ref('consistency_rules') }}
    where kind = 'attributes'
),

facts as (
    select * from {{ ref('int_facts') }}
    where is_current and value_number is not null
),

deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current and model_id is not null
),

stated as (
    select
        'facts' as applies_to,
        model_id,
        concat_ws('|', origin, source_id, record_key) as subject,
        attribute,
        value_number,
    from facts
    {% for attribute in route_attributes() %}
    union all

    select
        'routes' as applies_to,
        model_id,
        concat_ws('|', source_id, entity, record_key) as subject,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as double) as value_number,
    from deployments
    where {{ attribute }} > 0
    {% endfor %}
),

final as (
    select
        {{ rule_columns('rules') }},
        lower_side.model_id,
        lower_side.subject,
        lower_side.value_number as left_value,
        coalesce(rules.right_number, upper_side.value_number) as right_value,
        cast(null as varchar) as left_text,
        cast(null as varchar) as right_text,
    from rules
    inner join stated as lower_side
        on lower_side.applies_to = rules.applies_to
        and lower_side.attribute = rules.left_operand
    left join stated as upper_side
        on upper_side.applies_to = rules.applies_to
        and upper_side.attribute = rules.right_operand
        and upper_side.model_id = lower_side.model_id
        and upper_side.subject = lower_side.subject
    where coalesce(rules.right_number, upper_side.value_number) is not null
)

select * from final
