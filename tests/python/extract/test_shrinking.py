"""A complete listing that shrank is held back until it is accepted, in any order of landing."""

from datetime import UTC, datetime

import pytest
from extract_helpers import Ticker, all_rows, make_load, state_at, state_of

from extract.guard import GuardError, read_max_shrink_shares
from extract.landing import open_landing
from extract.states import land

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 7)]
TEN = dict.fromkeys("abcdefghij", 1)


@pytest.fixture
def landing(tmp_path):
    with open_landing(tmp_path / "landing.duckdb") as connection:
        yield connection


def cut(count, value=1):
    return dict.fromkeys(list(TEN)[:count], value)


def put(landing, values, day, accepts=False, **fields):
    load = make_load(values, DAYS[day], accepts_shrink=accepts, **fields)
    return land(landing, [load], Ticker())


def keys_at(landing, day):
    return "".join(sorted(state_at(landing, DAYS[day])))


def test_a_listing_that_lost_more_than_its_share_is_held_and_the_old_state_stays(landing):
    put(landing, TEN, 0)
    (outcome,) = put(landing, cut(7), 1)
    assert outcome.status == "held"
    assert outcome.error.startswith(
        "s: things: 7 records where the listing before, of 2026-01-01, held 10 (30% fewer)"
    )
    assert "--accept-shrink" in outcome.error
    assert keys_at(landing, 5) == "abcdefghij"
    row = landing.execute(
        "select status, record_count, previous_count, max_shrink_share, is_shrink_accepted, error "
        "from loads order by landed_at desc limit 1"
    ).fetchone()
    assert row == ("held", 7, 10, 0.2, False, outcome.error)


def test_just_the_share_may_go_and_it_is_the_number_that_counts(landing):
    put(landing, TEN, 0)
    assert put(landing, cut(8), 1)[0].status == "landed"
    others = dict.fromkeys("uvwxyz", 1) | cut(2)
    assert put(landing, others, 2)[0].status == "landed"
    assert keys_at(landing, 5) == "abuvwxyz"


def test_a_shrink_that_is_accepted_counts_and_says_so(landing):
    put(landing, TEN, 0)
    put(landing, cut(3), 1)
    (outcome,) = put(landing, cut(3), 1, accepts=True)
    assert (outcome.status, outcome.gone) == ("landed", 7)
    assert keys_at(landing, 5) == "abc"
    accepted = landing.execute("select is_shrink_accepted from loads order by landed_at").fetchall()
    assert accepted == [(False,), (False,), (True,)]
    # The next one is held against what was accepted.
    assert put(landing, cut(3, 2), 2)[0].status == "landed"


def test_what_is_accepted_is_the_file_given_and_no_larger_one_of_its_day(landing):
    put(landing, TEN, 0)
    put(landing, dict.fromkeys("uvwxy", 1), 1)
    (outcome,) = put(landing, cut(4), 1, accepts=True)
    assert (outcome.status, outcome.gone) == ("landed", 6)
    assert keys_at(landing, 5) == "abcd"
    assert put(landing, dict.fromkeys("uvwxy", 1), 1)[0].status == "superseded"
    assert keys_at(landing, 5) == "abcd"


def test_what_was_held_is_not_what_the_next_is_held_against(landing):
    put(landing, TEN, 0)
    put(landing, cut(3), 1)
    assert put(landing, cut(3), 2)[0].status == "held"
    assert put(landing, cut(9), 3)[0].status == "landed"
    assert keys_at(landing, 2) == "abcdefghij"
    assert keys_at(landing, 3) == "abcdefghi"


def test_an_older_file_judges_anew_what_follows_it(landing):
    """9 after 10 is right, 9 after 12 is held back, 9 after 11 counts again."""
    twelve = TEN | {"k": 1, "l": 1}
    put(landing, TEN, 0)
    put(landing, cut(9), 4)
    new, judged = put(landing, twelve, 2)
    assert (new.status, judged.status, judged.observed_at) == (
        "landed",
        "held",
        DAYS[4].replace(tzinfo=None),
    )
    assert keys_at(landing, 4) == "abcdefghijkl"
    new, judged = put(landing, TEN | {"k": 1}, 3)
    assert (new.status, judged.status) == ("landed", "landed")
    assert keys_at(landing, 3) == "abcdefghijk"
    assert keys_at(landing, 4) == "abcdefghi"
    statuses = landing.execute(
        "select status from loads where observed_at = ? order by landed_at",
        [DAYS[4].replace(tzinfo=None)],
    ).fetchall()
    assert statuses == [("landed",), ("held",), ("landed",)]


