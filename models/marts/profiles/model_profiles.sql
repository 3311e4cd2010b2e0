-- Everything about a model in one JSON document, for programs that pick a model: facts, scores
-- with the measurements behind them, where all of it comes from, and what it is best at. The shape
-- is described by model_profile.schema.json beside this file; publishing writes all documents to
-- enhanced_models.json as well, each with the build that it is of. What goes beyond the common
-- shape stands under `extensions`.
-- Grain: one row per (model_id).

with wide as (
    select * from {{ ref('rankings_wide') }}
),

rankings as (
    select * from {{ ref('rankings') }}
),

models as (
    select * from {{ ref('models') }}
),

sections as (
    select * from {{ ref('int_profile_sections') }}
),

reports as (
    select * from {{ ref('quality_reports') }}
),

tiers as (
    select * from {{ ref('profile_tiers') }}
),

-- Where a model stands among those ranked in a category: 1 at the top, 0 at the bottom.
placed as (
    select
        model_id,
        category,
        (count(*) over (partition by category) - rank)
        / greatest(count(*) over (partition by category) - 1, 1) as percentile,
    from rankings
    where is_ranked
),

ordered as (
    select
        model_id,
        category,
        count(*) over (partition by model_id) as category_count,
        row_number() over (partition by model_id order by percentile desc, category) as place,
    from placed
),

-- A model's lowest category is never among its best, unless it is its only one.
strengths as (
    select
        model_id,
        list(category order by place) filter (
            where place <= 2 and (place < category_count or category_count = 1)
        ) as best_at,
        list(category) filter (where place = category_count and category_count > 1) as worst_at,
    from ordered
    group by model_id
),

tiered as (
    select
        wide.model_id,
        tiers.tier,
        tiers.label,
        tiers.at_least,
        case tiers.attribute
            when 'blended_price_usd_per_1m' then wide.blended_price_usd_per_1m
            when 'tokens_per_second' then wide.tokens_per_second
        end as input,
        case
            when tiers.scale_low is null then input
            when input > 0
                then least(greatest(
                    ln(input / tiers.scale_low) / ln(tiers.scale_high / tiers.scale_low), 0
                ), 1)
        end as position,
        case tiers.direction when 'lower_is_better' then 1 - position else position end as figure,
    from wide
    cross join tiers
),

labels as (
    select
        model_id,
        arg_max(label, at_least) filter (where tier = 'cost_efficiency') as cost_efficiency,
        arg_max(label, at_least) filter (where tier = 'speed_tier') as speed_tier,
    from tiered
    where figure >= at_least
    group by model_id
),

scored as (
    select
        rankings.model_id,
        map_from_entries(
            list(
                struct_pack(
                    key := rankings.category,
                    value := struct_pack(
                        score := rankings.score,
                        confidence := rankings.confidence,
                        contributing_scores := coalesce(
                            json_extract(
                                sections.contributing_scores, '$."' || rankings.category || '"'
                            ),
                            cast('{}' as json)
                        )
                    )
                )
                order by rankings.category
            )
        ) as category_scores,
        map_from_entries(
            list(
                struct_pack(
                    key := rankings.category,
                    value := struct_pack(
                        rank := rankings.rank,
                        rank_low := rankings.rank_low,
                        rank_high := rankings.rank_high,
                        score_low := rankings.score_low,
                        score_high := rankings.score_high,
                        capability := rankings.capability,
                        layered_score := rankings.layered_score,
                        coverage := rankings.coverage,
                        is_ranked := rankings.is_ranked,
                        unranked_reason := rankings.unranked_reason,
                        adjustments := json_extract(
                            sections.adjustments, '$."' || rankings.category || '"'
                        )
                    )
                )
                order by rankings.category
            )
        ) as category_details,
    from rankings
    inner join sections on sections.model_id = rankings.model_id
    group by rankings.model_id
),

final as (
    select
        wide.model_id,
        to_json(
            struct_pack(
                model_id := wide.model_id,
                provider := wide.provider_id,
                display_name := wide.display_name,
                static_data := struct_pack(
                    context_window := wide.context_window_tokens,
                    cost_in_per_1k := round(models.input_price_usd_per_1m / 1000, 9),
                    cost_out_per_1k := round(models.output_price_usd_per_1m / 1000, 9),
                    avg_latency_ms := models.latency_ms,
                    open_source := wide.is_open_weights
                ),
                category_scores := scored.category_scores,
                data_provenance := struct_pack(
                    static_data := json_extract(sections.provenance, '$.static'),
                    scraped_data := json_extract(sections.provenance, '$.benchmarks'),
                    api_data := json_extract(sections.provenance, '$.analytics'),
                    last_consolidated := wide.as_of_on,
                    data_quality := sections.data_quality
                ),
                performance_metadata := struct_pack(
                    best_at := coalesce(strengths.best_at, []),
                    worst_at := coalesce(strengths.worst_at, []),
                    cost_efficiency := labels.cost_efficiency,
                    speed_tier := labels.speed_tier,
                    overall_rank := wide.overall_rank
                ),
                extensions := struct_pack(
                    line_id := models.line_id,
                    released_on := wide.released_on,
                    mean_score := wide.mean_score,
                    tokens_per_second := wide.tokens_per_second,
                    ttft_ms := wide.ttft_ms,
                    categories := scored.category_details,
                    contributing_records := coalesce(
                        sections.contributing_records, cast('{}' as json)
                    ),
                    kept_shares := coalesce(sections.kept_shares, cast('{}' as json)),
                    facts := coalesce(sections.facts, cast('{}' as json)),
                    names := sections.names,
                    quality := struct_pack(
                        validation_score := reports.validation_score,
                        consistency_score := reports.consistency_score,
                        anomaly_score := reports.anomaly_score,
                        data_completeness := reports.data_completeness,
                        is_validated := reports.is_validated,
                        reasons := reports.explanation
                    )
                )
            )
        ) as document,
    from wide
    inner join models on models.model_id = wide.model_id
    inner join scored on scored.model_id = wide.model_id
    inner join sections on sections.model_id = wide.model_id
    inner join reports on reports.model_id = wide.model_id
    left join strengths on strengths.model_id = wide.model_id
    left join labels on labels.model_id = wide.model_id
)

select * from final
order by model_id
