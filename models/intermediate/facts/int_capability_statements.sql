-- What each version of a record states of what its model can do and what it is: flags, efforts,
-- limits, licences. Which fields say it, and in which words, is the seed attribute_fields; where
-- a record has several such fields the first in their precedence speaks, and where efforts are
-- several flags all of them. A list that lacks a word says no only where the seed says so. What
-- a licence is called, and whether it is one of open weights, is the seed licences: a page of
-- weights goes first, then that something is proprietary, then a licence, since sources write
-- licences of documents too.
-- Grain: one row per (source_id, entity, record_key, observed_at, attribute).

with checks as (
    select
        *,
        coalesce(words, [lower(value_text)]) as stated_words,
    from {{ ref('int_field_checks') }}
    where not is_unknown and rejected_by is null
),

rejected as (
    select * from {{ ref('int_stated_fields') }}
    where is_rejected
),

attributes as (
    select * from {{ ref('attributes') }}
),

licences as (
    select * from {{ ref('licences') }}
),

meanings as (
    select * from {{ ref('attribute_fields') }}

    union all by name

    select
        'licence' as attribute,
        'licence' as field,
        0 as precedence,
        stated as word,
        licence as means,
    from licences

    union all by name

    select
        'is_open_weights' as attribute,
        'licence' as field,
        case when is_open_weights then 4 else 3 end as precedence,
        stated as word,
        cast(is_open_weights as varchar) as means,
    from licences
),

said as (
    select
        checks.source_id,
        checks.entity,
        checks.record_key,
        checks.load_id,
        meanings.attribute,
        checks.field,
        attributes.kind,
        meanings.precedence,
        checks.words,
        checks.value,
        checks.day,
        case
            when meanings.word is null then checks.value_text
            when meanings.word = '*' or list_contains(checks.stated_words, meanings.word)
                then meanings.means
            else meanings.lacking_means
        end as meant,
        meanings.word is null as is_as_written,
        checks.is_newest,
        checks.observed_at,
    from checks
    inner join meanings on meanings.field = checks.field
    inner join attributes on attributes.attribute = meanings.attribute
    anti join rejected
        on rejected.source_id = checks.source_id
        and rejected.entity = checks.entity
        and rejected.record_key = checks.record_key
        and rejected.observed_at = checks.observed_at
),

typed as (
    select
        * exclude (words, value, day, meant, is_as_written),
        case
            when kind in ('flag', 'number') and is_as_written then value
            when kind = 'flag' then cast(cast(meant as boolean) as integer)
        end as value_number,
        case kind
            when 'word' then meant
            when 'day' then cast(day as varchar)
        end as value_text,
        case
            when kind = 'words' and is_as_written then words
            when kind = 'words' then string_split(meant, ';')
        end as words,
    from said
    where meant is not null and not (kind = 'words' and is_as_written and len(words) = 0)
),

first_stated as (
    select *
    from typed
    qualify precedence = min(precedence) over (
        partition by source_id, entity, record_key, observed_at, attribute
    )
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        attribute,
        any_value(kind) as kind,
        string_agg(distinct field, ', ' order by field) as fields,
        case
            when any_value(kind) = 'words'
                then array_to_string(list_sort(list_distinct(flatten(list(words)))), ', ')
            else min(value_text)
        end as value_text,
        max(value_number) as value_number,
        is_newest,
        observed_at,
    from first_stated
    group by source_id, entity, record_key, load_id, attribute, is_newest, observed_at
)

select * from final
