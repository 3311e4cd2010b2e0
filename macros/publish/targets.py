"""What publishing may replace: nothing, or a published warehouse of ours with its profiles.

Whatever else stands in the way is refused with one line that says what it is.
"""

import json
import os
import re
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from dbt_common.exceptions import DbtRuntimeError

#: What readers take for the warehouse of today.
CURRENT = Path("warehouse.duckdb")
#: Tables of schema main by which a published warehouse is known beside its schema `parameters`:
#: those of this version, and those of earlier ones.
KNOWN_BY = ({"rankings", "builds"}, {"rankings", "runs"})
#: What dbt's working database has besides: never taken for a published one.
WORKING_SCHEMA = "intermediate"
KINDS = {
    stat.S_ISLNK: "a symbolic link",
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}
#: Ends of names that DuckDB gives to files beside a database, and removes.
DUCKDB_OWN = (".wal", ".tmp")
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class NotOursError(Exception):
    """What stands at a path instead of what was published there; its text completes 'PATH is'."""


def target_path(given: str) -> Path:
    """Return the path that a user gave; raise DbtRuntimeError where it names no file here."""
    name = Path(given).name
    if "://" in given or not name or given.startswith("~"):
        raise DbtRuntimeError(
            f"Not published: '{given}' is no path of a file on this machine; "
            "name one in full with publish_to"
        )
    if name.endswith(DUCKDB_OWN):
        raise DbtRuntimeError(
            f"Not published: DuckDB keeps files of its own under names like '{name}'; "
            "name another with publish_to"
        )
    return Path(given)


def profiles_path(warehouse: Path) -> Path:
    """Where the profiles of a published warehouse stand: beside it, under a name of its own."""
    stem = f"{warehouse.name.removesuffix('.duckdb')}."
    if warehouse.name == CURRENT.name:
        stem = ""
    return warehouse.with_name(f"{stem}enhanced_models.json")


def temporary_path(path: Path) -> Path:
    """A new name beside `path`, by which `remove_leftovers` knows what a killed publish left."""
    return path.with_name(f"{path.name}.{uuid.uuid4()}.tmp")


def remove_leftovers(destination: Path) -> None:
    """Remove the temporary files that killed publishes to `destination` left beside it."""
    for published in (destination, profiles_path(destination)):
        ours = re.compile(rf"{re.escape(published.name)}\.(.+\.)?{UUID}\.tmp(\.\w+)*")
        if published.parent.is_dir():
            for path in published.parent.iterdir():
                if ours.fullmatch(path.name):
                    path.unlink(missing_ok=True)


def check_target(destination: Path, in_use: list[Path], is_of_another_day: bool) -> None:
    """Raise DbtRuntimeError with one line unless `destination` and its profiles may be written.

    `in_use` are the files that dbt itself has open. A build of another day than its own never
    replaces the current warehouse.
    """
    if is_of_another_day and destination.resolve() == CURRENT.resolve():
        raise DbtRuntimeError(
            f"Not published: a build of another day never replaces {CURRENT}; "
            "name another file with publish_to"
        )
    if any(is_same(destination, path) for path in in_use):
        raise refusal(destination, "a file that dbt itself works with")
    check_folder(destination.parent)
    for path, look_into in (
        (destination, build_of_warehouse),
        (profiles_path(destination), build_of_profiles),
    ):
        try:
            look_into(path)
        except NotOursError as what:
            raise refusal(path, str(what)) from None


def refusal(path: Path, what: str) -> DbtRuntimeError:
    """The one line that says why nothing is published to `path`."""
    return DbtRuntimeError(
        f"Not published: {path} is {what}. Only a free name or a published warehouse with its "
        "profiles is replaced: name another file with publish_to, or move this one away"
    )


