-- Artificial Analysis' evaluations as scores, from both shapes of its API.
-- A composite index is another benchmark with every version of its definition: rows of the current
-- shape get the version stated by the response in which they were last seen on a day, legacy rows
-- the one that was in force on the day of observation (seed composite_index_versions).
-- The current shape comes in two tiers, of which the free one leaves raw evaluations out: what a
-- later response leaves out, and names nothing else instead, still holds.
-- Grain: one row per (entity, record_key, source_benchmark_name, state_from_on).

with legacy_models as (
    select * from {{ ref('stg_artificial_analysis__legacy_models') }}
),

current_models as (
    select * from {{ ref('stg_artificial_analysis__models') }}
),

loads as (
    select * from {{ ref('stg_landing__loads') }}
    where status in ('landed', 'unchanged') and is_held is not true
),

versions as (
    select * from {{ ref('composite_index_versions') }}
),

-- When a version of a record was shown by a response that speaks which version of the indices.
shown as (
    select
        current_models.record_key,
        current_models.state_from_on as version_from_on,
        loads.composite_index_version,
        min(cast(loads.observed_at as date)) as shown_from_on,
    from current_models
    inner join loads
        on loads.source_id = current_models.source_id
        and loads.entity = current_models.entity
        and (
            loads.load_id = current_models.load_id
            or (
                {{ is_state_on('cast(loads.observed_at as date)', 'current_models') }}
                and loads.observed_at >= current_models.observed_at
                and (
                    loads.completeness = 'yes'
                    or list_contains(loads.confirmed_keys, current_models.record_key)
                )
            )
        )
    group by
        current_models.record_key, current_models.state_from_on, loads.composite_index_version
),

stated as (
    select
        record_key,
        version_from_on,
        composite_index_version,
        case
            when row_number() over (
                partition by record_key, version_from_on order by shown_from_on
            ) > 1 then shown_from_on
        end as stated_from_on,
        lead(shown_from_on) over (
            partition by record_key, version_from_on order by shown_from_on
        ) - 1 as stated_to_on,
    from shown
),

versioned as (
    select
        legacy_models.*,
        versions.composite_index_version,
    from legacy_models
    left join versions
        on versions.source_id = legacy_models.source_id
        and cast(legacy_models.observed_at as date)
        between coalesce(versions.valid_from, date '1900-01-01')
        and coalesce(versions.valid_to, date '9999-12-31')

    union all by name

    select
        current_models.* replace (
            coalesce(stated.stated_from_on, current_models.state_from_on) as state_from_on,
            coalesce(stated.stated_to_on, current_models.state_to_on) as state_to_on
        ),
        stated.composite_index_version,
    from current_models
    left join stated
        on stated.record_key = current_models.record_key
        and stated.version_from_on = current_models.state_from_on
),

unnested as (
    select
        * replace (
            case
                when json_type(evaluations) in ('OBJECT', 'NULL') then landing_error
                else coalesce(
                    landing_error,
                    'expected an object "evaluations", found ' || lower(json_type(evaluations))
                )
            end as landing_error
        ),
        unnest(
            case
                when json_type(evaluations) = 'OBJECT' then {{ json_entries('evaluations') }}
                else [struct_pack(key := null, value := null)]
            end
        ) as entry,
    from versioned
),

shapes as (
    select distinct
        record_key,
        state_from_on,
        json_keys(evaluations) as names,
    from versioned
    where entity = 'models' and json_type(evaluations) = 'OBJECT'
),

-- The last day on which a later version neither states the evaluation anew nor is of another shape.
held as (
    select
        unnested.record_key,
        unnested.state_from_on,
        unnested.entry.key as name,
        min(later.state_from_on) - 1 as held_to_on,
    from unnested
    left join shapes as later
        on later.record_key = unnested.record_key
        and later.state_from_on > unnested.state_from_on
        and (
            list_contains(later.names, unnested.entry.key)
            or not list_has_all(json_keys(unnested.evaluations), later.names)
        )
    where unnested.entity = 'models' and unnested.entry.key is not null
    group by unnested.record_key, unnested.state_from_on, unnested.entry.key
),

lasting as (
    select
        unnested.* replace (
            case
                when held.record_key is null then unnested.state_to_on
                else greatest(
                    unnested.state_to_on,
                    coalesce(
                        held.held_to_on,
                        max(unnested.state_to_on) over (
                            partition by unnested.entity, unnested.record_key
                        )
                    )
                )
            end as state_to_on
        ),
    from unnested
    left join held
        on unnested.entity = 'models'
        and held.record_key = unnested.record_key
        and held.state_from_on = unnested.state_from_on
        and held.name = unnested.entry.key
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        aa_model_id as record_id,
        display_name as source_model_name,
        creator_name as org,
        entry.key as source_benchmark_name,
        composite_index_version as benchmark_release,
        entry.value ->> '$' as value_text,
        cast(null as varchar) as dated_text,
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        'https://artificialanalysis.ai/models/' || slug as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        released_on as model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from lasting
    where landing_error is not null or entry.value ->> '$' is not null
)

select * from final
