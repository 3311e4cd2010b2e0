{% macro all_marts() -%}
    {#- Every mart as a relation, for tests that hold all of them to one convention. -#}
    {{ return([
        ref('abilities'),
        ref('anomalies'),
        ref('benchmark_difficulty'),
        ref('benchmarks'),
        ref('builds'),
        ref('capability_statements'),
        ref('consistency_violations'),
        ref('crosswalk'),
        ref('crosswalk_review'),
        ref('crosswalk_summary'),
        ref('data_tests_status'),
        ref('deployments'),
        ref('evaluation'),
        ref('loads'),
        ref('model_facts'),
        ref('model_profiles'),
        ref('models'),
        ref('new_models'),
        ref('observations'),
        ref('possible_twins'),
        ref('price_disagreements'),
        ref('price_speed_history'),
        ref('prices'),
        ref('providers'),
        ref('quality_reports'),
        ref('quarantine'),
        ref('rankings'),
        ref('rankings_by_variant'),
        ref('rankings_history'),
        ref('rankings_wide'),
        ref('score_adjustments'),
        ref('score_contributions'),
        ref('score_disagreements'),
        ref('source_health'),
        ref('sources'),
    ]) }}
{%- endmacro %}

{% macro mart_columns(mart) -%}
    {#- The columns of a mart, as its contract declares them. -#}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(
        graph.nodes['model.' ~ project_name ~ '.' ~ mart.identifier].columns.values() | list
    ) }}
{%- endmacro %}

{% macro mart_key(mart) -%}
    {#- The key of a mart's row as one text, for rows that diagnose: the columns of its primary key, or
        those that mart_keys lists. -#}
    {%- set key = [] -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ mart.identifier] if execute else {} -%}
    {%- for constraint in node.get('constraints', []) if constraint.type == 'primary_key' -%}
        {%- do key.extend(constraint.columns) -%}
    {%- endfor -%}
    {%- for listed, columns, nullable in mart_keys() if listed.identifier == mart.identifier -%}
        {%- do key.extend(columns) -%}
    {%- endfor -%}
    concat_ws(', ', {{ key | join(', ') }})
{%- endmacro %}
