-- Names that wait for a person: those in review and those that no rung of the ladder resolved, each
-- with up to three candidates and why none was taken. The ones that carry most scores come first.
-- What a person has decided already, and texts that the rules know to be no name of a model, are
-- not here; `crosswalk` has them.
-- Grain: one row per (source_id, org, source_model_name).

with crosswalk as (
    select * from {{ ref('int_names_decided') }}
    where decision = 'waiting'
),

final as (
    select
        row_number() over (
            order by
                value_count desc, source_id, org, source_model_name
        ) as review_order,
        source_id,
        org,
        source_model_name,
        model_id as proposed_model_id,
        variant,
        method as match_method,
        status,
        {% for n in [1, 2, 3] -%}
        candidates[{{ n }}].model_id as candidate_{{ n }}_id,
        round(candidates[{{ n }}].score, 6) as candidate_{{ n }}_match_score,
        candidates[{{ n }}].reason as candidate_{{ n }}_reason,
        {% endfor %}
        value_count,
    from crosswalk
)

select * from final
order by review_order
