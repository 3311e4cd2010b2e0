"""What happens to a finished warehouse on its way to its place."""

import json
from pathlib import Path

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from macros.publish.warehouse_file import (
    carry_over_builds,
    check_not_current,
    profiles_path,
    publish,
    write_profiles,
)

RUNS = (
    "create table runs (run_id varchar not null, run_kind varchar not null, started_at timestamp)"
)
PROFILES = "create table model_profiles (model_id varchar not null, document json not null)"


def warehouse(path, *statements):
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def runs(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("from runs order by run_id").fetchall()


def build(run_id):
    return f"insert into runs values ('{run_id}', 'build', '2026-01-01')"


@pytest.fixture
def finished(tmp_path):
    return warehouse(
        tmp_path / "warehouse.duckdb.new.tmp",
        RUNS,
        build("second"),
        "insert into runs values ('load', 'load', '2026-01-02')",
    )


def test_builds_of_the_replaced_file_are_carried_over_once_and_its_loads_are_not(
    tmp_path, finished
):
    earlier = warehouse(
        tmp_path / "warehouse.duckdb",
        RUNS,
        build("first"),
        build("second"),
        "insert into runs values ('old load', 'load', '2025-01-02')",
    )
    assert carry_over_builds(finished, earlier) == 1
    assert [(run_id, kind) for run_id, kind, _ in runs(finished)] == [
        ("first", "build"),
        ("load", "load"),
        ("second", "build"),
    ]


def test_an_older_shape_hands_over_the_columns_that_both_have(tmp_path, finished):
    earlier = warehouse(
        tmp_path / "warehouse.duckdb",
        "create table runs (was_there_once integer, started_at timestamp, run_kind varchar, "
        "run_id varchar)",
        "insert into runs values (1, '2025-01-01', 'build', 'first')",
    )
    assert carry_over_builds(finished, earlier) == 1
    first = runs(finished)[0]
    assert first[:2] == ("first", "build")
    assert str(first[2]) == "2025-01-01 00:00:00"


@pytest.mark.parametrize(
    "statements",
    [
        ["create table other (id integer)"],
        ["create table runs (name varchar)", "insert into runs values ('build')"],
        [
            "create table runs (run_id varchar, run_kind varchar, started_at varchar)",
            "insert into runs values ('first', 'build', 'yesterday')",
        ],
    ],
    ids=["no runs", "no shared column", "values that do not fit"],
)
def test_a_file_of_another_shape_has_nothing_to_tell(tmp_path, finished, statements):
    before = runs(finished)
    earlier = warehouse(tmp_path / "warehouse.duckdb", *statements)
    assert carry_over_builds(finished, earlier) == 0
    assert runs(finished) == before


def test_an_unreadable_file_is_replaced(tmp_path, finished):
    destination = tmp_path / "warehouse.duckdb"
    destination.write_bytes(b"not a database" * 1000)
    publish(finished, destination)
    assert [run_id for run_id, *_ in runs(destination)] == ["load", "second"]


def test_publishing_keeps_the_storage_version_for_older_clients(tmp_path):
    finished = tmp_path / "warehouse.duckdb.new.tmp"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{finished}' as new (storage_version 'v1.4.0')")
        connection.execute(RUNS.replace("table runs", "table new.runs"))
    destination = warehouse(tmp_path / "warehouse.duckdb", RUNS, build("first"))
    publish(finished, destination)
    assert len(runs(destination)) == 1
    with duckdb.connect(str(destination), read_only=True) as connection:
        (tags,) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'warehouse'"
        ).fetchone()
    assert tags["storage_version"].startswith("v1.4.0")


def test_profiles_are_one_json_array_in_the_order_of_models(tmp_path):
    documents = {"b": {"name": "Ünïcode 'b'", "scores": [1.5, None]}, "a": {"name": "a"}}
    path = warehouse(tmp_path / "warehouse.duckdb", PROFILES)
    with duckdb.connect(str(path)) as connection:
        for model_id, document in documents.items():
            text = json.dumps(document, ensure_ascii=False)
            connection.execute("insert into model_profiles values (?, ?)", [model_id, text])
    target = tmp_path / "profiles.json"
    assert write_profiles(path, target)
    assert json.loads(target.read_text(encoding="utf-8")) == [documents["a"], documents["b"]]
    assert "Ünïcode" in target.read_text(encoding="utf-8")


def test_no_models_give_an_empty_array(tmp_path):
    path = warehouse(tmp_path / "warehouse.duckdb", PROFILES)
    assert write_profiles(path, tmp_path / "profiles.json")
    assert json.loads((tmp_path / "profiles.json").read_text()) == []


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("warehouse.duckdb", "enhanced_models.json"),
        ("past.duckdb", "past.enhanced_models.json"),
        ("of.2025.db", "of.2025.enhanced_models.json"),
    ],
)
def test_profiles_stand_beside_their_warehouse(tmp_path, name, beside):
    assert profiles_path(tmp_path / name) == tmp_path / beside


def test_publishing_moves_warehouse_and_profiles_and_leaves_nothing_else(tmp_path):
    finished = warehouse(
        tmp_path / "warehouse.duckdb.new.tmp",
        RUNS,
        PROFILES,
        """insert into model_profiles values ('m', '{"model_id": "m"}')""",
    )
    (tmp_path / "enhanced_models.json").write_text("of an older warehouse")
    for leftover in ("warehouse.duckdb.killed.tmp", "enhanced_models.json.killed.tmp"):
        (tmp_path / leftover).write_text("half")
    publish(finished, tmp_path / "warehouse.duckdb")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "enhanced_models.json",
        "warehouse.duckdb",
    ]
    assert json.loads((tmp_path / "enhanced_models.json").read_text()) == [{"model_id": "m"}]


def test_a_warehouse_without_profiles_leaves_no_older_ones_beside_it(tmp_path, finished):
    (tmp_path / "enhanced_models.json").write_text("of an older warehouse")
    publish(finished, tmp_path / "warehouse.duckdb")
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_profiles_that_cannot_be_written_change_nothing(tmp_path):
    finished = warehouse(
        tmp_path / "warehouse.duckdb.new.tmp", RUNS, "create table model_profiles (id integer)"
    )
    destination = warehouse(tmp_path / "warehouse.duckdb", RUNS, build("first"))
    profiles = tmp_path / "enhanced_models.json"
    profiles.write_text("of the published warehouse")
    before = destination.read_bytes()
    with pytest.raises(duckdb.Error):
        publish(finished, destination)
    assert destination.read_bytes() == before
    assert profiles.read_text() == "of the published warehouse"


@pytest.mark.parametrize("destination", ["warehouse.duckdb", "build/../warehouse.duckdb"])
def test_a_build_of_another_day_never_replaces_the_current_warehouse(
    tmp_path, monkeypatch, finished, destination
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    with pytest.raises(DbtRuntimeError, match=r"never replaces warehouse\.duckdb"):
        check_not_current(finished, Path(destination))
    assert not finished.exists()
    check_not_current(finished, Path("past") / "warehouse.duckdb")
