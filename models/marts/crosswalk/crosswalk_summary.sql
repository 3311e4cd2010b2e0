-- How well each source's names are known: names and the score values they carry, by the rung of
-- the ladder that decided and by status.
-- Grain: one row per (source_id, match_method).

with crosswalk as (
    select * from {{ ref('int_names_decided') }}
),

counted as (
    select
        source_id,
        coalesce(nullif(method, ''), 'none') as match_method,
        count(*) as name_count,
        count(*) filter (where decision = 'matched') as auto_count,
        count(*) filter (where decision = 'waiting' and status = 'review') as review_count,
        count(*) filter (where decision = 'waiting' and status != 'review') as unmatched_count,
        count(*) filter (where decision = 'no_model') as no_model_count,
        sum(value_count) as value_count,
        sum(value_count) filter (where status = 'auto') as auto_value_count,
    from crosswalk
    group by source_id, coalesce(nullif(method, ''), 'none')
),

final as (
    select
        source_id,
        match_method,
        name_count,
        auto_count,
        review_count,
        unmatched_count,
        no_model_count,
        cast(value_count as bigint) as value_count,
        round(
            coalesce(auto_value_count, 0)
            / nullif(sum(value_count) over (partition by source_id), 0), 6
        ) as share_of_source_values_carried,
    from counted
)

select * from final
order by source_id, match_method
