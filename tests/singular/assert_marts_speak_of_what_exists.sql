-- Proves that the marts can be joined: whatever a mart calls a model, a category, a benchmark, a
-- source, a provider, a layer, an adjustment, a reason for having no rank or a load is a row of the
-- table that lists these.
-- A fact that is the median of several sources names all of them. What a name is only proposed to
-- be (in review; candidates, runners-up) need not be a model that is known.
-- A failing row names the mart, the column, the unknown value, how often it occurs and one row by
-- its key.

{# what a column is called, the table that lists what it names, and that table's column #}
{% set references = [
    ('(successor_)?model_id', ref('models'), 'model_id'),
    ('category', ref('categories'), 'category'),
    ('benchmark_id', ref('benchmarks'), 'benchmark_id'),
    ('base_benchmark_id', ref('benchmark_definitions'), 'benchmark_id'),
    ('(.*_)?source_id', ref('sources'), 'source_id'),
    ('provider_id', ref('providers'), 'provider_id'),
    ('layer_id', ref('layers'), 'layer_id'),
    ('unranked_reason', ref('unranked_reasons'), 'unranked_reason'),
    ('adjustment_id', ref('adjustments'), 'adjustment_id'),
    ('load_id', ref('loads'), 'load_id'),
] %}

{# values of one column that are no row of the table #}
{% set also = {
    'evaluation.category': "select ''",
    'quarantine.benchmark_id': 'select quarantine.benchmark_id from ' ~ ref('quarantine')
        ~ ' as quarantine inner join ' ~ ref('benchmark_definitions') ~ ' as definitions '
        ~ "on definitions.benchmark_id = split_part(quarantine.benchmark_id, '@', 1)",
    'score_contributions.source_id': "select 'expected'",
    'score_contributions.layer_id': "select 'expected'",
    'score_contributions.benchmark_id': 'select indicator_id from ' ~ ref('static_indicators'),
} %}

{# columns that name something in some rows only #}
{% set where = {'crosswalk.model_id': "status = 'auto'"} %}

with unknown_values as (
    select
        cast(null as varchar) as mart,
        cast(null as varchar) as column_name,
        cast(null as varchar) as unknown_value,
        cast(null as bigint) as row_count,
        cast(null as varchar) as example_row_key,
    where false
    {% for mart in all_marts() %}
    {% set key = mart_key(mart) %}
    {% for column in mart_columns(mart) %}
    {% for pattern, listed_in, listed_as in references
        if modules.re.fullmatch(pattern, column.name) and listed_in != mart %}
    union all
    select
        '{{ mart.identifier }}',
        '{{ column.name }}',
        named,
        count(*),
        min(row_key),
    from (
        select
            unnest(string_split({{ column.name }}, ', ')) as named,
            {{ key }} as row_key,
        from {{ mart }}
        where {{ where.get(mart.identifier ~ '.' ~ column.name, 'true') }}
    )
    where
        named not in (select {{ listed_as }} from {{ listed_in }})
        {% if mart.identifier ~ '.' ~ column.name in also %}
        and named not in ({{ also[mart.identifier ~ '.' ~ column.name] }})
        {% endif %}
    group by named
    {% endfor %}
    {% endfor %}
    {% endfor %}
),

final as (
    select * from unknown_values
)

select * from final
