-- The parts of a profile that are lists or go through several tables, one JSON value each: the
-- measured cells of its categories, its facts, the adjustments of its scores, where its data come
-- from, and the names it goes by.
-- Grain: one row per (model_id).

with cells as (
    select * from {{ ref('int_profile_cells') }}
),

names as (
    select * from {{ ref('int_profile_names') }}
),

provenance as (
    select * from {{ ref('int_profile_provenance') }}
),

facts as (
    select * from {{ ref('int_profile_facts') }}
),

per_category as (
    select
        model_id,
        category,
        map_from_entries(
            list(
                struct_pack(
                    key := benchmark_id,
                    value := struct_pack(
                        score := round(score, 6),
                        weight := weight,
                        source := layer_id,
                        date := dated_on
                    )
                )
                order by benchmark_id
            )
        ) as contributing_scores,
        map_from_entries(
            list(struct_pack(key := benchmark_id, value := sources) order by benchmark_id)
        ) as sources,
        map_from_entries(
            list(
                struct_pack(key := benchmark_id, value := round(kept_share, 6))
                order by benchmark_id
            )
        ) as kept_shares,
    from cells
    group by model_id, category
),

categories as (
    select
        model_id,
        map_from_entries(
            list(struct_pack(key := category, value := contributing_scores) order by category)
        ) as contributing_scores,
        map_from_entries(
            list(struct_pack(key := category, value := sources) order by category)
        ) as contributing_records,
        map_from_entries(
            list(struct_pack(key := category, value := kept_shares) order by category)
        ) as kept_shares,
    from per_category
    group by model_id
),

adjusted as (
    select
        model_id,
        category,
        list(
            struct_pack(
                adjustment := adjustment_id,
                input := round(input, 6),
                unit := unit,
                source := source_id,
                factor := round(factor, 9),
                points := round(points, 9)
            )
            order by adjustment_id
        ) as adjustments,
    from {{ ref('int_adjustments') }}
    where as_of_on = {{ as_of_on() }} and scope = 'model'
    group by model_id, category
),

adjustments as (
    select
        model_id,
        map_from_entries(
            list(struct_pack(key := category, value := adjustments) order by category)
        ) as adjustments,
    from adjusted
    group by model_id
),

kinds as (
    select
        model_id,
        map_from_entries(
            list(
                struct_pack(
                    key := kind,
                    value := struct_pack(
                        source := sources,
                        last_updated := last_updated_on,
                        data_quality := round(data_quality, 6)
                    )
                )
                order by kind
            )
        ) as provenance,
        -- Scores first: what facts weigh says nothing of them.
        round(
            coalesce(
                sum(weight * data_quality) filter (where kind != 'static')
                / sum(weight) filter (where kind != 'static'),
                max(data_quality)
            ), 6
        ) as data_quality,
    from provenance
    group by model_id
),

final as (
    select
        names.model_id,
        to_json(names.names) as names,
        to_json(categories.contributing_scores) as contributing_scores,
        to_json(categories.contributing_records) as contributing_records,
        to_json(categories.kept_shares) as kept_shares,
        to_json(kinds.provenance) as provenance,
        to_json(facts.facts) as facts,
        to_json(adjustments.adjustments) as adjustments,
        kinds.data_quality,
    from names
    left join categories on categories.model_id = names.model_id
    left join adjustments on adjustments.model_id = names.model_id
    left join facts on facts.model_id = names.model_id
    left join kinds on kinds.model_id = names.model_id
)

select * from final
