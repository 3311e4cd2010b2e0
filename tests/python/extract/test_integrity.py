"""The check of the landing: every planted fault is found, every flipped bit is noticed."""

import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from extract_helpers import START, Ticker, entry_of, make_load, write_catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.__main__ import main
from extract.backup import content_of
from extract.catalog import load_catalog
from extract.integrity import SHOWN, check, columns_of, problems_of, quoted
from extract.landing import LandingError, declare, open_landing
from extract.parse import canonical
from extract.states import land

DAY = timedelta(days=1)
HEADER = 12_288
BLOCK = 262_144
"""Bytes of the three headers of a DuckDB file, and of each block after them."""

SEEDS = 100
"""Files with one flipped bit each."""


def new_landing(path):
    entity = {"entity": "things", "files": ["*"], "format": "csv", "key": ["k"], "complete": "yes"}
    with open_landing(path) as connection:
        declare(connection, load_catalog(write_catalog(path.parent, entry_of([entity], "s"))))
        for day in range(4):
            values = {f"key {n}": f"{n}.{n % (day + 2)}" * 40 for n in range(300 - day)}
            land(connection, [make_load(values, START + day * DAY)], Ticker())
        page = make_load({"key 1": "page", "extra": 1}, START + 9 * DAY, "page")
        land(connection, [page], Ticker())
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return new_landing(tmp_path_factory.mktemp("whole") / "landing.duckdb")


@pytest.fixture
def landing(whole, tmp_path):
    return Path(shutil.copy(whole, tmp_path / "landing.duckdb"))


def change(path, *statements):
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def lines(path):
    return [problem.line() for problem in check(path).problems]


def test_a_landing_is_whole_however_it_came_about(whole):
    findings = check(whole)
    assert findings.problems == []
    assert findings.rows["loads"] == 5


some_load = st.builds(
    lambda day, values, kind, size, accepts: make_load(
        values, START + day * DAY, kind, size, accepts_shrink=accepts
    ),
    st.integers(0, 4),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 1), min_size=1),
    st.sampled_from(["yes", "yes", "page", "release", "rows"]),
    st.integers(1, 2),
    st.booleans(),
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    with open_landing(tmp_path_factory.mktemp("any") / "landing.duckdb") as connection:
        connection.execute(
            "insert into sources (source, name, layer, is_declared) values ('s', 'S', 'x', true)"
        )
        yield connection


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(loads=st.lists(some_load, max_size=8))
def test_whatever_lands_in_whatever_order_is_whole(connection, loads):
    connection.execute("delete from records")
    connection.execute("delete from held_records")
    connection.execute("delete from loads")
    for load in loads:
        land(connection, [load], Ticker())
    assert [problem.line() for problem in problems_of(connection)] == []


NEWEST = "(select max(landed_at) from records where record_key = 'key 7')"


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (
            ["update records set record = '{\"v\":0}' where record_key = 'key 7'"],
            "records, s, things, key 7: the text of the record is not that of its SHA-256",
        ),
        (
            [
                "update records set record = replace(record, '}', ' }')::json "
                "where record_key = 'key 7'"
            ],
            "records, s, things, key 7: the text of the record is not that of its SHA-256",
        ),
        (
            ["update records set record = null where record_key = 'key 7'"],
            "records, s, things, key 7: has a hash without a record, or a record without a hash",
        ),
        (
            ["update records set record_hash = null where record_key = 'key 7'"],
            "records, s, things, key 7: has a hash without a record, or a record without a hash",
        ),
        (
            ["update records set load_id = 'no such load' where record_key = 'key 7'"],
            "records, s, things, key 7: no load landed it",
        ),
        (
            ["update records set record_key = '' where record_key = 'key 7'"],
            "records, s, things: has no source, entity or key",
        ),
        (
            [f"insert into records from records where landed_at = {NEWEST}"],
            "stands twice as of one time",
        ),
        (
            ["update records set record_key = 'key seven' where record_key = 'key 7'"],
            "the records as of 2026-02-04 are not those that the listing contained",
        ),
        (
            [f"delete from records where record_key = 'key 7' and landed_at = {NEWEST}"],
            "new, changed and gone are not the number of its records as of its time",
        ),
        (
            ["update loads set landed_at = landed_at - interval 1 day where completeness = 'page'"],
            "landed_at does not grow from load to load",
        ),
        (
            ["update loads set status = 'superseded' where completeness = 'page'"],
            "records, s, things, extra: its load says that nothing landed",
        ),
        (
            ["update loads set load_id = (select min(load_id) from loads)"],
            "two loads have this load_id",
        ),
        (
            ["update loads set content_hash = null where completeness = 'page'"],
            "landed without entity, time of observation or content hash",
        ),
        (
            ["update loads set confirmed_keys = ['extra'] where completeness = 'page'"],
            "confirmed_keys are not as many as its records",
        ),
        (
            ["update loads set record_count = 7 where observed_at = '2026-02-04'"],
            "record_count as of 2026-02-04 is 7, but the listing contained 297 records",
        ),
        (["delete from sources"], "its source is not in the table sources"),
        (
            [
                "create table other_records as select *, 'why' as reason from records limit 3",
                "update other_records set record = '{}'",
            ],
            "other_records, s, things, key 0: the text of the record is not that of its SHA-256",
        ),
    ],
)
def test_a_planted_fault_is_found_where_it_stands(landing, faults, message):
    change(landing, *faults)
    assert any(message in line for line in lines(landing))


