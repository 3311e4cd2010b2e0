-- What a model is called where its vendor's own route or an evaluator shows it. Hosts' spellings
-- are their own.
-- Grain: one row per (model_id).

with routes as (
    select * from {{ ref('int_routes') }}
    where {{ is_state_on(as_of_on()) }}
),

evaluated as (
    select * from {{ ref('stg_llm_stats__models') }}
    where {{ is_state_on(as_of_on()) }}
),

crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

shown as (
    select
        source_id,
        org,
        source_model_name,
        display_name,
    from routes
    where display_name is not null

    union all by name

    select
        source_id,
        org,
        source_model_name,
        display_name,
    from evaluated
    where display_name is not null
),

-- A name with an effort or a budget in it is of one setting; what is before it in brackets is the
-- model's: 'GPT-5.6 Luna (high)'.
called as (
    select
        crosswalk.model_id,
        case
            when crosswalk.variant is null then shown.display_name
            else nullif(regexp_extract(shown.display_name, '^(.+?) *\([^()]*\)$', 1), '')
        end as display_name,
        case
            when crosswalk.variant is not null then 3
            when crosswalk.role = 'evaluator' then 2
            else 1
        end as precedence,
    from shown
    inner join crosswalk
        on crosswalk.source_id = shown.source_id
        and crosswalk.org is not distinct from shown.org
        and crosswalk.source_model_name = shown.source_model_name
    where
        crosswalk.status = 'auto'
        and crosswalk.role in ('vendor', 'evaluator')
),

stated as (
    select
        model_id,
        display_name,
        min(precedence) as precedence,
        count(*) as name_count,
    from called
    where display_name is not null
    group by model_id, display_name
),

final as (
    select
        model_id,
        display_name,
    from stated
    qualify row_number() over (
        partition by model_id
        order by precedence, name_count desc, length(display_name), display_name
    ) = 1
)

select * from final
