-- What extract/sources.yml declares of each source, as of its last run.
-- Grain: one row per (source_id).

with source as (
    select * from {{ source('landing', 'sources') }}
),

final as (
    select
        source as source_id,
        name as source_name,
        layer as layer_id,
        homepage,
        live as live_url,
        licence,
        attribution,
        ttl_hours,
        is_declared,
    from source
)

select * from final
