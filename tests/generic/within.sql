{% test within(model, column, minimum=none, maximum=none) %}
    {#- Every value of `column` lies between the two ends, which belong to the range; null is
        allowed. NaN counts as larger than any number. A failing row is the whole row with what is
        wrong with it. -#}
    {%- if minimum is none and maximum is none -%}
        {{ exceptions.raise_compiler_error("within: state a minimum, a maximum or both") }}
    {%- endif -%}
    select
        *,
        case
            {%- if minimum is not none %}
            when {{ column }} < {{ minimum }} then '{{ column }} is below ' || {{ minimum }}
            {%- endif %}
            {%- if maximum is not none %}
            when {{ column }} > {{ maximum }} then '{{ column }} is above ' || {{ maximum }}
            {%- endif %}
        end as violation,
    from {{ model }}
    where violation is not null
{% endtest %}
