-- What a model's own name states of its size: '235b-a22b' are 235 billion parameters, 22 billion of
-- them active in each token; '410m' are 410 million. Names of experts ('8x7b', '17b-16e') give no
-- sum, and a name with two sizes none at all. A number of millions below 10 is a length of context.
-- Grain: one row per (model_id, attribute).

with models as (
    select
        model_id,
        min(first_observed_at) as first_seen_at,
        string_split_regex(lower(model_id), '[-_ /]') as parts,
    from {{ ref('int_crosswalk') }}
    where
        status = 'auto'
        and model_id is not null
        and first_observed_at < {{ as_of_on() }} + interval 1 day
    group by model_id
),

read as (
    select
        *,
        list_filter(parts, lambda part: regexp_full_match(part, '[0-9]+(\.[0-9]+)?b')) as billions,
        list_filter(parts, lambda part: regexp_full_match(part, '[0-9]{2,}m')) as millions,
        list_filter(parts, lambda part: regexp_full_match(part, 'a[0-9]+(\.[0-9]+)?b')) as actives,
        len(
            list_filter(parts, lambda part: regexp_matches(part, '^[0-9]+e$|^[0-9]+x[0-9]'))
        ) > 0 as is_of_experts,
    from models
),

sizes as (
    select
        model_id,
        'parameter_count' as attribute,
        case
            when len(billions) = 1 then cast(rtrim(billions[1], 'b') as double) * 1e9
            when len(billions) = 0 and len(millions) = 1
                then cast(rtrim(millions[1], 'm') as double) * 1e6
        end as value_number,
        first_seen_at as observed_at,
    from read
    where not is_of_experts

    union all

    select
        model_id,
        'active_parameter_count' as attribute,
        cast(trim(actives[1], 'ab') as double) * 1e9 as value_number,
        first_seen_at as observed_at,
    from read
    where len(actives) = 1
),

final as (
    select
        {{ as_of_on() }} as as_of_on,
        model_id,
        attribute,
        'name' as origin,
        cast(null as varchar) as source_id,
        model_id as record_key,
        cast(null as varchar) as load_id,
        cast(null as varchar) as value_text,
        value_number,
        observed_at,
    from sizes
    where value_number is not null
)

select * from final
