-- Proves that no model is ranked for what its vendor states of it: every ranked model has at least
-- one measured contribution in that category: expected cells and static facts are none.

with ranked as (
    select
        category,
        model_id,
        rank,
        score,
    from {{ ref('rankings') }}
    where is_ranked
),

measured as (
    select distinct
        category,
        model_id,
    from {{ ref('score_contributions') }}
    where layer_id in ('benchmarks', 'analytics')
),

final as (
    select ranked.*
    from ranked
    anti join measured
        on measured.category = ranked.category
        and measured.model_id = ranked.model_id
)

select * from final
