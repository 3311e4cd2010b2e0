"""landing.duckdb: append-only records, one row per load, and what sources.yml says of each source.

`records` holds changes, not loads. The state of (source, entity) at time T is, per record_key, the
row with the greatest (observed_at, landed_at) among those observed by T; no row, or a row whose
record_hash is NULL, means that there is no such record. Read only rows with landed_at <= K to see
what was known at K: landing a file only ever adds rows, each stamped with its own landed_at.

`held_records` keeps what was landed and does not count now: listings that are held back, and
partial loads that stand back behind a complete listing of their time. They count again when what
was observed before them turns out to be different.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from console import say
from extract.catalog import Source
from extract.loads import Outcome
from extract.opening import duckdb_path, open_when_free, wait_seconds, why_not_opened
from extract.spool import one_number

Clock = Callable[[], datetime]

SCHEMA = """
create table if not exists records (
    source varchar not null,
    entity varchar not null,
    record_key varchar not null,
    record_hash varchar,
    record json,
    observed_at timestamp not null,
    landed_at timestamp not null,
    load_id varchar not null,
    part varchar
);
create table if not exists held_records (
    source varchar not null,
    entity varchar not null,
    part varchar,
    content_hash varchar not null,
    record_key varchar not null,
    record_hash varchar not null,
    record json not null,
    observed_at timestamp not null,
    landed_at timestamp not null
);
create table if not exists loads (
    load_id varchar not null,
    source varchar not null,
    entity varchar,
    status varchar not null,
    origin varchar not null,
    location varchar,
    http_status integer,
    bytes bigint,
    file_count integer,
    record_count bigint,
    new_count bigint,
    changed_count bigint,
    gone_count bigint,
    skipped_count bigint,
    error_count bigint,
    completeness varchar,
    content_hash varchar,
    envelope json,
    confirmed_keys varchar[],
    error varchar,
    observed_at timestamp,
    started_at timestamp not null,
    finished_at timestamp not null,
    landed_at timestamp not null,
    part varchar,
    previous_count bigint,
    max_shrink_share double,
    is_shrink_accepted boolean,
    freshness varchar,
    files_hash varchar
);
create table if not exists sources (
    source varchar primary key,
    name varchar not null,
    layer varchar not null,
    homepage varchar,
    live varchar,
    licence varchar,
    attribution varchar,
    ttl_hours integer,
    is_declared boolean not null
);
"""

COMMENTS = {
    "table records": "Changes of records; state at T: per key the newest (observed_at, landed_at)",
    "column records.record_hash": "SHA-256 of the canonical JSON; NULL: the record was gone",
    "column records.observed_at": "UTC time at which the source showed this",
    "column records.landed_at": "UTC time at which this row was written; grows with every load",
    "table loads": "One row per source, entity and attempt",
    "column loads.entity": "NULL when the attempt concerns the whole source",
    "column loads.status": "landed | unchanged | superseded | held | failed | skipped; of equal "
    "content at one time the newest row says whether it counts",
    "column loads.origin": "snapshot | live | directory",
    "column loads.location": "File names within the source's folder, or the address",
    "column loads.completeness": "yes: all there is; file: all there is of the file `part`; page, "
    "release, rows: never make anything gone",
    "column loads.part": "The file that is a listing of its own; NULL: the whole entity",
    "column loads.previous_count": "Records of the complete listing observed just before this one",
    "column loads.max_shrink_share": "Share of those that could go before the load is held back",
    "column loads.is_shrink_accepted": "Landed with --accept-shrink",
    "column records.part": "The file whose listings speak for this record; NULL: the entity's",
    "column loads.freshness": "Of a live reading: fetched | revalidated (304: as it was) | cached "
    "(asked a moment ago) | stale (the source could not be asked now: what it said before)",
    "column loads.files_hash": "SHA-256 of the files read and of how they are read; NULL: not live",
    "table held_records": "Records that were landed and do not count: of listings held back, and "
    "of partial loads behind a complete listing of their time",
    "column loads.confirmed_keys": "Keys that a partial load contained; NULL for complete loads",
    "table sources": "What sources.yml said of each source when extract last ran",
    "column sources.live": "The first address that a live reading asks, or why there is none",
    "column sources.is_declared": "False once sources.yml no longer lists the source",
    "column loads.envelope": "Fields beside the records; _by_file where files differ",
}


MEMORY_MB = 512
"""What DuckDB may hold in memory while records land (MB of 10^6 bytes)."""


class LandingError(Exception):
    """The landing file cannot be used; the text is one line that says why and what to do."""


def utc_now() -> datetime:
    """The clock of normal runs: the time now, in UTC."""
    return datetime.now(UTC)


@contextmanager
def open_landing(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open, and where needed create, the landing file for writing; raises LandingError."""
    _make(path)
    connection = _connect(path)
    try:
        _prepare(connection, path)
        yield connection
    finally:
        connection.close()


