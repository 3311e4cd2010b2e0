"""Backups of the landing, the one file that cannot be rebuilt: Parquet out, and back in.

A backup is a folder: one Parquet file per table, in the order of the rows, and `manifest.json`,
which says what they hold, with a SHA-256 of each file, of each table's content and of itself. Which
tables and columns there are is read from the landing, so that a new one is in the next backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from extract import PROGRAM
from extract.integrity import columns_of, open_to_read, quoted
from extract.landing import Clock, open_landing
from extract.opening import duckdb_path, lock_holder

FORMAT = 1
"""Version of the layout of a backup; another one is not read."""

MANIFEST = "manifest.json"

_TABLE = re.compile(r"[a-z][a-z0-9_]*")
_CHUNK = 1_048_576


class BackupError(Exception):
    """A backup cannot be written or restored; the text is one line that says why and what to do."""


@dataclass(frozen=True)
class Table:
    """One table of a backup: its columns (name -> type), rows, and SHA-256 of file and content."""

    name: str
    columns: Mapping[str, str]
    rows: int
    file_sha256: str
    content_sha256: str

    @property
    def file(self) -> str:
        """The name of its Parquet file."""
        return f"{self.name}.parquet"


@dataclass(frozen=True)
class Restored:
    """What a restoration came to; `kept`: where the landing that stood there before is now."""

    tables: Sequence[Table]
    kept: Path | None


def back_up(landing: Path, folder: Path, clock: Clock) -> tuple[Path, list[Table]]:
    """Write a backup of a landing into a new folder within `folder`; returns it and its tables.

    The new folder gets its name, `landing-<UTC time>`, once all of it is on disk and was read back;
    a backup that is there already is never touched. Raises BackupError, LandingError.
    """
    unfinished = folder / f".unfinished-{uuid.uuid4().hex}"
    try:
        with open_to_read(landing) as connection:
            unfinished.mkdir(parents=True)
            tables = [
                _write_table(connection, name, columns, unfinished)
                for name, columns in columns_of(connection).items()
            ]
        made_at = clock().astimezone(UTC)
        _write_manifest(unfinished / MANIFEST, tables, made_at)
        _flush(unfinished)
        return _give_name(unfinished, folder, f"landing-{made_at:%Y%m%dT%H%M%SZ}"), tables
    except (OSError, duckdb.Error) as error:
        raise BackupError(f"{folder}: no backup was made ({_reason(error)})") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], folder: Path
) -> Table:
    """Write one table and read it back: what the file holds must be what the table holds."""
    if not _TABLE.fullmatch(name):
        raise BackupError(f"the landing has a table '{name}', which is no table of extract's")
    path = folder / f"{name}.parquet"
    connection.execute(
        f"copy (select * from {quoted(name)} order by rowid) to {_literal(path)} (format parquet)"
    )
    rows, content = content_of(connection, quoted(name), columns)
    if content_of(connection, f"read_parquet({_literal(path)})", columns) != (rows, content):
        raise BackupError(f"{path.name}: does not hold what the landing holds, no backup was made")
    _flush(path)
    return Table(name, dict(columns), rows, _sha256(path), content)


def content_of(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str]
) -> tuple[int, str]:
    """(rows, SHA-256) of what a relation holds in these columns, whatever the order of its rows."""
    parts = ", ".join(_as_text(quoted(name), kind) for name, kind in columns.items())
    digest = hashlib.sha256(json.dumps(list(columns.items())).encode())
    rows = 0
    found = connection.execute(f"select sha256(concat({parts})) as row from {relation} order by 1")
    while chunk := found.fetchmany(100_000):
        rows += len(chunk)
        digest.update("".join(row for (row,) in chunk).encode())
    return rows, digest.hexdigest()


def _as_text(column: str, kind: str) -> str:
    """SQL for a value as text behind its length, so that no two rows look alike."""
    is_nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
    text = f"to_json({column})::varchar" if is_nested else f"{column}::varchar"
    return f"coalesce(length({text}) || ':' || {text}, '-')"


def _write_manifest(path: Path, tables: Sequence[Table], made_at: datetime) -> None:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_at": made_at.isoformat(timespec="seconds"),
        "made_by": PROGRAM,
        "duckdb": duckdb.__version__,
        "tables": [
            {
                "name": table.name,
                "columns": [{"name": n, "type": kind} for n, kind in table.columns.items()],
                "rows": table.rows,
                "file_sha256": table.file_sha256,
                "content_sha256": table.content_sha256,
            }
            for table in tables
        ],
    }
    manifest["manifest_sha256"] = _sha256_of(manifest)
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    _flush(path)


def _sha256_of(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest without its own."""
    rest = {name: value for name, value in manifest.items() if name != "manifest_sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _give_name(unfinished: Path, folder: Path, name: str) -> Path:
    """Rename a finished backup to a name that is free: a second one of a moment gets -2."""
    number, target = 1, folder / name
    while True:
        try:
            # A folder that holds anything is never replaced by a rename.
            if not target.exists():
                unfinished.rename(target)
                _flush(folder)
                return target
        except OSError:
            if not target.exists():
                raise
        number += 1
        target = folder / f"{name}-{number}"


def restore(backup: Path, landing: Path, clock: Clock) -> Restored:
    """Bring a backup back as the file `landing`; raises BackupError, LandingError.

    The backup is checked first, and a new file is filled and compared with it. Only then does a
    landing that stands there give way: it is kept beside, under a name with the time.
    """
    tables = read_manifest(backup)
    target = landing.resolve()
    holder = _holder(target)
    if holder:
        raise BackupError(f"{landing}: {holder} has it open, wait until that has ended")
    filled = target.with_name(f"{target.name}.restoring-{uuid.uuid4().hex}")
    try:
        _fill(filled, backup, tables)
        _flush(filled)
        kept = _put_in_place(filled, target, clock)
        if kept and landing.parent.resolve() == target.parent:
            kept = landing.with_name(kept.name)
        return Restored(tables, kept)
    except (OSError, duckdb.Error) as error:
        raise BackupError(f"{landing}: nothing was restored ({_reason(error)})") from None
    finally:
        for leftover in (filled, _wal(filled)):
            leftover.unlink(missing_ok=True)


def read_manifest(backup: Path) -> list[Table]:
    """The tables of a backup, its manifest and every file checked; raises BackupError."""
    path = backup / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise BackupError(
                f"{path}: of format {manifest['format']}, this version reads {FORMAT}: restore it "
                f"with the version that made it ({manifest.get('made_by')})"
            )
        is_as_written = manifest["manifest_sha256"] == _sha256_of(manifest)
        tables = [
            Table(
                entry["name"],
                {column["name"]: column["type"] for column in entry["columns"]},
                entry["rows"],
                entry["file_sha256"],
                entry["content_sha256"],
            )
            for entry in manifest["tables"]
        ]
    except FileNotFoundError:
        raise BackupError(f"{path}: does not exist, name the folder of one backup") from None
    except OSError as error:
        raise BackupError(f"{path}: {_reason(error)}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise BackupError(f"{path}: is damaged, take another backup") from None
    if not is_as_written:
        raise BackupError(f"{path}: was changed since the backup was made, take another backup")
    for table in tables:
        _check_file(backup, table)
    return tables


def _check_file(backup: Path, table: Table) -> None:
    path = backup / table.file
    try:
        is_as_written = _TABLE.fullmatch(table.name) and _sha256(path) == table.file_sha256
    except FileNotFoundError:
        raise BackupError(f"{path}: is missing, take another backup") from None
    except OSError as error:
        raise BackupError(f"{path}: {_reason(error)}") from None
    if not is_as_written:
        raise BackupError(f"{path}: is damaged (another SHA-256), take another backup")


def _fill(path: Path, backup: Path, tables: Sequence[Table]) -> None:
    """Make a landing as extract makes it and fill it from the backup, row by row as they were."""
    with open_landing(path) as connection:
        known = columns_of(connection)
        for table in tables:
            _check_columns(table, known.get(table.name, {}))
            source = f"read_parquet({_literal(backup / table.file)})"
            names = ", ".join(quoted(name) for name in table.columns)
            into = f"insert into {quoted(table.name)} ({names})"
            connection.execute(f"{into} select {names} from {source}")
            found = content_of(connection, quoted(table.name), table.columns)
            if found != (table.rows, table.content_sha256):
                raise BackupError(f"{backup / table.file}: holds other rows than its manifest says")


def _check_columns(table: Table, known: Mapping[str, str]) -> None:
    for name, kind in table.columns.items():
        if known.get(name) != kind:
            raise BackupError(
                f"the backup's {table.name}.{name} ({kind}) is no column of this version: "
                "restore it with the version that made it"
            )


def _holder(landing: Path) -> str | None:
    """Who has the landing open. Opening it also writes its log into it, so that the file is all."""
    if not landing.exists():
        return None
    try:
        duckdb.connect(duckdb_path(landing)).close()
    except duckdb.Error as error:
        # Whatever else is wrong with it is why it is to be replaced.
        return lock_holder(error)
    return None


def _put_in_place(filled: Path, target: Path, clock: Clock) -> Path | None:
    """Move the filled file to its place; returns where the file that stood there is kept."""
    name = f"{target.name}.before-restore-{clock().astimezone(UTC):%Y%m%dT%H%M%SZ}"
    kept, number = target.with_name(name), 1
    while kept.exists() or _wal(kept).exists():
        number += 1
        kept = target.with_name(f"{name}-{number}")
    if _wal(target).exists():
        _wal(target).rename(_wal(kept))
    was_there = target.exists()
    if was_there:
        try:
            # With a second name for the old file there is no moment without a landing.
            os.link(target, kept)
        except OSError:
            target.rename(kept)
    filled.replace(target)
    _flush(target.parent)
    return kept if was_there else None


def _wal(path: Path) -> Path:
    """Where DuckDB writes what is not yet in the file itself."""
    return path.with_name(f"{path.name}.wal")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _literal(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + duckdb_path(path).replace("'", "''") + "'"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).splitlines()[0]
