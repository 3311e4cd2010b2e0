"""Macros that reckon with days: of which day a build speaks, and what was the state on it."""

import datetime
from datetime import date

import duckdb
import pytest
from macro_helpers import CompilationError, evaluate, load_macros

EVER, NEVER = date(1, 1, 1), date(9999, 12, 31)


def day_of_build(**given_vars) -> date:
    with duckdb.connect() as connection:
        # A clock far ahead of UTC: the day must not come from it.
        connection.execute("set TimeZone = 'Pacific/Kiritimati'")
        return connection.execute(f"select {load_macros(**given_vars).as_of_on()}").fetchone()[0]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, date(2026, 6, 30)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2000-02-29", date(2000, 2, 29)),
        ("2026-12-31", date(2026, 12, 31)),
        ("2026-04-30", date(2026, 4, 30)),
        # YAML reads a day without quotes as one.
        (date(2026, 1, 31), date(2026, 1, 31)),
    ],
)
def test_a_build_speaks_of_the_day_that_is_asked_for_or_on_which_it_began(as_of, expected):
    assert day_of_build(as_of=as_of) == expected


@pytest.mark.parametrize(
    "as_of",
    [
        "2025-02-29",
        "2100-02-29",
        "2026-02-30",
        "2026-04-31",
        "2026-06-00",
        "2026-13-01",
        "2026-00-01",
        "2026-6-30",
        "1999-12-31",
        "today",
        "2026-06-30T00:00:00",
        "2026-06-30' or true --",
        "",
        20260630,
        datetime.datetime(2026, 6, 30),
    ],
)
def test_what_is_no_day_stops_by_one_line(as_of):
    with pytest.raises(CompilationError, match=r"^var as_of: '.*' is no day; write it as [^\n]*$"):
        load_macros(as_of=as_of).as_of_on()


LANDED_AT = ["2026-06-30 11:59:59.999999", "2026-06-30 12:00:00", "2026-06-30 12:00:00.000001"]


@pytest.mark.parametrize(
    ("known_at", "expected"),
    [
        (None, [True, True, True]),
        ("2026-06-30", [False, False, False]),
        ("2026-06-30 12:00", [True, True, False]),
        ("2026-06-30T12:00:00Z", [True, True, False]),
        ("2026-06-30 12:00:00.000001", [True, True, True]),
        ("2026-06-30 11:59:59", [False, False, False]),
        # YAML reads a moment without quotes as one, with the zone that it states.
        (datetime.datetime(2026, 6, 30, 12), [True, True, False]),
        (datetime.datetime(2026, 6, 30, 12, tzinfo=datetime.UTC), [True, True, False]),
    ],
)
def test_what_had_landed_by_known_at_exists(known_at, expected):
    condition = load_macros(known_at=known_at).landed_by_known_at("x")
    assert evaluate(condition, LANDED_AT, "timestamp") == expected


@pytest.mark.parametrize(
    "known_at",
    [
        "yesterday",
        "",
        "2026-06-30 12",
        "12:00",
        "2026-06-30 12:00+02:00",
        "2026-06-30' or true --",
        datetime.datetime(2026, 6, 30, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    ],
)
def test_what_is_no_moment_stops_by_one_line(known_at):
    with pytest.raises(CompilationError, match=r"^var known_at: '.*' is no moment; [^\n]*$"):
        load_macros(known_at=known_at).landed_by_known_at("landed_at")


@pytest.mark.parametrize(
    ("dated_on", "expected"),
    [
        (date(2026, 6, 30), 1.0),
        (date(2026, 6, 20), 0.5),
        (date(2026, 6, 10), 0.25),
        (date(2026, 7, 1), 1.0),
        # Every value has a day; one without would weigh as much as today's.
        (None, 1.0),
    ],
)
def test_a_value_loses_half_its_weight_in_a_half_life(dated_on, expected):
    decay = load_macros().age_decay("x", 10)
    assert evaluate(decay, [dated_on], "date") == [expected]


def test_ages_are_counted_in_days_from_the_day_that_is_given():
    """A leap day is a day: two of them lie between 28 February and 1 March 2024."""
    decay = load_macros(as_of="2020-01-01").age_decay("x", 2, "date '2024-03-01'")
    assert evaluate(decay, [date(2024, 2, 28)], "date") == [0.5]


def test_a_version_is_the_state_on_both_of_its_ends():
    is_state = load_macros().is_state_on("x", "v")
    version = "(select date '2026-01-31' as state_from_on, date '2026-02-28' as state_to_on) as v"
    days = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 1)]
    answer = evaluate(f"(select {is_state} from {version})", days, "date")
    assert answer == [False, True, True, False]
    assert load_macros().is_state_on("x").endswith("between state_from_on and state_to_on")


