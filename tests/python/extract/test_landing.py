"""Landing: the state at any time is what the loads say, whatever the order in which they landed."""

import os
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from extract_helpers import (
    Ticker,
    all_rows,
    content_hash_of,
    hashes_of,
    make_load,
    state_at,
    state_of,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.landing import LandingError, note_attempt, open_landing
from extract.loads import Outcome
from extract.states import land

SHARE = 0.2
EXAMPLES = int(os.environ.get("LANDING_EXAMPLES", "120"))
DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 7)]


@pytest.fixture
def landing(tmp_path):
    with open_landing(tmp_path / "landing.duckdb") as connection:
        yield connection


def naive_state(loads, at):
    """The model: the moments in the order of time, each applied in full."""
    moments = {}
    for load in loads:
        if load.observed_at <= at:
            moments.setdefault(load.observed_at, []).append(load)
    state, before = {}, None
    for _, found in sorted(moments.items()):
        listings = [load for load in found if load.is_complete]
        taken = {content_hash_of(load) for load in listings if load.accepts_shrink}
        listing = max(
            listings, key=lambda x, t=taken: (content_hash_of(x) in t, *rank_of(x)), default=None
        )
        accepted = listing is not None and content_hash_of(listing) in taken
        count = listing.records.count if listing else 0
        if listing and (accepted or before is None or count >= (1 - SHARE) * before):
            before = count
            state = hashes_of(listing)
            continue
        partials = (load for load in found if not load.is_complete)
        for load in sorted(partials, key=lambda x: (x.records.count, content_hash_of(x))):
            state |= hashes_of(load)
    return state


def rank_of(load):
    return (load.records.count, load.bytes, content_hash_of(load))


some_load = st.builds(
    lambda day, values, completeness, size, accepts: make_load(
        values, DAYS[day], completeness, size, accepts_shrink=accepts
    ),
    st.integers(0, len(DAYS) - 1),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 1), min_size=1),
    st.sampled_from(["yes", "yes", "yes", "page", "release", "rows"]),
    st.integers(1, 2),
    st.sampled_from([False, False, False, True]),
)


def empty(landing):
    for table in ("records", "held_records", "loads"):
        landing.execute(f"delete from {table}")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(loads=st.lists(some_load, max_size=9))
def test_state_equals_the_model_at_every_time_and_after_every_landing(landing, loads):
    """Random loads in random order: the state at every day, as known after every landing."""
    empty(landing)
    ticker = Ticker()
    known_at = []
    for load in loads:
        land(landing, [load], ticker)
        known_at.append(landing.execute("select max(landed_at) from loads").fetchone()[0])
    rows = all_rows(landing)
    for number, known in enumerate(known_at, start=1):
        for day in DAYS:
            assert state_of(rows, day, known) == naive_state(loads[:number], day)


