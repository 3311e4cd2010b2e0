-- Proves that the parameter tables agree with each other: what one names exists in the other, keys
-- occur once, weights and scales make sense. A failing row says which row of which seed is wrong.

{# seed, column, and the seed and column in which every value of it must exist; null is allowed #}
{% set references = [
    ('adjustments', 'attribute', 'attribute_precedence', 'attribute'),
    ('adjustments', 'category', 'categories', 'category'),
    ('baskets', 'benchmark_id', 'benchmark_definitions', 'benchmark_id'),
    ('baskets', 'category', 'categories', 'category'),
    ('profile_fields', 'attribute', 'attribute_precedence', 'attribute'),
    ('profile_tiers', 'attribute', 'attribute_precedence', 'attribute'),
    ('record_fields', 'source_id', 'source_layers', 'source_id'),
    ('benchmark_names', 'source_id', 'source_layers', 'source_id'),
    ('benchmark_names', 'evidence_kind', 'evidence_kinds', 'evidence_kind'),
    ('composite_index_versions', 'source_id', 'source_layers', 'source_id'),
    ('layered_benchmarks', 'benchmark_id', 'benchmark_definitions', 'benchmark_id'),
    ('layered_benchmarks', 'category', 'categories', 'category'),
    ('layered_benchmarks', 'layer_id', 'layers', 'layer_id'),
    ('name_overrides', 'source_id', 'source_layers', 'source_id'),
    ('reporting_sds', 'source_id', 'source_layers', 'source_id'),
    ('reporting_sds', 'evidence_kind', 'evidence_kinds', 'evidence_kind'),
    ('source_layers', 'layer_id', 'layers', 'layer_id'),
    ('static_indicators', 'attribute', 'attribute_precedence', 'attribute'),
    ('static_indicators', 'category', 'categories', 'category'),
    ('vendor_hosts', 'source_id', 'source_layers', 'source_id'),
    ('zero_means_missing', 'source_id', 'source_layers', 'source_id'),
] %}

{% set keys = {
    'adjustments': ['category', 'adjustment_id'],
    'attribute_precedence': ['attribute', 'origin'],
    'baskets': ['category', 'benchmark_id'],
    'benchmark_definitions': ['benchmark_id'],
    'benchmark_names': ['source_id', 'source_benchmark_name'],
    'categories': ['category'],
    'consistency_rules': ['rule_id'],
    'epoch_columns': ['source_file', 'score_column'],
    'evaluation_thresholds': ['threshold'],
    'evidence_kinds': ['evidence_kind'],
    'field_limits': ['kind'],
    'profile_fields': ['field'],
    'profile_tiers': ['tier', 'label'],
    'record_fields': ['source_id', 'entity', 'field'],
    'validation_rules': ['subject', 'rule_id'],
    'layered_benchmarks': ['category', 'layer_id', 'benchmark_id'],
    'layers': ['layer_id'],
    'price_classes': ['pattern'],
    'price_sellers': ['host'],
    'scoring_parameters': ['parameter_group', 'parameter'],
    'source_layers': ['source_id'],
    'static_indicators': ['category', 'indicator_id'],
    'vendor_hosts': ['source_id', 'host'],
    'zero_means_missing': ['source_id', 'entity'],
} %}

with unknown_references as (
    {% for seed, column, other_seed, other_column in references %}
    select
        '{{ seed }}' as seed,
        {{ column }} as row_key,
        '{{ column }} is not in {{ other_seed }}' as violation,
    from {{ ref(seed) }}
    where
        {{ column }} is not null
        and {{ column }} not in (select {{ other_column }} from {{ ref(other_seed) }})
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

repeated_keys as (
    {% for seed, columns in keys.items() %}
    select
        '{{ seed }}' as seed,
        concat_ws(', ', {{ columns | join(', ') }}) as row_key,
        case
            when count(*) > 1 then 'the key occurs ' || count(*) || ' times'
            else 'null in the key'
        end as violation,
    from {{ ref(seed) }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns %}
        or {{ column }} is null
        {% endfor %}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

benchmark_names as (
    select
        *,
        source_id || ', ' || source_benchmark_name as row_key,
    from {{ ref('benchmark_names') }}
),

epoch_scores as (
    select source_file || ':' || score_column as source_benchmark_name
    from {{ ref('epoch_columns') }}
),

epoch_mismatches as (
    select
        'epoch_columns' as seed,
        epoch_scores.source_benchmark_name as row_key,
        'benchmark_names does not map it' as violation,
    from epoch_scores
    anti join benchmark_names
        on benchmark_names.source_id = 'epoch'
        and benchmark_names.source_benchmark_name = epoch_scores.source_benchmark_name

    union all

    select
        'benchmark_names' as seed,
        benchmark_names.row_key,
        'epoch_columns does not read it' as violation,
    from benchmark_names
    anti join epoch_scores
        on epoch_scores.source_benchmark_name = benchmark_names.source_benchmark_name
    where benchmark_names.source_id = 'epoch'
),

used_benchmarks as (
    select
        'benchmark_names' as seed,
        benchmark_names.row_key,
        case
            when benchmark_names.benchmark_id is null
                then 'neither a benchmark nor a reason why it is not used'
            when benchmarks.benchmark_id is null
                then 'benchmark_id is not in benchmark_definitions'
            when benchmark_names.evidence_kind is null then 'no evidence_kind'
            when (benchmark_names.scale_min < benchmark_names.scale_max) is not true
                then 'scale_min is not below scale_max'
        end as violation,
    from benchmark_names
    left join {{ ref('benchmark_definitions') }} as benchmarks
        on benchmarks.benchmark_id = split_part(benchmark_names.benchmark_id, '@', 1)
    where benchmark_names.unused_reason is null
),

layered_benchmarks as (
    select
        'layered_benchmarks' as seed,
        layered.category || ', ' || layered.benchmark_id as row_key,
        case
            when (layered.weight > 0) is not true then 'the weight is not above 0'
            when benchmarks.is_composite != (layered.layer_id = 'analytics')
                then 'composites belong to the analytics layer, and only they do'
        end as violation,
    from {{ ref('layered_benchmarks') }} as layered
    inner join {{ ref('benchmark_definitions') }} as benchmarks
        on benchmarks.benchmark_id = layered.benchmark_id
),

versions as (
    select
        *,
        coalesce(valid_from, date '0001-01-01') as starts_on,
        coalesce(valid_to, date '9999-12-31') as ends_on,
    from {{ ref('composite_index_versions') }}
),

index_versions as (
    select
        'composite_index_versions' as seed,
        versions.source_id || ', ' || versions.composite_index_version as row_key,
        case
            when versions.ends_on < versions.starts_on then 'ends before it begins'
            when others.source_id is not null
                then 'overlaps with ' || others.composite_index_version
        end as violation,
    from versions
    left join versions as others
        on others.source_id = versions.source_id
        and others.composite_index_version != versions.composite_index_version
        and others.starts_on <= versions.ends_on
        and others.ends_on >= versions.starts_on
),

layer_weights as (
    select
        'layers' as seed,
        'all' as row_key,
        'the layer weights sum to ' || sum(layer_weight) || ', not to 1' as violation,
    from {{ ref('layers') }}
    having abs(sum(layer_weight) - 1) > 1e-9
),

qualities as (
    select
        'evidence_kinds' as seed,
        evidence_kind as row_key,
        'quality and evidence_quality are not within 0 to 1, above 0' as violation,
    from {{ ref('evidence_kinds') }}
    where
        (quality > 0 and quality <= 1 and evidence_quality > 0 and evidence_quality <= 1)
        is not true
),

chances as (
    select
        'benchmark_definitions' as seed,
        benchmark_id as row_key,
        'chance_0_1 is not from 0 up to but not 1' as violation,
    from {{ ref('benchmark_definitions') }}
    where (chance_0_1 >= 0 and chance_0_1 < 1) is not true
),

consistency_rules as (
    select
        'consistency_rules' as seed,
        rules.rule_id as row_key,
        case
            when concat_ws(' of ', rules.applies_to, rules.kind) not in (
                'facts of attributes', 'routes of attributes', 'one_record of benchmarks',
                'cells of benchmarks', 'names of makers', 'siblings of tiers'
            ) then 'no such kind, or nothing that it applies to'
            when
                rules.kind = 'benchmarks'
                and (left_benchmarks.benchmark_id is null or right_benchmarks.benchmark_id is null)
                then 'an operand is not in benchmark_definitions'
            when
                rules.kind = 'makers'
                and rules.right_operand not in ('family', 'stated_maker', 'own_host')
                then 'the right operand is none of family, stated_maker and own_host'
            when rules.kind != 'makers' and (rules.tolerance >= 0 and rules.unit != '') is not true
                then 'no tolerance from 0 on, or no unit'
            when rules.severity not in ('error', 'warning', 'information')
                then 'severity is error, warning or information'
            when (rules.weight >= 0) is not true then 'the weight is below 0'
            when rules.description is null or rules.right_operand is null then 'a cell is empty'
        end as violation,
    from {{ ref('consistency_rules') }} as rules
    left join {{ ref('benchmark_definitions') }} as left_benchmarks
        on left_benchmarks.benchmark_id = rules.left_operand
    left join {{ ref('benchmark_definitions') }} as right_benchmarks
        on right_benchmarks.benchmark_id = rules.right_operand
),

-- A tier is a word of the vocabulary, or several in order, and an attribute one that facts or
-- routes state: a misspelled one would never be applied and never be missed.
rule_operands as (
    select
        rule_id,
        kind,
        applies_to,
        unnest([left_operand, right_operand]) as operand,
    from {{ ref('consistency_rules') }}
    where kind in ('attributes', 'tiers')
),

tier_words as (
    select value
    from {{ ref('matching_words') }}
    where kind in ('tier', 'speed', 'effort_maybe')
),

unknown_operands as (
    select
        'consistency_rules' as seed,
        rule_id as row_key,
        operand || ' is no tier in the words of matching_words, in order' as violation,
    from rule_operands
    where
        kind = 'tiers'
        and operand != 'full_size'
        and (
            operand != array_to_string(list_sort(string_split(operand, ' ')), ' ')
            or exists (
                select 1
                from unnest(string_split(operand, ' ')) as words (word)
                where words.word not in (select tier_words.value from tier_words)
            )
        )

    union all

    select
        'consistency_rules' as seed,
        rule_id as row_key,
        operand || ' is no attribute that ' || applies_to || ' state' as violation,
    from rule_operands
    where
        kind = 'attributes'
        and try_cast(operand as double) is null
        and operand not in (
            select precedence.attribute
            from {{ ref('attribute_precedence') }} as precedence
            where rule_operands.applies_to = 'facts'
        )
        and not (
            applies_to = 'routes'
            and operand in ({{ "'" ~ route_attributes() | join("', '") ~ "'" }})
        )
),

reporting_sds as (
    select
        'reporting_sds' as seed,
        concat_ws(', ', source_id, evidence_kind) as row_key,
        case
            when (reporting_sd_0_1 > 0 and reporting_sd_0_1 <= 1) is not true
                then 'reporting_sd_0_1 is not within 0 to 1, above 0'
            when count(*) over (partition by source_id, evidence_kind) > 1
                then 'two rows for the same scores'
            when
                count(*) filter (where source_id is null and evidence_kind is null) over () = 0
                then 'no row for every source and kind'
        end as violation,
    from {{ ref('reporting_sds') }}
),

final as (
    select * from unknown_references
    union all
    select * from repeated_keys
    union all
    select * from epoch_mismatches
    union all
    select * from used_benchmarks
    where violation is not null
    union all
    select * from layered_benchmarks
    where violation is not null
    union all
    select * from index_versions
    where violation is not null
    union all
    select * from layer_weights
    union all
    select * from qualities
    union all
    select * from chances
    union all
    select * from consistency_rules
    where violation is not null
    union all
    select * from unknown_operands
    union all
    select * from reporting_sds
    where violation is not null
)

select * from final
