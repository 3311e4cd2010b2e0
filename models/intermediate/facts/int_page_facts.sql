-- What public pages state of models that no landed source says it of, or says it wrongly: rows
-- of the seed stated_facts, which a person wrote. The record of such a fact is the address of
-- its page.
-- Grain: one row per (model_id, attribute).

with pages as (
    select * from {{ ref('stated_facts') }}
),

attributes as (
    select * from {{ ref('attributes') }}
),

final as (
    select
        {{ as_of_on() }} as as_of_on,
        pages.model_id,
        pages.attribute,
        'page' as origin,
        cast(null as varchar) as source_id,
        pages.address as record_key,
        cast(null as varchar) as load_id,
        case when attributes.kind not in ('flag', 'number') then pages.value end as value_text,
        case attributes.kind
            when 'flag' then cast(cast(pages.value as boolean) as double)
            when 'number' then cast(pages.value as double)
        end as value_number,
        cast(pages.written_on as timestamp) as observed_at,
    from pages
    inner join attributes on attributes.attribute = pages.attribute
    where
        pages.written_on <= {{ as_of_on() }}
        -- int_release_facts has those, beside what others state of a release.
        and pages.attribute != 'released_on'
)

select * from final
