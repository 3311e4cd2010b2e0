-- Proves that no mart holds a number that its column cannot mean: by the unit or the kind that the
-- column's name states, in every mart, each number lies in its range, and all others are finite.
-- A failing row names the mart, the row by its key, the column, the value and the range.

{# what a column is called, its smallest and its largest value; the first match counts #}
{% set ranges = [
    ('.*match_score|.*_0_1|.*confidence|coverage|weight|share_.*', 0, 1),
    ('(.*_)?score(_low|_high)?|capability', 0, 100),
    ('(.*_)?rank(_low|_high)?|review_order', 1, none),
    ('http_status', 100, 599),
    ('threshold_tokens', 0, none),
    ('.*_tokens', 1, none),
    ('.*_usd_per_1m|.*_ms|tokens_per_second|.*_seconds|.*_hours', 0, none),
    ('.*_count|.*_rows|cells_measured|matched|loads_.*|dbt_models_.*|.*_tests_.*', 0, none),
    ('.*_sd|slope|sigma.*|factor|evidence', 0, none),
] %}
{% set numbers = ['double', 'integer', 'bigint'] %}
{# the largest finite number; infinity and NaN count as larger #}
{% set largest = '1.7976931348623157e308' %}

with out_of_range as (
    select
        cast(null as varchar) as mart,
        cast(null as varchar) as row_key,
        cast(null as varchar) as column_name,
        cast(null as double) as value,
        cast(null as double) as minimum,
        cast(null as double) as maximum,
    where false
    {% for mart in all_marts() %}
    {% set key = mart_key(mart) %}
    {% for column in mart_columns(mart) if column.data_type in numbers %}
    {% set found = namespace(minimum=none, maximum=none) %}
    {% for pattern, minimum, maximum in ranges | reverse
        if modules.re.fullmatch(pattern, column.name) %}
    {% set found.minimum = minimum %}
    {% set found.maximum = maximum %}
    {% endfor %}
    {% set minimum = '-' ~ largest if found.minimum is none else found.minimum %}
    {% set maximum = largest if found.maximum is none else found.maximum %}
    union all
    select
        '{{ mart.identifier }}',
        {{ key }},
        '{{ column.name }}',
        {{ column.name }},
        {{ minimum }},
        {{ maximum }},
    from {{ mart }}
    where {{ column.name }} < {{ minimum }} or {{ column.name }} > {{ maximum }}
    {% endfor %}
    {% endfor %}
),

final as (
    select * from out_of_range
)

select * from final
