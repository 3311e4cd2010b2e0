-- Artificial Analysis' evaluations as scores, from both shapes of its API.
-- A composite index is another benchmark with every version of its definition: rows of the current
-- shape get the version stated by the response in which they were last seen on a day, legacy rows
-- the one that was in force on the day of observation (seed composite_index_versions).
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
    from unnested
    where landing_error is not null or entry.value ->> '$' is not null
)

select * from final
