"""The records of a load in DuckDB: each under a key of its own, whatever order they came in."""

import duckdb
import pytest
from extract_helpers import content_hash_of, entity_of, keyed, make_load, spool_of
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.parse import make_record
from extract.spool import content_hash, stage

LIST = entity_of(records="[]", key=["id"])


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


def staged(connection, fields):
    """Key -> (hash, JSON) of records, and how many `stage` says there are."""
    count = stage(connection, spool_of(keyed(LIST, [make_record(f) for f in fields])))
    rows = connection.execute("select * from said").fetchall()
    assert len(rows) == count
    return {key: tuple(rest) for key, *rest in rows}


def test_repeats_are_numbered_in_hash_order_and_identical_rows_land_once(connection):
    fields = [{"id": "a", "v": v} for v in (3, 1, 2, 1)] + [{"id": "a#2", "v": 9}]
    forwards = staged(connection, fields)
    assert forwards == staged(connection, list(reversed(fields)))
    assert sorted(forwards) == ["a", "a#2", "a#3", "a#4"]
    assert forwards["a#2"][1] == '{"id":"a#2","v":9}'
    assert forwards["a"] < forwards["a#3"] < forwards["a#4"]


def numbered_one_by_one(records):
    """The model: key -> hash, keys in their order, repeats by hash, names that are free."""
    by_key = {}
    for key, record in records:
        by_key.setdefault(key, set()).add(record.hash)
    found = {}
    for key, hashes in sorted(by_key.items()):
        number = 1
        for position, record_hash in enumerate(sorted(hashes)):
            name = key
            while position and (name in by_key or name in found):
                number += 1
                name = f"{key}#{number}"
            found[name] = record_hash
    return found


some_key = st.sampled_from(["a", "a#2", "a#2#2", "a#3", "b", "b#02", "ü"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(some_key, st.integers(0, 3)), min_size=1, max_size=12))
def test_repeats_get_the_names_of_the_model(connection, rows):
    fields = [{"id": key, "v": value} for key, value in rows]
    expected = numbered_one_by_one(keyed(LIST, [make_record(f) for f in fields]))
    assert {key: found for key, (found, _) in staged(connection, fields).items()} == expected


def test_the_hash_of_the_content_is_that_of_its_keys_in_their_order(connection):
    load = make_load({"b": 1, "a": 2, "é": 3, "\U0001f600": 4, "\uffff": 5, '"': 6}, None)
    stage(connection, load.records)
    assert content_hash(connection, "yes") == content_hash_of(load)
