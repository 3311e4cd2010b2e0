-- The bounded adjustments that turn a capability into a score on a day, one row each: u is where
-- the input lies between low and high on a logarithmic scale (reversed where lower is better), the
-- effect is size * (2u - 1), as a factor or in points. An unknown, zero or negative input has no
-- row: it adjusts nothing. Of kind `available`, a model that nothing serves any more (input 0)
-- loses `size` of its score.
-- Scope `model` takes the model's facts. Scope `variant` (today only) takes a variant's own speed
-- and latency, and of what belongs to the model as a whole there is one row for all its variants
-- (variant null): one that thinks longer is slower, so that the speed of one says nothing of
-- another.
-- Grain: one row per (as_of_on, scope, category, model_id, variant, adjustment_id).

with adjustments as (
    select * from {{ ref('adjustments') }}
),

facts as (
    select * from {{ ref('int_facts') }}
),

skipped as (
    select source_id
    from {{ ref('int_source_quality') }}
    where is_skipped and is_current
),

analytics as (
    select
        routes.*,
        coalesce(routes.variant, 'unstated') as scoped_variant,
    from {{ ref('int_deployments') }} as routes
    anti join skipped on skipped.source_id = routes.source_id
    where routes.is_current and routes.origin = 'analytics' and routes.model_id is not null
),

-- Of several rows for one variant the one seen last speaks.
variant_facts as (
    {% for attribute in ['ttft_ms', 'tokens_per_second'] %}
    select
        model_id,
        scoped_variant as variant,
        '{{ attribute }}' as attribute,
        source_id,
        {{ attribute }} as value_number,
    from analytics
    where {{ attribute }} is not null
    qualify
        row_number() over (
            partition by model_id, scoped_variant order by observed_at desc, record_key
        ) = 1
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

of_variants as (
    select distinct attribute from adjustments
    where belongs_to = 'variant'
),

inputs as (
    select
        as_of_on,
        'model' as scope,
        model_id,
        cast(null as varchar) as variant,
        attribute,
        source_id,
        value_number,
    from facts

    union all

    select
        facts.as_of_on,
        'variant' as scope,
        facts.model_id,
        cast(null as varchar) as variant,
        facts.attribute,
        facts.source_id,
        facts.value_number,
    from facts
    anti join of_variants on of_variants.attribute = facts.attribute
    where facts.is_current

    union all

    select
        {{ as_of_on() }} as as_of_on,
        'variant' as scope,
        model_id,
        variant,
        attribute,
        source_id,
        value_number,
    from variant_facts
),

placed as (
    select
        adjustments.*,
        inputs.as_of_on,
        inputs.scope,
        inputs.model_id,
        inputs.variant,
        inputs.value_number as input,
        inputs.source_id,
        case
            when adjustments.kind = 'available' then inputs.value_number
            when inputs.value_number > 0
                then least(greatest(
                    ln(inputs.value_number / adjustments.low)
                    / ln(adjustments.high / nullif(adjustments.low, 0)),
                    0
                ), 1)
        end as position,
    from adjustments
    inner join inputs on inputs.attribute = adjustments.attribute
    where inputs.value_number > 0 or adjustments.kind = 'available'
),

final as (
    select
        as_of_on,
        scope,
        category,
        model_id,
        variant,
        adjustment_id,
        attribute,
        kind,
        unit,
        source_id,
        input,
        case when direction = 'lower_is_better' then 1 - position else position end as u,
        case
            when kind = 'multiply' and direction = 'lower_is_better'
                then 1 + size * (1 - 2 * position)
            when kind = 'multiply' then 1 + size * (2 * position - 1)
            when kind = 'available' then 1 - size * (1 - position)
            else 1
        end as factor,
        case
            when kind = 'add' and direction = 'lower_is_better' then size * (1 - 2 * position)
            when kind = 'add' then size * (2 * position - 1)
            else 0
        end as points,
    from placed
)

select * from final
