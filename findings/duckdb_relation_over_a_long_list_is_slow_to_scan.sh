#!/usr/bin/env bash
# duckdb 2.0.0, tried on 2026-11-30.
#
# Guess: a relation made by `connection.sql(query, params=...)` costs the same whether it is written
# by its own `to_table` or named in `create table ... as select * from relation`, which is how
# dbt-duckdb makes a table of what a Python model returns.
# Found: where a parameter is a long list of records, naming the relation in SQL takes many times the
# CPU time of `to_table`, or of running the same query with `execute`. A text parameter of the same
# content, parsed by `from_json`, costs about the same all three ways.
#
# Seen, 3,000 records of 33 fields, CPU seconds on one thread:
#   list: execute 0.35, to_table 0.22, named in SQL 2.31
#   text: execute 0.13, to_table 0.19, named in SQL 0.15
#
# Exits 1 when naming the relation over the list takes less than 4 times as long as to_table, or when
# it does so over the text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.0 2>/dev/null

cat >tried.py <<'PY'
import json
import sys
import time

import duckdb

records = [
    {
        "name": f"n{number}",
        "tokens": ["x", "y"],
        "candidates": [{"id": "q", "score": 0.5}] * 3,
        **{f"field_{n}": "v" if n % 2 else None for n in range(30)},
    }
    for number in range(3000)
]
structure = {
    "name": "VARCHAR",
    "tokens": ["VARCHAR"],
    "candidates": [{"id": "VARCHAR", "score": "DOUBLE"}],
    **{f"field_{n}": "VARCHAR" for n in range(30)},
}
ways = {
    "list": ("select unnest($given, max_depth := 2)", {"given": records}),
    "text": (
        "select unnest(from_json($given, $structure), max_depth := 2)",
        {"given": json.dumps(records), "structure": json.dumps([structure])},
    ),
}


def seconds(work):
    began = time.process_time()
    work()
    return time.process_time() - began


ratios = {}
for way, (query, given) in ways.items():
    connection = duckdb.connect(config={"threads": 1})
    direct = seconds(lambda: connection.execute(f"create table a as {query}", given))
    relation = connection.sql(query, params=given)
    own = seconds(lambda: relation.to_table("b"))
    named = seconds(lambda: connection.execute("create table c as select * from relation"))
    counts = connection.execute("select (from (select count(*) from b)), count(*) from c").fetchone()
    assert counts == (3000, 3000), counts
    print(f"{way}: execute {direct:.2f}, to_table {own:.2f}, named in SQL {named:.2f}")
    ratios[way] = named / own
sys.exit(not (ratios["list"] >= 4 and ratios["text"] < 4))
PY
venv/bin/python tried.py
