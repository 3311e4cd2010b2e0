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

{% macro all_scores() -%}
    {#- Every score of every source in one shape, as the source wrote it. A new board adds one
        relation to this list. -#}
    {{ union_scores([
        ref('int_artificial_analysis_scores'),
        ref('int_epoch_scores'),
        ref('int_livebench_scores'),
        ref('int_livecodebench_scores'),
        ref('int_reported_scores'),
        ref('stg_aider__edit'),
        ref('stg_aider__polyglot'),
        ref('stg_bigcodebench__results'),
        ref('stg_eqbench_creative__results'),
        ref('stg_evalplus__results'),
        ref('stg_open_llm_leaderboard__results'),
    ]) }}
{%- endmacro %}
