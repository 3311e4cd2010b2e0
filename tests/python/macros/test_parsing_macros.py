"""Macros that read texts of sources: what they take, and what they refuse."""

import json
import math
from datetime import date

import duckdb
import pytest
from macro_helpers import CompilationError, answers, evaluate, load_macros

MACROS = load_macros()

NUMBERS = [
    ("94.6", 94.6),
    ("94.6%", 94.6),
    (" 94.6 % ", 94.6),
    ("50%%", 50.0),
    ("+5", 5.0),
    (".5", 0.5),
    ("5.", 5.0),
    ("\t5\n", 5.0),
    ("-1", -1.0),
    ("1e3", 1000.0),
    ("1E-2", 0.01),
    ("1e-400", 0.0),
    # An underscore is DuckDB's sign between thousands; a comma may be a decimal one and is refused.
    ("1_000", 1000.0),
    ("1,234", None),
    ("0,5", None),
    ("1 000", None),
    ("1e400", None),
    ("-1e400", None),
    ("NaN", None),
    ("Infinity", None),
    ("-inf", None),
    (None, None),
    ("", None),
    ("  ", None),
    ("%", None),
    ("% 50", None),
    ("about 5", None),
    ("12abc", None),
    ("1.2.3", None),
    ("1e", None),
    ("--5", None),
    ("0x1A", None),
    ("true", None),
    ("１２", None),
]

TEXTS = [
    ("a", "a"),
    ("  a b \t", "a b"),
    ("\xa0a\n\r", "a"),
    ("N/A", "N/A"),
    ("0", "0"),
    (None, None),
    ("", None),
    ("   ", None),
    ("\t\n\r\xa0 ", None),
]

DAYS = [
    ("2026-06-30", date(2026, 6, 30)),
    (" 2026-06-30 ", date(2026, 6, 30)),
    ("2024-02-29", date(2024, 2, 29)),
    ("2000-02-29", date(2000, 2, 29)),
    ("2026-12-31T23:59:59.999Z", date(2026, 12, 31)),
    # The day is the one that was written, in whatever zone its clock stood.
    ("2026-06-30T23:30:00-05:00", date(2026, 6, 30)),
    ("2026-07-01 00:30:00+14:00", date(2026, 7, 1)),
    ("2026-06", date(2026, 6, 1)),
    (" 2026-06 ", date(2026, 6, 1)),
    ("2026-02-30", None),
    ("2026-06-31T00:00:00", None),
    ("2025-02-29", None),
    ("1900-02-29", None),
    ("2026-13", None),
    ("2026-00", None),
    ("2026-06-00", None),
    ("2026-06-30x", None),
    ("2026-6-3", None),
    ("2026/06/30", None),
    ("20260630", None),
    ("12026-06-30", None),
    ("12026-06", None),
    ("2026", None),
    ("June 2026", None),
    ("infinity", None),
    ("-infinity", None),
    ("epoch", None),
    ("today", None),
    (None, None),
    ("", None),
]

RELEASES = [
    ("LiveBench-2024-11-25", "2024-11-25"),
    ("2024_11_25", "2024-11-25"),
    ("table_2024_02_29.csv", "2024-02-29"),
    ("2023-02-29", None),
    ("2024-13-01", None),
    ("2024-11", None),
    ("20241125", None),
    ("v6", None),
    ("", None),
    (None, None),
]

MILLISECONDS = [
    ("0", date(1970, 1, 1)),
    ("-1", date(1969, 12, 31)),
    ("1709251199999", date(2024, 2, 29)),
    ("1709251200000", date(2024, 3, 1)),
    ("253402300799999", date(9999, 12, 31)),
    # Too many microseconds for the database, then too many milliseconds for a number.
    ("9223372036854775807", None),
    ("9223372036854775808", None),
    ("2024-02-29", None),
    ("", None),
    (None, None),
]

ROUNDED = [
    (3.999975, 4.0),
    (9.9999, 10.0),
    (0.00012349, 0.0001235),
    (123456.0, 123500.0),
    (0.1 + 0.2, 0.3),
    (1e300, 1e300),
    (0.0, 0.0),
    (-3.999975, -3.999975),
    (None, None),
]


