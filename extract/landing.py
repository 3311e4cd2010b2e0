"""landing.duckdb: append-only records, one row per load, and what sources.yml says of each source.

`records` holds changes, not loads. The state of (source, entity) at time T is, per record_key, the
row with the greatest (observed_at, landed_at) among those observed by T; no row, or a row whose
record_hash is NULL, means that there is no such record. Read only rows with landed_at <= K to see
what was known at K: landing a file only ever adds rows, each stamped with its own landed_at.

What must hold: the state at T is what the loads observed by T say when read in the order of their
observed_at, whatever the order in which they landed. A complete load says all there is; a partial
load (page, release, rows) only adds and updates. Of loads observed at the same time only one
counts: the one with more records, then more bytes, then the greater content_hash.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from extract.catalog import Source
from extract.opening import duckdb_path, why_not_opened
from extract.parse import Record, canonical

Clock = Callable[[], datetime]

GONE = ""
"""Stands for "no such record" where a hash is expected; NULL in the table."""

SCHEMA = """
create table if not exists records (
    source varchar not null,
    entity varchar not null,
    record_key varchar not null,
    record_hash varchar,
    record json,
    observed_at timestamp not null,
    landed_at timestamp not null,
    load_id varchar not null
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
    landed_at timestamp not null
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
    "column loads.status": "landed | unchanged | superseded | failed | skipped",
    "column loads.origin": "snapshot | live | directory",
    "column loads.location": "File names within the source's folder, or the address",
    "column loads.completeness": "yes: all there is; page, release, rows: never make anything gone",
    "column loads.confirmed_keys": "Keys that a partial load contained; NULL for complete loads",
    "table sources": "What sources.yml said of each source when extract last ran",
    "column sources.live": "The first address that a live reading asks, or why there is none",
    "column sources.is_declared": "False once sources.yml no longer lists the source",
    "column loads.envelope": "Fields beside the records; _by_file where files differ",
}


class LandingError(Exception):
    """The landing file cannot be used; the text is one line that says why and what to do."""