@settings(
    max_examples=EXAMPLES // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(loads=st.lists(some_load, min_size=1, max_size=6), data=st.data())
def test_two_orders_of_landing_give_the_same_states(landing, loads, data):
    shuffled = data.draw(st.permutations(loads))
    states = []
    for order in (loads, shuffled):
        empty(landing)
        for load in order:
            land(landing, [load], Ticker())
        states.append([state_of(all_rows(landing), day) for day in DAYS])
    assert states[0] == states[1]


def test_back_to_an_earlier_content_is_a_state_of_its_own(landing):
    for day, value in zip(DAYS, (1, 2, 1), strict=False):
        land(landing, [make_load({"a": value}, day)], Ticker())
    one, two, three = (state_at(landing, day) for day in DAYS[:3])
    assert one == three != two
    assert count(landing, "records") == 3


def test_an_older_file_fills_history_and_leaves_the_current_state(landing):
    land(landing, [make_load({"a": 1, "b": 1}, DAYS[3])], Ticker())
    now = state_at(landing, DAYS[5])
    (outcome,) = land(landing, [make_load({"a": 2, "c": 1}, DAYS[1])], Ticker())
    assert outcome.status == "landed"
    assert state_at(landing, DAYS[5]) == now
    assert set(state_at(landing, DAYS[2])) == {"a", "c"}
    assert state_at(landing, DAYS[0]) == {}


def test_only_a_complete_load_marks_records_gone(landing):
    land(landing, [make_load({"a": 1, "b": 1}, DAYS[0])], Ticker())
    for day, completeness in ((1, "page"), (2, "release"), (3, "rows")):
        (outcome,) = land(landing, [make_load({"a": day + 10}, DAYS[day], completeness)], Ticker())
        assert (outcome.changed, outcome.gone) == (1, 0)
    (outcome,) = land(landing, [make_load({"a": 9}, DAYS[4])], Ticker())
    assert (outcome.changed, outcome.gone) == (1, 1)
    assert set(state_at(landing, DAYS[3])) == {"a", "b"}
    assert set(state_at(landing, DAYS[4])) == {"a"}
    gone = landing.execute("select record_key, record from records where record_hash is null")
    assert gone.fetchall() == [("b", None)]


def test_gone_is_judged_within_one_entity(landing):
    land(landing, [make_load({"a": 1}, DAYS[0], entity="left")], Ticker())
    (outcome,) = land(landing, [make_load({"b": 1}, DAYS[1], entity="right")], Ticker())
    assert outcome.gone == 0
    assert set(state_at(landing, DAYS[2], entity="left")) == {"a"}


def test_the_same_content_again_adds_nothing(landing):
    land(landing, [make_load({"a": 1, "b": 1}, DAYS[0])], Ticker())
    same_day, later = make_load({"b": 1, "a": 1}, DAYS[0]), make_load({"a": 1, "b": 1}, DAYS[2])
    for load in (same_day, later):
        (outcome,) = land(landing, [load], Ticker())
        assert outcome.status == "unchanged"
        assert (outcome.new, outcome.changed, outcome.gone) == (0, 0, 0)
    assert count(landing, "records") == 2
    assert count(landing, "loads") == 3


def test_an_unchanged_observation_still_bounds_what_an_older_file_says(landing):
    land(landing, [make_load({"a": 1}, DAYS[0])], Ticker())
    land(landing, [make_load({"a": 1}, DAYS[3])], Ticker())
    land(landing, [make_load({"a": 2}, DAYS[1])], Ticker())
    first, second, fourth = (state_at(landing, DAYS[day]) for day in (0, 1, 3))
    assert first == fourth != second


@pytest.mark.parametrize("big_first", [True, False])
def test_of_two_loads_at_one_time_the_one_with_more_records_counts(landing, big_first):
    big, small = make_load({"a": 1, "b": 1}, DAYS[0]), make_load({"c": 1}, DAYS[0])
    outcomes = [
        land(landing, [load], Ticker())[0] for load in ((big, small) if big_first else (small, big))
    ]
    assert set(state_at(landing, DAYS[0])) == {"a", "b"}
    assert [o.status for o in outcomes] == ["landed", "superseded" if big_first else "landed"]


def test_equal_counts_go_by_bytes_and_then_by_hash(landing):
    light, heavy = make_load({"a": 1}, DAYS[0], size=10), make_load({"a": 2}, DAYS[0], size=20)
    land(landing, [heavy], Ticker())
    (outcome,) = land(landing, [light], Ticker())
    assert outcome.status == "superseded"
    others = [make_load({"a": value}, DAYS[1], size=5) for value in (1, 2, 3)]
    for load in others:
        land(landing, [load], Ticker())
    winner = max(others, key=lambda load: content_hash_of(load))
    assert state_at(landing, DAYS[1]) == {"a": hashes_of(winner)["a"]}


def test_restated_rows_carry_the_record(landing):
    land(landing, [make_load({"a": 1}, DAYS[0])], Ticker())
    land(landing, [make_load({"a": 1}, DAYS[3])], Ticker())
    land(landing, [make_load({"a": 2}, DAYS[1])], Ticker())
    rows = landing.execute(
        "select record_hash, record->>'v' from records order by observed_at"
    ).fetchall()
    assert [value for _, value in rows] == ["1", "2", "1"]
    assert rows[0] == rows[2]


def test_landed_at_grows_even_when_the_clock_stands_still(landing):
    def stopped():
        return datetime(2026, 2, 1, tzinfo=UTC)

    loads = [make_load({"a": day}, DAYS[day]) for day in range(3)]
    land(landing, loads, stopped)
    note_attempt(landing, Outcome("s", "", "failed", error="x"), "live", stopped(), clock=stopped)
    times = [row[0] for row in landing.execute("select landed_at from loads").fetchall()]
    assert len(set(times)) == 4
    assert max(times) - min(times) == timedelta(microseconds=3)


def test_one_bad_load_lands_none_of_its_source(landing, monkeypatch):
    good, bad = make_load({"a": 1}, DAYS[0]), make_load({"b": 1}, DAYS[1])
    monkeypatch.setattr("extract.states.insert_load", fail_on_second_call())
    with pytest.raises(KeyboardInterrupt):
        land(landing, [good, bad], Ticker())
    assert count(landing, "records") == count(landing, "loads") == 0


def fail_on_second_call():
    from extract.landing import insert_load as real

    calls = []

    def insert(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    return insert


def test_partial_loads_list_their_keys_and_complete_ones_do_not(landing):
    land(landing, [make_load({"a": 1, "b": 1}, DAYS[0])], Ticker())
    land(landing, [make_load({"b": 1, "c": 1}, DAYS[1], "page")], Ticker())
    rows = landing.execute("select confirmed_keys from loads order by observed_at").fetchall()
    assert rows == [(None,), (["b", "c"],)]


def test_a_heavier_copy_of_a_partial_load_still_says_which_keys_it_held(landing):
    land(landing, [make_load({"a": 1}, DAYS[2], "page", size=1)], Ticker())
    land(landing, [make_load({"a": 1}, DAYS[2], "page", size=2)], Ticker())
    land(landing, [make_load({"a": 2, "b": 2}, DAYS[0])], Ticker())
    land(landing, [make_load({"a": 3, "b": 3}, DAYS[1])], Ticker())
    expected = make_load({"a": 1, "b": 3}, DAYS[5])
    assert state_at(landing, DAYS[5]) == hashes_of(expected)


def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_text("not a database, but long enough to be looked at by the reader of headers" * 99)
    with pytest.raises(LandingError, match="not a DuckDB file"), open_landing(path):
        pass


def test_a_database_with_other_tables_is_refused(tmp_path):
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table rankings (model_id varchar)")
    with pytest.raises(LandingError, match="not those of a landing file"), open_landing(path):
        pass


def test_a_missing_folder_is_refused(tmp_path):
    path = tmp_path / "nowhere" / "x.duckdb"
    with pytest.raises(LandingError, match="folder does not exist"), open_landing(path):
        pass


def count(connection, table):
    return connection.execute(f"select count(*) from {table}").fetchone()[0]
