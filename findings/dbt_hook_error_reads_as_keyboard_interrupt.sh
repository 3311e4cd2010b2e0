#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1, tried on 2026-11-29.
#
# Guess: exceptions.raise_compiler_error in an on-run-end hook ends the command with the message
# that was given, as it does in a dbt model.
# Found: what is printed after the message is "Exited because of keyboard interrupt", though nobody
# pressed a key; a hook that fails inside the database (select error('...')) is reported as the
# failure of that hook.
#
# Seen: raised in Jinja: keyboard interrupt 1, exit 2
#       failed in SQL:   keyboard interrupt 0, exit 1
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null

try() {
    rm -rf project && mkdir -p project/models && cd project
    cat >dbt_project.yml <<YML
name: tried
version: "1.0"
profile: tried
flags: {send_anonymous_usage_stats: false}
on-run-end: ["$1"]
YML
    cat >profiles.yml <<'YML'
tried: {target: here, outputs: {here: {type: duckdb, path: out.duckdb}}}
YML
    echo 'select 1 as id' >models/given.sql
    status=0
    ../venv/bin/dbt --no-use-colors run >../out.log 2>&1 || status=$?
    cd ..
    echo "keyboard interrupt $(grep -ci 'keyboard interrupt' out.log || true), exit $status"
}
raised=$(try "{{ exceptions.raise_compiler_error('not today') if execute }}")
failed=$(try "select error('not today')")
echo "raised in Jinja: $raised"
echo "failed in SQL:   $failed"
[ "$raised" = "keyboard interrupt 1, exit 2" ] && [ "$failed" = "keyboard interrupt 0, exit 1" ]
