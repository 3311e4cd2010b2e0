-- The fact that counts for a model on a day: of what the origins say, the one that goes first in
-- the seed attribute_precedence. Every fact keeps its source and record. What is said of a model
-- that is not there (a seed may speak of one that no landed source has) is no fact. Nor is a size
-- in a catalogue that is far from the one in the model's own name: a slip, or another model's.
-- Grain: one row per (as_of_on, model_id, attribute).

with models as (
    select model_id
    from {{ ref('int_models') }}
),

attributes as (
    select * from {{ ref('attributes') }}
),

-- What public pages state of models that no landed source says it of, or says it wrongly: rows
-- that a person wrote. The record of such a fact is the address of its page.
pages as (
    select
        {{ as_of_on() }} as as_of_on,
        stated_facts.model_id,
        stated_facts.attribute,
        'page' as origin,
        stated_facts.address as record_key,
        case when attributes.kind not in ('flag', 'number') then stated_facts.value end
            as value_text,
        case attributes.kind
            when 'flag' then cast(cast(stated_facts.value as boolean) as double)
            when 'number' then cast(stated_facts.value as double)
        end as value_number,
        cast(stated_facts.written_on as timestamp) as observed_at,
    from {{ ref('stated_facts') }} as stated_facts
    inner join attributes on attributes.attribute = stated_facts.attribute
    where
        stated_facts.written_on <= {{ as_of_on() }}
        -- int_release_facts has those, beside what others state of a release.
        and stated_facts.attribute != 'released_on'
),

candidates as (
    select * from {{ ref('int_facts_unioned') }}
    union all by name
    select * from {{ ref('int_capability_facts') }}
    union all by name
    select * from {{ ref('int_name_facts') }}
    union all by name
    select * from pages
    union all by name
    select * exclude (release_precision, released_by) from {{ ref('int_release_facts') }}
),

precedence as (
    select * from {{ ref('attribute_precedence') }}
),

named_sizes as (
    select
        model_id,
        attribute,
        value_number,
    from {{ ref('int_name_facts') }}
    where attribute = 'parameter_count'
),

parameters as (
    select {{ parameter('facts', 'max_size_ratio') }} as max_size_ratio
),

final as (
    select
        candidates.as_of_on,
        candidates.as_of_on = {{ as_of_on() }} as is_current,
        candidates.model_id,
        candidates.attribute,
        candidates.origin,
        candidates.source_id,
        candidates.record_key,
        candidates.load_id,
        candidates.value_text,
        candidates.value_number,
        candidates.observed_at,
    from candidates
    semi join models on models.model_id = candidates.model_id
    inner join precedence
        on precedence.attribute = candidates.attribute
        and precedence.origin = candidates.origin
    left join named_sizes
        on named_sizes.model_id = candidates.model_id
        and named_sizes.attribute = candidates.attribute
        and candidates.origin = 'catalogue'
    cross join parameters
    where
        coalesce(
            candidates.value_number between
            named_sizes.value_number / parameters.max_size_ratio
            and named_sizes.value_number * parameters.max_size_ratio,
            true
        )
    qualify row_number() over (
        partition by candidates.as_of_on, candidates.model_id, candidates.attribute
        order by precedence.precedence
    ) = 1
)

select * from final