def test_what_was_known_before_the_judgement_stays_readable(landing):
    put(landing, TEN, 0)
    put(landing, cut(9), 4)
    (known_at,) = landing.execute("select max(landed_at) from loads").fetchone()
    put(landing, TEN | {"k": 1, "l": 1}, 2)
    assert set(state_of(all_rows(landing), DAYS[4], known_at)) == set(cut(9))


def test_a_file_is_held_without_the_others_of_its_source(landing):
    def of(part, values):
        return {f"{part}|{key}": value for key, value in values.items()}

    for part in ("a.csv", "b.csv"):
        put(landing, of(part, TEN), 0, completeness="file", part=part)
    (held,) = put(landing, of("a.csv", cut(5)), 1, completeness="file", part="a.csv")
    (landed,) = put(landing, of("b.csv", cut(9)), 1, completeness="file", part="b.csv")
    assert (held.status, held.part, landed.status) == ("held", "a.csv", "landed")
    assert "things of a.csv: 5 records" in held.error
    assert len(state_at(landing, DAYS[5])) == 19


def test_a_page_and_a_second_page_of_one_moment_are_a_union(landing):
    for letters in ("abc", "cde"):
        (outcome,) = put(landing, dict.fromkeys(letters, 1), 0, completeness="page")
        assert outcome.status == "landed"
    assert keys_at(landing, 0) == "abcde"


def test_a_page_behind_a_listing_counts_once_the_listing_is_held(landing):
    put(landing, cut(3), 2)
    assert put(landing, {"x": 1}, 2, completeness="page")[0].status == "superseded"
    assert keys_at(landing, 2) == "abc"
    put(landing, TEN, 1)
    assert keys_at(landing, 2) == "abcdefghijx"


LATER_COLUMNS = (
    "part",
    "previous_count",
    "max_shrink_share",
    "is_shrink_accepted",
    "freshness",
    "files_hash",
)


def test_landings_of_an_earlier_version_are_carried_on(tmp_path):
    """Tables without the columns that came later: they are added, and nothing in them changes."""
    path = tmp_path / "old.duckdb"
    with open_landing(path) as landing:
        put(landing, {"a.csv|1": 1, "b.csv|1": 1}, 0)
        before = all_rows(landing)
        for column in LATER_COLUMNS:
            landing.execute(f"alter table loads drop column {column}")
        landing.execute("alter table records drop column part")
        landing.execute("drop table held_records")
        landing.execute("""update records set record = '{"_file": "' || record_key[:5] || '"}'""")
    with open_landing(path) as landing:
        assert all_rows(landing) == before
        parts = landing.execute("select record_key, part from records order by 1").fetchall()
        assert parts == [("a.csv|1", "a.csv"), ("b.csv|1", "b.csv")]
        (outcome,) = put(landing, {"a.csv|2": 1}, 1, completeness="file", part="a.csv")
        assert (outcome.status, outcome.new, outcome.gone) == ("landed", 1, 1)
        assert set(state_at(landing, DAYS[5])) == {"a.csv|2", "b.csv|1"}


@pytest.mark.parametrize("text", ["", "x", "-0.1", "1.1", "nan"])
def test_a_share_that_is_none_is_refused_by_line(tmp_path, text):
    seed = tmp_path / "source_layers.csv"
    seed.write_text(f"source_id,max_shrink_share\na,0.2\n\nb,{text}\n")
    with pytest.raises(GuardError, match=r"source_layers.csv, line 4, max_shrink_share"):
        read_max_shrink_shares(seed)


def test_the_shares_are_those_of_the_seed(tmp_path):
    seed = tmp_path / "source_layers.csv"
    seed.write_text("source_id,max_shrink_share\na,0.2\nb,1\n")
    assert read_max_shrink_shares(seed) == {"a": 0.2, "b": 1.0}
    assert read_max_shrink_shares(tmp_path / "none.csv") == {}
