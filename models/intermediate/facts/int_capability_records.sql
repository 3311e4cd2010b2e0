-- The records that state today what a model can do and what it is: routes, rows of the registry,
-- and llm-stats' catalogue of models; with the model that each is about, and whose statement it
-- is. A model of the catalogue is the one that all of its names in that source are known to be.
-- Sources that are skipped say nothing.
-- Grain: one row per (source_id, entity, record_key).

with skipped as (
    select source_id
    from {{ ref('int_source_quality') }}
    where is_skipped and is_current
),

deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current
),

registry as (
    select * from {{ ref('int_registry_models') }}
    where {{ is_state_on(as_of_on()) }}
),

catalogue as (
    select * from {{ ref('stg_llm_stats__models') }}
    where {{ is_state_on(as_of_on()) }}
),

known_names as (
    select
        source_id,
        source_model_name,
        min(model_id) as model_id,
    from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
    group by source_id, source_model_name
    having count(distinct model_id) = 1
),

stating as (
    select
        source_id,
        entity,
        record_key,
        model_id,
        case origin when 'host_median' then 'hosts' else origin end as origin,
        host,
        route,
        is_deprecated,
        observed_at,
    from deployments

    union all by name

    select
        source_id,
        'models' as entity,
        record_key,
        model_id,
        'registry' as origin,
        registry_id as route,
        false as is_deprecated,
        observed_at,
    from registry

    union all by name

    select
        catalogue.source_id,
        catalogue.entity,
        catalogue.record_key,
        known_names.model_id,
        'catalogue' as origin,
        catalogue.source_model_name as route,
        false as is_deprecated,
        catalogue.observed_at,
    from catalogue
    left join known_names
        on known_names.source_id = catalogue.source_id
        and known_names.source_model_name = catalogue.source_model_name
),

final as (
    select stating.*
    from stating
    anti join skipped on skipped.source_id = stating.source_id
)

select * from final
