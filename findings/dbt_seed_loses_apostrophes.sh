#!/usr/bin/env bash
# dbt-core 1.11.16 with dbt-duckdb 1.11.1 and duckdb 2.0.0, tried on 2026-11-29.
#
# Guess: in a seed only the double quote sets a cell apart, as in dbt's documentation of CSV seeds
# and in what dbt-core itself reads; an apostrophe is a character like others.
# Found: dbt-duckdb loads a seed with COPY, which guesses by which sign cells are quoted. Cells that
# stand between apostrophes make it guess the apostrophe: they are gone from the table, also beside
# cells without any. The same text beside a cell in double quotes keeps them.
#
# Seen: cells 'x' and 'y' in all files, in the second one plain z, in the third one "z":
#   all quoted:  [('x',), ('y',)]
#   one is not:  [('x',), ('y',), ('z',)]
#   one in double quotes:  [("'x'",), ("'y'",), ('z',)]
#
# Exits 1 when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
    dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==2.0.0 2>/dev/null

mkdir -p project/seeds
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
printf "word\n'x'\n'y'\n" >seeds/all_quoted.csv
printf "word\n'x'\n'y'\nz\n" >seeds/one_is_not.csv
printf "word\n'x'\n'y'\n\"z\"\n" >seeds/one_in_double.csv
../venv/bin/dbt --quiet seed
../venv/bin/python - <<'PY'
import sys

import duckdb

TABLES = ("all_quoted", "one_is_not", "one_in_double")
connection = duckdb.connect("out.duckdb")
found = {t: connection.sql(f"from {t}").fetchall() for t in TABLES}
print("all quoted: ", found["all_quoted"])
print("one is not: ", found["one_is_not"])
print("one in double quotes: ", found["one_in_double"])
lost = found["all_quoted"] == [("x",), ("y",)]
too = found["one_is_not"] == [("x",), ("y",), ("z",)]
kept = found["one_in_double"] == [("'x'",), ("'y'",), ("z",)]
sys.exit(not (lost and too and kept))
PY
