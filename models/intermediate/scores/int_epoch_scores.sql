-- Epoch's files as scores: which columns hold one, and where its setting, date, error and link
-- stand, is the seed epoch_columns. The model is named by `Model version`, else by `Name`; in files
-- where one version repeats with another effort (names_variant), `Name` goes first.
-- Grain: one row per (record_key, source_benchmark_name, state_from_on).

with results as (
    select * from {{ ref('stg_epoch__results') }}
),

columns as (
    select * from {{ ref('epoch_columns') }}
),

joined as (
    select
        results.*,
        columns.score_column,
        columns.names_variant,
        columns.stderr_factor,
        {% for column in ['score', 'setting', 'date', 'link', 'stderr'] -%}
        case
            when columns.{{ column }}_column is not null then json_extract_string(
                results.fields, '$."' || columns.{{ column }}_column || '"'
            )
        end as {{ column }}_text,
        {% endfor %}
    from results
    left join columns on columns.source_file = results.source_file
),

final as (
    select
        source_id,
        entity,
        record_key,
        load_id,
        landing_error,
        model_version as record_id,
        case
            when names_variant then coalesce(display_name, model_version)
            else coalesce(model_version, display_name)
        end as source_model_name,
        org,
        -- A file that epoch_columns does not know yet ends in quarantine, a row for each record.
        source_file || ':' || coalesce(score_column, '?') as source_benchmark_name,
        cast(null as varchar) as benchmark_release,
        score_text as value_text,
        {{ text_or_null('date_text') }} as dated_text,
        -- Shots are written '8', '25-shot' or with a line end.
        regexp_replace({{ text_or_null('setting_text') }}, '-shot$', '') as setting,
        {{ number_or_null('stderr_text') }} * stderr_factor as standard_error,
        {{ text_or_null('link_text') }} as url,
        false as is_self_reported,
        {{ day_or_null('date_text') }} as evaluated_on,
        cast(null as date) as published_on,
        model_released_on,
        observed_at,
        first_observed_at,
        state_from_on,
        state_to_on,
    from joined
    where
        {{ text_or_null('score_text') }} is not null
        or landing_error is not null
        or score_column is null
)

select * from final