@pytest.mark.parametrize(
    ("expression", "cases"),
    [
        (MACROS.number_or_null("x"), NUMBERS),
        (MACROS.text_or_null("x"), TEXTS),
        (MACROS.day_or_null("x"), DAYS),
        (MACROS.release_or_null("x"), RELEASES),
        (MACROS.day_of_milliseconds("x"), MILLISECONDS),
    ],
    ids=["number", "text", "day", "release", "milliseconds"],
)
def test_a_text_is_read_or_is_null(expression, cases):
    assert answers(expression, cases) == cases


def test_first_digits_are_rounded_as_they_are_written():
    assert answers(MACROS.first_digits("x", 4), ROUNDED, "double") == ROUNDED


def test_minus_zero_is_a_number_and_equal_to_zero():
    (zero,) = evaluate(MACROS.number_or_null("x"), ["-0"])
    assert (zero, math.copysign(1, zero)) == (0, -1)
    assert evaluate(f"{MACROS.number_or_null('x')} < 0", ["-0"]) == [False]


def test_names_share_a_key_only_where_they_are_one_name():
    names = [
        ("a", None, "b"),
        ("a", "", "b"),
        ("a", "null", "b"),
        ("a", "b", None),
        ("a", 'b","c', "d"),
        ("a", "b", 'c","d'),
        ("a", "b\\", "c"),
        ("a", "b", "\\c"),
    ]
    keys = evaluate(MACROS.name_id("x[1]", "x[2]", "x[3]"), map(list, names), "varchar[]")
    assert [tuple(json.loads(key)) for key in keys] == names


def entries_of(record: str, landing_error: str | None) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute("create table landed (record json, landing_error varchar)")
        connection.execute("insert into landed values (?, ?)", [record, landing_error])
        columns = MACROS.with_entries("record -> 'p@1'", "p@1")
        return connection.execute(
            f"select entry.key, cast(entry.value as varchar), landing_error from "
            f"(select {columns} from landed) order by all"
        ).fetchall()


def test_an_object_becomes_a_row_per_key_whatever_is_in_the_key():
    record = json.dumps({"p@1": {"a.b": 1, 'q"x$': {"c": None}, "": "z"}})
    expected = [("", '"z"', None), ("a.b", "1", None), ('q"x$', '{"c":null}', None)]
    assert entries_of(record, None) == expected


@pytest.mark.parametrize("value", ["{}", "[1]", "5", "null", '"text"'])
def test_what_holds_no_object_keeps_one_row_that_says_so(value):
    record = f'{{"p@1": {value}}}'
    assert entries_of(record, None) == [(None, None, 'the record holds no object "p@1"')]
    assert entries_of(record, "cut off") == [(None, None, "cut off")]


def test_a_fault_of_the_landing_stays_with_every_entry():
    assert entries_of('{"p@1": {"a": 1}}', "cut off") == [("a", "1", "cut off")]
    assert entries_of("{}", None) == [(None, None, 'the record holds no object "p@1"')]


def test_a_parameter_is_its_one_row_and_nothing_else():
    parameter = load_macros(declared=["anomaly.limit"]).parameter
    with duckdb.connect() as connection:
        connection.execute(
            "create table scoring_parameters "
            "(parameter_group varchar, parameter varchar, value double)"
        )
        rows = [["anomaly", "limit", 3.5], ["other", "limit", 1], ["anomaly", "floor", 2]]
        connection.executemany("insert into scoring_parameters values (?, ?, ?)", rows)
        query = f"select {parameter('anomaly', 'limit')}"
        assert connection.execute(query).fetchall() == [(3.5,)]
        connection.execute("insert into scoring_parameters values ('anomaly', 'limit', 4)")
        with pytest.raises(duckdb.Error, match=r"[Mm]ore than one row"):
            connection.execute(query)
        connection.execute("delete from scoring_parameters where parameter = 'limit'")
        with pytest.raises(duckdb.Error, match=r"anomaly\.limit is missing: run dbt seed"):
            connection.execute(query)


@pytest.mark.parametrize(("group", "name"), [("anomaly", "limits"), ("anomalies", "limit")])
def test_an_undeclared_parameter_stops_before_anything_runs(group, name):
    with pytest.raises(CompilationError, match=f"'{group}', '{name}'.* is not declared"):
        load_macros(declared=["anomaly.limit"]).parameter(group, name)
