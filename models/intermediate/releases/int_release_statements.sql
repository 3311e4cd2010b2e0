-- Who says on which day a model came out: the registry, routes of vendors and hosts, and evaluators
-- beside their scores: once for each name and day, however many scores there are. A day after the
-- one on which a score of the model was seen is a slip.
-- A record that was first seen after the day that is asked about tells in hindsight what had come
-- out by then and what had not. Of such a record the last version speaks: a slip may have been put
-- right in it.
-- Grain: one row per (as_of_on, source_id, entity, record_key, model_id, released_on).

with crosswalk as (
    select
        source_id,
        org,
        source_model_name,
        model_id,
        provider_id,
    from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
),

registry as (
    select
        source_id,
        entity,
        record_key,
        model_id,
        'registry' as role,
        load_id,
        released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from {{ ref('int_registry_models') }}
),

routes as (
    select
        routes.source_id,
        routes.entity,
        routes.record_key,
        crosswalk.model_id,
        crosswalk.provider_id,
        case when routes.origin = 'analytics' then 'analytics' else 'route' end as role,
        routes.host,
        routes.load_id,
        routes.released_on,
        routes.observed_at,
        routes.first_observed_at,
        routes.state_from_on,
        routes.state_to_on,
    from {{ ref('int_routes') }} as routes
    inner join crosswalk
        on {{ is_same_name('crosswalk', 'routes') }}
    where routes.is_text_generation
),

evaluators as (
    select distinct
        scores.source_id,
        scores.entity,
        scores.record_key,
        crosswalk.model_id,
        'evaluator' as role,
        concat_ws('|', scores.org, scores.source_model_name) as repeated_name,
        scores.load_id,
        scores.model_released_on as released_on,
        scores.observed_at,
        scores.first_observed_at,
        scores.state_from_on,
        scores.state_to_on,
    from {{ ref('int_scores_validated') }} as scores
    inner join crosswalk
        on {{ is_same_name('crosswalk', 'scores') }}
    -- Whose routes state it has said so once.
    anti join routes on routes.source_id = scores.source_id and routes.role = 'analytics'
    where scores.model_released_on <= cast(scores.observed_at as date)
),

stated as (
    select * from registry
    union all by name
    select * from routes
    union all by name
    select * from evaluators
),

versions as (
    select
        *,
        state_to_on = max(state_to_on) over (partition by source_id, entity, record_key)
            as is_last_version,
    from stated
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

final as (
    select
        as_of_dates.as_of_on,
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.model_id,
        versions.role,
        versions.provider_id,
        versions.host,
        versions.load_id,
        versions.first_observed_at < as_of_dates.as_of_on + interval 1 day as is_known_by_then,
        as_of_dates.is_current,
        versions.released_on,
        {{ last_observed_at('versions', 'as_of_dates.as_of_on', 'listings', 'records') }}
            as observed_at,
    from versions
    inner join as_of_dates
        on case
            when versions.first_observed_at < as_of_dates.as_of_on + interval 1 day
                then {{ is_state_on('as_of_dates.as_of_on', 'versions') }}
            else versions.is_last_version
        end
        and versions.released_on is not null
    {{ join_sightings('sightings', 'versions', 'as_of_dates.as_of_on', 'listings', 'records') }}
    qualify versions.repeated_name is null or row_number() over (
        partition by
            as_of_dates.as_of_on,
            versions.source_id,
            versions.model_id,
            versions.repeated_name,
            versions.released_on
        order by versions.first_observed_at, versions.entity, versions.record_key
    ) = 1
)

select * from final