def content_hash(completeness: str, hashes: Mapping[str, str]) -> str:
    """SHA-256 over completeness, keys and record hashes (key -> hash): equal for equal content."""
    digest = hashlib.sha256(completeness.encode())
    for key in sorted(hashes):
        digest.update(f"\n{json.dumps(key)}\t{hashes[key]}".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Load:
    """All that was read of one (source, entity) as observed at one time; times are UTC."""

    source: str
    entity: str
    observed_at: datetime
    records: Mapping[str, Record]
    completeness: str
    origin: str
    location: str
    bytes: int
    file_count: int
    started_at: datetime
    http_status: int | None = None
    skipped: int = 0
    errors: int = 0
    envelope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether what the load does not list is gone."""
        return self.completeness == "yes"

    def content_hash(self) -> str:
        """What `content_hash` says of this load."""
        hashes = {key: record.hash for key, record in self.records.items()}
        return content_hash(self.completeness, hashes)


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to, as written to `loads`; `seconds` from start to finish."""

    source: str
    entity: str
    status: str
    observed_at: datetime | None = None
    records: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    skipped: int = 0
    errors: int = 0
    seconds: float = 0.0
    error: str = ""


def utc_now() -> datetime:
    """The clock of normal runs: the time now, in UTC."""
    return datetime.now(UTC)


@contextmanager
def open_landing(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open, and where needed create, the landing file for writing; raises LandingError."""
    connection = _connect(path)
    try:
        _prepare(connection, path)
        yield connection
    finally:
        connection.close()


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    if path.is_dir():
        raise LandingError(f"{path}: is a folder, name a file with --db")
    if not path.absolute().parent.is_dir():
        raise LandingError(f"{path}: its folder does not exist, name another with --db")
    try:
        return duckdb.connect(duckdb_path(path))
    except duckdb.Error as error:
        raise LandingError(f"{path}: {why_not_opened(error)}") from None


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create the tables, or check that those that are there are ours."""
    before = _columns(connection)
    try:
        if not before:
            connection.execute(SCHEMA)
            for target, text in COMMENTS.items():
                connection.execute(f"comment on {target} is '{text.replace(chr(39), chr(39) * 2)}'")
    except duckdb.Error as error:
        raise LandingError(f"{path}: cannot be written ({str(error).splitlines()[0]})") from None
    found = _columns(connection)
    records = [c for t, c in found if t == "records"]
    loads = [c for t, c in found if t == "loads"]
    if records != RECORD_COLUMNS or loads != LOAD_COLUMNS:
        raise LandingError(
            f"{path}: its tables are not those of a landing file, move it away or name another "
            "with --db"
        )


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'main' "
        "and database_name = current_database() and not internal order by table_name, column_index"
    ).fetchall()


def _declared_columns(table: str) -> list[str]:
    body = SCHEMA.split(f"create table if not exists {table} (")[1].split(");")[0]
    return [line.split()[0] for line in body.strip().splitlines()]


RECORD_COLUMNS = _declared_columns("records")
LOAD_COLUMNS = _declared_columns("loads")


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


def land(
    connection: duckdb.DuckDBPyConnection, loads: Sequence[Load], clock: Clock = utc_now
) -> list[Outcome]:
    """Land the loads of one source in one transaction: all of them or, on any error, none."""
    connection.begin()
    try:
        outcomes: list[Outcome] = []
        since = min((load.started_at for load in loads), default=clock())
        for load in sorted(loads, key=lambda x: x.observed_at):
            outcome, since = _land_one(connection, load, since, clock)
            outcomes.append(outcome)
        connection.commit()
    except BaseException:
        # An interrupt during the commit may leave no transaction to roll back.
        with suppress(duckdb.TransactionException):
            connection.rollback()
        raise
    return outcomes


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
    landed_at = _next_landed_at(connection, clock)
    row = {
        "source": outcome.source,
        "entity": outcome.entity or None,
        "status": outcome.status,
        "origin": origin,
        "location": location or None,
        "http_status": http_status,
        "skipped_count": outcome.skipped,
        "error": outcome.error,
        "started_at": _naive(started_at),
    }
    _insert_load(connection, row, landed_at, clock)


@dataclass(frozen=True)
class _Effective:
    """The load that counts at one time, of one (source, entity)."""

    observed_at: datetime
    is_complete: bool
    keys: frozenset[str]
    rank: tuple[int, int, str]

    def decides(self, key: str) -> bool:
        """Whether this load says what `key` is from its time on."""
        return self.is_complete or key in self.keys


def _land_one(
    connection: duckdb.DuckDBPyConnection, load: Load, since: datetime, clock: Clock
) -> tuple[Outcome, datetime]:
    """Land one load; returns its outcome, timed from `since`, and when it was finished."""
    content_hash = load.content_hash()
    rank = (len(load.records), load.bytes, content_hash)
    at = _naive(load.observed_at)
    effective = _effective_loads(connection, load.source, load.entity, at)
    rival = effective.pop(0) if effective and effective[0].observed_at == at else None
    landed_at = _next_landed_at(connection, clock)
    load_id = _load_id(load.source, load.entity, landed_at)
    counts = (0, 0, 0)
    if rival and rival.rank[2] == content_hash:
        status, confirmed = "unchanged", None
    elif rival and rival.rank > rank:
        status, confirmed = "superseded", None
    else:
        rows, counts = _plan(connection, load, at, rival is not None, effective)
        _insert_records(connection, load, rows, landed_at, load_id)
        status = "landed" if rows else "unchanged"
        confirmed = None if load.is_complete else sorted(load.records)
    row = {
        "source": load.source,
        "entity": load.entity,
        "status": status,
        "origin": load.origin,
        "location": load.location,
        "http_status": load.http_status,
        "bytes": load.bytes,
        "file_count": load.file_count,
        "record_count": len(load.records),
        "new_count": counts[0],
        "changed_count": counts[1],
        "gone_count": counts[2],
        "skipped_count": load.skipped,
        "error_count": load.errors,
        "completeness": load.completeness,
        "content_hash": content_hash,
        "envelope": canonical(dict(load.envelope)),
        "confirmed_keys": confirmed,
        "observed_at": at,
        "started_at": _naive(load.started_at),
    }
    finished_at = _insert_load(connection, row, landed_at, clock)
    outcome = Outcome(
        load.source,
        load.entity,
        status,
        load.observed_at,
        len(load.records),
        *counts,
        skipped=load.skipped,
        errors=load.errors,
        seconds=max(0.0, (finished_at - _naive(since)).total_seconds()),
    )
    return outcome, finished_at


def _effective_loads(
    connection: duckdb.DuckDBPyConnection, source: str, entity: str, since: datetime
) -> list[_Effective]:
    """Of each time from `since` on, the load that counts, in the order of time."""
    rows = connection.execute(
        """
        select observed_at, completeness, record_count, bytes, content_hash,
            max(confirmed_keys) over (partition by observed_at, content_hash) as keys
        from loads
        where source = ? and entity = ? and observed_at >= ?
            and status in ('landed', 'unchanged', 'superseded')
        qualify row_number() over (
            partition by observed_at order by record_count desc, bytes desc, content_hash desc
        ) = 1
        order by observed_at
        """,
        [source, entity, since],
    ).fetchall()
    return [_Effective(at, c == "yes", frozenset(k or ()), (n, b, h)) for at, c, n, b, h, k in rows]


_Row = tuple[str, str, datetime]
"""A planned row of `records`: key, hash or GONE, observed_at."""


def _plan(
    connection: duckdb.DuckDBPyConnection,
    load: Load,
    at: datetime,
    has_rival: bool,
    later: Sequence[_Effective],
) -> tuple[list[_Row], tuple[int, int, int]]:
    """The rows to add so that the state is right at all times, and (new, changed, gone) at `at`."""
    found = _hashes(connection, load, at, "<=")
    changes = _changes(load, found, _hashes(connection, load, at, "<") if has_rival else found)
    rows: list[_Row] = [(key, now, at) for key, now in changes.items()]
    if later and changes:
        following = _rows_after(connection, load, at, changes)
        for key, now in changes.items():
            rows += _restated(key, found.get(key, GONE), now, following.get(key, {}), later)
    new = sum(1 for key in changes if found.get(key, GONE) == GONE)
    gone = sum(1 for now in changes.values() if now == GONE)
    return rows, (new, len(changes) - new - gone, gone)


def _changes(load: Load, found: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Key -> hash that the load makes of it, where that differs from what was `found` at its time.

    `before` is the state just before that time. It differs from `found` only where another load of
    the same time gives way to this one: what only that one said is undone.
    """
    wanted = {key: record.hash for key, record in load.records.items()}
    background = {} if load.is_complete else before
    changes = {}
    for key in sorted(wanted.keys() | found.keys() | background.keys()):
        now = wanted.get(key) or background.get(key, GONE)
        if now != found.get(key, GONE):
            changes[key] = now
    return changes


def _restated(
    key: str, was: str, now: str, following: Mapping[datetime, str], later: Sequence[_Effective]
) -> list[_Row]:
    """Rows that end the reach of a change: it lasts until a later load decides the key anew.

    There the old value is written down again, unless that load left a row of its own. Rows before
    it decide nothing (they undo a load that gave way), so they take the new value.
    """
    decider = next((load.observed_at for load in later if load.decides(key)), None)
    times = sorted(following)
    end = len(times) if decider is None else bisect_left(times, decider)
    rows = [(key, now, time) for time in times[:end] if following[time] != now]
    if decider is not None and decider not in following:
        rows.append((key, was, decider))
    return rows


def _hashes(
    connection: duckdb.DuckDBPyConnection, load: Load, at: datetime, compare: str
) -> dict[str, str]:
    """The state at (`<=`) or just before (`<`) a time: key -> hash or GONE."""
    rows = connection.execute(
        f"""
        select record_key, arg_max(coalesce(record_hash, ''), (observed_at, landed_at))
        from records
        where source = ? and entity = ? and observed_at {compare} ?
        group by record_key
        """,
        [load.source, load.entity, at],
    ).fetchall()
    return dict(rows)


def _rows_after(
    connection: duckdb.DuckDBPyConnection, load: Load, at: datetime, keys: Mapping[str, str]
) -> dict[str, dict[datetime, str]]:
    """Key -> time -> hash, of the rows observed after `at` that a reader of today sees."""
    rows = connection.execute(
        """
        select record_key, observed_at, arg_max(coalesce(record_hash, ''), landed_at)
        from records
        where source = ? and entity = ? and observed_at > ?
        group by record_key, observed_at
        """,
        [load.source, load.entity, at],
    ).fetchall()
    following: dict[str, dict[datetime, str]] = {}
    for key, time, found in rows:
        if key in keys:
            following.setdefault(key, {})[time] = found
    return following


def _insert_records(
    connection: duckdb.DuckDBPyConnection,
    load: Load,
    rows: Sequence[_Row],
    landed_at: datetime,
    load_id: str,
) -> None:
    """Insert planned rows in bulk; a value restated from an older row takes its JSON from there."""
    if not rows:
        return
    texts = {record.hash: record.text for record in load.records.values()}
    with tempfile.TemporaryDirectory(prefix="landing-") as folder:
        path = Path(folder) / "rows.ndjson"
        lines = [_line(row, texts) for row in rows]
        path.write_text("".join(lines), encoding="utf-8")
        largest = max(16_777_216, 2 * max(len(line.encode()) for line in lines))
        connection.execute(
            f"""
            create or replace temporary table planned as
            select * from read_json(
                ?, format = 'newline_delimited', maximum_object_size = {largest},
                columns = {{
                    record_key: 'VARCHAR', record_hash: 'VARCHAR', record: 'VARCHAR',
                    observed_at: 'TIMESTAMP'
                }}
            )
            """,
            [str(path)],
        )
    connection.execute(
        """
        insert into records by name
        with earlier as (
            select record_hash, any_value(record) as record
            from records
            where source = $source and entity = $entity and record_hash in (
                select record_hash from planned where record is null
            )
            group by record_hash
        )
        select
            $source as source,
            $entity as entity,
            planned.record_key,
            planned.record_hash,
            coalesce(planned.record::json, earlier.record) as record,
            planned.observed_at,
            $landed_at::timestamp as landed_at,
            $load_id as load_id
        from planned
        left join earlier on planned.record_hash = earlier.record_hash
        order by planned.observed_at, planned.record_key
        """,
        {
            "source": load.source,
            "entity": load.entity,
            "landed_at": landed_at,
            "load_id": load_id,
        },
    )
    connection.execute("drop table planned")


def _line(row: _Row, texts: Mapping[str, str]) -> str:
    key, found, time = row
    fields = {
        "record_key": key,
        "record_hash": found or None,
        "record": texts.get(found),
        "observed_at": time.isoformat(sep=" "),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _insert_load(
    connection: duckdb.DuckDBPyConnection, row: dict[str, Any], landed_at: datetime, clock: Clock
) -> datetime:
    """Write one row of `loads`; returns its finished_at."""
    finished_at = _naive(clock())
    row = row | {
        "load_id": _load_id(row["source"], row["entity"], landed_at),
        "finished_at": finished_at,
        "landed_at": landed_at,
    }
    names = [name for name in LOAD_COLUMNS if name in row]
    marks = ", ".join("?" for _ in names)
    connection.execute(
        f"insert into loads ({', '.join(names)}) values ({marks})", [row[name] for name in names]
    )
    return finished_at


def _next_landed_at(connection: duckdb.DuckDBPyConnection, clock: Clock) -> datetime:
    """The clock's time, or just after the last load where the clock stood still or went back."""
    (last,) = connection.execute("select max(landed_at) from loads").fetchone()
    now = _naive(clock())
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _load_id(source: str, entity: str | None, landed_at: datetime) -> str:
    """Unique, since landed_at is, and readable."""
    return f"{source}.{entity or '*'}.{landed_at:%Y%m%dT%H%M%S.%f}"


def _naive(time: datetime) -> datetime:
    """UTC without a time zone, as the TIMESTAMP columns hold it."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
