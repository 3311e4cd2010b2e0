"""Copies what readers get into a new file, proves it, and switches to it and its profiles.

Readers see the old state or the new one. Only a kill between the two renames leaves the new
warehouse beside the old profiles: each names its build, so that a reader can tell, and the next
build mends it.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, TypedDict

import duckdb
from dbt_common.exceptions import DbtRuntimeError

from macros.publish import builds, targets
from macros.publish.builds import text

#: The schemas that readers get.
SCHEMAS = ("main", "parameters")
#: Clients of DuckDB 1.4 and newer read the published file.
STORAGE_VERSION = "v1.4.0"
#: The files in which DuckDB writes ahead, beside a database.
WRITE_AHEAD = (".wal", ".wal.checkpoint", ".wal.recovery")

#: How many rows each table has, by its name with schema, as SQL writes it.
Rows = dict[str, int]


class Description(TypedDict):
    """What is said of a table and, by their names, of its columns; empty = nothing."""

    description: str
    columns: dict[str, str]


#: By the name of a table with its schema (`main.rankings`).
Descriptions = Mapping[str, Description]


def publish(
    connection: duckdb.DuckDBPyConnection,
    build: dict[str, Any],
    destination: Path,
    in_use: list[Path],
    descriptions: Descriptions,
    started_at: str | None = None,
) -> None:
    """Publish the whole `build` that the working database holds to `destination`.

    `in_use` are the files that dbt has open; `descriptions` become the tables' comments;
    `started_at` is the start (UTC, ISO) of the build whose last step this is, None outside of one.
    Raises DbtRuntimeError with one line; then what was published before is as it was, and nothing
    is left beside it.
    """
    targets.check_target(destination, in_use, build["is_of_another_day"])
    finished = targets.temporary_path(destination)
    profiles = targets.temporary_path(targets.profiles_path(destination))
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        targets.remove_leftovers(destination)
        result, rows = copy_build(connection, finished, build, descriptions, started_at)
        rows['main."builds"'] += carry_over_builds(finished, destination)
        proved = contents(finished)
        if {table: count for table, (count, _) in proved.items()} != rows:
            raise DbtRuntimeError(f"Not published: {finished} does not hold what was built")
        write_profiles(finished, profiles)
        flush(finished)
        targets.check_target(destination, in_use, build["is_of_another_day"])
        move_write_ahead_away(destination)
        switch(finished, destination, profiles)
    except (OSError, duckdb.Error) as error:
        raise DbtRuntimeError(
            f"Not published: {one_line(error)}. What was published before is as it was; once this "
            "is mended, `dbt run-operation publish` publishes the build"
        ) from None
    finally:
        with suppress(OSError):
            targets.remove_leftovers(destination)
    try:
        if contents(destination) != proved:
            raise DbtRuntimeError(f"{destination} is not what was renamed into its place")
        builds.note_result(connection, result)
    except duckdb.Error as error:
        raise DbtRuntimeError(
            f"{destination} was renamed into its place, but then: {one_line(error)}"
        ) from None


def copy_build(
    connection: duckdb.DuckDBPyConnection,
    finished: Path,
    build: dict[str, Any],
    descriptions: Descriptions,
    started_at: str | None,
) -> tuple[dict[str, Any], Rows]:
    """Copy the published schemas into the new file `finished`, with the row that names the build.

    Returns the columns of `builds` that say what came of the build, and the rows of each table.
    """
    began = time.monotonic()
    cursor = connection.cursor()
    (working,) = cursor.execute("select current_database()").fetchone()
    cursor.execute(
        f"attach {text(finished)} as published (storage_version {text(STORAGE_VERSION)})"
    )
    try:
        # In one transaction the rows are written once, and not into a write-ahead file before.
        cursor.execute("begin")
        rows = copy_tables(cursor, working, descriptions)
        of_marts = sum(count for table, count in rows.items() if table.startswith("main."))
        result = {
            "build_id": build["build_id"],
            "status": "published",
            "row_count": of_marts - rows['main."builds"'],
            "publish_seconds": round(time.monotonic() - began, 3),
        }
        if started_at:
            now = datetime.now(UTC).replace(tzinfo=None)
            duration = now - datetime.fromisoformat(started_at)
            result["duration_seconds"] = round(duration.total_seconds(), 3)
            result["finished_at"] = now.isoformat(sep=" ")
        cursor.execute("delete from published.main.builds")
        builds.add_builds(cursor, "published.main.builds", result, build["is_of_another_day"])
        builds.create_build_table(cursor, "published.main.build")
        cursor.execute(f"insert into published.main.build from {builds.MARK}")
        (told,) = cursor.execute("select count(*) from published.main.builds").fetchone()
        cursor.execute("commit")
        return result, rows | {'main."builds"': told, 'main."build"': 1}
    finally:
        # After a full disk even this may fail; what is to be told is the first failure.
        with suppress(duckdb.Error):
            cursor.execute("rollback")
        with suppress(duckdb.Error):
            cursor.execute(f'use "{working}"; detach published')


def copy_tables(
    cursor: duckdb.DuckDBPyConnection, working: str, descriptions: Descriptions
) -> Rows:
    """Copy every table of the published schemas into the attached database `published`.

    Each with its constraints (primary keys, UNIQUE, NOT NULL), which DuckDB states in the SQL that
    it keeps of a table and `create table as` would lose, and with its description as comments.
    """
    tables = cursor.execute(
        """
        select schema_name, table_name, sql from duckdb_tables()
        where database_name = current_database() and list_contains($schemas, schema_name)
            and not temporary
        order by schema_name, table_name
        """,
        {"schemas": SCHEMAS},
    ).fetchall()
    cursor.execute("use published")
    for schema in SCHEMAS:
        cursor.execute(f"create schema if not exists {schema}")
    for _, _, sql in tables:
        cursor.execute(sql)
    cursor.execute(f'use "{working}"')
    for schema, table, _ in tables:
        if described := descriptions.get(f"{schema}.{table}"):
            comment_on(cursor, f'published.{schema}."{table}"', described)
    rows = {}
    for table in [f'{schema}."{name}"' for schema, name, _ in tables]:
        copied = cursor.execute(f"insert into published.{table} from {table}").fetchone()
        (rows[table],) = copied
    return rows


def comment_on(cursor: duckdb.DuckDBPyConnection, table: str, described: Description) -> None:
    """Write what is said of a table (its name as SQL writes it) and its columns as comments."""
    comments = {f"table {table}": described["description"]} | {
        f'column {table}."{column}"': said for column, said in described["columns"].items()
    }
    statements = [f"comment on {what} is {text(said)}" for what, said in comments.items() if said]
    if statements:
        cursor.execute(";".join(statements))


#: How columns of `runs`, which told of builds and loads up to version 1, are called in `builds`.
RENAMED_SINCE_RUNS = {"run_id": "build_id", "landed_at": "last_landed_at"}


def carry_over_builds(finished: Path, earlier: Path) -> int:
    """Add the builds told of in the published file `earlier` to the finished one; return how many.

    They are in main.builds; up to version 1 of the schema they were the rows of main.runs with
    run_kind 'build'. Columns that only one has are left out; an earlier file that is missing or of
    another shape has nothing to tell.
    """
    if not earlier.exists():
        return 0
    with targets.second_name(earlier) as path, duckdb.connect(str(finished)) as connection:
        try:
            connection.execute(f"attach {text(path)} as earlier (read_only)")
            (added,) = connection.execute(
                f"""
                insert into main.builds by name
                from ({builds_of(connection)})
                where build_id not in (select build_id from main.builds)
                order by started_at
                """
            ).fetchone()
        except (duckdb.ProgrammingError, duckdb.DataError, duckdb.IntegrityError):
            return 0
    return added


def builds_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The query for the builds that the attached database `earlier` tells of.

    It gives those columns that main.builds has, under their names there.
    """
    columns = {
        database: [name for _, name in found]
        for database, found in groupby(
            connection.execute(
                """
                select database_name || '.' || table_name, column_name
                from duckdb_columns()
                where schema_name = 'main' and (
                    (database_name = current_database() and table_name = 'builds')
                    or (database_name = 'earlier' and table_name in ('builds', 'runs'))
                )
                order by 1, column_index
                """
            ).fetchall(),
            key=lambda row: row[0],
        )
    }
    told_in = "builds" if "earlier.builds" in columns else "runs"
    renamed = RENAMED_SINCE_RUNS if told_in == "runs" else {}
    ours = next(found for name, found in columns.items() if not name.startswith("earlier."))
    shared = [
        f'"{name}" as "{renamed.get(name, name)}"'
        for name in columns.get(f"earlier.{told_in}", [])
        if renamed.get(name, name) in ours
    ]
    condition = "where run_kind = 'build'" if told_in == "runs" else ""
    return f"select {', '.join(shared)} from earlier.main.{told_in} {condition}"


