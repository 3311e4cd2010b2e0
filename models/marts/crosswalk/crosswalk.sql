-- Who is who: every name of every source, the model it was decided to be, and the evidence.
-- Join on (source_id, org, source_model_name): a name alone is not global.
-- A build of an earlier day lists the names that had been seen by then, and those seen later of
-- models that existed already.
-- Grain: one row per (source_id, org, source_model_name).

with crosswalk as (
    select * from {{ ref('int_names_decided') }}
),

final as (
    select
        source_id,
        org,
        source_model_name,
        record_id,
        role,
        model_id,
        line_id,
        variant,
        deployment as deployment_suffix,
        method as match_method,
        status,
        decision,
        no_name_reason,
        rule_version,
        runner_up_id,
        tokens_agree,
        tokens_missing,
        tokens_conflict,
        round(score, 6) as match_score,
        round(margin, 6) as margin,
        value_count,
        cast(first_observed_at as date) as first_observed_on,
    from crosswalk
)

select * from final
order by source_id, org, source_model_name
