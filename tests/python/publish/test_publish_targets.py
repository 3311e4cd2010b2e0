"""What publishing may replace, and the one line with which everything else is refused."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dbt_common.exceptions import DbtRuntimeError
from publish_helpers import BUILDS, RANKINGS, WORKING, database, published_before_builds_were_named

from macros.publish.targets import (
    NotOursError,
    build_of_profiles,
    build_of_warehouse,
    check_target,
    profiles_path,
    remove_leftovers,
    target_path,
    temporary_path,
)


def text_file(path: Path) -> None:
    path.write_text("my notes\n" * 1000)


def empty_file(path: Path) -> None:
    path.touch()


def foreign_database(path: Path) -> None:
    database(path, "create table accounts (id integer)")


def copy_of_the_working_database(path: Path) -> None:
    database(path, *WORKING)


def without_parameters(path: Path) -> None:
    database(path, RANKINGS, BUILDS)


def symbolic_link(path: Path) -> None:
    published_before_builds_were_named(path.with_name("elsewhere.duckdb"))
    path.symlink_to("elsewhere.duckdb")


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def listening_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


# What is planted at the destination, and what is said of it.
IN_THE_WAY = [
    (text_file, "no DuckDB file that can be read"),
    (empty_file, "no DuckDB file that can be read"),
    (foreign_database, "a DuckDB file, but no published warehouse"),
    (copy_of_the_working_database, "a DuckDB file, but no published warehouse"),
    (without_parameters, "a DuckDB file, but no published warehouse"),
    (symbolic_link, "a symbolic link"),
    (dangling_link, "a symbolic link"),
    (Path.mkdir, "a folder"),
    (os.mkfifo, "a named pipe"),
    (listening_socket, "a socket"),
]
FOREIGN_PROFILES = ["my notes", "[1, 2]", '{"model_id": "a"}', "{}", '[{"name": "a"}]', "", "7"]


def refused(destination: Path, *in_use: Path, of_another_day: bool = False) -> str:
    with pytest.raises(DbtRuntimeError) as raised:
        check_target(destination, list(in_use), of_another_day)
    assert "\n" not in raised.value.msg
    return raised.value.msg


def listed() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture
def destination(tmp_path, monkeypatch) -> Path:
    """A short path: those of sockets may not be long."""
    monkeypatch.chdir(tmp_path)
    return Path("published.duckdb")


@pytest.mark.parametrize(
    ("plant", "said"), IN_THE_WAY, ids=lambda case: getattr(case, "__name__", "")
)
def test_whatever_is_no_published_warehouse_is_refused_and_kept(destination, plant, said):
    plant(destination)
    inode, names = destination.lstat().st_ino, listed()
    message = refused(destination)
    assert message.startswith(f"Not published: {destination} is {said}")
    assert "name another file with publish_to, or move this one away" in message
    assert (destination.lstat().st_ino, listed()) == (inode, names)


def test_a_free_name_and_published_warehouses_of_every_version_are_replaced(destination):
    check_target(destination, [], False)
    check_target(Path("new", "folders", "published.duckdb"), [], False)
    assert build_of_warehouse(destination) is None
    published_before_builds_were_named(destination)
    profiles_path(destination).write_text('[\n{"model_id": "a"},\n{"model_id": "b"}\n]\n')
    check_target(destination, [], False)
    assert build_of_warehouse(destination) is None
    assert build_of_profiles(profiles_path(destination)) is None
    database(
        destination,
        "create table build (build_id varchar)",
        "insert into build values ('first')",
    )
    documents = [{"model_id": model, "extensions": {"build_id": "first"}} for model in "ab"]
    profiles_path(destination).write_text(json.dumps(documents))
    check_target(destination, [], False)
    assert build_of_warehouse(destination) == "first"
    assert build_of_profiles(profiles_path(destination)) == "first"
    assert listed() == ["published.duckdb", "published.enhanced_models.json"]


@pytest.mark.parametrize("damage", ["half", "comma", "other build"])
def test_profiles_that_are_not_as_they_were_written_name_no_build(destination, damage):
    lines = [
        json.dumps({"model_id": m, "extensions": {"build_id": "first"}}, separators=(",", ":"))
        for m in "abc"
    ]
    whole = "[\n" + ",\n".join(lines) + "\n]\n"
    path = profiles_path(destination)
    path.write_text(whole)
    assert build_of_profiles(path) == "first"
    path.write_text(
        {
            "half": whole[: len(whole) // 2],
            "comma": whole.replace(",\n", "\n"),
            "other build": whole.replace("first", "second", 1),
        }[damage]
    )
    if damage == "other build":
        assert build_of_profiles(path) is None
    else:
        with pytest.raises(NotOursError):
            build_of_profiles(path)


@pytest.mark.parametrize("given", ["", ".", "/", "s3://bucket/published.duckdb"])
def test_what_is_no_path_of_a_file_is_refused(given):
    with pytest.raises(DbtRuntimeError, match=f"'{given}' is no path of a file on this machine"):
        target_path(given)
    assert target_path("published.duckdb") == Path("published.duckdb")


def test_files_that_dbt_works_with_are_refused_by_any_name(destination):
    working = published_before_builds_were_named(Path("working.duckdb"))
    os.link(working, "hard_link.duckdb")
    for name in ("working.duckdb", "build/../working.duckdb", "hard_link.duckdb"):
        Path("build").mkdir(exist_ok=True)
        assert "is a file that dbt itself works with" in refused(Path(name), working)
    assert "dbt itself works with" in refused(Path("free.duckdb"), Path("free.duckdb"))


@pytest.mark.parametrize("content", FOREIGN_PROFILES)
def test_a_file_in_the_place_of_the_profiles_is_refused(destination, content):
    profiles_path(destination).write_text(content)
    assert "published.enhanced_models.json is no file of model profiles" in refused(destination)


@pytest.mark.parametrize("plant", [Path.mkdir, os.mkfifo, dangling_link])
def test_what_is_no_file_in_the_place_of_the_profiles_is_refused(destination, plant):
    plant(profiles_path(destination))
    assert "published.enhanced_models.json is a " in refused(destination)


def test_a_file_that_a_client_has_open_for_writing_is_refused_with_its_holder(destination):
    published_before_builds_were_named(destination)
    script = "import duckdb; held = duckdb.connect('published.duckdb'); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        client.stdout.readline()
        message = refused(destination)
        client.communicate(b"\n")
    assert f"(PID {client.pid})" in message
    assert message.startswith(f"Not published: {destination} is open for writing in")
    assert "close it there" in message
    check_target(destination, [], False)


def test_a_folder_that_takes_no_files_is_refused(destination, monkeypatch):
    text_file(Path("notes.txt"))
    assert "notes.txt is no folder" in refused(Path("notes.txt", "published.duckdb"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert f"nothing may be written in {Path.cwd()}" in refused(destination)


@pytest.mark.parametrize("name", ["warehouse.duckdb", "build/../warehouse.duckdb"])
def test_a_build_of_another_day_never_replaces_the_current_warehouse(destination, name):
    Path("build").mkdir()
    assert "never replaces warehouse.duckdb" in refused(Path(name), of_another_day=True)
    check_target(Path("past", "warehouse.duckdb"), [], True)


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("warehouse.duckdb", "enhanced_models.json"),
        ("past.duckdb", "past.enhanced_models.json"),
        ("of.2025.db", "of.2025.db.enhanced_models.json"),
        ("of.2025", "of.2025.enhanced_models.json"),
    ],
)
def test_profiles_stand_beside_their_warehouse(tmp_path, name, beside):
    assert profiles_path(tmp_path / name) == tmp_path / beside


def test_leftovers_of_killed_publishes_go_and_nothing_else_does(destination):
    kept = [destination, Path("published.duckdb.mine.tmp"), Path("other.duckdb"), Path("x.tmp")]
    left = [temporary_path(destination), temporary_path(profiles_path(destination))]
    left.append(Path(f"{left[0]}.wal"))
    for path in (*kept, *left):
        path.write_text("here")
    remove_leftovers(destination)
    assert listed() == sorted(str(path) for path in kept)
