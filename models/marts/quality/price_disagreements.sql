-- Which stated prices contradict each other. `one_seller`: two statements of what one seller asks;
-- one of them is old, mistaken or of another unit. `market`: a seller so far from the median of the
-- others that the price, or the name behind it, deserves a look. The furthest apart first.
-- Grain: one row per (comparison_kind, first_source_id, first_entity, first_record_key,
-- second_source_id, second_entity, second_record_key); the second is null in the market.

with comparisons as (
    select * from {{ ref('int_price_comparisons') }}
    where is_disagreement
),

final as (
    select
        model_id,
        variant,
        comparison_kind,
        seller_id,
        seller_kind,
        price_class,
        first_source_id,
        first_entity,
        first_record_key,
        first_host_id,
        first_host,
        first_route,
        second_source_id,
        second_entity,
        second_record_key,
        second_host_id,
        second_host,
        second_route,
        round(first_input_price_usd_per_1m, 6) as first_input_price_usd_per_1m,
        round(second_input_price_usd_per_1m, 6) as second_input_price_usd_per_1m,
        round(first_output_price_usd_per_1m, 6) as first_output_price_usd_per_1m,
        round(second_output_price_usd_per_1m, 6) as second_output_price_usd_per_1m,
        round(ratio, 6) as ratio,
        threshold,
        other_seller_count,
        cast(first_observed_at as date) as first_observed_on,
        cast(second_observed_at as date) as second_observed_on,
    from comparisons
)

select * from final
order by
    ratio desc, comparison_kind, first_source_id, first_entity, first_record_key,
    second_source_id, second_entity, second_record_key
