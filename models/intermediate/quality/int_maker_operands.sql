-- What rules of kind `makers` compare: the maker of a model, and the one that the vocabulary gives
-- for each family word of its name (`family`), that an evaluator or the registry names beside it
-- (`stated_maker`), or whose own host serves it (`own_host`).
-- Only makers that the vocabulary knows are compared: an uploader who names a tune after the family
-- that it is made of contradicts nobody. Of families, those that others build on (llama) and those
-- of a letter and a digit (r1, k2) name no maker for certain; two words that are a family of their
-- own (gpt-neo) are not read one by one. Of several makers stated side by side one has to be right.
-- Grain: one row per (rule_id, model_id, subject); the subject is the family, the source and the
-- maker as it writes it, or the source and the host.

with rules as (
    select * from {{ ref('consistency_rules') }}
    where kind = 'makers'
),

models as (
    select * from {{ ref('int_models') }}
    where words is not null
),

families as (
    select * from {{ ref('matching_families') }}
),

providers as (
    select
        provider,
        lower(regexp_replace(alias, '[^A-Za-z0-9]', '', 'g')) as letters,
    from {{ ref('matching_providers') }}
    where kind != 'reupload'
),

deployments as (
    select * from {{ ref('int_deployments') }}
    where is_current and vendor_provider_id is not null
),

crosswalk as (
    select
        model_id,
        source_id,
        org,
        unnest(list_distinct(list_append(string_split(org, ','), org))) as maker_name,
    from {{ ref('int_crosswalk') }}
    where status = 'auto' and role in ('evaluator', 'registry') and org is not null
),

known as (
    select models.*
    from models
    where
        models.provider_id in (select providers.provider from providers)
        or models.provider_id in (select families.provider from families)
),

words as (
    select
        model_id,
        provider_id,
        unnest(string_split(words, ' ')) as word,
    from known
),

pairs as (
    select
        first_word.model_id,
        first_word.provider_id,
        first_word.word || '-' || second_word.word as word,
        [first_word.word, second_word.word] as parts,
    from words as first_word
    inner join words as second_word
        on second_word.model_id = first_word.model_id
        and second_word.word != first_word.word
    inner join families on families.family = first_word.word || '-' || second_word.word
),

family_words as (
    select
        model_id,
        provider_id,
        word,
    from pairs

    union all

    select
        words.model_id,
        words.provider_id,
        words.word,
    from words
    anti join pairs
        on pairs.model_id = words.model_id
        and list_contains(pairs.parts, words.word)
    where not regexp_full_match(words.word, '[a-z][0-9]([.][0-9])?')
),

stated as (
    select
        family_words.model_id,
        family_words.provider_id,
        'family' as operand,
        family_words.word as subject,
        families.provider as maker,
    from family_words
    inner join families on families.family = family_words.word
    where families.is_base is distinct from 'true'

    union all

    select
        known.model_id,
        known.provider_id,
        'stated_maker' as operand,
        crosswalk.source_id || '|' || crosswalk.org as subject,
        providers.provider as maker,
    from known
    inner join crosswalk on crosswalk.model_id = known.model_id
    inner join providers
        on providers.letters = lower(regexp_replace(crosswalk.maker_name, '[^A-Za-z0-9]', '', 'g'))

    union all

    select
        known.model_id,
        known.provider_id,
        'own_host' as operand,
        deployments.source_id || '|' || deployments.host as subject,
        deployments.vendor_provider_id as maker,
    from known
    inner join deployments on deployments.model_id = known.model_id
),

judged as (
    select
        model_id,
        operand,
        subject,
        provider_id,
        case
            when bool_or(maker = provider_id) then provider_id
            else string_agg(distinct maker, ', ' order by maker)
        end as maker,
    from stated
    group by model_id, operand, subject, provider_id
),

final as (
    select
        {{ rule_columns('rules') }},
        judged.model_id,
        judged.subject,
        cast(null as double) as left_value,
        cast(null as double) as right_value,
        judged.provider_id as left_text,
        judged.maker as right_text,
    from rules
    inner join judged on judged.operand = rules.right_operand
)

select * from final
