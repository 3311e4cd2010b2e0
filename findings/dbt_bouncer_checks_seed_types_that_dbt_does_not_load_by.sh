#!/usr/bin/env bash
# dbt-bouncer 4.3.0 with dbt-core 1.11.16 and dbt-duckdb 1.11.1, tried on 2026-11-30.
#
# Guess: a seed that passes check_seed_columns_have_types is loaded in the types that it declares,
# and one whose types are declared under `column_types` passes.
# Found: the check reads the `data_type` of the columns, which dbt does not load seeds by: such a
# seed passes, and its '007' is loaded as the number 7. A seed with `column_types`, by which dbt does
# load, keeps '007' and fails.
#
# Seen: data_type:    check exit 0, loaded INTEGER 7
#       column_types: check exit 1, loaded VARCHAR 007
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in dbt judge; do python3 -m venv $name; done
dbt/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null
judge/bin/python -m pip install --quiet --disable-pip-version-check dbt-bouncer==4.3.0 2>/dev/null

try() {
    rm -rf project && mkdir -p project/seeds && cd project
    cat >dbt_project.yml <<'YML'
name: tried
version: "1.0"
profile: tried
flags: {send_anonymous_usage_stats: false}
YML
    cat >profiles.yml <<'YML'
tried: {target: here, outputs: {here: {type: duckdb, path: out.duckdb}}}
YML
    echo 'manifest_checks: [{name: check_seed_columns_have_types}]' >dbt-bouncer.yml
    printf 'agent_id\n007\n' >seeds/agents.csv
    printf 'version: 2\nseeds:\n  - name: agents\n    %s\n' "$1" >seeds/agents.yml
    ../dbt/bin/dbt --quiet seed >../out.log 2>&1
    status=0
    ../judge/bin/dbt-bouncer run >../out.log 2>&1 || status=$?
    loaded=$(../dbt/bin/python -c "
import duckdb
with duckdb.connect('out.duckdb') as connection:
    print(*connection.execute('select typeof(agent_id), agent_id from agents').fetchone())")
    cd ..
    echo "check exit $status, loaded $loaded"
}
by_data_type=$(try 'columns: [{name: agent_id, data_type: varchar}]')
by_column_types=$(try 'config: {column_types: {agent_id: varchar}}
    columns: [{name: agent_id}]')
echo "data_type:    $by_data_type"
echo "column_types: $by_column_types"
[ "$by_data_type" = "check exit 0, loaded INTEGER 7" ]
[ "$by_column_types" = "check exit 1, loaded VARCHAR 007" ]
