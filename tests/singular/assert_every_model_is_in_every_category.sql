-- Proves that a gap is a row, not an absence: every model is in every category of rankings exactly
-- once; it has a rank, or else the reason why not, never both or neither; and what is ranked has a
-- score. Nothing else is in rankings.

with spine as (
    select
        categories.category,
        models.model_id,
    from {{ ref('models') }} as models
    cross join {{ ref('categories') }} as categories
),

listed as (
    select
        category,
        model_id,
        count(*) as row_count,
        min(is_ranked) as is_ranked,
        min(rank) as rank,
        min(score) as score,
        min(unranked_reason) as unranked_reason,
        min(unranked_explanation) as unranked_explanation,
    from {{ ref('rankings') }}
    group by category, model_id
),

judged as (
    select
        coalesce(spine.category, listed.category) as category,
        coalesce(spine.model_id, listed.model_id) as model_id,
        listed.row_count,
        listed.is_ranked,
        listed.rank,
        listed.score,
        listed.unranked_reason,
        listed.unranked_explanation,
        case
            when listed.row_count is null then 'absent'
            when spine.model_id is null then 'no such model or category'
            when listed.row_count > 1 then 'listed more than once'
            when listed.is_ranked != (listed.rank is not null) then 'ranked without a rank'
            when listed.is_ranked and listed.score is null then 'ranked without a score'
            when listed.is_ranked != (listed.unranked_reason is null)
                then 'ranked with a reason why not, or unranked without one'
            when (listed.unranked_reason is null) != (listed.unranked_explanation is null)
                then 'a reason without its explanation, or the other way round'
        end as violation,
    from spine
    full outer join listed
        on listed.category = spine.category
        and listed.model_id = spine.model_id
),

final as (
    select * from judged
    where violation is not null
)

select * from final
