-- The fact that counts for a model: of what the origins say, the one that goes first in the seed
-- attribute_precedence. Every fact keeps its source and record. What was first seen after as_of is
-- no fact of that day.
-- Grain: one row per (model_id, attribute).

with candidates as (
    select * from {{ ref('int_facts_unioned') }}
),

precedence as (
    select * from {{ ref('attribute_precedence') }}
),

final as (
    select
        candidates.model_id,
        candidates.attribute,
        candidates.origin,
        candidates.source_id,
        candidates.record_key,
        candidates.load_id,
        candidates.value_text,
        candidates.value_number,
        candidates.observed_at,
    from candidates
    inner join precedence
        on precedence.attribute = candidates.attribute
        and precedence.origin = candidates.origin
    where candidates.observed_at < {{ as_of_on() }} + interval 1 day
    qualify row_number() over (
        partition by candidates.model_id, candidates.attribute
        order by precedence.precedence
    ) = 1
)

select * from final
