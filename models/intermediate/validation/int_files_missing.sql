-- Files that are declared (seed epoch_columns) and not there on the day that the build speaks of:
-- nothing of them was ever landed, nothing of them is left in the source's state, or the newest
-- listing of their entity was one of other files only. A source of which nothing was landed at all
-- has no missing files.
-- Grain: one row per (source_id, entity, source_file).

with declared as (
    select distinct source_file
    from {{ ref('epoch_columns') }}
),

records as (
    select * from {{ ref('stg_epoch__results') }}
),

loads as (
    select * from {{ ref('stg_landing__loads') }}
    where
        status in ('landed', 'unchanged', 'held')
        and observed_at < {{ as_of_on() }} + interval 1 day
),

files as (
    select
        source_file,
        max(observed_at) as last_changed_at,
        bool_or({{ is_state_on(as_of_on()) }}) as is_in_state,
    from records
    group by source_file
),

-- Where each file is a listing of its own, the load says of which.
listed as (
    select
        source_id,
        entity,
        part,
        max(observed_at) as last_listed_at,
    from loads
    group by source_id, entity, part
),

entities as (
    select
        landed.source_id,
        landed.entity,
        greatest(landed.changed_at, max(listed.last_listed_at)) as listed_at,
    from (
        select
            source_id,
            entity,
            max(observed_at) as changed_at,
        from records
        group by source_id, entity
    ) as landed
    left join listed
        on listed.source_id = landed.source_id
        and listed.entity = landed.entity
    group by landed.source_id, landed.entity, landed.changed_at
),

final as (
    select
        entities.source_id,
        entities.entity,
        declared.source_file,
        files.last_changed_at,
        entities.listed_at,
    from declared
    cross join entities
    left join files on files.source_file = declared.source_file
    left join listed
        on listed.source_id = entities.source_id
        and listed.entity = entities.entity
        and listed.part = declared.source_file
    where files.is_in_state is not true or listed.last_listed_at < entities.listed_at
)

select * from final
