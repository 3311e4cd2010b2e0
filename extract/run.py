"""One attempt at one source: find its files, turn them into loads, land them, note the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb
import requests

from extract.catalog import Entity, Source
from extract.fetch import FetchError, Found, SourceFile, download, read_folder
from extract.landing import Clock, Load, Outcome, land, note_attempt, utc_now
from extract.parse import Document, ParseError, Split, decode, key_records, split


class SourceError(Exception):
    """A source cannot be landed: one line of what and where, and the entity it concerns, if one."""

    def __init__(self, message: str, entity: str = "", http_status: int | None = None):
        super().__init__(message)
        self.entity = entity
        self.http_status = http_status


@dataclass(frozen=True)
class Request:
    """Where to read a source from: `origin` is snapshot, directory or live.

    `folder` holds one folder per source id (not for live). `named` is set where the user asked for
    this very source, so that finding nothing in the folder given is a failure.
    """

    origin: str
    folder: Path | None = None
    named: bool = False


@dataclass
class Result:
    """What an attempt came to: outcomes per load, and files that the catalog does not name."""

    outcomes: list[Outcome] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)


def run_source(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    request: Request,
    session: requests.Session | None = None,
    clock: Clock = utc_now,
) -> Result:
    """Read and land one source; a failure is an outcome and a `loads` row, never an exception."""
    started_at = clock()
    result = Result()
    try:
        reason = _reason_to_skip(source, request)
        if reason and request.named and request.origin == "directory":
            raise SourceError(reason)
        if not reason:
            found = _find(source, request, session, clock)
            result.undeclared = found.undeclared
            reason = _land_files(connection, source, request, found, started_at, clock, result)
        if not reason:
            return result
        outcome, http_status = Outcome(source.id, "", "skipped", error=reason), None
    except (FetchError, SourceError) as error:
        text = f"{source.id}: {error}"
        entity = error.entity if isinstance(error, SourceError) else ""
        outcome, http_status = Outcome(source.id, entity, "failed", error=text), error.http_status
    note_attempt(
        connection, outcome, request.origin, started_at, http_status=http_status, clock=clock
    )
    result.outcomes.append(outcome)
    return result


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
    loads, empty = build_loads(source, found.files, request.origin, started_at)
    result.outcomes += land(connection, loads, clock)
    for name, skipped in empty:
        text = "no such records in its files"
        outcome = Outcome(source.id, name, "skipped", skipped=skipped, error=text)
        note_attempt(connection, outcome, request.origin, started_at, clock=clock)
        result.outcomes.append(outcome)
    return ""


def _reason_to_skip(source: Source, request: Request) -> str:
    if request.origin == "live":
        return f"no live source: {source.live.none}" if source.live.none else ""
    if (request.folder / source.id).exists():
        return ""
    if request.origin == "snapshot":
        return "no snapshot ships with this repository"
    return f"no folder '{source.id}' in the one given"


def _find(
    source: Source, request: Request, session: requests.Session | None, clock: Clock
) -> Found:
    if request.origin == "live":
        return download(source, session or requests.Session(), clock)
    fallback = source.snapshot.observed_on if request.origin == "snapshot" else None
    return read_folder(source, request.folder / source.id, fallback)


def build_loads(
    source: Source, files: Sequence[SourceFile], origin: str, started_at: datetime
) -> tuple[list[Load], list[tuple[str, int]]]:
    """Turn files into loads: one per entity and time of observation.

    Also returns (entity, parts skipped) for optional entities of which the files hold no record.
    Raises SourceError for the first file that cannot be read.
    """
    documents: dict[tuple[str, str], Document] = {}
    used: set[str] = set()
    loads: list[Load] = []
    empty: list[tuple[str, int]] = []
    for entity in source.entities:
        for observed_at, group in _by_time(entity, files).items():
            parts = _split_group(source, entity, group, documents)
            used |= {file.location for file, _ in parts}
            records = key_records(entity, [r for _, part in parts for r in part.records])
            skipped = sum(part.skipped for _, part in parts)
            if records:
                loads.append(
                    Load(
                        source=source.id,
                        entity=entity.name,
                        observed_at=observed_at,
                        records=records,
                        completeness=_completeness(source, entity, origin, parts),
                        origin=origin,
                        location=", ".join(file.location for file, _ in parts),
                        bytes=sum(len(file.data) for file, _ in parts),
                        file_count=len(parts),
                        started_at=started_at,
                        http_status=parts[0][0].http_status,
                        skipped=skipped,
                        errors=sum(part.errors for _, part in parts),
                        envelope=envelope_of({f.location: part.envelope for f, part in parts}),
                    )
                )
            elif parts:
                empty.append((entity.name, skipped))
    for file in files:
        if file.location not in used:
            names = ", ".join(entity.name for entity in source.entities)
            raise SourceError(f"{file.location}: has the shape of none of {names}: check the file")
    return loads, empty


def _by_time(entity: Entity, files: Sequence[SourceFile]) -> dict[datetime, list[SourceFile]]:
    groups: dict[datetime, list[SourceFile]] = {}
    for file in files:
        if any(fnmatchcase(file.name, glob) for glob in entity.files):
            groups.setdefault(file.observed_at, []).append(file)
    return groups


_Parts = list[tuple[SourceFile, Split]]


def _split_group(
    source: Source,
    entity: Entity,
    files: Sequence[SourceFile],
    documents: dict[tuple[str, str], Document],
) -> _Parts:
    """Split the files that hold this entity; each file is decoded once per source."""
    steps = [e.records[0] for e in source.entities if e.records]
    roots = frozenset(step.name for step in steps if step.kind == "field")
    parts: _Parts = []
    for file in files:
        try:
            at = (file.location, entity.format)
            if at not in documents:
                documents[at] = decode(file.data, entity.format)
            part = split(entity, file.name, documents[at], roots)
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
