-- What rules of kind `releases` compare: the day on which a record says that a model came out, and
-- the date in the model's own id, where it has one. The two are the same text where they fit
-- (int_releases_judged); a day that does not fit counts for nothing. A day that was still to come
-- is not asked about.
-- Grain: one row per (rule_id, model_id, subject); the subject is the record and its day.

with rules as (
    select * from {{ ref('consistency_rules') }}
    where kind = 'releases'
),

judged as (
    select * from {{ ref('int_releases_judged') }}
    where is_current and days_apart is not null and released_on <= as_of_on
),

models as (
    select model_id
    from {{ ref('int_models') }}
),

final as (
    select
        {{ rule_columns('rules') }},
        judged.model_id,
        concat_ws('|', judged.source_id, judged.entity, judged.record_key) as subject,
        cast(judged.days_apart as double) as left_value,
        cast(0 as double) as right_value,
        cast(judged.released_on as varchar) as left_text,
        case
            when not judged.is_contradicted then cast(judged.released_on as varchar)
            when not judged.is_year_in_id then strftime(judged.id_from_on, '%m-%d')
            when judged.id_from_on < judged.id_to_on then strftime(judged.id_from_on, '%Y-%m')
            else cast(judged.id_from_on as varchar)
        end as right_text,
    from judged
    semi join models on models.model_id = judged.model_id
    cross join rules
)

select * from final
