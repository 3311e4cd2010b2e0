-- Which of a category's static indicators are known of a model, and which hold.
-- An indicator on an unknown fact is unknown and does not count; 'always' needs no fact.
-- Grain: one row per (category, model_id, indicator_id).

with models as (
    select * from {{ ref('int_models') }}
),

indicators as (
    select * from {{ ref('static_indicators') }}
),

facts as (
    select * from {{ ref('int_facts') }}
    where is_current
),

final as (
    select
        indicators.category,
        models.model_id,
        indicators.indicator_id,
        indicators.attribute,
        facts.source_id,
        facts.record_key,
        facts.observed_at,
        case indicators.operator
            when 'always' then true
            when 'contains' then contains(lower(facts.value_text), indicators.threshold)
            when 'greater_than'
                then facts.value_number > try_cast(indicators.threshold as double)
            when 'less_than' then facts.value_number < try_cast(indicators.threshold as double)
        end as holds,
    from models
    cross join indicators
    left join facts
        on facts.model_id = models.model_id
        and facts.attribute = indicators.attribute
    where indicators.operator = 'always' or facts.model_id is not null
)

select * from final
