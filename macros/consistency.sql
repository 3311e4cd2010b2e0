{% macro check_rules(operands) -%}
    {#- Judges every pair of operands by its rule, whatever its kind: numbers obey `left <= right
        + tolerance`, texts are equal. A new kind of rule is one more relation of operands. A rule
        weighs the same on every model: its weight is shared by its applications. -#}
    {%- for relation in operands %}
    select
        rule_id,
        kind,
        model_id,
        subject,
        left_operand,
        right_operand,
        left_text,
        right_text,
        unit,
        severity,
        description,
        left_value,
        right_value,
        tolerance,
        rule_weight / count(*) over (partition by rule_id, model_id) as weight,
        case
            when left_text is not null then left_text != right_text
            -- Sums of decimals miss by less than this.
            else left_value > right_value + tolerance + 1e-9
        end as is_violated,
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro rule_columns(rules) -%}
    {#- What a relation of operands hands over of its rule, for check_rules to judge by. -#}
    {{ rules }}.rule_id,
    {{ rules }}.kind,
    {{ rules }}.left_operand,
    {{ rules }}.right_operand,
    {{ rules }}.unit,
    {{ rules }}.severity,
    {{ rules }}.description,
    {{ rules }}.tolerance,
    {{ rules }}.weight as rule_weight
{%- endmacro %}

{% macro route_attributes() -%}
    {#- The numbers that a route may state, which rules of kind `attributes` may compare. -#}
    {{ return([
        'cache_read_price_usd_per_1m',
        'context_window_tokens',
        'input_price_usd_per_1m',
        'max_output_tokens',
        'output_price_usd_per_1m',
        'tokens_per_second',
        'ttft_ms',
    ]) }}
{%- endmacro %}
