-- Every price and speed that any version of a record stated, in one unit each. Where a record holds
-- them is the seed history_measures; a negative price is no price (it marks routers).
-- Grain: one row per (source_id, entity, record_key, observed_at, measure).

with versions as (
    select * from {{ ref('stg_landing__record_versions') }}
),

measures as (
    select * from {{ ref('history_measures') }}
),

extracted as (
    select
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.observed_at,
        measures.measure,
        measures.factor,
        measures.is_zero_missing,
        versions.record is null as is_gone,
        {{ number_or_null('json_extract_string(versions.record, measures.json_path)') }} as value,
    from versions
    inner join measures
        on measures.source_id = versions.source_id
        and measures.entity = versions.entity
),

final as (
    select
        source_id,
        entity,
        record_key,
        observed_at,
        measure,
        case
            when value > 0 or (value = 0 and not is_zero_missing) then value * factor
        end as value,
        is_gone,
    from extracted
)

select * from final
