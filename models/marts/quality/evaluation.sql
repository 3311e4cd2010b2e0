-- How well names and scores work, as measured by the last `make evaluate` on this checkout.
-- It saves its result beside the working database; without one this mart is empty.
-- Grain: one row per (measurement, category).

{% set saved = 'build/evaluation.json' %}
{% set is_saved = file_is_there(saved) %}

with bounds as (
    select * from {{ ref('evaluation_bounds') }}
),

measured as (
    {% if is_saved %}
    select
        cast(category as varchar) as category,
        cast(measurement as varchar) as measurement,
        cast(figure as double) as figure,
        cast(at_least as double) as at_least,
        cast(at_most as double) as at_most,
        cast(matched as integer) as matched,
        cast(holds as boolean) as holds,
        cast(evaluated_on as date) as evaluated_on,
    from {{ saved_rows(saved) }}
    {% else %}
    select
        category,
        measurement,
        cast(null as double) as figure,
        at_least,
        at_most,
        cast(null as integer) as matched,
        cast(null as boolean) as holds,
        cast(null as date) as evaluated_on,
    from bounds
    where false
    {% endif %}
),

final as (
    select
        measured.category,
        measured.measurement,
        measured.figure,
        coalesce(measured.at_least, bounds.at_least) as at_least,
        coalesce(measured.at_most, bounds.at_most) as at_most,
        measured.matched,
        measured.holds,
        measured.evaluated_on,
    from measured
    left join bounds
        on bounds.measurement = measured.measurement
        and bounds.category = measured.category
)

select * from final
order by category, measurement
