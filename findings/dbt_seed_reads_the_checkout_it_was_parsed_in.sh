#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1, tried on 2026-11-29.
#
# Guess: `dbt seed` loads the CSV file of the project that it is run in.
# Found: a copy of a project that brings target/partial_parse.msgpack along loads the file of the
# ORIGINAL project, as long as its own copy of the file is unchanged since the parse: the seed's
# node remembers the root under which it was first parsed, and dbt-duckdb reads that path.
#
# Seen: the copy's own file says "copy"-time text "first"; after an edit in the original only,
#   rows loaded by the copy: [('edited in the original',)]
# Without target/ in the copy: [('first',)]
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null

mkdir -p original/seeds
cat >original/dbt_project.yml <<'YML'
name: tried
version: "1.0"
profile: tried
flags: {send_anonymous_usage_stats: false}
YML
cat >original/profiles.yml <<'YML'
tried: {target: here, outputs: {here: {type: duckdb, path: out.duckdb}}}
YML
printf 'text\nfirst\n' >original/seeds/said.csv

(cd original && ../venv/bin/dbt --quiet seed)
cp -r original copy
cp -r original clean && rm -rf clean/target
printf 'text\nedited in the original\n' >original/seeds/said.csv

loaded() {
    (cd "$1" && rm -f out.duckdb && ../venv/bin/dbt --quiet seed >&2 && ../venv/bin/python -c \
        "import duckdb; print(duckdb.connect('out.duckdb').sql('from said').fetchall())")
}
with_target=$(loaded copy)
without=$(loaded clean)
echo "the copy's own file: $(tail -n 1 copy/seeds/said.csv)"
echo "rows loaded by the copy: $with_target"
echo "rows loaded by a copy without target/: $without"
[ "$with_target" = "[('edited in the original',)]" ] && [ "$without" = "[('first',)]" ]
