"""One attempt at one source: find its files, turn them into loads, land them, note the outcome."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import duckdb

from console import reason_of
from extract.catalog import Entity, Source
from extract.confirming import confirm, hash_of_files
from extract.faults import ParseError
from extract.files import FetchError, Found, Freshness, SourceFile
from extract.folder import read_folder
from extract.landing import Clock, note_attempt, utc_now
from extract.large import HELD, size_of
from extract.loads import DEFAULT_MAX_SHRINK_SHARE, Load, Outcome
from extract.parse import Document, Record, Split, decode, key_of, split
from extract.spool import Spool
from extract.states import land

STALENESS = get_args(Freshness)
"""A load of several files is as stale as the worst of them."""


class SourceError(Exception):
    """A source, or one file of it, cannot be landed: one line of what and where, and the entity
    and file it concerns, if one."""

    def __init__(
        self, message: str, entity: str = "", http_status: int | None = None, part: str = ""
    ):
        super().__init__(message)
        self.entity = entity
        self.http_status = http_status
        self.part = part


@dataclass(frozen=True)
class Request:
    """Where to read a source from: `origin` is snapshot, directory or live.

    `folder` holds one folder per source id; of a live reading `fetched` gives what came, or raises
    FetchError, and `no_live` says why there is none to be had. `named` is set where the user asked
    for this very source, so that finding nothing in the folder given is a failure. A complete
    listing that lost more than `max_shrink_share` of its records is held back unless
    `accepts_shrink`. `files_hash` is that of a live reading's files.
    """

    origin: str
    folder: Path | None = None
    fetched: Callable[[], Found] | None = None
    no_live: str = ""
    named: bool = False
    max_shrink_share: float = DEFAULT_MAX_SHRINK_SHARE
    accepts_shrink: bool = False
    files_hash: str = ""


@dataclass
class Result:
    """What an attempt came to: an outcome per entity and time, and one per file that went another
    way; files that the catalog does not name; files that are listed and were not there, and files
    that landed and are not listed, where a seed lists them."""

    outcomes: list[Outcome] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    quota: str = ""


def run_source(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    request: Request,
    clock: Clock = utc_now,
) -> Result:
    """Read and land one source; a failure is an outcome and a `loads` row, never an exception.

    But for an interrupt, and for a landing file that takes no more rows: it ends the whole run.
    """
    started_at = clock()
    result = Result()
    try:
        reason = _reason_to_skip(source, request)
        if reason and request.named and request.origin == "directory":
            raise SourceError(reason)
        if not reason:
            found = _find(source, request)
            result.undeclared = found.undeclared
            result.quota = found.quota and f"{source.id}: {found.quota}"
            reason = _land_files(connection, source, request, found, started_at, clock, result)
        if not reason:
            return result
        outcome, http_status = Outcome(source.id, "", "skipped", error=reason), None
    except Exception as error:
        if is_interrupt(error):
            raise
        outcome, http_status = _failure(source, error)
    note_attempt(
        connection, outcome, request.origin, started_at, http_status=http_status, clock=clock
    )
    result.outcomes.append(outcome)
    return result


def is_interrupt(error: BaseException) -> bool:
    """DuckDB turns Ctrl-C during a statement into errors of its own."""
    kinds = (KeyboardInterrupt, duckdb.InterruptException)
    return isinstance(error, kinds) or str(error) == "Query interrupted"


def _failure(source: Source, error: Exception) -> tuple[Outcome, int | None]:
    """The outcome of a source that failed, and the HTTP status where there is one.

    What nobody foresaw is told by its kind and first line: it fails this source and no other.
    """
    entity = part = ""
    status = None
    text = str(error)
    if isinstance(error, SourceError):
        entity, part, status = error.entity, error.part, error.http_status
    elif isinstance(error, FetchError):
        status = error.http_status
    elif isinstance(error, OSError):
        text = f"cannot be landed: {reason_of(error)}"
    else:
        text = f"cannot be landed ({type(error).__name__}: {reason_of(error)}): check its files"
    outcome = Outcome(source.id, entity, "failed", part=part, error=f"{source.id}: {text}")
    return outcome, status


def _land_files(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    request: Request,
    found: Found,
    started_at: datetime,
    clock: Clock,
    result: Result,
) -> str:
    """Land the files found; returns why nothing was to be landed, or an empty text."""
    if not found.files:
        reason = "no file that sources.yml names"
        if request.named or request.origin == "live":
            raise SourceError(f"{reason}: check the files")
        return reason
    if request.fetched:
        known = hash_of_files(source, found.files)
        request = replace(request, files_hash=known)
        result.outcomes += confirm(connection, source, found.files, known, started_at, clock)
        if result.outcomes:
            return ""
    with tempfile.TemporaryDirectory(prefix="landing-") as folder:
        built = build_loads(source, found.files, request, started_at, Path(folder))
        result.outcomes += in_one(land(connection, built.loads, clock))
    result.missing, result.unlisted = built.missing, built.unlisted
    noted = [_failure(source, error) for error in built.failures]
    for name, skipped in built.empty:
        text = "no such records in its files"
        noted.append((Outcome(source.id, name, "skipped", skipped=skipped, error=text), None))
    for outcome, status in noted:
        note_attempt(
            connection, outcome, request.origin, started_at, http_status=status, clock=clock
        )
        result.outcomes.append(outcome)
    return ""


def in_one(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One outcome for all files of an entity and time that landed or did not change, in place of
    one per file; others stay by themselves."""
    together: dict[tuple[str, datetime | None], list[Outcome]] = {}
    kept: list[Outcome | tuple[str, datetime | None]] = []
    for outcome in outcomes:
        group = (outcome.entity, outcome.observed_at)
        if not outcome.part or outcome.status not in ("landed", "unchanged"):
            kept.append(outcome)
        elif group in together:
            together[group].append(outcome)
        else:
            together[group] = [outcome]
            kept.append(group)
    return [_sum(together[item]) if isinstance(item, tuple) else item for item in kept]


