-- Artificial Analysis' evaluations as scores, from both shapes of its API.
-- A composite index is another benchmark with every version of its definition: rows of the current
-- shape get the version stated by the response in which they were last seen, legacy rows the one
-- that was in force on the day of observation (seed composite_index_versions).
-- Grain: one row per (entity, record_key, source_benchmark_name).

with legacy_models as (
    select * from {{ ref('stg_artificial_analysis__legacy_models') }}
),

current_models as (
    select * from {{ ref('stg_artificial_analysis__models') }}
),

stated_versions as (
    select
        source_id,
        entity,
        observed_at,
        max(composite_index_version) as composite_index_version,
    from {{ ref('stg_landing__loads') }}
    where status in ('landed', 'unchanged')
    group by source_id, entity, observed_at
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

seen_models as (
    select
        current_models.* replace (
            {{ last_observed_at('current_models', 'listings', 'records') }} as observed_at
        ),
    from current_models
    {{ join_sightings('sightings', 'current_models', 'listings', 'records') }}
),

versions as (
    select * from {{ ref('composite_index_versions') }}
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
        seen_models.*,
        stated_versions.composite_index_version,
    from seen_models
    left join stated_versions
        on stated_versions.source_id = seen_models.source_id
        and stated_versions.entity = seen_models.entity
        and stated_versions.observed_at = seen_models.observed_at
),

unnested as (
    select
        *,
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
        cast(null as varchar) as setting,
        cast(null as double) as standard_error,
        'https://artificialanalysis.ai/models/' || slug as url,
        false as is_self_reported,
        cast(null as date) as evaluated_on,
        cast(null as date) as published_on,
        released_on as model_released_on,
        observed_at,
        first_observed_at,
    from unnested
    where landing_error is not null or entry.value ->> '$' is not null
)

select * from final
