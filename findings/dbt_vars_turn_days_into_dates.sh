#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1, tried on 2026-11-29.
#
# Guess: --vars '{day: 2026-02-28}' hands the text 2026-02-28 to the project, and whether it is a day
# is for the project to say.
# Found: YAML reads it as a date before the project sees it: var('day') is no text. A day that does
# not exist therefore never reaches a check of the project; dbt ends in a Python traceback with no
# word of the var. In quotes both are texts.
#
# Seen: {day: 2026-02-28}: is text: False
#       {day: "2026-02-28"}: is text: True
#       {day: 2026-02-29}: ValueError, Traceback
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null

mkdir -p project/macros
cd project
cat >dbt_project.yml <<'YML'
name: tried
version: "1.0"
profile: tried
flags: {send_anonymous_usage_stats: false}
YML
cat >profiles.yml <<'YML'
tried: {target: here, outputs: {here: {type: duckdb, path: out.duckdb}}}
YML
echo "{% macro tell() %}{% do print('is text: ' ~ (var('day') is string)) %}{% endmacro %}" \
    >macros/tell.sql

try() { ../venv/bin/dbt --quiet --no-use-colors run-operation tell --vars "$1" 2>&1 || true; }
bare=$(try '{day: 2026-02-28}')
quoted=$(try '{day: "2026-02-28"}')
none=$(try '{day: 2026-02-29}' | grep -oE '^(Traceback|ValueError)' | sort -ru | paste -sd ,)
echo "{day: 2026-02-28}: $bare"
echo "{day: \"2026-02-28\"}: $quoted"
echo "{day: 2026-02-29}: $none"
[ "$bare" = "is text: False" ] && [ "$quoted" = "is text: True" ] && [ "$none" = "ValueError,Traceback" ]