def _make(path: Path) -> None:
    """Create the file whole under another name first: a kill leaves nothing that is half a file."""
    if path.is_dir():
        raise LandingError(f"{path}: is a folder, name a file with --db")
    if not path.absolute().parent.is_dir():
        raise LandingError(f"{path}: its folder does not exist, name another with --db")
    if path.is_file() and not path.stat().st_size:
        # Nothing was ever in it: a file that somebody touched, or that a kill left.
        with suppress(OSError):
            path.unlink()
    if path.exists() or path.is_symlink():
        return
    duckdb_path(path)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with _connect(new) as connection:
            _prepare(connection, new)
        _put_in_place(new, path)
    except OSError as error:
        raise LandingError(f"{path}: cannot be created ({error.strerror})") from None
    finally:
        _remove_unfinished(path)


def _put_in_place(new: Path, path: Path) -> None:
    """Give the finished file its name, unless another process has made one meanwhile."""
    try:
        # Unlike a rename a link never goes over a file.
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:
        # Some file systems have no links.
        if not path.exists():
            new.rename(path)


def _remove_unfinished(path: Path) -> None:
    """Remove what this process, or one that was killed, left while it made the file."""
    ours = re.compile(rf"{re.escape(path.name)}\.(\d+)\.new(\.wal)?")
    for leftover in path.absolute().parent.iterdir():
        match = ours.fullmatch(leftover.name)
        if match and (int(match[1]) == os.getpid() or not _is_running(int(match[1]))):
            with suppress(OSError):
                leftover.unlink()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        connection = open_when_free(path, wait_seconds(), say)
        # What does not fit waits on disk, beside the file.
        connection.execute(f"set memory_limit = '{MEMORY_MB}MB'")
        return connection
    except duckdb.Error as error:
        raise LandingError(f"{path}: {why_not_opened(error)}") from None


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create the tables that are missing and add columns of later versions, all or nothing.

    Refuses a file that holds anything else.
    """
    found = _columns(connection)
    if found == COLUMNS:
        return
    others = set(found) - set(COLUMNS)
    foreign = [t for t, names in found.items() if names != COLUMNS.get(t, [])[: len(names)]]
    if others or foreign or (found and "records" not in found and _row_count(connection, found)):
        raise LandingError(
            f"{path}: its tables are not those of a landing file, move it away or name another "
            "with --db"
        )
    try:
        connection.begin()
        connection.execute(SCHEMA)
        for table, names in found.items():
            for name in COLUMNS[table][len(names) :]:
                connection.execute(f"alter table {table} add column {name} {_types(table)[name]}")
        if "part" not in found.get("records", ["part"]):
            # Before files were listings of their own, the record alone said where it came from.
            connection.execute(
                "update records set part = earlier.part from (select source, entity, record_key, "
                "any_value(record->>'_file') as part from records group by all) as earlier "
                "where earlier.source = records.source and earlier.entity = records.entity "
                "and earlier.record_key = records.record_key"
            )
        for target, text in COMMENTS.items():
            connection.execute(f"comment on {target} is '{text.replace(chr(39), chr(39) * 2)}'")
        connection.commit()
    except duckdb.Error as error:
        raise LandingError(f"{path}: cannot be written ({str(error).splitlines()[0]})") from None


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where schema_name = 'main' and database_name = current_database() and not internal "
        "group by table_name order by table_name"
    ).fetchall()
    return dict(rows)


def _row_count(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> int:
    return sum(one_number(connection, f'select count(*) from "{table}"') for table in tables)


def _types(table: str) -> dict[str, str]:
    """Column -> type of a table, as declared in SCHEMA."""
    body = SCHEMA.split(f"create table if not exists {table} (")[1].split(");")[0]
    lines = (line.strip().rstrip(",").split() for line in body.strip().splitlines())
    return {words[0]: words[1] for words in lines}


COLUMNS = {table: list(_types(table)) for table in ("held_records", "loads", "records", "sources")}
"""Table -> its columns in their order."""


def declare(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Write down what is declared now; a source that no longer is keeps its row, marked so."""
    connection.begin()
    connection.execute("update sources set is_declared = false where is_declared")
    connection.executemany(
        "insert or replace into sources values (?, ?, ?, ?, ?, ?, ?, ?, true)",
        [
            (
                source.id,
                source.name,
                source.layer,
                source.homepage,
                source.live.none or source.live.urls[0].url,
                source.licence,
                source.attribution,
                source.ttl_hours,
            )
            for source in sources
        ],
    )
    connection.commit()