def test_many_problems_of_a_kind_are_counted_and_the_status_is_1(landing, capsys):
    change(landing, "update records set record = '{}' where record is not null")
    before = landing.read_bytes()
    assert main(["--check", "--db", str(landing)]) == 1
    out = capsys.readouterr().out.splitlines()
    text = "the text of the record is not that of its SHA-256"
    assert len([line for line in out if line.endswith(f": {text}")]) == SHOWN + 1
    assert any(line.endswith(f" more: {text}") for line in out)
    assert f"{landing}: {len(out) - 1} problems; read " in out[-1]
    assert landing.read_bytes() == before


def test_keys_of_others_do_not_steer_the_terminal(landing, capsys):
    change(
        landing,
        "update records set record_key = 'a' || chr(27) || '[31m' || chr(10) || chr(8238), "
        "record = '{}' where record_key = 'key 7'",
    )
    main(["--check", "--db", str(landing)])
    out = capsys.readouterr().out
    assert r"records, s, things, a\x1b[31m\n\u202e: the text" in out
    assert not set(out) & {"\x1b", "\u202e"}


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["drop table loads"], "has no table 'loads', it is not a landing file"),
        (None, "not a DuckDB file, move it away"),
    ],
)
def test_what_is_no_landing_is_one_line(landing, capsys, statements, message):
    if statements:
        change(landing, *statements)
    else:
        landing.write_text("hello" * 5000)
    assert main(["--check", "--db", str(landing)]) == 1
    err = capsys.readouterr().err
    assert (err.count("\n"), message in err) == (1, True)


def contents(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            table: content_of(connection, quoted(table), columns)
            for table, columns in columns_of(connection).items()
        }


def notices(path):
    try:
        return bool(check(path).problems)
    except LandingError:
        return True


def test_every_flipped_bit_is_noticed_or_lies_in_free_space(landing):
    data = landing.read_bytes()
    before = contents(landing)
    with duckdb.connect(str(landing), read_only=True) as connection:
        (free,) = connection.execute("select free_blocks from pragma_database_size()").fetchone()
    unnoticed = set()
    for seed in range(SEEDS):
        pick = random.Random(seed)
        at, bit = pick.randrange(len(data)), 1 << pick.randrange(8)
        landing.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        if not notices(landing):
            assert at >= HEADER
            assert contents(landing) == before
            unnoticed.add((at - HEADER) // BLOCK)
    assert len(unnoticed) <= free
    for block in unnoticed:
        # Whatever stands in free space, the landing is the same.
        start = HEADER + block * BLOCK
        noise = random.Random(block).randbytes(BLOCK)
        landing.write_bytes(data[:start] + noise + data[start + BLOCK :])
        assert contents(landing) == before
        assert not notices(landing)


def test_400_flipped_bytes_are_noticed(landing):
    data = bytearray(landing.read_bytes())
    for seed in range(10):
        pick, flipped = random.Random(seed), bytearray(data)
        for at in (pick.randrange(len(data)) for _ in range(400)):
            flipped[at] ^= 0xFF
        landing.write_bytes(flipped)
        assert notices(landing)


@pytest.mark.parametrize("words", [["--check"], []], ids=["check", "landing"])
def test_a_damaged_head_is_one_line_with_the_way_out(landing, capsys, words):
    data = bytearray(landing.read_bytes())
    data[40] ^= 1
    landing.write_bytes(data)
    assert main([*words, "--db", str(landing)]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"error: {landing}: is damaged, bring a backup back with --restore (" in err


@pytest.mark.parametrize("size", [0, 100, HEADER, HEADER + BLOCK, -4096])
def test_a_cut_file_is_noticed(landing, size):
    landing.write_bytes(landing.read_bytes()[:size])
    if size:
        assert notices(landing)
    else:
        with pytest.raises(LandingError):
            check(landing)


def test_a_killed_landing_is_checked_with_what_it_had_committed(landing):
    """Its last rows stand in the log beside the file until the next one opens it."""
    script = (
        "import os, sys, duckdb; c = duckdb.connect(sys.argv[1]); "
        "c.execute(\"update records set record = '{}' where record_key = 'key 7'\"); "
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(landing)], check=False)
    assert landing.with_name("landing.duckdb.wal").exists()
    assert any("key 7" in line for line in lines(landing))


def test_the_hash_is_of_the_text_that_parse_wrote(whole):
    with duckdb.connect(str(whole), read_only=True) as connection:
        (text,) = connection.execute(
            "select record::varchar from records where record_key = 'extra'"
        ).fetchone()
    assert text == canonical({"v": 1})
