"""How a whole build gets to its readers: copied, proved, and switched to with its profiles."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError
from publish_helpers import (
    DESCRIPTIONS,
    MARK,
    WORKING,
    database,
    kept,
    published_before_builds_were_named,
    rows,
)

from macros.publish import builds, publishing
from macros.publish.targets import build_of_profiles, build_of_warehouse

BUILDS = "select build_id, status from builds order by all"
LEFT_A_WRITE_AHEAD_FILE = """
import duckdb, os, signal, sys
client = duckdb.connect(sys.argv[1])
client.execute("create table notes as select 'mine' as note")
os.kill(os.getpid(), signal.SIGKILL)
"""


class Working:
    """A working database with a whole build, and what publishes it."""

    def __init__(self, path: Path):
        self.connection = duckdb.connect(str(path))
        for statement in WORKING:
            self.connection.execute(statement)
        self.path = path
        builds.begin_change(self.connection, "dbt build")
        self.build("second")

    def build(self, build_id: str, **columns: object) -> None:
        """Keep a build and mark the database as holding it."""
        builds.keep_build(self.connection, kept(build_id))
        builds.mark_whole(self.connection, MARK | {"build_id": build_id} | columns)

    def publish(self, destination: Path, started_at: str | None = None) -> None:
        build = builds.whole_build(self.connection)
        publishing.publish(
            self.connection, build, destination, [self.path], DESCRIPTIONS, started_at
        )


@pytest.fixture
def working(tmp_path):
    made = Working(tmp_path / "working.duckdb")
    yield made
    made.connection.close()


@pytest.fixture
def destination(tmp_path) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    return folder / "warehouse.duckdb"


def names(destination: Path) -> list[str]:
    return sorted(path.name for path in destination.parent.iterdir())


def state(destination: Path) -> tuple:
    """What a reader sees, to the byte."""
    return tuple((path.name, path.read_bytes()) for path in sorted(destination.parent.iterdir()))


def leave_a_write_ahead_file(destination: Path) -> None:
    subprocess.run([sys.executable, "-c", LEFT_A_WRITE_AHEAD_FILE, str(destination)], check=False)
    assert Path(f"{destination}.wal").exists()


def test_tables_are_published_with_their_constraints_and_comments(working, destination):
    working.publish(destination)
    constraints = (
        "select constraint_text from duckdb_constraints() where table_name = '{}' order by 1"
    )
    categories = "select comment from duckdb_tables() where table_name = 'categories'"
    category = (
        "select comment from duckdb_columns() "
        "where table_name = 'categories' and column_name = 'category'"
    )
    weight = "select comment from duckdb_columns() where column_name = 'weight'"
    assert rows(destination, constraints.format("categories")) == [
        ("NOT NULL",),
        ("NOT NULL",),
        ("PRIMARY KEY(category)",),
        ("UNIQUE(sort_order)",),
    ]
    assert rows(destination, constraints.format("rankings")) == [("NOT NULL",)]
    assert rows(destination, categories) == [("What one can be good at, 'coding' say",)]
    assert rows(destination, weight) == [("Above 0",)]
    assert rows(destination, category) == [(None,)]
    assert rows(destination, "from parameters.categories") == [("coding", 1.0, 1)]
    schemas = "select distinct schema_name from duckdb_tables() order by 1"
    assert rows(destination, schemas) == [("main",), ("parameters",)]


def test_the_published_file_names_its_build_and_so_does_every_profile(working, destination):
    working.publish(destination)
    assert rows(destination, "select build_id, schema_version, seeds_hash from build") == [
        ("second", builds.SCHEMA_VERSION, "abc")
    ]
    undescribed = (
        "select column_name from duckdb_columns() where table_name = 'build' and comment is null"
    )
    assert rows(destination, undescribed) == []
    profiles = destination.with_name("enhanced_models.json")
    of_build = {"schema_version": builds.SCHEMA_VERSION, "build_id": "second"}
    assert json.loads(profiles.read_text(encoding="utf-8")) == [
        {"model_id": "a", "scores": [1.5, None], "extensions": of_build},
        {"model_id": "b", "extensions": {"name": "Ünïcode 'b'"} | of_build},
    ]
    lines = profiles.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert "Ünïcode" in lines[2]
    assert names(destination) == ["enhanced_models.json", "warehouse.duckdb"]


def test_no_models_give_an_empty_array_that_is_replaced_again(working, destination):
    working.connection.execute("delete from model_profiles")
    working.publish(destination)
    assert json.loads(destination.with_name("enhanced_models.json").read_text()) == []
    working.publish(destination)


def test_the_storage_version_is_one_that_older_clients_read(working, destination):
    working.publish(destination)
    tags = "select tags from duckdb_databases() where database_name = 'warehouse'"
    ((found,),) = rows(destination, tags)
    assert found["storage_version"].startswith("v1.4.0")


def test_builds_tell_of_every_build_once_and_what_came_of_this_one(working, destination):
    builds.keep_build(working.connection, kept("failed", status="failed"))
    published_before_builds_were_named(
        destination,
        "insert into runs (run_id, run_kind, status) values ('first', 'build', 'published'), "
        "('second', 'build', 'not published'), ('old load', 'load', 'landed')",
    )
    working.publish(destination, started_at="2026-01-02 00:00:00")
    assert rows(destination, BUILDS) == [
        ("failed", "failed"),
        ("first", "published"),
        ("second", "published"),
    ]
    loads = "select load_id from loads"
    assert rows(destination, loads) == [("load",)]
    columns = "row_count, duration_seconds > 0, publish_seconds >= 0, finished_at > started_at"
    noted = f"select {columns} from builds where build_id = 'second'"
    # 2 rankings, 2 profiles, 2 data tests and a load; neither `builds` nor `build` is counted.
    assert rows(destination, noted) == [(7, True, True, True)]
    assert working.connection.execute(noted).fetchall() == [(7, True, True, True)]


def test_a_build_of_another_day_tells_of_no_other(working, destination):
    working.build("past", is_of_another_day=True, as_of_on="2025-01-01")
    working.publish(destination)
    assert rows(destination, BUILDS) == [("past", "published")]


def test_all_that_runs_told_of_builds_is_in_builds(working, destination):
    """Up to version 1 of the schema one table told of loads and builds."""
    columns = "status, started_at, finished_at, duration_seconds, publish_seconds, row_count"
    given = "'2026-01-01', '2026-01-02', 1.5, 0.5, 7"
    published_before_builds_were_named(
        destination,
        f"insert into runs (run_id, run_kind, landed_at, {columns}) values "
        f"('first', 'build', '2025-12-31', 'published', {given}), "
        f"('zeroth', 'build', null, 'failed', {given}), "
        f"('load', 'load', '2025-12-31', 'landed', {given})",
    )
    before = rows(
        destination,
        f"select run_id, landed_at, {columns} from runs where run_kind = 'build' order by 1",
    )
    working.publish(destination)
    told = f"select build_id, last_landed_at, {columns} from builds where build_id != 'second'"
    assert rows(destination, f"{told} order by 1") == before
    assert not rows(destination, "from duckdb_tables() where table_name = 'runs'")
    # The next publish takes them from `builds`.
    working.build("third")
    working.publish(destination)
    assert rows(destination, f"{told} and build_id != 'third' order by 1") == before


def test_an_older_shape_hands_over_the_columns_that_both_have(working, destination):
    database(
        destination,
        "create table runs (was_there_once integer, started_at timestamp, run_kind varchar, "
        "run_id varchar)",
        "insert into runs values (1, '2025-01-01', 'build', 'first')",
        "create table rankings (id integer)",
        "create schema parameters",
        "create table parameters.categories (id integer)",
    )
    working.publish(destination)
    assert rows(destination, BUILDS) == [("first", None), ("second", "published")]


@pytest.mark.parametrize(
    "statements",
    [
        ["create table runs (name varchar)", "insert into runs values ('build')"],
        [
            "create table runs (run_id varchar, run_kind varchar, started_at varchar)",
            "insert into runs values ('first', 'build', 'yesterday')",
        ],
    ],
    ids=["no shared column", "values that do not fit"],
)
def test_builds_of_a_shape_that_does_not_fit_are_left(working, destination, statements):
    published_before_builds_were_named(destination)
    with duckdb.connect(str(destination)) as connection:
        connection.execute("drop table runs")
        for statement in statements:
            connection.execute(statement)
    working.publish(destination)
    assert rows(destination, BUILDS) == [("second", "published")]


def test_a_write_ahead_file_of_a_killed_client_is_kept_aside_and_said(working, destination, capsys):
    working.publish(destination)
    leave_a_write_ahead_file(destination)
    working.build("third")
    working.publish(destination)
    assert rows(destination, "select build_id from build") == [("third",)]
    assert [build_id for build_id, _ in rows(destination, BUILDS)] == ["second", "third"]
    (kept_aside,) = destination.parent.glob("*.kept")
    assert kept_aside.name.startswith("warehouse.duckdb.wal.")
    (said,) = capsys.readouterr().out.splitlines()
    assert said.endswith(f"that wrote to {destination}: kept as {kept_aside}")


def test_a_result_that_cannot_be_read_is_not_called_published(working, destination, monkeypatch):
    working.publish(destination)
    before = state(destination)
    copy = publishing.copy_build

    def cut_in_half(connection, finished, *rest):
        copied = copy(connection, finished, *rest)
        os.truncate(finished, finished.stat().st_size // 2)
        return copied

    monkeypatch.setattr(publishing, "copy_build", cut_in_half)
    with pytest.raises(DbtRuntimeError, match="Not published: "):
        working.publish(destination)
    assert state(destination) == before


def test_rows_that_were_lost_on_the_way_are_not_published(working, destination, monkeypatch):
    copy = publishing.copy_tables

    def lose_one(cursor, *rest):
        copied = copy(cursor, *rest)
        cursor.execute("delete from published.main.rankings where not is_ranked")
        return copied

    monkeypatch.setattr(publishing, "copy_tables", lose_one)
    with pytest.raises(DbtRuntimeError, match="does not hold what was built"):
        working.publish(destination)
    assert names(destination) == []


# Where a device may be full: each step that writes.
@pytest.mark.parametrize("step", ["copy_tables", "write_profiles", "flush", "carry_over_builds"])
@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device", "x"), duckdb.IOException("full\nmore")],
)
def test_a_full_device_is_one_line_and_changes_nothing(
    working, destination, monkeypatch, step, error
):
    working.publish(destination)
    working.build("third")
    before = state(destination)

    def fail(*_):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, fail)
        with pytest.raises(DbtRuntimeError) as raised:
            working.publish(destination)
    assert raised.value.msg.startswith("Not published: ")
    assert "\n" not in raised.value.msg
    assert "What was published before is as it was" in raised.value.msg
    assert state(destination) == before
    working.publish(destination)
    assert build_of_warehouse(destination) == "third"


def test_something_that_appears_while_publishing_is_not_overwritten(
    working, destination, monkeypatch
):
    write = publishing.write_profiles

    def write_and_be_overtaken(*given):
        write(*given)
        destination.write_text("my notes")

    monkeypatch.setattr(publishing, "write_profiles", write_and_be_overtaken)
    with pytest.raises(DbtRuntimeError, match="no DuckDB file that can be read"):
        working.publish(destination)
    assert [(name, destination.read_text()) for name in names(destination)] == [
        ("warehouse.duckdb", "my notes")
    ]


def test_a_kill_between_the_renames_can_be_told_and_is_mended(
    working, destination, monkeypatch, capsys
):
    profiles = destination.with_name("enhanced_models.json")
    working.publish(destination)
    working.build("third")
    with monkeypatch.context() as patched:
        patched.setattr(
            publishing, "switch", lambda finished, destination, _: finished.replace(destination)
        )
        working.publish(destination)
    assert (build_of_warehouse(destination), build_of_profiles(profiles)) == ("third", "second")
    publishing.mend_profiles(destination)
    assert "was not of the build" in capsys.readouterr().out
    assert (build_of_warehouse(destination), build_of_profiles(profiles)) == ("third", "third")
    mended = state(destination)
    publishing.mend_profiles(destination)
    assert state(destination) == mended
    assert capsys.readouterr().out == ""
    profiles.unlink()
    publishing.mend_profiles(destination)
    assert state(destination) == mended


def test_profiles_that_cannot_be_renamed_are_said(working, destination, monkeypatch):
    working.publish(destination)
    working.build("third")
    replace = Path.replace

    def fail_for_profiles(path, target):
        if path.name.startswith("enhanced_models.json."):
            raise PermissionError(errno.EPERM, "Operation not permitted", str(target))
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail_for_profiles)
        with pytest.raises(DbtRuntimeError, match="is published, but its profiles are not"):
            working.publish(destination)
    publishing.mend_profiles(destination)
    assert build_of_profiles(destination.with_name("enhanced_models.json")) == "third"
    assert names(destination) == ["enhanced_models.json", "warehouse.duckdb"]
