"""Backups: all of the landing comes back, nothing is overwritten, damage is not restored."""

import json
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from extract_helpers import START, Ticker, all_rows, entry_of, make_load, state_of, write_catalog

from extract.__main__ import main
from extract.backup import MANIFEST, BackupError, back_up, read_manifest, restore
from extract.catalog import load_catalog
from extract.integrity import check, columns_of
from extract.landing import LandingError, declare, open_landing
from extract.states import land

DAY = timedelta(days=1)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def landing(tmp_path):
    """A landing with repeats, gaps, odd texts, partial loads and a source."""
    path = tmp_path / "landing.duckdb"
    catalog = write_catalog(
        tmp_path,
        entry_of(
            [
                {
                    "entity": "things",
                    "files": ["*"],
                    "format": "csv",
                    "key": ["k"],
                    "complete": "yes",
                }
            ],
            "s",
        ),
    )
    odd = {"a": 1, "b|c": "\0 \x1b[31m 'quoted' \"x\"", "ключ": [1.5, None, "\u202e"], "": {}}
    odd.pop("")
    with open_landing(path) as connection:
        declare(connection, load_catalog(catalog))
        for at, values, kind in (
            (START, odd, "yes"),
            (START + DAY, {"a": 2}, "yes"),
            (START + 2 * DAY, {"z": None, "a, b": "[x]"}, "release"),
            (START, odd, "yes"),
        ):
            land(connection, [make_load(values, at, kind)], Ticker())
    return path


