-- The rankings at month ends and today on one yardstick: today's curves and baskets, applied to the
-- cells and facts that a build of that day lists, with ages counted from it. So a line shows models
-- moving, not the scale. Of month ends only models that could be ranked are kept.
-- Grain: one row per (category, model_id, as_of_on).

with scores as (
    select * from {{ ref('int_category_scores') }}
    where scope = 'model'
),

final as (
    select
        category,
        model_id,
        as_of_on,
        cast(
            case
                when is_ranked
                    then rank() over (
                        partition by as_of_on, category, is_ranked order by round(score, 6) desc
                    )
            end as integer
        ) as rank,
        round(score, 6) as score,
        round(capability, 6) as capability,
        round(confidence, 6) as confidence,
    from scores
)

select * from final
order by category, model_id, as_of_on
