-- Every price and speed that any version of a record stated, in one unit each; null where it is
-- unknown or was rejected. A row with is_gone is the moment at which the record was gone.
-- Grain: one row per (source_id, entity, record_key, observed_at, measure).

with checks as (
    select * from {{ ref('int_field_checks') }}
),

versions as (
    select * from {{ ref('stg_landing__record_versions') }}
    where record is null and observed_at < {{ as_of_on() }} + interval 1 day
),

measures as (
    select * from {{ ref('record_fields') }}
    where is_in_history
),

final as (
    select
        checks.source_id,
        checks.entity,
        checks.record_key,
        checks.observed_at,
        measures.field as measure,
        case when checks.rejected_by is null and not checks.is_unknown then checks.value end
            as value,
        false as is_gone,
    from checks
    inner join measures
        on measures.source_id = checks.source_id
        and measures.entity = checks.entity
        and measures.field = checks.field

    union all

    select
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.observed_at,
        measures.field as measure,
        null as value,
        true as is_gone,
    from versions
    inner join measures
        on measures.source_id = versions.source_id
        and measures.entity = versions.entity
)

select * from final
