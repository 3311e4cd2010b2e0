-- The curated registry as it counts, with what it states: rejected records are left out, rejected
-- fields unknown.
-- Grain: one row per (record_key, state_from_on).

with registry as (
    select
        *,
        'models' as entity,
    from {{ ref('stg_static_registry__models') }}
),

stated as (
    select * from {{ ref('int_stated_fields') }}
),

final as (
    select
        registry.*,
        stated.context_window_tokens,
        stated.input_price_usd_per_1m,
        stated.output_price_usd_per_1m,
        stated.latency_ms,
        stated.released_on,
    from registry
    {{ join_by_version('stated', 'registry') }}
    where {{ is_accepted('stated') }}
)

select * from final
