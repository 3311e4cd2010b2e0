{% macro as_of_on() -%}
    {#- A build speaks of one day. Taken from the run's start, so that every dbt model of one build
        agrees even across midnight. -#}
    {%- if var('as_of') is none -%}
        date '{{ run_started_at.strftime("%Y-%m-%d") }}'
    {%- else -%}
        date '{{ valid_day(var("as_of") | string) }}'
    {%- endif -%}
{%- endmacro %}

{% macro valid_day(text) -%}
    {#- The same text for a day that exists; anything else stops here by one line. -#}
    {%- set parts = modules.re.match('^(2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', text) -%}
    {%- set is_day = false -%}
    {%- if parts -%}
        {%- set year, month, day = parts[1] | int, parts[2] | int, parts[3] | int -%}
        {%- set next_month = modules.datetime.date(year + month // 12, month % 12 + 1, 1) -%}
        {%- set is_day = day <= (next_month - modules.datetime.timedelta(days=1)).day -%}
    {%- endif -%}
    {%- if not is_day -%}
        {{ exceptions.raise_compiler_error(
            "var as_of: '" ~ text ~ "' is no day; write it as YYYY-MM-DD, for example 2026-06-30"
        ) }}
    {%- endif -%}
    {{- text -}}
{%- endmacro %}

{% macro known_at() -%}
    {#- Var known_at as the text of a moment in UTC, without its zone; empty = every load counts. YAML
        reads a moment without quotes as one, whose text ends in +00:00; another zone stops here. -#}
    {%- if var('known_at') is not none -%}
        {%- set moment = modules.re.match(
            '^([0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?)(Z|[+]00:00)?$',
            var('known_at') | string
        ) -%}
        {%- if not moment -%}
            {{ exceptions.raise_compiler_error(
                "var known_at: '" ~ var('known_at') ~ "' is no moment; write it in UTC as "
                ~ "YYYY-MM-DD HH:MM:SS, for example 2026-06-30 12:00:00"
            ) }}
        {%- endif -%}
        {{- moment[1] -}}
    {%- endif -%}
{%- endmacro %}

{% macro landed_by_known_at(landed_at) -%}
    {#- The condition under which a landed row existed at known_at; true for every row by default. -#}
    {%- if known_at() -%}
        {{ landed_at }} <= timestamp '{{ known_at() }}'
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro age_decay(dated_on, half_life_days, as_of=none) -%}
    {#- 2^(-age / half-life): 1 for a value of today, .5 after one half-life. A value dated after
        as_of would weigh more than 1; such values do not count anywhere, the clamp only guards. It
        takes a value without a day for one of today; every value has one (int_observations). -#}
    pow(
        2.0,
        -greatest(date_diff('day', {{ dated_on }}, {{ as_of or as_of_on() }}), 0)
        / {{ half_life_days }}
    )
{%- endmacro %}
