-- The crosswalk: what was decided about each name, with its evidence.
-- Grain: one row per (name_id), which is one per (source_id, org, source_model_name).

with decisions as (
    select * from {{ ref('int_name_resolution') }}
    where kind = 'decision'
),

names as (
    select * from {{ ref('int_names') }}
),

models as (
    select * from {{ ref('int_name_resolution') }}
    where kind = 'model'
),

final as (
    select
        names.name_id,
        names.source_id,
        names.org,
        names.source_model_name,
        names.display_name,
        names.record_id,
        names.role,
        decisions.model_id,
        decisions.line_id,
        models.provider_id,
        nullif(decisions.variant, '') as variant,
        nullif(decisions.deployment, '') as deployment,
        decisions.method,
        decisions.status,
        decisions.rule_version,
        decisions.runner_up_id,
        decisions.tokens_agree,
        decisions.tokens_missing,
        decisions.tokens_conflict,
        decisions.candidates,
        nullif(decisions.no_name_reason, '') as no_name_reason,
        decisions.score,
        decisions.margin,
        names.value_count,
        names.is_first_load,
        names.first_observed_at,
    from decisions
    inner join names on names.name_id = decisions.name_id
    left join models on models.model_id = decisions.model_id
)

select * from final
