"""What a live source shows again: files that were read before, in the same way, land nothing.

Reading large files only to find every record unchanged is most of what a refresh costs. So each
load of a live reading keeps a hash of its files; where it is that of the last load that counted,
the rows that landing would write are written at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from extract.catalog import Source
from extract.files import SourceFile
from extract.landing import COLUMNS, Clock, insert_load, naive, next_landed_at
from extract.large import OnDisk
from extract.loads import Outcome

_STAMPS = ("load_id", "finished_at", "landed_at")


def hash_of_files(source: Source, files: Sequence[SourceFile]) -> str:
    """SHA-256 of the files, their names, and of all that says how they are read."""
    digest = hashlib.sha256(f"{_hash_of_code()}\n{source.model_dump_json()}".encode())
    for file in sorted(files, key=lambda file: file.location):
        if isinstance(file.data, OnDisk):
            raise TypeError("live answers are in memory")
        digest.update(f"\n{file.name}\n{file.location}\n{len(file.data)}\n".encode())
        digest.update(file.data)
    return digest.hexdigest()


@cache
def _hash_of_code() -> str:
    """A new version of this package reads what an earlier one had read."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def confirm(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    files: Sequence[SourceFile],
    files_hash: str,
    started_at: datetime,
    clock: Clock,
) -> list[Outcome]:
    """Note that what the last live reading of a source landed is what it shows now.

    Returns the outcomes, or none where the files have to be read: because they are new, because
    something else landed since or was held back, or because they are older than what landed.
    """
    rows = _rows_of_last_reading(connection, source, files_hash)
    seen_at = {naive(file.observed_at) for file in files}
    if not rows or len(seen_at) > 1 or any(row["observed_at"] > max(seen_at) for row in rows):
        return []
    oldest = max(files, key=lambda file: file.freshness == "stale")
    outcomes = []
    connection.begin()
    try:
        for row in rows:
            outcomes.append(_again(connection, row, oldest, started_at, clock))
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return outcomes


def _rows_of_last_reading(
    connection: duckdb.DuckDBPyConnection, source: Source, files_hash: str
) -> list[dict[str, Any]]:
    """The `loads` rows of the last reading of a source, if these files were read and all counts."""
    found = connection.execute(
        f"""
        select {", ".join(COLUMNS["loads"])} from loads
        where
            source = ? and status not in ('failed', 'skipped')
            and started_at = (
                select max(started_at) from loads
                where source = ? and status not in ('failed', 'skipped')
            )
        order by landed_at
        """,
        [source.id, source.id],
    ).fetchall()
    rows = [dict(zip(COLUMNS["loads"], row, strict=True)) for row in found]
    counts = all(
        row["files_hash"] == files_hash and row["status"] in ("landed", "unchanged") for row in rows
    )
    listings = {(row["entity"], row["part"]) for row in rows}
    return rows if counts and len(listings) == len(rows) else []


def _again(
    connection: duckdb.DuckDBPyConnection,
    row: dict[str, Any],
    file: SourceFile,
    started_at: datetime,
    clock: Clock,
) -> Outcome:
    """Write the row of a load once more, as unchanged at the time of `file`."""
    names = [name for name in COLUMNS["loads"] if name not in _STAMPS]
    landed_at = next_landed_at(connection, clock)
    again = {name: row[name] for name in names} | {
        "status": "unchanged",
        "http_status": file.http_status,
        "new_count": 0,
        "changed_count": 0,
        "gone_count": 0,
        "previous_count": row["record_count"] if row["max_shrink_share"] is not None else None,
        "observed_at": naive(file.observed_at),
        "started_at": naive(started_at),
        "freshness": file.freshness,
        "error": file.problem or None,
    }
    keys_of = ""
    if row["confirmed_keys"] is not None:
        load_id = row["load_id"].replace("'", "''")
        keys_of = (
            f"(select unnest(confirmed_keys) as record_key from loads where load_id = '{load_id}')"
        )
    insert_load(connection, again, landed_at, clock, keys_of)
    return Outcome(
        row["source"],
        row["entity"],
        "unchanged",
        file.observed_at,
        row["part"] or "",
        row["record_count"],
        skipped=row["skipped_count"],
        errors=row["error_count"],
        error=file.problem,
        freshness=file.freshness,
    )
