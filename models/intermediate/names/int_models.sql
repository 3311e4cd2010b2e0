-- The canonical models: the registry's, then those that a vendor's route or an evaluator
-- introduced.
-- First seen = the earliest observation of any name that is this model. It was news where the
-- source had been landed before; what the first load of a source lists may be old.
-- A model exists from the day on which it came out or was first seen, whichever is earlier (of a
-- month or a year alone the last day), or was measured, whenever that was seen. On earlier days
-- it is left out.
-- Beside it stands what its names say of it, read by the name grammar: family, generation, tier,
-- size. Rules that compare a model with its siblings, or its maker with its family, read it. Of a
-- registry model that no name was read for it is unknown.
-- Grain: one row per (model_id).

with resolved as (
    select * from {{ ref('int_name_resolution') }}
    where kind = 'model'
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

releases as (
    select
        model_id,
        origin as released_on_origin,
        release_precision,
        cast(value_text as date) as released_on,
        released_by,
    from {{ ref('int_release_facts') }}
    where as_of_on = {{ as_of_on() }} and attribute = 'released_on'
),

measured as (
    select distinct model_id
    from {{ ref('int_observations') }}
    where is_current
),

-- What the vendor's own routes and evaluators call a model where they show it; hosts' spellings are
-- their own. A name with an effort or a budget in it is of one setting; what is before it in
-- brackets is the model's: 'GPT-5.6 Luna (high)'.
called as (
    select
        model_id,
        case
            when variant is null then display_name
            else nullif(regexp_extract(display_name, '^(.+?) *\([^()]*\)$', 1), '')
        end as display_name,
        case when variant is not null then 3 when role = 'evaluator' then 2 else 1 end
            as precedence,
    from crosswalk
    where status = 'auto' and role in ('vendor', 'evaluator')
),

called_most as (
    select
        model_id,
        display_name,
    from called
    where display_name is not null
    group by model_id, display_name
    qualify row_number() over (
        partition by model_id
        order by min(precedence), count(*) desc, length(display_name), display_name
    ) = 1
),

sightings as (
    select
        model_id,
        min(first_observed_at) as first_seen_at,
        arg_min(source_id, (first_observed_at, source_id)) as first_seen_source_id,
        arg_min(is_first_load, (first_observed_at, source_id)) as is_first_load,
        bool_or(role = 'registry') as is_in_registry,
        count(*) as name_count,
    from crosswalk
    where status = 'auto'
    group by model_id
),

named as (
    select
        resolved.model_id,
        resolved.line_id,
        coalesce(resolved.provider_id, 'unknown') as provider_id,
        case
            when sightings.is_in_registry then resolved.display_name
            -- Names of routes carry their host ('fireworks/...') or maker ('OpenAI: ...') in front.
            else coalesce(
                called_most.display_name,
                regexp_replace(resolved.display_name, '^([^ ]*/|[^:]*: )', '')
            )
        end as display_name,
        resolved.api_alias,
        array_to_string(resolved.tokens.words, ' ') as words,
        array_to_string(resolved.tokens.generation, ' ') as generation,
        array_to_string(resolved.tokens.tier, ' ') as tier,
        array_to_string(resolved.tokens.domain, ' ') as domain,
        array_to_string(resolved.tokens.stage, ' ') as stage,
        resolved.tokens.size,
        resolved.tokens.base as base_family,
        resolved.tokens.base_generation,
        resolved.tokens.tune,
        sightings.first_seen_source_id,
        sightings.name_count,
        sightings.is_in_registry,
        sightings.is_first_load,
        releases.released_on_origin,
        releases.release_precision,
        releases.released_on,
        sightings.first_seen_at,
    from resolved
    inner join sightings on sightings.model_id = resolved.model_id
    left join releases on releases.model_id = resolved.model_id
    left join measured on measured.model_id = resolved.model_id
    left join called_most on called_most.model_id = resolved.model_id
    where
        releases.released_by <= {{ as_of_on() }}
        or sightings.first_seen_at < {{ as_of_on() }} + interval 1 day
        or measured.model_id is not null
),

final as (
    select
        * replace (
            case
                -- No two models are shown by one name: those outside the registry then by their id.
                when is_in_registry or count(*) over (partition by lower(display_name)) = 1
                    then display_name
                else model_id
            end as display_name
        ),
    from named
)

select * from final
