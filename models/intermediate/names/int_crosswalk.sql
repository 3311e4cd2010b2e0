-- The crosswalk: what was decided about each name, with its evidence.
-- Grain: one row per (source_id, org, source_model_name).

with decisions as (
    select payload
    from {{ ref('int_name_resolution') }}
    where kind = 'decision'
),

names as (
    select * from {{ ref('int_names') }}
),

display_names as (
    select * from {{ ref('int_display_names') }}
),

typed as (
    select
        unnest(
            from_json(payload, '{
                "source": "varchar", "source_model_name": "varchar", "org": "varchar",
                "model_id": "varchar", "line_id": "varchar", "variant": "varchar",
                "deployment": "varchar", "method": "varchar", "score": "double",
                "runner_up_id": "varchar", "margin": "double", "tokens_agree": ["varchar"],
                "tokens_missing": ["varchar"], "tokens_conflict": ["varchar"],
                "status": "varchar", "rule_version": "varchar", "reason": "varchar",
                "candidates": [{"model_id": "varchar", "score": "double", "reason": "varchar"}]
            }')
        ),
    from decisions
),

final as (
    select
        typed.source as source_id,
        typed.org,
        typed.source_model_name,
        display_names.display_name,
        names.record_id,
        names.role,
        typed.model_id,
        typed.line_id,
        nullif(typed.variant, '') as variant,
        nullif(typed.deployment, '') as deployment,
        typed.method,
        typed.status,
        typed.rule_version,
        typed.runner_up_id,
        typed.tokens_agree,
        typed.tokens_missing,
        typed.tokens_conflict,
        typed.candidates,
        nullif(typed.reason, '') as no_name_reason,
        typed.score,
        typed.margin,
        names.value_count,
        names.is_first_load,
        names.first_observed_at,
    from typed
    inner join names
        on names.source_id = typed.source
        and names.org is not distinct from typed.org
        and names.source_model_name = typed.source_model_name
    left join display_names
        on display_names.source_id = typed.source
        and display_names.org is not distinct from typed.org
        and display_names.source_model_name = typed.source_model_name
)

select * from final
