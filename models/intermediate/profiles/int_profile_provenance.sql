-- Where what is known of a model comes from, by kind: stated facts, benchmark results (scraped)
-- and the analytics service (api). The quality of a kind is that of its sources: for facts the mean
-- over the facts, for values the mean weighted by their evidence.
-- Grain: one row per (model_id, kind).

with facts as (
    select
        model_id,
        unnest(string_split(source_id, ', ')) as source_id,
        cast(observed_at as date) as observed_on,
    from {{ ref('int_facts') }}
    where is_current
),

source_values as (
    select * from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
),

observations as (
    select
        source_id,
        model_id,
        max(cast(observed_at as date)) as observed_on,
    from {{ ref('int_observations') }}
    where is_current and excluded_for is null
    group by source_id, model_id
),

source_quality as (
    select * from {{ ref('int_source_quality') }}
    where is_current
),

unioned as (
    select
        model_id,
        'static' as kind,
        source_id,
        observed_on,
        1.0 as weight,
    from facts

    union all

    select
        source_values.model_id,
        source_values.layer_id as kind,
        source_values.source_id,
        observations.observed_on,
        source_values.evidence as weight,
    from source_values
    inner join observations
        on observations.source_id = source_values.source_id
        and observations.model_id = source_values.model_id
),

final as (
    select
        unioned.model_id,
        unioned.kind,
        string_agg(distinct unioned.source_id, ', ' order by unioned.source_id) as sources,
        sum(unioned.weight) as weight,
        sum(unioned.weight * source_quality.data_quality) / sum(unioned.weight) as data_quality,
        max(unioned.observed_on) as last_updated_on,
    from unioned
    inner join source_quality on source_quality.source_id = unioned.source_id
    group by unioned.model_id, unioned.kind
)

select * from final