def is_same(one: Path, other: Path) -> bool:
    """Say whether two paths lead to one file, or would once it is there."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def check_folder(folder: Path) -> None:
    """Raise DbtRuntimeError unless files can be made in `folder`, or it can be made for them."""
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise DbtRuntimeError(f"Not published: {there} is no folder; name another with publish_to")
    if not os.access(there, os.W_OK | os.X_OK):
        raise DbtRuntimeError(
            f"Not published: nothing may be written in {there.absolute()}; allow it, or name a "
            "file elsewhere with publish_to"
        )


def is_free(path: Path) -> bool:
    """Say whether nothing stands at `path`; raise NotOursError where it is no regular file."""
    if not os.path.lexists(path):
        return True
    mode = path.lstat().st_mode
    for is_kind, kind in KINDS.items():
        if is_kind(mode):
            raise NotOursError(kind)
    return False


@contextmanager
def second_name(warehouse: Path) -> Iterator[Path]:
    """Give a warehouse another name for a while, by which it is opened as it was published.

    By its own name DuckDB would replay a write-ahead file that a client left beside it, or fail on
    it. A symbolic link would not do: DuckDB follows it.
    """
    other = temporary_path(warehouse)
    try:
        os.link(warehouse, other)
    except OSError:  # a file system without hard links
        yield warehouse
        return
    try:
        yield other
    finally:
        other.unlink(missing_ok=True)


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse read-only, as it was published."""
    with (
        second_name(warehouse) as path,
        duckdb.connect(str(path), read_only=True) as connection,
    ):
        yield connection


def build_of_warehouse(path: Path) -> str | None:
    """Return the build that a published warehouse names.

    None where nothing stands there, or it was published before builds were named. Raises
    NotOursError where it is anything else or cannot be told, DbtRuntimeError with one line where a
    client has it open for writing.
    """
    if is_free(path):
        return None
    try:
        with opened(path) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = current_database()"
            ).fetchall()
            schemas = {schema for schema, _ in tables}
            names = {table for schema, table in tables if schema == "main"}
            is_known = any(names >= known for known in KNOWN_BY)
            if not is_known or "parameters" not in schemas or WORKING_SCHEMA in schemas:
                raise NotOursError("a DuckDB file, but no published warehouse")
            if "build" not in names:
                return None
            return connection.execute("select build_id from main.build").fetchone()[0]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if held := re.search(r"Conflicting lock is held in (.*?\(PID \d+\))", reason):
            raise DbtRuntimeError(
                f"Not published: {path} is open for writing in {held[1]}; close it there, and open "
                "it with `duckdb -readonly` from now on"
            ) from None
        raise NotOursError(f"no DuckDB file that can be read ({reason})") from None


def build_of_profiles(path: Path) -> str | None:
    """Return the build that a file of profiles names; None and NotOursError as of a warehouse."""
    if is_free(path):
        return None
    try:
        written = path.read_text(encoding="utf-8")
        builds = builds_as_written(written)
        if builds is None:
            documents = json.loads(written)
            builds = {profile_build(document) for document in documents}
            if not isinstance(documents, list):
                raise NotOursError("no file of model profiles")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotOursError("no file of model profiles") from None
    return builds.pop() if len(builds) == 1 else None


#: How a document of a file of profiles begins and ends as publishing writes it.
PROFILE_BEGINS = '{"model_id":"'
PROFILE_ENDS = re.compile(r'"build_id":"([^"\\]{1,100})"\}\},?$')
LONGEST_END = 120


def builds_as_written(profiles: str) -> set[str] | None:
    """The builds that a file names which is as publishing writes it; None where it is not.

    Reading the end of each line is far faster than parsing every document.
    """
    lines = profiles.split("\n")
    documents = lines[1:-2]
    if lines[0] != "[" or lines[-2:] != ["]", ""] or not documents:
        return None
    if [line.endswith(",") for line in documents] != [True] * (len(documents) - 1) + [False]:
        return None
    found = [
        line.startswith(PROFILE_BEGINS) and PROFILE_ENDS.search(line[-LONGEST_END:])
        for line in documents
    ]
    return {match[1] for match in found if match} if all(found) else None


def profile_build(document: dict) -> str | None:
    """Return the build that one profile names; raise KeyError where it is of no model."""
    return document["model_id"] and document.get("extensions", {}).get("build_id")