def note_attempt(
    connection: duckdb.DuckDBPyConnection,
    outcome: Outcome,
    origin: str,
    started_at: datetime,
    location: str = "",
    http_status: int | None = None,
    clock: Clock = utc_now,
) -> None:
    """Write the `loads` row of an attempt that landed nothing (`failed` or `skipped`)."""
    landed_at = next_landed_at(connection, clock)
    row = {
        "source": outcome.source,
        "entity": outcome.entity or None,
        "part": outcome.part or None,
        "status": outcome.status,
        "origin": origin,
        "location": location or None,
        "http_status": http_status,
        "skipped_count": outcome.skipped,
        "error": outcome.error,
        "started_at": naive(started_at),
    }
    insert_load(connection, row, landed_at, clock)


def insert_load(
    connection: duckdb.DuckDBPyConnection,
    row: dict[str, Any],
    landed_at: datetime,
    clock: Clock,
    keys_of: str = "",
) -> datetime:
    """Write one row of `loads`, `confirmed_keys` from a table if one is named; returns its
    finished_at."""
    finished_at = naive(clock())
    row = row | {
        "load_id": load_id_of(row["source"], row["entity"], landed_at),
        "finished_at": finished_at,
        "landed_at": landed_at,
    }
    names = [name for name in COLUMNS["loads"] if name in row and name != "confirmed_keys"]
    marks = ", ".join("?" for _ in names)
    keys = f"(select list(record_key order by record_key) from {keys_of})" if keys_of else "null"
    connection.execute(
        f"insert into loads ({', '.join(names)}, confirmed_keys) values ({marks}, {keys})",
        [row[name] for name in names],
    )
    return finished_at


def next_landed_at(connection: duckdb.DuckDBPyConnection, clock: Clock) -> datetime:
    """The clock's time, or just after the last load where the clock stood still or went back."""
    row = connection.execute("select max(landed_at) from loads").fetchone()
    last, now = row[0] if row else None, naive(clock())
    return now if last is None else max(now, last + timedelta(microseconds=1))


def load_id_of(source: str, entity: str | None, landed_at: datetime) -> str:
    """Unique, since landed_at is, and readable."""
    return f"{source}.{entity or '*'}.{landed_at:%Y%m%dT%H%M%S.%f}"


def naive(time: datetime) -> datetime:
    """UTC without a time zone, as the TIMESTAMP columns hold it."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
