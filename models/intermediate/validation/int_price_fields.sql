-- Every price of a record beside the plain ones of record_fields, and what it is for: kind,
-- service, from how many tokens of input, at which hours. The seed price_fields says which
-- field is which. What looks like a price and is declared by no row has no kind, and stands in
-- quarantine; so has one without the number of tokens that should stand beside it, or with one
-- that no input has so many of (NaN, 1e30): it must not pass for the price from the first token on.
-- Grain: one row per (source_id, entity, record_key, observed_at, field).

with versions as (
    select * from {{ ref('stg_landing__record_versions') }}
    where record is not null and observed_at < {{ as_of_on() }} + interval 1 day
),

declared as (
    select * from {{ ref('price_fields') }}
),

record_fields as (
    select
        source_id,
        entity,
        unnest(string_split(json_path, ';')) as json_path,
    from {{ ref('record_fields') }}
),

price_kinds as (
    select * from {{ ref('price_kinds') }}
),

services as (
    select * from {{ ref('price_services') }}
),

words as (
    select string_agg(word, '|' order by word) as pattern
    from services
),

entities as (
    select distinct
        source_id,
        entity,
    from declared
),

leaves as (
    select
        versions.source_id,
        versions.entity,
        versions.record_key,
        versions.observed_at,
        versions.record,
        replace(leaf.path, '"', '') as parent,
        substr(replace(leaf.fullkey, '"', ''), 3) as field,
        regexp_replace(field, '\[[0-9]+\]', '[]', 'g') as declared_path,
        leaf.value,
    from versions
    inner join entities
        on entities.source_id = versions.source_id
        and entities.entity = versions.entity
    cross join json_tree(versions.record) as leaf
    where leaf.type not in ('OBJECT', 'ARRAY', 'NULL')
),

paths as (
    select distinct
        source_id,
        entity,
        declared_path,
    from leaves
),

plain as (
    select distinct
        source_id,
        entity,
        substr(json_path, 3) as declared_path,
    from record_fields
),

patterns as (
    select
        declared.*,
        replace(
            replace(
                replace(
                    declared.pattern,
                    '{threshold}', '(?:_above_[0-9]+k_tokens)?'
                ),
                '{service}', '(?:_(?:' || words.pattern || '))?'
            ),
            '{mode}', '(?:' || words.pattern || ')'
        ) as full_pattern,
    from declared
    cross join words
),

matched as (
    select
        patterns.source_id,
        patterns.entity,
        paths.declared_path,
        patterns.use,
        patterns.price_kind,
        patterns.threshold_path,
        patterns.window_path,
        patterns.time_zone_path,
        patterns.factor,
        patterns.unknown_values,
        patterns.match_order,
        coalesce(
            1000 * try_cast(
                regexp_extract(paths.declared_path, '_(?:above|over)_([0-9]+)k', 1) as double
            ),
            0
        ) as named_threshold,
        regexp_extract(
            paths.declared_path,
            '(?:^|[._])(' || words.pattern || ')(?:$|\.cost\.|_pricing\.)',
            1
        ) as word,
    from paths
    anti join plain
        on plain.source_id = paths.source_id
        and plain.entity = paths.entity
        and plain.declared_path = paths.declared_path
    inner join patterns
        on patterns.source_id = paths.source_id
        and patterns.entity = paths.entity
        and regexp_full_match(paths.declared_path, patterns.full_pattern)
    cross join words
    qualify row_number() over (
        partition by paths.source_id, paths.entity, paths.declared_path
        order by patterns.match_order
    ) = 1
),

read as (
    select
        leaves.source_id,
        leaves.entity,
        leaves.record_key,
        leaves.observed_at,
        leaves.field,
        leaves.value,
        matched.price_kind,
        matched.word,
        matched.factor,
        matched.unknown_values,
        matched.match_order,
        case
            when matched.threshold_path is null then matched.named_threshold
            else try_cast(
                json_extract_string(
                    leaves.record, leaves.parent || '.' || matched.threshold_path
                ) as double
            )
        end as threshold,
        json_extract_string(leaves.record, leaves.parent || '.' || matched.window_path)
            as time_window,
        json_extract_string(leaves.record, leaves.parent || '.' || matched.time_zone_path)
            as time_zone,
    from leaves
    inner join matched
        on matched.source_id = leaves.source_id
        and matched.entity = leaves.entity
        and matched.declared_path = leaves.declared_path
        and matched.use in ('price', 'undeclared')
),

limited as (
    select
        *,
        case when threshold >= 0 then try_cast(threshold as bigint) end as threshold_tokens,
    from read
),

final as (
    select
        limited.source_id,
        limited.entity,
        limited.record_key,
        limited.field,
        case when limited.threshold_tokens is not null then limited.price_kind end as price_kind,
        case when limited.price_kind is not null then coalesce(services.service, 'standard') end
            as service,
        coalesce(price_kinds.limit_kind, 'price') as kind,
        limited.time_window,
        limited.time_zone,
        limited.unknown_values,
        limited.value,
        limited.factor,
        limited.match_order,
        limited.threshold_tokens,
        limited.observed_at,
    from limited
    left join services on services.word = limited.word
    left join price_kinds on price_kinds.price_kind = limited.price_kind
)

select * from final
