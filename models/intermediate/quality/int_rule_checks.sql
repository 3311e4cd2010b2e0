-- Every application of a semantic consistency rule, kept or violated: what was compared, the
-- tolerance and the verdict. The rules are rows of the seed consistency_rules; where one cannot be
-- applied to a model there is no row.
-- Grain: one row per (rule_id, model_id, subject).

with attribute_operands as (
    select * from {{ ref('int_attribute_operands') }}
),

benchmark_operands as (
    select * from {{ ref('int_benchmark_operands') }}
),

maker_operands as (
    select * from {{ ref('int_maker_operands') }}
),

release_operands as (
    select * from {{ ref('int_release_operands') }}
),

tier_operands as (
    select * from {{ ref('int_tier_operands') }}
),

final as (
    {{ check_rules([
        'attribute_operands', 'benchmark_operands', 'maker_operands', 'release_operands',
        'tier_operands'
    ]) }}
)

select * from final
