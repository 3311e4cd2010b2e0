-- How each rule fared for each model: of what it could be applied to, how much it found kept.
-- Three kinds of rule: on the fields of the records that state a model's facts, on its scores, and
-- on what is known of it as a whole (semantic consistency). Rules of weight 0 are nobody's fault,
-- or reject what no model is known to be behind; they are left out, as are scores that the
-- warehouse does not use.
-- Grain: one row per (model_id, subject, rule_id).

with rules as (
    select
        *,
        string_split(field_kinds, ';') as kinds,
    from {{ ref('validation_rules') }}
    where weight > 0
),

semantic_checks as (
    select * from {{ ref('int_rule_checks') }}
    where weight > 0
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
),

-- The records that state facts of each model today: its routes, and its row of the registry.
records as (
    select
        source_id,
        entity,
        record_key,
        model_id,
    from {{ ref('int_deployments') }}
    where is_current and model_id is not null

    union all

    select
        source_id,
        entity,
        record_key,
        model_id,
    from {{ ref('int_registry_models') }}
    where {{ is_state_on(as_of_on()) }}
),

fields as (
    select * from {{ ref('int_field_checks') }}
    where is_newest
),

field_verdicts as (
    select
        records.model_id,
        rules.subject,
        rules.rule_id,
        rules.weight,
        coalesce(fields.rejected_by = rules.rule_id, false) as is_violated,
    from records
    inner join fields
        on fields.source_id = records.source_id
        and fields.entity = records.entity
        and fields.record_key = records.record_key
        and not fields.is_unknown
    inner join rules
        on rules.subject in ('record', 'field')
        and (rules.kinds is null or list_contains(rules.kinds, fields.kind))
),

score_verdicts as (
    select
        crosswalk.model_id,
        rules.subject,
        rules.rule_id,
        rules.weight,
        coalesce(scores.rejected_by = rules.rule_id, false) as is_violated,
    from {{ ref('int_scores_validated') }} as scores
    inner join crosswalk
        on {{ is_same_name('crosswalk', 'scores') }}
    inner join rules on rules.subject = 'score'
    where
        scores.is_current
        and (
            scores.rejected_by is null
            or scores.rejected_by in (
                select kept.rule_id from rules as kept
                where kept.subject = 'score'
            )
        )
),

verdicts as (
    select * from field_verdicts

    union all

    select * from score_verdicts

    union all

    -- Its applications share the weight of a semantic rule already.
    select
        model_id,
        'semantic' as subject,
        rule_id,
        round(sum(weight) over (partition by model_id, rule_id), 9) as weight,
        is_violated,
    from semantic_checks
),

final as (
    select
        model_id,
        subject,
        rule_id,
        weight,
        count(*) as applied_count,
        count(*) filter (where is_violated) as violated_count,
        1 - avg(cast(is_violated as integer)) as passed_share,
    from verdicts
    group by model_id, subject, rule_id, weight
)

select * from final
