-- Names that need a person: those in review, those that no rung of the ladder resolved, and those
-- that introduced a model of their own. The ones that carry most scores come first.
-- Grain: one row per (source_id, org, source_model_name).

with crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status != 'auto' or method = 'new'
),

final as (
    select
        row_number() over (
            order by
                status != 'auto' desc, value_count desc, source_id, org, source_model_name
        ) as review_order,
        source_id,
        org,
        source_model_name,
        model_id as proposed_model_id,
        variant,
        method,
        status,
        {% for n in [1, 2, 3] -%}
        candidates[{{ n }}].model_id as candidate_{{ n }}_id,
        round(candidates[{{ n }}].score, 6) as candidate_{{ n }}_score,
        candidates[{{ n }}].reason as candidate_{{ n }}_reason,
        {% endfor %}
        value_count,
    from crosswalk
)

select * from final
order by review_order