def periods(*versions: tuple[str, date, date]) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute("create table v (k varchar, state_from_on date, state_to_on date)")
        connection.executemany("insert into v values (?, ?, ?)", versions)
        query = load_macros().state_periods("v", "k")
        return connection.execute(f"select * from ({query}) order by all").fetchall()


def test_one_version_for_all_time_is_one_period():
    assert periods(("a", EVER, NEVER), ("a", EVER, NEVER)) == [("a", EVER, NEVER)]


def test_a_period_ends_wherever_a_version_of_its_key_begins_or_ends():
    leap_day, march = date(2024, 2, 29), date(2024, 3, 1)
    found = periods(
        ("a", EVER, leap_day),
        ("a", march, NEVER),
        ("a", date(2024, 5, 1), NEVER),
        ("b", EVER, NEVER),
    )
    assert found == [
        ("a", EVER, leap_day),
        ("a", march, date(2024, 4, 30)),
        ("a", date(2024, 5, 1), NEVER),
        ("b", EVER, NEVER),
    ]


def test_the_days_after_the_last_version_are_a_period_in_which_there_is_none():
    assert periods(("a", date(2026, 1, 1), date(2026, 1, 31))) == [
        ("a", date(2026, 1, 1), date(2026, 1, 31)),
        ("a", date(2026, 2, 1), NEVER),
    ]


RECORD = '{"score": 1}'


