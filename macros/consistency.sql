{% macro check_rules(operands, rules) -%}
    {#- Judges every pair of operands by its rule, whatever its kind: numbers obey `left <= right +
        tolerance`, texts are equal. A new kind of rule is one more relation that hands over
        operands. A rule weighs the same on every model: its weight is shared by its applications. -#}
    {%- for relation in operands %}
    select
        rules.rule_id,
        rules.kind,
        operands.model_id,
        operands.subject,
        rules.left_operand,
        rules.right_operand,
        operands.left_text,
        operands.right_text,
        rules.unit,
        rules.severity,
        operands.left_value,
        operands.right_value,
        rules.tolerance,
        rules.weight / count(*) over (partition by rules.rule_id, operands.model_id) as weight,
        case
            when operands.left_text is not null then operands.left_text != operands.right_text
            -- Sums of decimals miss by less than this.
            else operands.left_value > operands.right_value + rules.tolerance + 1e-9
        end as is_violated,
    from {{ relation }} as operands
    inner join {{ rules }} as rules on rules.rule_id = operands.rule_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
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
