{% macro union_scores(relations) -%}
    {#- Relations that hand over scores, one below the other, in the columns they all share. -#}
    {%- for relation in relations %}
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        record_id,
        source_model_name,
        org,
        source_benchmark_name,
        benchmark_release,
        value_text,
        dated_text,
        setting,
        standard_error,
        url,
        is_self_reported,
        evaluated_on,
        published_on,
        model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from {{ relation }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
