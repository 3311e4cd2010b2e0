-- One row per model for people who compare models rather than categories: its facts, its scores and
-- ranks in each category, and its overall rank. Its columns follow the seed of categories.
-- Overall = mean of the scores of all categories as computed before the ranking gate, ranked among
-- the models that are ranked in `general`.
-- Grain: one row per (model_id).

{% set categories = categories_of_contract() %}

with rankings as (
    select * from {{ ref('rankings') }}
),

pivoted as (
    select
        model_id,
        provider_id,
        display_name,
        {% for category in categories -%}
        max(score) filter (where category = '{{ category }}') as {{ category }}_score,
        max(rank) filter (where category = '{{ category }}') as {{ category }}_rank,
        {% endfor %}
        avg(score) as mean_score,
        bool_or(is_ranked and category = 'general') as is_ranked_in_general,
        any_value(blended_price_usd_per_1m) as blended_price_usd_per_1m,
        any_value(tokens_per_second) as tokens_per_second,
        any_value(ttft_ms) as ttft_ms,
        any_value(context_window_tokens) as context_window_tokens,
        any_value(is_open_weights) as is_open_weights,
        any_value(released_on) as released_on,
        any_value(as_of_on) as as_of_on,
    from rankings
    group by model_id, provider_id, display_name
),

final as (
    select
        model_id,
        provider_id,
        display_name,
        cast(
            case
                when is_ranked_in_general
                    then rank() over (
                        partition by is_ranked_in_general order by round(mean_score, 6) desc
                    )
            end as integer
        ) as overall_rank,
        round(mean_score, 6) as mean_score,
        {% for category in categories -%}
        {{ category }}_score,
        {{ category }}_rank,
        {% endfor %}
        blended_price_usd_per_1m,
        tokens_per_second,
        ttft_ms,
        context_window_tokens,
        is_open_weights,
        released_on,
        as_of_on,
    from pivoted
)

select * from final
order by overall_rank nulls last, mean_score desc nulls last, model_id
