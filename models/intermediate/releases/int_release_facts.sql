-- On which day a model came out, as far as anybody says: of all that is stated the word that goes
-- first in the seed attribute_precedence; of one origin the day that most records state, then the
-- earliest. What contradicts the date in the id does not count, nor does a source that is skipped.
-- A month alone is shown as its first day, and only where nobody states a day in it; a year alone
-- is no day: it is the fact `released_year` where nothing better is known.
-- The date in the id is one of the origins, where it can be read in one way. Where it has no year,
-- it takes the one that brings it nearest to a stated day; else a year that is stated alone; else,
-- where all stated days contradict it (they are mostly those of the line's first release), it is
-- the first such day after these.
-- What was stated only later counts where nobody had said anything by then, and was not observed
-- on that day: observed_at is then null, as it is for what a seed states. All that is known in
-- hindsight is ranked before it is asked whether the model had come out by that day: else a slip
-- that lies before the day would win over every better word that lies after it.
-- Grain: one row per (as_of_on, model_id): its attribute is released_on or released_year.

with skipped as (
    select
        as_of_on,
        source_id,
    from {{ ref('int_source_quality') }}
    where is_skipped
),

statements as (
    select judged.*
    from {{ ref('int_releases_judged') }} as judged
    anti join skipped
        on skipped.as_of_on = judged.as_of_on and skipped.source_id = judged.source_id
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates') }}
),

precedence as (
    select * from {{ ref('attribute_precedence') }}
),

id_dates as (
    select * from {{ ref('int_id_dates') }}
    qualify count(*) over (partition by model_id) = 1
),

years as (
    select unnest([-1, 0, 1]) as years_off
),

-- A date without a year in the years around each stated day.
occurrences as (
    select
        statements.as_of_on,
        statements.model_id,
        statements.is_contradicted,
        statements.release_precision,
        statements.released_on as stated_on,
        try(
            make_date(year(statements.released_on) + years.years_off, id_dates.month, id_dates.day)
        ) as occurred_on,
        greatest(
            date_diff('day', statements.released_by, occurred_on),
            date_diff('day', occurred_on, statements.released_on),
            0
        ) as days_apart,
    from id_dates
    inner join statements on statements.model_id = id_dates.model_id
    cross join years
    where
        id_dates.year is null
        -- The id of a model that was seen by then means no day that was still to come.
        and (
            statements.released_on <= statements.as_of_on
            or id_dates.first_seen_at >= statements.as_of_on + interval 1 day
        )
),

id_days as (
    select
        as_of_dates.as_of_on,
        id_dates.model_id,
        try(make_date(id_dates.year, id_dates.month, coalesce(id_dates.day, 1))) as released_on,
        case when id_dates.day is null then 'month' else 'day' end as release_precision,
    from id_dates
    cross join as_of_dates
    where id_dates.year is not null

    union all

    select
        as_of_on,
        model_id,
        occurred_on as released_on,
        'day' as release_precision,
    from occurrences
    where occurred_on is not null and (not is_contradicted or occurred_on > stated_on)
    qualify row_number() over (
        partition by as_of_on, model_id
        order by is_contradicted, release_precision = 'year', days_apart, occurred_on
    ) = 1
),

candidates as (
    select
        as_of_on,
        model_id,
        origin,
        source_id,
        record_key,
        load_id,
        release_precision,
        is_known_by_then,
        released_on,
        case when is_known_by_then then observed_at end as observed_at,
    from statements
    where not is_contradicted

    union all by name

    select
        id_days.as_of_on,
        id_days.model_id,
        'model_id' as origin,
        id_dates.source_id,
        id_dates.model_id as record_key,
        id_days.release_precision,
        id_dates.first_seen_at < id_days.as_of_on + interval 1 day as is_known_by_then,
        id_days.released_on,
        case
            when id_dates.first_seen_at < id_days.as_of_on + interval 1 day
                then id_dates.first_seen_at
        end as observed_at,
    from id_days
    inner join id_dates on id_dates.model_id = id_days.model_id

    union all by name

    select
        as_of_dates.as_of_on,
        stated.model_id,
        'page' as origin,
        stated.address as record_key,
        'day' as release_precision,
        stated.written_on <= as_of_dates.as_of_on as is_known_by_then,
        cast(stated.value as date) as released_on,
    from {{ ref('stated_facts') }} as stated
    cross join as_of_dates
    where stated.attribute = 'released_on'
),

bounded as (
    select
        candidates.*,
        precedence.precedence,
        candidates.is_known_by_then and candidates.released_on <= candidates.as_of_on as is_told,
        case candidates.release_precision
            when 'day' then candidates.released_on
            when 'month' then last_day(candidates.released_on)
            else make_date(year(candidates.released_on), 12, 31)
        end as released_by,
        count(*) over (
            partition by
                candidates.as_of_on,
                candidates.model_id,
                candidates.origin,
                candidates.released_on
        ) as statement_count,
    from candidates
    inner join precedence
        on precedence.attribute = 'released_on'
        and precedence.origin = candidates.origin
    qualify is_told or not bool_or(is_told) over (
        partition by candidates.as_of_on, candidates.model_id
    )
),

first_words as (
    select * from bounded
    qualify row_number() over (
        partition by as_of_on, model_id
        order by
            release_precision = 'year',
            precedence,
            statement_count desc,
            released_on,
            source_id,
            record_key
    ) = 1
),

-- A month that goes first is told more closely by whoever states a day in it.
chosen as (
    select bounded.*
    from bounded
    inner join first_words
        on first_words.as_of_on = bounded.as_of_on
        and first_words.model_id = bounded.model_id
        and bounded.released_on between first_words.released_on and first_words.released_by
        and first_words.released_by >= bounded.released_by
    qualify row_number() over (
        partition by bounded.as_of_on, bounded.model_id
        order by
            case bounded.release_precision when 'day' then 1 when 'month' then 2 else 3 end,
            bounded.precedence,
            bounded.statement_count desc,
            bounded.released_on,
            bounded.source_id,
            bounded.record_key
    ) = 1
),

final as (
    select
        as_of_on,
        model_id,
        case when release_precision = 'year' then 'released_year' else 'released_on' end
            as attribute,
        origin,
        source_id,
        record_key,
        load_id,
        release_precision,
        case when release_precision != 'year' then cast(released_on as varchar) end as value_text,
        case when release_precision = 'year' then cast(year(released_on) as double) end
            as value_number,
        released_by,
        observed_at,
    from chosen
    where released_on <= as_of_on
)

select * from final
