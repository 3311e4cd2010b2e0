"""Macros about what was checked of a record: which version it was, what counts of it."""

import duckdb
import pytest
from macro_helpers import evaluate, load_macros

MACROS = load_macros()


def test_relation_of_rejected_records_may_have_any_name():
    written = [
        MACROS.join_by_version("refused", "routes"),
        MACROS.is_accepted("refused"),
        MACROS.unless_rejected_as("routes.host", "host", "refused"),
    ]
    for text in written:
        assert "refused." in text
        assert "rejected." not in text.replace("refused.rejected_fields", "")
    assert "rejected.rejected_fields" in MACROS.unless_rejected_as("routes.host", "host")


def test_a_version_meets_what_was_checked_of_it_and_of_no_other():
    checked = [
        ("board", "models", "a", "2026-06-01", "this one"),
        ("other", "models", "a", "2026-06-01", "another source"),
        ("board", "routes", "a", "2026-06-01", "another entity"),
        ("board", "models", "b", "2026-06-01", "another record"),
        ("board", "models", "a", "2026-06-02", "another version"),
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create table checked (source_id varchar, entity varchar, record_key varchar, "
            "observed_at timestamp, note varchar)"
        )
        connection.executemany("insert into checked values (?, ?, ?, ?, ?)", checked)
        found = connection.execute(
            "select note from (values ('board', 'models', 'a', timestamp '2026-06-01'), "
            "('board', 'models', 'c', timestamp '2026-06-01')) "
            "as r (source_id, entity, record_key, observed_at) "
            f"{MACROS.join_by_version('checked', 'r')} order by all"
        ).fetchall()
    assert found == [("this one",), (None,)]


def test_a_record_of_which_nothing_was_found_is_accepted():
    accepted = evaluate(
        f"(select {MACROS.is_accepted('v')} from (select x as is_rejected) as v)",
        [True, False, None],
        "boolean",
    )
    assert accepted == [False, True, True]


@pytest.mark.parametrize(
    ("rejected_fields", "expected"),
    [
        (None, 5),
        ([], 5),
        (["price"], 5),
        (["limit"], None),
        (["price", "limit"], None),
        ([None], 5),
    ],
)
def test_a_value_is_null_where_its_field_was_rejected(rejected_fields, expected):
    value = MACROS.unless_rejected_as("5", "limit", "v")
    expression = f"(select {value} from (select x as rejected_fields) as v)"
    assert evaluate(expression, [rejected_fields], "varchar[]") == [expected]
