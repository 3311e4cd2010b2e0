{% macro number_or_null(text) -%}
    {#- A finite number, or null. Takes '94.6%' and outer spaces; 'NaN', 'Infinity' and prose are
        no numbers. The percent sign is dropped, not divided: the scale belongs to the benchmark. -#}
    case
        when isfinite(try_cast(nullif(rtrim(trim({{ text }}), '% '), '') as double))
            then try_cast(rtrim(trim({{ text }}), '% ') as double)
    end
{%- endmacro %}

{% macro text_or_null(text) -%}
    {#- Sources write an unknown as null, an empty string or blanks: all three are null here. -#}
    nullif(trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')
{%- endmacro %}

{% macro day_or_null(text) -%}
    {#- An ISO day, the day of an ISO timestamp, or the first of a year-month; anything else null,
        such as 2026-02-30 and 'infinity', which the database takes for a day. -#}
    case
        when regexp_matches(trim({{ text }}), '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]|$)')
            then try_cast(left(trim({{ text }}), 10) as date)
        when regexp_full_match(trim({{ text }}), '[0-9]{4}-[0-9]{2}')
            then try_cast(trim({{ text }}) || '-01' as date)
    end
{%- endmacro %}

{% macro release_or_null(text) -%}
    {#- The release of a benchmark as its own files name it: the day in the text as YYYY-MM-DD
        ('LiveBench-2024-11-25', '2024_11_25'). A text without a day names no release. -#}
    cast(
        try_cast(
            replace(regexp_extract({{ text }}, '[0-9]{4}[-_][0-9]{2}[-_][0-9]{2}'), '_', '-')
            as date
        ) as varchar
    )
{%- endmacro %}

{% macro with_entries(object, name) -%}
    {#- The columns of a record, repeated for each (key, value) of the object it holds, as `entry`.
        A record without that object, or with an empty one, keeps one row and says so. -#}
    {%- set has_entries = 'coalesce(len(json_keys(' ~ object ~ ')) > 0, false)' -%}
    * replace (
        case
            when {{ has_entries }} then landing_error
            else coalesce(landing_error, 'the record holds no object "{{ name }}"')
        end as landing_error
    ),
    unnest(
        case
            when {{ has_entries }} then {{ json_entries(object) }}
            else [struct_pack(key := null, value := null)]
        end
    ) as entry,
{%- endmacro %}

{% macro day_of_milliseconds(text) -%}
    {#- The day of a moment in milliseconds since 1970; text or a moment out of range is null. -#}
    cast(try(make_timestamp(try_cast({{ text }} as bigint) * 1000)) as date)
{%- endmacro %}

{% macro json_entries(object) -%}
    {#- A JSON object as a list of (key, value). Keys may hold dots, quotes and signs, which JSON
        paths would trip over. -#}
    map_entries(cast({{ object }} as map(varchar, json)))
{%- endmacro %}

{% macro first_digits(number, digits) -%}
    {#- A number above 0 to so many significant digits: 3.999975 to four of them is 4. Others stay. -#}
    case
        when {{ number }} > 0
            then
                round(
                    {{ number }}, cast({{ digits }} - 1 - floor(log10({{ number }})) as integer)
                )
        else {{ number }}
    end
{%- endmacro %}