def _sum(outcomes: Sequence[Outcome]) -> Outcome:
    first = outcomes[0]
    names = ("records", "new", "changed", "gone", "skipped", "errors", "seconds")
    totals = {name: sum(getattr(outcome, name) for outcome in outcomes) for name in names}
    stalest = max(outcomes, key=lambda outcome: STALENESS.index(outcome.freshness))
    landed = any(outcome.status == "landed" for outcome in outcomes)
    return Outcome(
        first.source,
        first.entity,
        "landed" if landed else "unchanged",
        first.observed_at,
        error=stalest.error,
        freshness=stalest.freshness,
        **totals,
    )


def _reason_to_skip(source: Source, request: Request) -> str:
    if request.folder is None:
        return request.no_live
    if (request.folder / source.id).exists():
        return ""
    if request.origin == "snapshot":
        why = source.snapshot.none
        return f"no snapshot ships{f': {why}' if why else ' with this repository'}"
    return f"no folder '{source.id}' in the one given"


def _find(source: Source, request: Request) -> Found:
    if request.fetched:
        return request.fetched()
    if request.folder is None:
        raise SourceError("is read neither live nor from a folder")
    fallback = source.snapshot.observed_on if request.origin == "snapshot" else None
    return read_folder(source, request.folder / source.id, fallback)


@dataclass
class Built:
    """What files came to: the loads to land; optional entities without a record, with how many
    parts were skipped; files that failed by themselves; listed files that were not there, and
    files that are not listed."""

    loads: list[Load] = field(default_factory=list)
    empty: list[tuple[str, int]] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)


def build_loads(
    source: Source,
    files: Sequence[SourceFile],
    request: Request,
    started_at: datetime,
    folder: Path,
) -> Built:
    """Turn files into loads, whose records go into `folder`: one per entity and time of
    observation, and where each file is a listing of its own one per file.

    Raises SourceError for the first file that cannot be read, unless it is such a file: then it
    fails by itself.
    """
    documents = _Documents()
    used: set[str] = set()
    built = Built()
    for entity in source.entities:
        groups = _listings(entity, files)
        nothing: list[_Parts] = []
        for number, ((observed_at, part), group) in enumerate(groups.items()):
            try:
                with Spool(folder / f"{entity.name}.{number}.ndjson") as records:
                    parts = _split_group(source, entity, group, documents, records)
            except SourceError as error:
                if not part:
                    raise
                built.failures.append(SourceError(str(error), entity.name, error.http_status, part))
                used |= {file.location for file in group}
                continue
            used |= {file.location for file, _ in parts}
            if records.count:
                load = _load(source, entity, request, parts, records, started_at)
                built.loads.append(replace(load, observed_at=observed_at, part=part))
            elif parts:
                nothing.append(parts)
        _count_nothing(built, entity, nothing)
        _compare_with_list(built, source, entity, groups)
    for file in files:
        if file.location not in used:
            names = ", ".join(entity.name for entity in source.entities)
            raise SourceError(f"{file.location}: has the shape of none of {names}: check the file")
    return built


def _count_nothing(built: Built, entity: Entity, nothing: Sequence[_Parts]) -> None:
    """Tell of files without a record: beside the entity's load if there is one, else by itself."""
    files = [file.location for parts in nothing for file, _ in parts]
    skipped = sum(found.skipped for parts in nothing for _, found in parts)
    if not files:
        return
    for number, load in enumerate(built.loads):
        if load.entity == entity.name:
            built.loads[number] = replace(
                load,
                location=", ".join((load.location, *files)),
                file_count=load.file_count + len(files),
                skipped=load.skipped + skipped,
            )
            return
    built.empty.append((entity.name, skipped))


