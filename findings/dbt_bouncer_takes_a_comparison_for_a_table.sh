#!/usr/bin/env bash
# dbt-bouncer 4.3.0 (sqlglot 30.30.0) with dbt-core 1.11.16 and dbt-duckdb 1.11.1, tried on 2026-11-30.
#
# Guess: check_model_hard_coded_references knows the SQL of the adapter that the manifest names.
# Found: it parses in no dialect. Where it cannot, as at DuckDB's `lambda`, it searches the text, and
# there `is not distinct from b.id`, which compares two columns, is a hard-coded table `b.id`.
#
# Seen: with a lambda: exit 1, 'from b.id'
#       without one:   exit 0
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in dbt judge; do python3 -m venv $name; done
dbt/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null
judge/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-bouncer==4.3.0 sqlglot==30.30.0 2>/dev/null

mkdir -p project/models && cd project
cat >dbt_project.yml <<'YML'
name: tried
version: "1.0"
profile: tried
flags: {send_anonymous_usage_stats: false}
YML
cat >profiles.yml <<'YML'
tried: {target: here, outputs: {here: {type: duckdb, path: out.duckdb}}}
YML
cat >dbt-bouncer.yml <<'YML'
manifest_checks: [{name: check_model_hard_coded_references}]
YML
echo 'select 1 as id, [1, 2] as numbers' >models/a.sql

try() {
    cat >models/b.sql <<SQL
select $1 as found
from {{ ref('a') }} as a
inner join {{ ref('a') }} as b on a.id is not distinct from b.id
SQL
    ../dbt/bin/dbt --quiet run >../out.log 2>&1
    status=0
    COLUMNS=300 ../judge/bin/dbt-bouncer run >../out.log 2>&1 || status=$?
    echo "exit $status$(grep -o ", 'from b.id'\|'from b.id'" ../out.log | head -1 | sed 's/^/, /')"
}
with_lambda=$(try 'list_filter(a.numbers, lambda n: n > 1)')
without=$(try 'a.numbers[1:1]')
echo "with a lambda: $with_lambda"
echo "without one:   $without"
[ "$with_lambda" = "exit 1, 'from b.id'" ] && [ "$without" = "exit 0" ]