def write_profiles(warehouse: Path, target: Path) -> None:
    """Write the documents of main.model_profiles (model_id, document) as one JSON array.

    One document per line, in the order of model_id; each names the build, and the version of the
    published schema, in its `extensions`.
    """
    with targets.opened(warehouse) as connection, target.open("w", encoding="utf-8") as file:
        build_id, schema_version = connection.execute(
            "select build_id, schema_version from main.build"
        ).fetchone()
        documents = connection.execute(
            "select cast(document as varchar) from main.model_profiles order by model_id"
        )
        file.write("[")
        separator = "\n"
        while row := documents.fetchone():
            document = json.loads(row[0])
            extensions = document.setdefault("extensions", {})
            extensions |= {"schema_version": schema_version, "build_id": build_id}
            file.write(separator + json.dumps(document, ensure_ascii=False, separators=(",", ":")))
            separator = ",\n"
        file.write("\n]\n")
    flush(target)


def contents(warehouse: Path) -> dict[str, tuple[int, int]]:
    """Open a warehouse as a reader does and read all of it: rows and a hash of each table."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.\"' || table_name || '\"' from duckdb_tables() order by all"
        ).fetchall()
        return {
            table: connection.execute(
                f"select count(*), bit_xor(hash(row)) from {table} as row"
            ).fetchone()
            for (table,) in tables
        }


def move_write_ahead_away(destination: Path) -> None:
    """Move a write-ahead file away that a client left: the new file could not be read with it."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for suffix in WRITE_AHEAD:
        left = destination.with_name(destination.name + suffix)
        if os.path.lexists(left):
            kept = left.with_name(f"{left.name}.{moment}.kept")
            left.replace(kept)
            print(f"{left} was left by a client that wrote to {destination}: kept as {kept}")


def switch(finished: Path, destination: Path, profiles: Path) -> None:
    """Rename a finished warehouse and its profiles into place: all else that can fail is done."""
    finished.replace(destination)
    try:
        profiles.replace(targets.profiles_path(destination))
    except OSError as error:
        raise DbtRuntimeError(
            f"{destination} is published, but its profiles are not ({one_line(error)}): once this "
            "is mended, the next build writes them"
        ) from None
    flush(destination.parent)


def mend_profiles(destination: Path) -> None:
    """Write the profiles anew where they are not of the build that the warehouse names."""
    profiles = targets.profiles_path(destination)
    build_id = targets.build_of_warehouse(destination)
    if build_id is None or build_id == targets.build_of_profiles(profiles):
        return
    written = targets.temporary_path(profiles)
    try:
        write_profiles(destination, written)
        written.replace(profiles)
    finally:
        written.unlink(missing_ok=True)
    print(f"{profiles} was not of the build that {destination} names: written anew")


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def one_line(error: Exception) -> str:
    """What went wrong, in one line: DuckDB and Python say more."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error).splitlines()[0]
