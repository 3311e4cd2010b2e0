-- The crosswalk as of the day that the build speaks of, and who decides on each name. It lists
-- names seen by then and those of models that existed by then; what a name is proposed to be, and
-- what it was compared with, are such models, too.
-- A name is decided by the ladder (`matched`), by a person who wrote an override that says that it
-- is none of the models, or by the rules, as the text is no name of one release (a tool, several
-- models at work together, a router): `no_model`. All others wait for a person (`waiting`).
-- Grain: one row per (name_id), which is one per (source_id, org, source_model_name).

with crosswalk as (
    select * from {{ ref('int_crosswalk') }}
),

models as (
    select list(model_id) as model_ids
    from {{ ref('int_models') }}
),

compared as (
    select
        crosswalk.*,
        models.model_ids,
    from crosswalk
    cross join models
),

limited as (
    select
        * exclude (model_ids) replace (
            case
                when status = 'auto' or list_contains(model_ids, model_id) then model_id
            end as model_id,
            case when list_contains(model_ids, runner_up_id) then runner_up_id end as runner_up_id,
            list_filter(
                candidates, lambda candidate: list_contains(model_ids, candidate['model_id'])
            ) as candidates
        ),
        list_contains(model_ids, model_id) as is_of_known_model,
    from compared
),

final as (
    select
        * exclude (is_of_known_model),
        case
            when status = 'auto' then 'matched'
            when status = 'rejected' or no_name_reason is not null then 'no_model'
            else 'waiting'
        end as decision,
    from limited
    where
        case
            when status = 'auto' then is_of_known_model
            else first_observed_at < {{ as_of_on() }} + interval 1 day
        end
)

select * from final