def landed(*rows: tuple, columns: str = "", **given_vars) -> list[tuple]:
    """(record_key, load_id, state_from_on, state_to_on) of the landed rows (record_key, load_id,
    observed_at, landed_at, record), by default on 30 June 2026."""
    mine = [("board", "results", *row) for row in rows]
    others = [
        ("board", "models", "a", "0", "2026-01-31", "2026-01-31", RECORD),
        ("other", "results", "a", "0", "2026-01-31", "2026-01-31", RECORD),
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create table board_results (source varchar, entity varchar, record_key varchar, "
            "load_id varchar, observed_at timestamp, landed_at timestamp, record json, "
            "record_hash varchar)"
        )
        connection.executemany(
            "insert into board_results values (?, ?, ?, ?, ?, ?, ?, 'h')", mine + others
        )
        query = load_macros(**given_vars).landed("board", "results")
        columns = columns or "record_key, load_id, state_from_on, state_to_on"
        return connection.execute(f"select {columns} from ({query}) order by all").fetchall()


def test_the_first_version_stands_in_for_all_days_before_it():
    assert landed(("a", "1", "2026-06-30 09:00", "2026-06-30 09:01", RECORD)) == [
        ("a", "1", EVER, NEVER)
    ]


def test_of_one_day_the_last_counts_and_of_one_moment_the_one_landed_last():
    found = landed(
        ("a", "1", "2026-05-01 23:59", "2026-05-02 08:00", RECORD),
        ("a", "2", "2026-05-01 00:00", "2026-05-02 09:00", RECORD),
        ("b", "1", "2026-05-01 12:00", "2026-05-02 09:00", RECORD),
        ("b", "2", "2026-05-01 12:00", "2026-05-02 08:00", RECORD),
        ("c", "1", "2026-05-01 12:00", "2026-05-02 08:00", RECORD),
        ("c", "2", "2026-05-01 12:00", "2026-05-02 08:00", RECORD),
    )
    assert found == [(key, load, EVER, NEVER) for key, load in (("a", "1"), ("b", "1"), ("c", "2"))]


def test_only_versions_of_a_months_end_or_of_today_are_handed_on():
    """The second version is over before February 2024 ends, the third is there on its last day."""
    found = landed(
        ("a", "1", "2024-01-10", "2024-01-10", RECORD),
        ("a", "2", "2024-02-01", "2024-02-01", RECORD),
        ("a", "3", "2024-02-29", "2024-02-29", RECORD),
        ("a", "4", "2024-03-01", "2024-03-01", RECORD),
        ("a", "5", "2026-06-30", "2026-06-30", RECORD),
        ("a", "6", "2026-07-01", "2026-07-01", RECORD),
    )
    assert found == [
        ("a", "1", EVER, date(2024, 1, 31)),
        ("a", "3", date(2024, 2, 29), date(2024, 2, 29)),
        ("a", "4", date(2024, 3, 1), date(2026, 6, 29)),
        ("a", "5", date(2026, 6, 30), date(2026, 6, 30)),
        ("a", "6", date(2026, 7, 1), NEVER),
    ]


def test_the_version_of_the_day_that_a_build_speaks_of_is_handed_on():
    rows = [
        ("a", "1", "2024-02-01", "2024-02-01", RECORD),
        ("a", "2", "2024-02-10", "2024-02-10", RECORD),
        ("a", "3", "2024-02-12", "2024-02-12", RECORD),
    ]
    first, last = ("a", "1", EVER, date(2024, 2, 9)), ("a", "3", date(2024, 2, 12), NEVER)
    second = ("a", "2", date(2024, 2, 10), date(2024, 2, 11))
    assert landed(*rows) == [first, last]
    assert landed(*rows, as_of="2024-02-11") == [first, second, last]


def test_a_tombstone_ends_a_record_and_is_no_version():
    found = landed(
        ("a", "1", "2026-01-31", "2026-01-31", RECORD),
        ("a", "2", "2026-03-31", "2026-03-31", None),
        ("a", "3", "2026-06-01", "2026-06-01", RECORD),
        ("gone", "1", "2026-03-31", "2026-03-31", None),
    )
    assert found == [("a", "1", EVER, date(2026, 3, 30)), ("a", "3", date(2026, 6, 1), NEVER)]


def test_every_version_says_when_the_record_was_first_seen_and_what_was_wrong_with_it():
    rows = [
        ("a", "1", "2024-01-10 08:00", "2024-01-10", RECORD),
        ("a", "2", "2024-01-12 09:00", "2024-01-12", '{"_error": "cut off"}'),
    ]
    columns = "load_id, strftime(first_observed_at, '%m-%d %H:%M'), landing_error"
    assert landed(*rows, columns=columns) == [
        ("1", "01-10 08:00", None),
        ("2", "01-10 08:00", "cut off"),
    ]


def test_what_landed_after_known_at_changes_nothing():
    rows = [
        ("a", "1", "2026-01-31", "2026-01-31 10:00", RECORD),
        ("a", "2", "2026-02-28", "2026-03-05 10:00", RECORD),
    ]
    assert landed(*rows, known_at="2026-03-05 09:59:59") == [("a", "1", EVER, NEVER)]
    assert len(landed(*rows, known_at="2026-03-05 10:00:00")) == 2


def last_seen(observed_at: str, *sightings: tuple) -> str:
    """When a record was last seen by 30 June, given (record_key, last_observed_at) of sightings."""
    macros = load_macros()
    with duckdb.connect() as connection:
        connection.execute(
            "create table sightings (as_of_on date, source_id varchar, entity varchar, "
            "record_key varchar, last_observed_at timestamp)"
        )
        rows = [("2026-06-30", "board", "results", *sighting) for sighting in sightings]
        others = [
            ("2026-07-31", "board", "results", "a", "2026-06-30 20:00"),
            ("2026-07-31", "board", "results", None, "2026-06-30 20:00"),
            ("2026-06-30", "other", "results", None, "2026-06-30 20:00"),
            ("2026-06-30", "board", "models", None, "2026-06-30 20:00"),
            ("2026-06-30", "board", "results", "b", "2026-06-30 20:00"),
        ]
        connection.executemany("insert into sightings values (?, ?, ?, ?, ?)", rows + others)
        joins = macros.join_sightings("sightings", "r", "r.day", "listings", "named")
        seen = macros.last_observed_at("r", "r.day", "listings", "named")
        found = connection.execute(
            f"select strftime({seen}, '%m-%d %H:%M') from (select 'board' as source_id, "
            "'results' as entity, 'a' as record_key, date '2026-06-30' as day, "
            f"timestamp '{observed_at}' as observed_at) as r {joins}"
        ).fetchall()
    ((text,),) = found
    return text


@pytest.mark.parametrize(
    ("observed_at", "sightings", "expected"),
    [
        ("2026-06-01 10:00", [], "06-01 10:00"),
        ("2026-06-01 10:00", [(None, "2026-06-20 10:00")], "06-20 10:00"),
        ("2026-06-01 10:00", [("a", "2026-06-25 10:00")], "06-25 10:00"),
        (
            "2026-06-01 10:00",
            [(None, "2026-06-20 10:00"), ("a", "2026-06-10 10:00")],
            "06-20 10:00",
        ),
        # The version is younger than what was last confirmed: its own moment counts.
        ("2026-06-28 10:00", [(None, "2026-06-20 10:00")], "06-28 10:00"),
        ("2026-06-30 10:00", [(None, "2026-06-30 21:00")], "06-30 21:00"),
        ("2026-06-30 23:59", [], "06-30 23:59"),
        # First seen after the day: it stands in for an earlier version and keeps its own date.
        ("2026-07-01 00:00", [(None, "2026-06-20 10:00")], "07-01 00:00"),
    ],
)
def test_a_record_was_last_seen_when_it_or_its_listing_was(observed_at, sightings, expected):
    assert last_seen(observed_at, *sightings) == expected
