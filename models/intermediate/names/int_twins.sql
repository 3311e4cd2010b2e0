-- Pairs of models that may be one release, as the matching package found them: they differ only in
-- what a source may leave out, or are spelled (or meant) nearly alike.
-- Grain: one row per (model_id, other_model_id).

with resolved as (
    select * from {{ ref('int_name_resolution') }}
    where kind = 'twins'
),

final as (
    select
        model_id,
        other_model_id,
        found_by,
        tokens_missing,
        likeness,
    from resolved
)

select * from final
