-- What is wrong with whole listings on the day that the build speaks of: the last attempt to land
-- one failed; the newest one lost too many records and is held back; a file that is declared (seed
-- epoch_columns) is not there: nothing of it was ever landed, nothing of it is left in the source's
-- state, or the newest listing of its entity was one of other files only. A source of which nothing
-- was landed at all has no missing files. Of several faults the first counts: a file that failed or
-- is held was there, so that it is not missing. What was seen or tried later is
-- no fault of the day.
-- Grain: one row per (source_id, entity, listing); listing = the file, or '*' for all of an entity,
-- entity '*' = all of a source.

with declared as (
    select distinct source_file
    from {{ ref('epoch_columns') }}
),

records as (
    select * from {{ ref('stg_epoch__results') }}
    where observed_at < {{ as_of_on() }} + interval 1 day
),

attempts as (
    select
        *,
        coalesce(entity, '*') as any_entity,
        coalesce(part, '*') as listing,
    from {{ ref('stg_landing__loads') }}
    where
        status != 'skipped'
        and coalesce(observed_at, started_at) < {{ as_of_on() }} + interval 1 day
),

failed as (
    select
        source_id,
        any_entity as entity,
        listing,
        'failed_load' as rule_id,
        load_id,
        error as reason,
        cast(started_at as date) as observed_on,
    from attempts
    -- Files of that day may be landed later.
    where started_at < {{ as_of_on() }} + interval 1 day
    qualify
        -- A failure is over with the next attempt at its source.
        status = 'failed' and started_at = max(started_at) over (partition by source_id)
),

held as (
    select
        source_id,
        any_entity as entity,
        listing,
        'held_listing' as rule_id,
        load_id,
        error as reason,
        cast(observed_at as date) as observed_on,
    from attempts
    where observed_at is not null
    qualify
        is_held
        and row_number() over (
            partition by source_id, any_entity, listing order by observed_at desc, landed_at desc
        ) = 1
),

files as (
    select
        source_file,
        max(observed_at) as last_changed_at,
        bool_or({{ is_state_on(as_of_on()) }}) as is_in_state,
    from records
    group by source_file
),

listed as (
    select
        source_id,
        any_entity as entity,
        listing,
        max(observed_at) as last_listed_at,
    from attempts
    where status in ('landed', 'unchanged', 'held')
    group by source_id, any_entity, listing
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

missing as (
    select
        entities.source_id,
        entities.entity,
        declared.source_file as listing,
        'missing_file' as rule_id,
        cast(null as varchar) as load_id,
        case
            when files.source_file is null then 'nothing of this declared file has been landed'
            else
                'the newest listing of ' || entities.entity || ' no longer holds this declared '
                || 'file, last changed on ' || cast(files.last_changed_at as date)
        end as reason,
        cast(entities.listed_at as date) as observed_on,
    from declared
    cross join entities
    left join files on files.source_file = declared.source_file
    left join listed
        on listed.source_id = entities.source_id
        and listed.entity = entities.entity
        and listed.listing = declared.source_file
    where files.is_in_state is not true or listed.last_listed_at < entities.listed_at
),

unioned as (
    select * from failed
    union all by name
    select * from held
    union all by name
    select * from missing
),

final as (
    select *
    from unioned
    qualify row_number() over (
        partition by source_id, entity, listing
        order by list_position(['failed_load', 'held_listing', 'missing_file'], rule_id), load_id
    ) = 1
)

select * from final
