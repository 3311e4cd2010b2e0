-- Every score that is accepted and known to be of which model, as it was landed, and whether it
-- stands in its model's cell or what speaks in its place. From here a score leads to its record:
-- (source_id, entity, record_key) in landing.duckdb, as brought by `load_id`.
-- Grain: one row per (source_id, entity, record_key, source_benchmark_name).

with observations as (
    select * from {{ ref('int_observations') }}
    where is_current
),

source_values as (
    select * from {{ ref('int_variant_values') }}
    where is_current and is_best_variant
),

flagged as (
    select * from {{ ref('int_cells_screened') }}
    where is_current and scope = 'model' and is_flagged
),

judged as (
    select
        observations.* replace (
            case
                when observations.excluded_for is not null then observations.excluded_for
                when source_values.variant is distinct from observations.variant
                    then 'another_variant'
                when flagged.model_id is not null then 'anomalous_cell'
            end as excluded_for
        ),
    from observations
    left join source_values
        on source_values.source_id = observations.source_id
        and source_values.model_id = observations.model_id
        and source_values.benchmark_id = observations.benchmark_id
    left join flagged
        on flagged.model_id = observations.model_id
        and flagged.benchmark_id = observations.benchmark_id
),

final as (
    select
        source_id,
        entity,
        record_key,
        source_benchmark_name,
        source_model_name,
        load_id,
        model_id,
        variant,
        benchmark_id,
        setting,
        evidence_kind,
        date_basis,
        url,
        excluded_for,
        round(value, 9) as value,
        round(value_0_1, 9) as value_0_1,
        round(standard_error_0_1, 9) as standard_error_0_1,
        excluded_for is null as is_in_cell,
        dated_on,
        cast(observed_at as date) as observed_on,
    from judged
)

select * from final
order by source_id, entity, record_key, source_benchmark_name
