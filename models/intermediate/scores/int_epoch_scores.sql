-- Epoch's files as scores: which columns hold one, under which other names it is known, and where
-- its setting, date, error, link and release stand, is the seed epoch_columns. Of a score column
-- and its other names the first that the row has counts. The model is named by `Model version`,
-- else by `Name`; in files where one version repeats with another effort (names_variant), `Name`
-- goes first. A blank score is none; a row without any of the columns, or of a file in which
-- nothing stands in them, keeps a score without a value, so that the loss is seen.
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
        columns.other_score_columns,
        {% for column in ['setting', 'date', 'link', 'stderr', 'release'] -%}
        case
            when columns.{{ column }}_column is not null then json_extract_string(
                results.fields, '$."' || columns.{{ column }}_column || '"'
            )
        end as {{ column }}_text,
        {% endfor %}
    from results
    left join columns on columns.source_file = results.source_file
),

known as (
    select
        *,
        -- The columns by which the score is known, as many of them as the row has, in order.
        list_filter(
            list_transform(
                list_prepend(score_column, string_split(other_score_columns, ';')),
                lambda column_name: trim(column_name)
            ),
            lambda column_name: list_contains(json_keys(fields), column_name)
        ) as score_columns,
        json_extract_string(fields, '$."' || score_columns[1] || '"') as score_text,
    from joined
),

marked as (
    select
        *,
        {{ text_or_null('score_text') }} is not null as has_score,
        not has_score
        and (
            len(score_columns) = 0
            or not bool_or(has_score) over (
                partition by source_file, score_column, {{ is_state_on(as_of_on()) }}
            )
        ) as is_column_missing,
    from known
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
        {{ release_or_null('release_text') }} as benchmark_release,
        case when has_score then score_text end as value_text,
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
    from marked
    where has_score or is_column_missing or landing_error is not null or score_column is null
)

select * from final
