-- Proves that every human decision about a name can be followed: it has a reason and a day, its
-- validity ends after it begins, no two decisions about one name hold at the same time, and the
-- model that it names exists, if the name does (empty = never match this name; what is known at an
-- earlier moment may not have the model yet).

with overrides as (
    select
        *,
        coalesce(valid_from, date '0001-01-01') as starts_on,
        coalesce(valid_to, date '9999-12-31') as ends_on,
        row_number() over (order by source_id, source_model_name, valid_from, model_id) as number,
    from {{ ref('name_overrides') }}
),

models as (
    select * from {{ ref('models') }}
),

names as (
    select distinct
        source_id,
        source_model_name,
    from {{ ref('crosswalk') }}
),

judged as (
    select
        overrides.source_id,
        overrides.source_model_name,
        overrides.model_id,
        overrides.reason,
        overrides.decided_on,
        overrides.valid_from,
        overrides.valid_to,
        case
            when overrides.source_id is null or overrides.source_model_name is null
                then 'names no source or no name'
            when
                overrides.model_id is not null
                and models.model_id is null
                and names.source_id is not null
                and {{ var('known_at') is none }}
                then 'the model does not exist'
            when trim(coalesce(overrides.reason, '')) = '' then 'no reason'
            when overrides.decided_on is null then 'no day of decision'
            when overrides.ends_on < overrides.starts_on then 'ends before it begins'
            when exists (
                select 1
                from overrides as others
                where
                    others.source_id = overrides.source_id
                    and others.source_model_name = overrides.source_model_name
                    and others.number != overrides.number
                    and others.starts_on <= overrides.ends_on
                    and others.ends_on >= overrides.starts_on
            ) then 'another decision about this name holds at the same time'
        end as violation,
    from overrides
    left join models on models.model_id = overrides.model_id
    left join names
        on names.source_id = overrides.source_id
        and names.source_model_name = overrides.source_model_name
),

final as (
    select * from judged
    where violation is not null
)

select * from final
