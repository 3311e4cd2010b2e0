-- What rules of kind `tiers` compare: a model and its sibling, which has the same maker, words,
-- generation, domain, base and tune and the other tier. Compared is the mean over the benchmarks
-- that measure both, composites left out (they would count their parts twice): on a single one
-- chance, or another effort, often puts the small one ahead.
-- Of several releases of the sibling the one nearest in time stands for it, then the one with more
-- benchmarks in common.
-- Grain: one row per (rule_id, model_id, subject); the subject is the sibling.

with rules as (
    select * from {{ ref('consistency_rules') }}
    where kind = 'tiers'
),

models as (
    select * from {{ ref('int_models') }}
    where provider_id != 'unknown'
),

cells as (
    select * from {{ ref('int_cells') }}
    where is_current and scope = 'model'
),

benchmarks as (
    select * from {{ ref('benchmark_definitions') }}
    where not is_composite
),

parameters as (
    select {{ parameter('consistency', 'sibling_min_benchmarks') }} as min_benchmarks
),

named as (
    select
        *,
        coalesce(nullif(tier, ''), 'full_size') as tier_name,
    from models
    -- Without a number the generation is unknown; 'o3' has it in its word.
    where regexp_matches(words || generation, '[0-9]')
),

siblings as (
    select
        rules.rule_id,
        lower_side.model_id,
        upper_side.model_id as sibling_id,
        abs(date_diff('day', lower_side.released_on, upper_side.released_on)) as days_apart,
    from rules
    inner join named as lower_side on lower_side.tier_name = rules.left_operand
    inner join named as upper_side
        on upper_side.tier_name = rules.right_operand
        and upper_side.provider_id = lower_side.provider_id
        and upper_side.words = lower_side.words
        and upper_side.generation = lower_side.generation
        and upper_side.domain = lower_side.domain
        and upper_side.base_family is not distinct from lower_side.base_family
        and upper_side.base_generation is not distinct from lower_side.base_generation
        and upper_side.tune is not distinct from lower_side.tune
),

measured as (
    select
        cells.model_id,
        cells.benchmark_id,
        cells.value_0_1,
    from cells
    inner join benchmarks on benchmarks.benchmark_id = cells.base_benchmark_id
),

compared as (
    select
        siblings.rule_id,
        siblings.model_id,
        siblings.sibling_id,
        siblings.days_apart,
        avg(lower_side.value_0_1) as left_value,
        avg(upper_side.value_0_1) as right_value,
        count(*) as benchmark_count,
    from siblings
    inner join measured as lower_side on lower_side.model_id = siblings.model_id
    inner join measured as upper_side
        on upper_side.model_id = siblings.sibling_id
        and upper_side.benchmark_id = lower_side.benchmark_id
    group by siblings.rule_id, siblings.model_id, siblings.sibling_id, siblings.days_apart
),

final as (
    select
        {{ rule_columns('rules') }},
        compared.model_id,
        compared.sibling_id as subject,
        compared.left_value,
        compared.right_value,
        cast(null as varchar) as left_text,
        cast(null as varchar) as right_text,
    from compared
    inner join rules on rules.rule_id = compared.rule_id
    cross join parameters
    where compared.benchmark_count >= parameters.min_benchmarks
    qualify row_number() over (
        partition by compared.rule_id, compared.model_id
        order by
            compared.days_apart nulls last, compared.benchmark_count desc, compared.sibling_id
    ) = 1
)

select * from final