def _load(
    source: Source,
    entity: Entity,
    request: Request,
    parts: _Parts,
    records: Spool,
    started_at: datetime,
) -> Load:
    first = parts[0][0]
    stalest = max((file for file, _ in parts), key=lambda file: STALENESS.index(file.freshness))
    return Load(
        source=source.id,
        entity=entity.name,
        observed_at=first.observed_at,
        records=records,
        completeness=_completeness(source, entity, request.origin, parts),
        origin=request.origin,
        location=", ".join(file.location for file, _ in parts),
        bytes=sum(size_of(file.data) for file, _ in parts),
        file_count=len(parts),
        started_at=started_at,
        http_status=first.http_status,
        skipped=sum(found.skipped for _, found in parts),
        errors=sum(found.errors for _, found in parts),
        envelope=envelope_of({f.location: found.envelope for f, found in parts}),
        max_shrink_share=request.max_shrink_share,
        accepts_shrink=request.accepts_shrink,
        freshness=stalest.freshness,
        problem=stalest.problem,
        files_hash=request.files_hash,
    )


def _listings(
    entity: Entity, files: Sequence[SourceFile]
) -> dict[tuple[datetime, str], list[SourceFile]]:
    """The files of an entity by time of observation, and by name where each is a listing."""
    groups: dict[tuple[datetime, str], list[SourceFile]] = {}
    for file in files:
        if entity.reads(file.name):
            part = file.name if entity.complete == "file" else ""
            groups.setdefault((file.observed_at, part), []).append(file)
    return groups


def _compare_with_list(
    built: Built,
    source: Source,
    entity: Entity,
    groups: Mapping[tuple[datetime, str], list[SourceFile]],
) -> None:
    """Where a seed lists an entity's files: tell of its newest files which are not there, or not
    listed, each in one line."""
    newest = max((observed_at for observed_at, _ in groups), default=None)
    there = {f.name for (at, _), group in groups.items() if at == newest for f in group}
    listed = entity.columns.keys()
    if not there & listed:
        return
    place = f"{source.id} {entity.name} {newest:%Y-%m-%d}"
    if lacking := sorted(listed - there):
        built.missing.append(f"{place}: {len(lacking)} of {len(listed)}: {_some(lacking)}")
    if others := sorted(there - listed):
        built.unlisted.append(f"{place}: {_some(others)}: landed, but no score column is declared")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")


_Parts = list[tuple[SourceFile, Split]]


class _Documents:
    """The decoded files of a source, since several entities may be in one: those that came first
    are kept, as long as they are not more than a large file in all."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Document] = {}
        self._bytes = 0

    def read(self, entity: Entity, file: SourceFile) -> Document:
        """Decode a file unless that was done; raises ParseError."""
        at = (file.location, entity.format)
        if at in self._kept:
            return self._kept[at]
        document = decode(file.data, entity.format, entity.may_lack_line_end)
        size = size_of(file.data)
        # What a large file has decoded is small.
        if size > HELD or self._bytes + size <= HELD:
            self._kept[at] = document
            self._bytes += size if size <= HELD else 0
        return document


def _split_group(
    source: Source,
    entity: Entity,
    files: Sequence[SourceFile],
    documents: _Documents,
    records: Spool,
) -> _Parts:
    """Split the files that hold this entity and add its records to `records`."""
    steps = [e.records[0] for e in source.entities if e.records]
    roots = frozenset(step.name for step in steps if step.kind == "field")

    def take(record: Record) -> None:
        records.add(key_of(entity, record), record.hash, record.text)

    parts: _Parts = []
    for file in files:
        try:
            document = documents.read(entity, file)
            part = split(entity, file.name, document, take, roots)
        except ParseError as error:
            raise SourceError(f"{file.location}: {error}", entity.name, file.http_status) from error
        if part is not None:
            parts.append((file, part))
    return parts


def _completeness(source: Source, entity: Entity, origin: str, parts: _Parts) -> str:
    kind = entity.complete
    if kind == "page":
        kind = "yes" if _all_pages([part.envelope for _, part in parts]) else "page"
    is_cut = origin == "snapshot" and source.snapshot.rows is not None
    return "rows" if kind == "yes" and is_cut else kind


def _all_pages(envelopes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the `pagination` of the files says that pages 1 to the last are all there."""
    pages, totals = set(), set()
    for envelope in envelopes:
        pagination = envelope.get("pagination")
        if not isinstance(pagination, dict):
            return False
        pages.add(pagination.get("page"))
        totals.add(pagination.get("total_pages"))
    total = totals.pop() if len(totals) == 1 else None
    return isinstance(total, int) and pages == set(range(1, total + 1))


def envelope_of(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One envelope of several (file -> fields): what all agree on, the rest under `_by_file`."""
    first = next(iter(files.values()), {})
    agreed = {
        name: value
        for name, value in first.items()
        if all(name in other and other[name] == value for other in files.values())
    }
    by_file = {
        file: rest
        for file, fields in files.items()
        if (rest := {name: value for name, value in fields.items() if name not in agreed})
    }
    return agreed | ({"_by_file": by_file} if by_file else {})
