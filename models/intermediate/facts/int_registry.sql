-- The curated registry as it counts: rejected records are left out, rejected fields unknown.
-- Grain: one row per (record_key, state_from_on).

with registry as (
    select
        *,
        'models' as entity,
    from {{ ref('stg_static_registry__models') }}
),

rejected as (
    select * from {{ ref('int_records_rejected') }}
),

final as (
    select
        registry.* replace (
            {{ unless_rejected('registry', [
                'context_window_tokens', 'input_price_usd_per_1m', 'output_price_usd_per_1m',
                'latency_ms', 'released_on',
            ]) }}
        ),
    from registry
    {{ join_rejected('rejected', 'registry') }}
    where {{ is_accepted('rejected') }}
)

select * from final