def content(path):
    """Every row of every table as text, in the order in which the file holds them."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = columns_of(connection)
        rows = {
            table: connection.execute(
                f"select columns(*)::varchar from {table} order by rowid"
            ).fetchall()
            for table in tables
        }
        constraints = connection.execute(
            "select table_name, constraint_type, constraint_column_names from duckdb_constraints() "
            "order by all"
        ).fetchall()
        comments = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where schema_name = 'main' and not internal order by all"
        ).fetchall()
    return tables, rows, constraints, comments


def backup_of(landing, name="backups"):
    return back_up(landing, landing.with_name(name), Ticker())[0]


def test_a_restored_landing_is_the_old_one_row_by_row_and_lands_on(landing):
    before = content(landing)
    backup = backup_of(landing)
    landing.unlink()
    restored = restore(backup, landing, Ticker())
    assert restored.kept is None
    assert content(landing) == before
    assert check(landing).problems == []
    with open_landing(landing) as connection:
        again = land(connection, [make_load({"a": 2}, START + DAY)], Ticker())
        news = land(connection, [make_load({"a": 3}, START + 3 * DAY)], Ticker())
        rows = all_rows(connection)
    assert [outcome.status for outcome in (*again, *news)] == ["unchanged", "landed"]
    assert len(state_of(rows, START)) == 3
    assert len(state_of(rows, START + 3 * DAY)) == 1


def test_the_manifest_says_what_the_files_hold(landing):
    backup = backup_of(landing)
    manifest = json.loads((backup / MANIFEST).read_text())
    with duckdb.connect(str(landing), read_only=True) as connection:
        tables = columns_of(connection)
        for entry in manifest["tables"]:
            count = connection.execute(f"select count(*) from {entry['name']}").fetchone()
            held = connection.execute(
                f"select count(*) from '{backup / entry['name']}.parquet'"
            ).fetchone()
            assert count == held == (entry["rows"],)
            columns = {column["name"]: column["type"] for column in entry["columns"]}
            assert columns == tables[entry["name"]]
    assert sorted(entry["name"] for entry in manifest["tables"]) == sorted(tables)


def test_a_table_and_a_column_that_nobody_foresaw_are_in_the_backup(landing):
    with duckdb.connect(str(landing)) as connection:
        connection.execute("create table other_records as select *, 'why' as reason from records")
        connection.execute("alter table loads add column later varchar")
    manifest = json.loads((backup_of(landing) / MANIFEST).read_text())
    tables = {e["name"]: [c["name"] for c in e["columns"]] for e in manifest["tables"]}
    assert tables["other_records"][-1] == "reason"
    assert "later" in tables["loads"]


def test_two_backups_of_one_moment_stand_beside_each_other(landing):
    def clock():
        return datetime(2026, 3, 1, 12, tzinfo=UTC)

    folder = landing.with_name("backups")
    made = [back_up(landing, folder, clock)[0].name for _ in range(3)]
    assert made == [f"landing-20260301T120000Z{end}" for end in ("", "-2", "-3")]
    assert sorted(path.name for path in folder.iterdir()) == made


def test_a_landing_that_stands_there_is_kept_beside(landing):
    backup = backup_of(landing)
    with open_landing(landing) as connection:
        land(connection, [make_load({"new": 1}, START + 9 * DAY)], Ticker())
    newer = content(landing)
    restored = restore(backup, landing, Ticker())
    assert restored.kept.name.startswith("landing.duckdb.before-restore-")
    assert content(restored.kept) == newer
    assert content(landing) != newer
    again = restore(backup, landing, lambda: START)
    third = restore(backup, landing, lambda: START)
    assert len({restored.kept, again.kept, third.kept}) == 3


def test_a_damaged_landing_gives_way_and_is_kept_as_it_was(landing):
    backup = backup_of(landing)
    before = content(landing)
    landing.write_bytes(landing.read_bytes()[:9000])
    (damaged,) = (landing.read_bytes(),)
    restored = restore(backup, landing, Ticker())
    assert restored.kept.read_bytes() == damaged
    assert content(landing) == before


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(**fields):
    def change(path):
        manifest = json.loads(path.read_text()) | fields
        path.write_text(json.dumps(manifest))

    return change


def fewer_rows(path):
    manifest = json.loads(path.read_text())
    manifest["tables"][0]["rows"] -= 1
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("records.parquet", cut, "records.parquet: is damaged"),
        ("loads.parquet", flip, "loads.parquet: is damaged"),
        ("sources.parquet", lambda path: path.unlink(), "sources.parquet: is missing"),
        (MANIFEST, lambda path: path.unlink(), "manifest.json: does not exist"),
        (MANIFEST, cut, "manifest.json: is damaged"),
        (MANIFEST, lambda path: path.write_text("[1]"), "manifest.json: is damaged"),
        (MANIFEST, fewer_rows, "manifest.json: was changed since"),
        (MANIFEST, edit(made_at="2026-01-01"), "manifest.json: was changed since"),
        (MANIFEST, edit(format=2), "manifest.json: of format 2, this version reads 1"),
    ],
)
def test_a_damaged_backup_is_one_line_and_changes_nothing(landing, capsys, file, damage, message):
    backup = backup_of(landing)
    damage(backup / file)
    before = landing.read_bytes()
    names = sorted(path.name for path in landing.parent.iterdir())
    assert main(["--restore", str(backup), "--db", str(landing)]) == 1
    err = capsys.readouterr().err
    assert (err.count("\n"), message in err) == (1, True)
    assert landing.read_bytes() == before
    assert sorted(path.name for path in landing.parent.iterdir()) == names


def test_a_backup_of_a_later_version_is_not_restored_in_part(landing):
    with duckdb.connect(str(landing)) as connection:
        connection.execute("create table later (id integer)")
    backup = backup_of(landing)
    landing.unlink()
    with pytest.raises(BackupError, match=r"later\.id \(INTEGER\) is no column of this version"):
        restore(backup, landing, Ticker())
    assert list(landing.parent.glob("landing.duckdb*")) == []


def test_a_backup_of_an_earlier_version_lacks_columns_and_is_restored(landing):
    with duckdb.connect(str(landing)) as connection:
        connection.execute("alter table loads drop column error")
    backup = backup_of(landing)
    restore(backup, landing, Ticker())
    with open_landing(landing) as connection:
        found = connection.execute("select count(*), count(error) from loads").fetchone()
    assert found == (4, 0)
    assert check(landing).problems == []


def test_an_open_landing_is_not_replaced(landing, monkeypatch):
    from extract import backup as module

    backup = backup_of(landing)
    error = duckdb.IOException("Conflicting lock is held in /bin/duckdb (PID 77). See also")

    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(module.duckdb, "connect", refuse)
    with pytest.raises(BackupError, match=r"duckdb \(process 77\) has it open, wait until"):
        restore(backup, landing, Ticker())


def test_what_is_no_landing_has_no_backup(tmp_path):
    with pytest.raises(LandingError, match="does not exist"):
        back_up(tmp_path / "nope.duckdb", tmp_path / "backups", Ticker())
    assert not (tmp_path / "backups").exists()


def test_backup_and_restore_from_the_command_line(landing, capsys):
    folder = landing.with_name("odd [x]* 'y'")
    assert main(["--backup", str(folder), "--db", str(landing)]) == 0
    (backup,) = folder.iterdir()
    assert capsys.readouterr().out == f"{backup}: 8 records, 4 loads, 1 source\n"
    before = content(landing)
    assert main(["--restore", str(backup), "--db", str(landing)]) == 0
    kept = next(landing.parent.glob("landing.duckdb.before-restore-*"))
    assert capsys.readouterr().out.endswith(f"restored; the file before is now {kept}\n")
    assert content(landing) == before
    assert main(["--check", "--db", str(landing)]) == 0
    assert capsys.readouterr().out == (f"{landing}: whole; read 8 records, 4 loads, 1 source\n")


def test_a_backup_of_a_landing_that_is_not_whole_is_made_and_says_so(landing, capsys):
    with duckdb.connect(str(landing)) as connection:
        connection.execute("update records set record = '{}' where record_key = 'a'")
    folder = landing.with_name("backups")
    assert main(["--backup", str(folder), "--db", str(landing)]) == 1
    (backup,) = folder.iterdir()
    told = capsys.readouterr()
    assert told.out.startswith(f"{backup}: ")
    assert told.err == f"error: {landing}: is not whole, nor is its backup, see --check\n"


def test_backup_restore_and_check_are_told_from_landing(landing, capsys):
    for words in (["--check"], ["--backup", "x"], ["--restore", "x"]):
        with pytest.raises(SystemExit) as stop:
            main([*words, "--source", "litellm", "--db", str(landing)])
        assert stop.value.code == 2
        assert "--source: goes with landing" in capsys.readouterr().err


KILLS = 5


def killed(*words, after):
    """Start extract and kill it after some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "extract", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.kill()
    process.wait()


def test_a_killed_backup_is_none_and_a_killed_restoration_loses_nothing(landing):
    started = time.monotonic()
    backup = subprocess.run(
        [sys.executable, "-m", "extract", "--backup", landing.with_name("b"), "--db", landing],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    whole = time.monotonic() - started
    backup = Path(backup.partition(": ")[0])
    old = content(landing)
    for kill in range(KILLS):
        after = whole * (0.4 + 0.6 * kill / KILLS)
        killed("--backup", landing.with_name("b"), "--db", landing, after=after)
        for made in landing.with_name("b").glob("landing-*"):
            assert len(read_manifest(made)) == 4
    with open_landing(landing) as connection:
        land(connection, [make_load({"new": 1}, START + 9 * DAY)], Ticker())
    new = content(landing)
    for kill in range(KILLS):
        killed("--restore", backup, "--db", landing, after=whole * (0.4 + 0.6 * kill / KILLS))
        assert content(landing) in (old, new)
        if content(landing) == old:
            kept = landing.parent.glob("landing.duckdb.before-restore-*")
            assert any(content(path) == new for path in kept if path.suffix != ".wal")
            shutil.copy(next(landing.parent.glob("*.before-restore-*")), landing)
