-- What rules of kind `benchmarks` compare: two benchmarks of one model. Applies to `one_record`:
-- values that one record states, so of one run; or to `cells`: what all sources together say.
-- Releases of benchmarks meet only their own kind.
-- Grain: one row per (rule_id, model_id, subject).

with rules as (
    select * from {{ ref('consistency_rules') }}
    where kind = 'benchmarks'
),

observations as (
    select * from {{ ref('int_observations') }}
    where is_current
),

cells as (
    select * from {{ ref('int_cells') }}
    where is_current and scope = 'model'
),

measured as (
    select
        'one_record' as applies_to,
        model_id,
        base_benchmark_id,
        concat_ws('|', source_id, entity, record_key, variant, setting, benchmark_release)
            as subject,
        avg(value_0_1) as value_0_1,
    from observations
    group by all

    union all

    select
        'cells' as applies_to,
        model_id,
        base_benchmark_id,
        concat_ws('@', 'all sources', nullif(split_part(benchmark_id, '@', 2), '')) as subject,
        value_0_1,
    from cells
),

final as (
    select
        {{ rule_columns('rules') }},
        lower_side.model_id,
        lower_side.subject,
        lower_side.value_0_1 as left_value,
        upper_side.value_0_1 as right_value,
        cast(null as varchar) as left_text,
        cast(null as varchar) as right_text,
    from rules
    inner join measured as lower_side
        on lower_side.applies_to = rules.applies_to
        and lower_side.base_benchmark_id = rules.left_operand
    inner join measured as upper_side
        on upper_side.applies_to = rules.applies_to
        and upper_side.base_benchmark_id = rules.right_operand
        and upper_side.model_id = lower_side.model_id
        and upper_side.subject = lower_side.subject
)

select * from final
