-- The parts of a profile that are lists or go through several tables, one JSON value each: the
-- measured cells of its categories, its facts, where its data come from, and the names it goes by.
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
    select
        model_id,
        map_from_entries(
            list(
                struct_pack(
                    key := attribute,
                    value := struct_pack(
                        value := coalesce(value_text, cast(round(value_number, 6) as varchar)),
                        origin := origin,
                        source := source_id,
                        record_key := record_key,
                        load_id := load_id,
                        observed_on := cast(observed_at as date)
                    )
                )
                order by attribute
            )
        ) as facts,
    from {{ ref('int_facts') }}
    where is_current
    group by model_id
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
    from per_category
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
        to_json(kinds.provenance) as provenance,
        to_json(facts.facts) as facts,
        kinds.data_quality,
    from names
    left join categories on categories.model_id = names.model_id
    left join facts on facts.model_id = names.model_id
    left join kinds on kinds.model_id = names.model_id
)

select * from final
