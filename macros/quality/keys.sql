{#- The key of every dbt model: the columns of which there is one row each, and those of them in which
    null is a value. A mart whose contract declares a primary key has no line here. One test per layer
    reads them (tests/singular/assert_*_keys.sql); a project rule sees to it that none is missing. -#}

{% macro staging_keys() -%}
    {{ return([
        [ref('stg_aider__edit'), ['record_key', 'state_from_on'], []],
        [ref('stg_aider__polyglot'), ['record_key', 'state_from_on'], []],
        [ref('stg_artificial_analysis__legacy_models'), ['record_key', 'state_from_on'], []],
        [ref('stg_artificial_analysis__models'), ['record_key', 'state_from_on'], []],
        [
            ref('stg_bigcodebench__results'),
            ['record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('stg_epoch__results'), ['record_key', 'state_from_on'], []],
        [ref('stg_eqbench_creative__results'), ['record_key', 'state_from_on'], []],
        [
            ref('stg_evalplus__results'),
            ['record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('stg_landing__loads'), ['load_id'], []],
        [
            ref('stg_landing__record_versions'),
            ['source_id', 'entity', 'record_key', 'observed_at'],
            [],
        ],
        [ref('stg_landing__sources'), ['source_id'], []],
        [ref('stg_litellm__aliases'), ['record_key', 'state_from_on'], []],
        [ref('stg_litellm__routes'), ['record_key', 'state_from_on'], []],
        [
            ref('stg_livebench__categories'),
            ['benchmark_release', 'category_name', 'task', 'state_from_on'],
            [],
        ],
        [ref('stg_livebench__results'), ['record_key', 'state_from_on'], []],
        [ref('stg_livecodebench__models'), ['record_key', 'state_from_on'], []],
        [ref('stg_livecodebench__performances'), ['record_key', 'state_from_on'], []],
        [ref('stg_llm_stats__benchmarks'), ['record_key', 'state_from_on'], []],
        [ref('stg_llm_stats__models'), ['record_key', 'state_from_on'], []],
        [ref('stg_llm_stats__provider_models'), ['record_key', 'state_from_on'], []],
        [ref('stg_llm_stats__scores'), ['record_key', 'state_from_on'], []],
        [ref('stg_models_dev__models'), ['record_key', 'state_from_on'], []],
        [
            ref('stg_open_llm_leaderboard__results'),
            ['record_key', 'source_benchmark_name', 'state_from_on'],
            [],
        ],
        [ref('stg_openrouter__models'), ['record_key', 'state_from_on'], []],
        [ref('stg_static_registry__models'), ['record_key', 'state_from_on'], []],
        [ref('stg_trun__report_scores'), ['record_key', 'state_from_on'], []],
        [
            ref('stg_trun__scores'),
            ['record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
    ]) }}
{%- endmacro %}

{% macro intermediate_keys() -%}
    {{ return([
        [ref('int_abilities'), ['as_of_on', 'scope', 'model_id', 'variant'], ['variant']],
        [
            ref('int_ability_fit'),
            ['kind', 'as_of_on', 'scope', 'model_id', 'variant', 'category', 'benchmark_id'],
            [],
        ],
        [
            ref('int_adjustments'),
            ['as_of_on', 'scope', 'category', 'model_id', 'variant', 'adjustment_id'],
            ['variant'],
        ],
        [
            ref('int_artificial_analysis_scores'),
            ['entity', 'record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('int_as_of_dates'), ['as_of_on'], []],
        [ref('int_attribute_operands'), ['rule_id', 'model_id', 'subject'], []],
        [
            ref('int_basket_cells'),
            ['as_of_on', 'scope', 'model_id', 'variant', 'category', 'benchmark_id'],
            ['variant'],
        ],
        [ref('int_baskets'), ['category', 'benchmark_id'], []],
        [ref('int_benchmark_operands'), ['rule_id', 'model_id', 'subject'], []],
        [ref('int_benchmark_releases'), ['benchmark_id'], []],
        [ref('int_capability_facts'), ['model_id', 'attribute', 'origin'], []],
        [ref('int_capability_records'), ['source_id', 'entity', 'record_key'], []],
        [
            ref('int_capability_statements'),
            ['source_id', 'entity', 'record_key', 'observed_at', 'attribute'],
            [],
        ],
        [
            ref('int_category_scores'),
            ['as_of_on', 'scope', 'model_id', 'variant', 'category'],
            ['variant'],
        ],
        [
            ref('int_cells'),
            ['as_of_on', 'scope', 'model_id', 'variant', 'benchmark_id'],
            ['variant'],
        ],
        [
            ref('int_cells_screened'),
            ['as_of_on', 'scope', 'model_id', 'variant', 'benchmark_id'],
            ['variant'],
        ],
        [ref('int_crosswalk'), ['name_id'], []],
        [ref('int_deployments'), ['as_of_on', 'source_id', 'entity', 'record_key'], []],
        [ref('int_epoch_scores'), ['record_key', 'source_benchmark_name', 'state_from_on'], []],
        [ref('int_facts'), ['as_of_on', 'model_id', 'attribute'], []],
        [ref('int_facts_unioned'), ['as_of_on', 'model_id', 'attribute', 'origin'], []],
        [
            ref('int_field_checks'),
            ['source_id', 'entity', 'record_key', 'observed_at', 'field'],
            [],
        ],
        [ref('int_id_dates'), ['model_id', 'reading'], []],
        [
            ref('int_layered_contributions'),
            ['category', 'model_id', 'layer_id', 'benchmark_id', 'source_id'],
            [],
        ],
        [ref('int_listing_faults'), ['source_id', 'entity', 'listing'], []],
        [
            ref('int_livebench_scores'),
            ['record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('int_livecodebench_scores'), ['record_key', 'state_from_on'], []],
        [ref('int_maker_operands'), ['rule_id', 'model_id', 'subject'], []],
        [
            ref('int_measures_observed'),
            ['source_id', 'entity', 'record_key', 'observed_at', 'measure'],
            [],
        ],
        [ref('int_model_anomalies'), ['as_of_on', 'scope', 'model_id', 'variant'], ['variant']],
        [ref('int_model_completeness'), ['model_id'], []],
        [ref('int_model_validations'), ['model_id', 'subject', 'rule_id'], []],
        [ref('int_models'), ['model_id'], []],
        [ref('int_name_facts'), ['model_id', 'attribute'], []],
        [
            ref('int_name_resolution'),
            ['kind', 'name_id', 'model_id', 'other_model_id'],
            ['name_id', 'model_id', 'other_model_id'],
        ],
        [ref('int_names'), ['name_id'], []],
        [ref('int_names_decided'), ['name_id'], []],
        [
            ref('int_observations'),
            ['as_of_on', 'source_id', 'entity', 'record_key', 'source_benchmark_name'],
            [],
        ],
        [
            ref('int_price_comparisons'),
            ['comparison_kind', 'first_source_id', 'first_entity', 'first_record_key', 'second_source_id', 'second_entity', 'second_record_key'],
            ['second_source_id', 'second_entity', 'second_record_key'],
        ],
        [ref('int_price_facts'), ['as_of_on', 'model_id', 'attribute', 'origin'], []],
        [
            ref('int_price_fields'),
            ['source_id', 'entity', 'record_key', 'observed_at', 'field'],
            [],
        ],
        [ref('int_price_pairs'), ['as_of_on', 'model_id', 'origin'], []],
        [ref('int_price_ranks'), ['source_id', 'entity', 'record_key'], []],
        [
            ref('int_prices'),
            ['source_id', 'entity', 'record_key', 'observed_at', 'price_kind', 'service', 'threshold_tokens'],
            [],
        ],
        [ref('int_profile_cells'), ['category', 'model_id', 'benchmark_id'], []],
        [ref('int_profile_facts'), ['model_id'], []],
        [ref('int_profile_names'), ['model_id'], []],
        [ref('int_profile_provenance'), ['model_id', 'kind'], []],
        [ref('int_profile_sections'), ['model_id'], []],
        [ref('int_registry'), ['record_key', 'state_from_on'], []],
        [ref('int_registry_models'), ['record_key', 'state_from_on'], []],
        [ref('int_release_facts'), ['as_of_on', 'model_id'], []],
        [ref('int_release_operands'), ['rule_id', 'model_id', 'subject'], []],
        [
            ref('int_release_statements'),
            ['as_of_on', 'source_id', 'entity', 'record_key', 'model_id', 'released_on'],
            [],
        ],
        [
            ref('int_releases_judged'),
            ['as_of_on', 'source_id', 'entity', 'record_key', 'model_id', 'released_on'],
            [],
        ],
        [
            ref('int_reported_scores'),
            ['source_id', 'entity', 'record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('int_route_prices'), ['source_id', 'entity', 'record_key', 'observed_at'], []],
        [ref('int_routes'), ['source_id', 'entity', 'record_key', 'state_from_on'], []],
        [ref('int_routes_unioned'), ['source_id', 'entity', 'record_key', 'state_from_on'], []],
        [ref('int_rule_checks'), ['rule_id', 'model_id', 'subject'], []],
        [
            ref('int_score_comparisons'),
            ['first_source_id', 'first_entity', 'first_record_key', 'first_source_benchmark_name', 'second_source_id', 'second_entity', 'second_record_key', 'second_source_benchmark_name'],
            [],
        ],
        [
            ref('int_scores_judged'),
            ['source_id', 'entity', 'record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('int_scores_ranked'), ['category', 'model_id'], []],
        [
            ref('int_scores_validated'),
            ['source_id', 'entity', 'record_key', 'source_benchmark_name', 'state_from_on'],
            ['source_benchmark_name'],
        ],
        [ref('int_sightings'), ['as_of_on', 'source_id', 'entity', 'record_key'], ['record_key']],
        [ref('int_source_quality'), ['as_of_on', 'source_id'], []],
        [ref('int_stated_fields'), ['source_id', 'entity', 'record_key', 'observed_at'], []],
        [ref('int_static_indicators'), ['category', 'model_id', 'indicator_id'], []],
        [ref('int_tier_operands'), ['rule_id', 'model_id', 'subject'], []],
        [
            ref('int_variant_values'),
            ['as_of_on', 'source_id', 'model_id', 'variant', 'benchmark_id'],
            ['variant'],
        ],
    ]) }}
{%- endmacro %}

{% macro mart_keys() -%}
    {{ return([
        [ref('crosswalk'), ['source_id', 'org', 'source_model_name'], ['org']],
        [ref('crosswalk_review'), ['source_id', 'org', 'source_model_name'], ['org']],
        [
            ref('price_disagreements'),
            ['comparison_kind', 'first_source_id', 'first_entity', 'first_record_key', 'second_source_id', 'second_entity', 'second_record_key'],
            ['second_source_id', 'second_entity', 'second_record_key'],
        ],
        [ref('quarantine'), ['source_id', 'entity', 'record_key', 'subject', 'field'], ['field']],
    ]) }}
{%- endmacro %}

{% macro rows_against_keys(keys) -%}
    {#- Rows that break a key: the dbt model, the key as JSON, how often it occurs and what is wrong. -#}
    {%- for relation, columns, nullable in keys %}
    {{ 'union all by name' if not loop.first }}
    select
        '{{ relation.identifier }}' as dbt_model,
        cast(to_json({
            {%- for column in columns %}'{{ column }}': {{ column }}{{ ', ' if not loop.last }}{% endfor -%}
        }) as varchar) as row_key,
        count(*) as row_count,
        case when count(*) > 1 then 'repeated' else 'null in the key' end as violation,
    from {{ relation }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns | reject('in', nullable) %}
        or {{ column }} is null
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}
