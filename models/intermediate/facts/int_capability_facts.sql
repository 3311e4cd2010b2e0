-- What each origin says today of what a model can do and what it is. Where several records speak
-- for one origin, those of live routes go before those of deprecated ones, and
--
-- - a flag is true where at least as many say yes as say no. Many hosts say no by default, so that
--   their no weighs less than a yes (seed attributes, host_no_weight; at 0 their no says nothing);
-- - of numbers the vendor's largest counts, of hosts' the lower median, which one of them states;
-- - of a list those words that at least half of the lists hold;
-- - of days and other words the one stated most often, then the one seen last.
--
-- A successor is a route of the same source: its model is a fact of its own where it is known. A
-- route that names one of the same model as its successor states nothing.
-- Grain: one row per (model_id, attribute, origin).

with records as (
    select * from {{ ref('int_capability_records') }}
    where model_id is not null
),

statements as (
    select * from {{ ref('int_capability_statements') }}
    where is_newest
),

attributes as (
    select * from {{ ref('attributes') }}
),

vocabulary as (
    select * from {{ ref('attribute_words') }}
),

crosswalk as (
    select
        source_id,
        source_model_name,
        min(model_id) as model_id,
    from {{ ref('int_crosswalk') }}
    where status = 'auto' and model_id is not null
    group by source_id, source_model_name
    having count(distinct model_id) = 1
),

stated as (
    select
        records.model_id,
        records.origin,
        records.is_deprecated,
        records.route,
        records.observed_at,
        statements.source_id,
        statements.entity,
        statements.record_key,
        statements.load_id,
        statements.attribute,
        statements.kind,
        statements.value_text,
        statements.value_number,
        case when records.origin = 'hosts' then attributes.host_no_weight else 1 end as no_weight,
    from statements
    inner join records
        on records.source_id = statements.source_id
        and records.entity = statements.entity
        and records.record_key = statements.record_key
    inner join attributes on attributes.attribute = statements.attribute
    anti join crosswalk
        on statements.attribute = 'successor'
        and crosswalk.source_id = statements.source_id
        and crosswalk.source_model_name = statements.value_text
        and crosswalk.model_id = records.model_id
    qualify
        not records.is_deprecated
        or bool_and(records.is_deprecated) over (
            partition by records.model_id, statements.attribute, records.origin
        )
),

listed as (
    select
        model_id,
        attribute,
        origin,
        count(*) over (partition by model_id, attribute, origin) as list_count,
        string_split(value_text, ', ') as words,
    from stated
    where kind = 'words'
),

named as (
    select
        model_id,
        attribute,
        origin,
        list_count,
        unnest(words) as word,
    from listed
),

usual as (
    select
        model_id,
        attribute,
        origin,
        word,
    from named
    group by model_id, attribute, origin, list_count, word
    having 2 * count(*) >= list_count
),

words as (
    select
        usual.model_id,
        usual.attribute,
        usual.origin,
        string_agg(
            usual.word, ', ' order by vocabulary.position nulls last, usual.word
        ) as value_text,
    from usual
    left join vocabulary
        on vocabulary.attribute = usual.attribute
        and vocabulary.word = usual.word
    group by usual.model_id, usual.attribute, usual.origin
),

numbers as (
    select
        model_id,
        attribute,
        origin,
        case
            when any_value(kind) = 'number' and origin = 'hosts'
                then quantile_disc(value_number, 0.5)
            when any_value(kind) = 'number' then max(value_number)
            when
                bool_or(value_number = 1)
                and count(*) filter (where value_number = 1)
                >= count(*) filter (where value_number = 0) * any_value(no_weight)
                then 1
            when any_value(no_weight) > 0 then 0
        end as value_number,
    from stated
    where kind in ('flag', 'number')
    group by model_id, attribute, origin
),

texts as (
    select
        model_id,
        attribute,
        origin,
        value_text,
    from stated
    where kind in ('word', 'day')
    group by model_id, attribute, origin, value_text
    qualify row_number() over (
        partition by model_id, attribute, origin
        order by count(*) desc, max(observed_at) desc, value_text
    ) = 1
),

decided as (
    select * from numbers
    where value_number is not null
    union all by name
    select * from words
    union all by name
    select * from texts
),

-- The record shown for a fact: one that states it as it counts, seen last, with the shortest name.
shown as (
    select
        decided.model_id,
        decided.attribute,
        decided.origin,
        stated.source_id,
        stated.record_key,
        stated.load_id,
        coalesce(decided.value_text, stated.value_text) as value_text,
        decided.value_number,
        stated.observed_at,
    from decided
    inner join stated
        on stated.model_id = decided.model_id
        and stated.attribute = decided.attribute
        and stated.origin = decided.origin
    qualify row_number() over (
        partition by decided.model_id, decided.attribute, decided.origin
        order by
            stated.value_number is distinct from decided.value_number,
            stated.value_text is distinct from decided.value_text,
            stated.observed_at desc,
            length(stated.route),
            stated.source_id,
            stated.entity,
            stated.record_key
    ) = 1
),

successors as (
    select
        shown.* replace (
            'successor_model_id' as attribute, crosswalk.model_id as value_text
        ),
    from shown
    inner join crosswalk
        on crosswalk.source_id = shown.source_id
        and crosswalk.source_model_name = shown.value_text
    where shown.attribute = 'successor'
),

unioned as (
    select * from shown
    union all
    select * from successors
),

final as (
    select
        {{ as_of_on() }} as as_of_on,
        *,
    from unioned
)

select * from final
