-- Pairs of models that may be one release under two ids: a split is as bad as a false merge, and
-- no review of names shows it. Those whose release days, prices or scores lie too far apart are
-- left out, as are those that one source measures apart and those that a person has decided: a row
-- of name_overrides for a name of one of the two that says which of them it is.
-- Grain: one row per (model_id, other_model_id).

with twins as (
    select
        model_id,
        other_model_id,
        found_by,
        tokens_missing,
        likeness,
    from {{ ref('int_name_resolution') }}
    where kind = 'twins'
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
    where status = 'auto'
),

models as (
    select * from {{ ref('models') }}
),

source_values as (
    select
        source_id,
        model_id,
        benchmark_id,
        value_0_1,
    from {{ ref('int_variant_values') }}
    where as_of_on = {{ as_of_on() }} and is_best_variant
),

value_counts as (
    select
        model_id,
        sum(value_count) as value_count,
    from crosswalk
    group by model_id
),

decided as (
    select distinct
        twins.model_id,
        twins.other_model_id,
    from twins
    -- The runner-up is what the name alone says: kept as that, or made the other of the two.
    inner join crosswalk
        on crosswalk.method = 'override'
        and crosswalk.model_id in (twins.model_id, twins.other_model_id)
        and crosswalk.runner_up_id in (twins.model_id, twins.other_model_id)
),

compared as (
    -- Two runs of one source on one benchmark under two names are two models to that source.
    select
        twins.model_id,
        twins.other_model_id,
        count(distinct one.benchmark_id) as shared_benchmark_count,
        avg(abs(one.value_0_1 - other.value_0_1)) as mean_gap_0_1,
        count(*) filter (
            where one.source_id = other.source_id and one.value_0_1 != other.value_0_1
        ) as apart_count,
    from twins
    inner join source_values as one on one.model_id = twins.model_id
    inner join source_values as other
        on other.model_id = twins.other_model_id
        and other.benchmark_id = one.benchmark_id
    group by twins.model_id, twins.other_model_id
),

described as (
    select
        twins.*,
        one.provider_id,
        coalesce(one_count.value_count, 0) as value_count,
        coalesce(other_count.value_count, 0) as other_value_count,
        least(
            coalesce(one_count.value_count, 0), coalesce(other_count.value_count, 0)
        ) as moved_value_count,
        coalesce(compared.shared_benchmark_count, 0) as shared_benchmark_count,
        compared.mean_gap_0_1,
        coalesce(compared.apart_count, 0) as apart_count,
        abs(one.released_on - other.released_on) as release_gap_days,
        greatest(one.blended_price_usd_per_1m, other.blended_price_usd_per_1m)
        / nullif(least(one.blended_price_usd_per_1m, other.blended_price_usd_per_1m), 0)
            as price_ratio,
    from twins
    inner join models as one on one.model_id = twins.model_id
    inner join models as other on other.model_id = twins.other_model_id
    left join value_counts as one_count on one_count.model_id = twins.model_id
    left join value_counts as other_count on other_count.model_id = twins.other_model_id
    left join compared
        on compared.model_id = twins.model_id
        and compared.other_model_id = twins.other_model_id
),

final as (
    select
        row_number() over (
            order by
                described.moved_value_count desc,
                described.value_count + described.other_value_count desc,
                described.model_id,
                described.other_model_id
        ) as review_order,
        described.model_id,
        described.other_model_id,
        described.provider_id,
        described.found_by,
        described.tokens_missing,
        round(described.likeness, 6) as likeness_0_1,
        cast(described.moved_value_count as bigint) as moved_value_count,
        cast(described.value_count as bigint) as value_count,
        cast(described.other_value_count as bigint) as other_value_count,
        described.shared_benchmark_count,
        round(described.mean_gap_0_1, 6) as mean_gap_0_1,
        described.release_gap_days,
        round(described.price_ratio, 6) as price_ratio,
    from described
    anti join decided
        on decided.model_id = described.model_id
        and decided.other_model_id = described.other_model_id
    where
        described.apart_count = 0
        and coalesce(
            described.release_gap_days <= {{ parameter('twins', 'max_release_gap_days') }}, true
        )
        and coalesce(described.price_ratio <= {{ parameter('twins', 'max_price_ratio') }}, true)
        and coalesce(described.mean_gap_0_1 <= {{ parameter('twins', 'max_mean_gap') }}, true)
)

select * from final
order by review_order
