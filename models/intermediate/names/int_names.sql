-- Every name that has to be told who it is: of scores, of routes that generate text, and of the
-- registry itself. The role says what a name may do: the registry defines models, a vendor's own
-- route or an evaluator may introduce one, a host's route may not.
-- Beside it stands what its source shows to people as of the day that the build speaks of, where
-- that is another text than the name itself.
-- Grain: one row per (name_id), which is one per (source_id, org, source_model_name).

with scores as (
    select * from {{ ref('int_scores_validated') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

registry as (
    select * from {{ ref('int_registry') }}
    where {{ is_state_on(as_of_on()) }}
),

vendor_hosts as (
    select * from {{ ref('vendor_hosts') }}
),

-- What sources call their models where they show them to people.
shown as (
    select
        source_id,
        org,
        source_model_name,
        display_name,
    from routes
    where {{ is_state_on(as_of_on()) }}

    union all by name

    select
        source_id,
        org,
        source_model_name,
        display_name,
    from {{ ref('stg_llm_stats__models') }}
    where {{ is_state_on(as_of_on()) }}

    union all by name

    select
        source_id,
        provider_name as org,
        model_id as source_model_name,
        display_name,
    from registry
),

display_names as (
    select
        {{ name_id() }} as name_id,
        min(display_name) as display_name,
    from shown
    group by name_id
),

-- Names that are only another name of a route, for the time being: they are the route's host's.
aliases as (
    select
        stated.source_id,
        routes.entity,
        routes.org,
        stated.source_model_name,
        stated.alias_of,
        stated.first_observed_at,
    from {{ ref('stg_litellm__aliases') }} as stated
    inner join routes
        on routes.source_id = stated.source_id
        and routes.source_model_name = stated.alias_of
        and routes.is_text_generation
    where {{ is_state_on(as_of_on(), 'stated') }}
    qualify row_number() over (
        partition by stated.source_id, stated.source_model_name order by routes.record_key
    ) = 1
),

route_names as (
    select
        *,
        -- One record's other names (an id on another hub, a name to show) are asked for as well:
        -- what one of them is, all are.
        unnest(list_distinct(list_prepend(source_model_name, coalesce(other_names, []))))
            as any_name,
    from routes
    where is_text_generation
),

named as (
    select
        source_id,
        entity,
        org,
        source_model_name,
        record_id,
        'evaluator' as role,
        rejected_by is null and is_current as has_value,
        -- A model that has scores has come out: a later day is a slip.
        case when model_released_on <= cast(observed_at as date) then model_released_on end
            as released_on,
        first_observed_at,
    from scores

    union all by name

    select
        route_names.source_id,
        route_names.entity,
        route_names.org,
        route_names.any_name as source_model_name,
        route_names.record_id,
        case
            when vendor_hosts.host is not null then 'vendor'
            when route_names.origin = 'analytics' then 'evaluator'
            else 'host'
        end as role,
        false as has_value,
        route_names.alias_of,
        route_names.efforts,
        route_names.released_on,
        route_names.first_observed_at,
    from route_names
    left join vendor_hosts
        on vendor_hosts.source_id = route_names.source_id
        and vendor_hosts.host = route_names.host

    union all by name

    select
        source_id,
        entity,
        org,
        source_model_name,
        'host' as role,
        false as has_value,
        alias_of,
        first_observed_at,
    from aliases

    union all by name

    select
        source_id,
        entity,
        provider_name as org,
        model_id as source_model_name,
        cast(null as varchar) as record_id,
        'registry' as role,
        false as has_value,
        api_alias,
        released_on,
        first_observed_at,
    from registry
),

-- When anything of an entity was first observed: its first load.
first_loads as (
    select
        source_id,
        entity,
        min(observed_at) as observed_at,
    from {{ ref('stg_landing__loads') }}
    where status in ('landed', 'unchanged')
    group by source_id, entity
),

dated as (
    select
        named.*,
        coalesce(named.first_observed_at <= first_loads.observed_at, true) as is_first_load,
    from named
    left join first_loads
        on first_loads.source_id = named.source_id
        and first_loads.entity = named.entity
    where named.source_model_name is not null
),

grouped as (
    select
        {{ name_id() }} as name_id,
        source_id,
        org,
        source_model_name,
        min(record_id) as record_id,
        min(role) as role,
        min(api_alias) as api_alias,
        min(alias_of) as alias_of,
        -- Sorted, since a list in the order of rows would differ from build to build.
        list_sort(list_distinct(flatten(list(efforts)))) as efforts,
        count(*) filter (where has_value) as value_count,
        min(released_on) as released_on,
        min(first_observed_at) as first_observed_at,
        -- The entity in which the name was seen first says whether it was there from the start.
        arg_min(is_first_load, (first_observed_at, entity)) as is_first_load,
    from dated
    group by source_id, org, source_model_name
),

final as (
    select
        grouped.name_id,
        grouped.source_id,
        grouped.org,
        grouped.source_model_name,
        grouped.record_id,
        grouped.role,
        grouped.api_alias,
        display_names.display_name,
        grouped.alias_of,
        grouped.efforts,
        grouped.value_count,
        grouped.is_first_load,
        grouped.released_on,
        grouped.first_observed_at,
    from grouped
    left join display_names on display_names.name_id = grouped.name_id
)

select * from final
