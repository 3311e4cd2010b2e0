-- Who says on which day a model came out: the registry, routes of vendors and hosts, and evaluators
-- beside their scores: once for each name and day, however many scores there are. A day after the
-- one on which a score of the model was seen is a slip.
-- A day that was stated only after the day that is asked about tells in hindsight what had come out
-- by then; of what was to come it says nothing.
-- Grain: one row per (as_of_on, source_id, entity, record_key, model_id, released_on).

with crosswalk as (
    select
        source_id,
        org,
        source_model_name,
        model_id,
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
        on crosswalk.source_id = routes.source_id
        and crosswalk.org is not distinct from routes.org
        and crosswalk.source_model_name = routes.source_model_name
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
        on crosswalk.source_id = scores.source_id
        and crosswalk.org is not distinct from scores.org
        and crosswalk.source_model_name = scores.source_model_name
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

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

sightings as (
    select * from {{ ref('int_sightings') }}
),

final as (
    select
        as_of_dates.as_of_on,
        stated.source_id,
        stated.entity,
        stated.record_key,
        stated.model_id,
        stated.role,
        stated.host,
        stated.load_id,
        stated.first_observed_at < as_of_dates.as_of_on + interval 1 day as is_known_by_then,
        as_of_dates.is_current,
        stated.released_on,
        {{ last_observed_at('stated', 'as_of_dates.as_of_on', 'listings', 'records') }}
            as observed_at,
    from stated
    inner join as_of_dates
        on {{ is_state_on('as_of_dates.as_of_on', 'stated') }}
        and as_of_dates.as_of_on >= stated.released_on
    {{ join_sightings('sightings', 'stated', 'as_of_dates.as_of_on', 'listings', 'records') }}
    qualify stated.repeated_name is null or row_number() over (
        partition by
            as_of_dates.as_of_on,
            stated.source_id,
            stated.model_id,
            stated.repeated_name,
            stated.released_on
        order by stated.first_observed_at, stated.entity, stated.record_key
    ) = 1
)

select * from final
