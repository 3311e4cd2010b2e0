-- Files that are declared (seed epoch_columns) and of which nothing is in the source's state on the
-- day that the build speaks of: nothing of them was ever landed, or the newest listing of their
-- entity no longer holds them. A source of which nothing was landed at all has no missing files.
-- Grain: one row per (source_id, entity, source_file).

with declared as (
    select distinct source_file
    from {{ ref('epoch_columns') }}
),

records as (
    select * from {{ ref('stg_epoch__results') }}
),

listings as (
    select
        source_id,
        entity,
        max(observed_at) as listed_at,
    from records
    group by source_id, entity
),

files as (
    select
        source_file,
        max(observed_at) as last_changed_at,
        bool_or({{ is_state_on(as_of_on()) }}) as is_listed,
    from records
    group by source_file
),

final as (
    select
        listings.source_id,
        listings.entity,
        declared.source_file,
        files.last_changed_at,
        listings.listed_at,
    from declared
    cross join listings
    left join files on files.source_file = declared.source_file
    where files.is_listed is not true
)

select * from final
