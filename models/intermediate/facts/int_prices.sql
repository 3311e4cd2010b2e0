-- Every price that counts of every version of a record, in one shape: the plain ones and all tiers,
-- services and kinds beside them. Of two fields for one price the plain one counts, then the one
-- that the seed price_fields lists first.
-- Grain: one row per (source_id, entity, record_key, observed_at, price_kind, service,
-- threshold_tokens).

with checks as (
    select * from {{ ref('int_field_checks') }}
    where
        kind in ('price', 'input_price')
        and rejected_by is null
        and not is_unknown
),

declared as (
    select * from {{ ref('int_price_fields') }}
),

final as (
    select
        checks.source_id,
        checks.entity,
        checks.record_key,
        -- The plain prices are called by their kind.
        coalesce(
            declared.price_kind, regexp_extract(checks.field, '^(.*)_price_usd_per_1m$', 1)
        ) as price_kind,
        coalesce(declared.service, 'standard') as service,
        checks.field as stated_field,
        declared.time_window,
        declared.time_zone,
        coalesce(declared.threshold_tokens, 0) as threshold_tokens,
        checks.value as price_usd_per_1m,
        checks.observed_at,
    from checks
    left join declared
        on declared.source_id = checks.source_id
        and declared.entity = checks.entity
        and declared.record_key = checks.record_key
        and declared.observed_at = checks.observed_at
        and declared.field = checks.field
    qualify row_number() over (
        partition by
            checks.source_id, checks.entity, checks.record_key, checks.observed_at,
            coalesce(
                declared.price_kind, regexp_extract(checks.field, '^(.*)_price_usd_per_1m$', 1)
            ),
            coalesce(declared.service, 'standard'),
            coalesce(declared.threshold_tokens, 0)
        order by declared.match_order nulls first, checks.field
    ) = 1
)

select * from final
