"""Land loads: write the rows that make the state right at all times, whatever landed before.

What must hold: the state at T is what the moments observed by T say (extract.moments), read in the
order of time: a complete listing that counts is the state, partial loads add and update. Landing
one load changes what its own moment says, and may change which of the later listings are held
back. Each such change is written as rows of the moment that it happens at; it lasts until the next
moment that decides the key anew, where the old value is written down again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from extract.landing import (
    COLUMNS,
    Clock,
    insert_load,
    load_id_of,
    naive,
    next_landed_at,
    utc_now,
)
from extract.loads import Load, Outcome
from extract.moments import (
    Before,
    Listing,
    Moment,
    Partial,
    Scope,
    Verdict,
    judge,
    moment_at,
    read_moments,
    with_moment,
)
from extract.parse import canonical
from extract.spool import SAID, content_hash, stage
from extract.writing import Writing


def land(
    connection: duckdb.DuckDBPyConnection, loads: Sequence[Load], clock: Clock = utc_now
) -> list[Outcome]:
    """Land the loads of one source in one transaction: all of them or, on any error, none.

    Returns an outcome per load, and one per earlier listing that is judged anew.
    """
    connection.begin()
    try:
        outcomes: list[Outcome] = []
        since = naive(min((load.started_at for load in loads), default=clock()))
        for load in sorted(loads, key=lambda x: x.observed_at):
            found, since = _land_one(connection, load, since, clock)
            outcomes += found
        connection.commit()
    except BaseException:
        # An interrupt during the commit may leave no transaction to roll back.
        with suppress(duckdb.Error):
            connection.rollback()
        raise
    return outcomes


def _land_one(
    connection: duckdb.DuckDBPyConnection, load: Load, since: datetime, clock: Clock
) -> tuple[list[Outcome], datetime]:
    """Land one load and judge anew what follows it; returns outcomes and when it was finished."""
    scope = Scope(load.source, load.entity, load.part)
    at = naive(load.observed_at)
    landed_at = next_landed_at(connection, clock)
    load_id = load_id_of(load.source, load.entity, landed_at)
    writing = Writing(connection, scope, landed_at, load_id)
    moments = read_moments(connection, scope)
    said = _Said(stage(connection, load.records), content_hash(connection, load.completeness))
    land_kind = _land_listing if load.is_complete else _land_partial
    answer = land_kind(writing, load, said, at, moments)
    row = _row_of(load, said, at, answer)
    keys_of = "" if load.is_complete else SAID
    finished_at = insert_load(connection, row, landed_at, clock, keys_of)
    outcome = Outcome(
        load.source,
        load.entity,
        answer.status,
        load.observed_at,
        load.part,
        said.count,
        *answer.counts,
        skipped=load.skipped,
        errors=load.errors,
        seconds=max(0.0, (finished_at - since).total_seconds()),
        error=answer.error or load.problem,
        freshness=load.freshness,
    )
    judged = []
    if load.is_complete:
        judged = _judge_later(writing, load, at, answer.moments, clock)
    return [outcome, *judged], finished_at


@dataclass(frozen=True)
class _Said:
    """The load in the table `said`: how many records, and the hash of its content."""

    count: int
    content_hash: str


@dataclass(frozen=True)
class _Answer:
    """What landing one load came to: its status and counts, and the moments as they are now."""

    status: str
    moments: Sequence[Moment]
    counts: tuple[int, int, int] = (0, 0, 0)
    error: str = ""
    previous: Before | None = None


def _land_listing(
    writing: Writing, load: Load, said: _Said, at: datetime, moments: Sequence[Moment]
) -> _Answer:
    """A complete listing: the state of its moment unless it gives way or is held back."""
    here = moment_at(moments, at)
    listing = Listing(said.content_hash, said.count, load.bytes, load.accepts_shrink)
    known = here.listing if here.content_hash == said.content_hash else None
    if known:
        listing = replace(listing, is_accepted=listing.is_accepted or known.is_accepted)
    elif here.listing and here.listing.rank > listing.rank:
        return _Answer("superseded", moments)
    wanted = with_moment(moments, replace(here, listing=listing))
    verdict = next(judge(wanted, at, load.max_shrink_share, writing.count))
    judged, previous = verdict.moment, verdict.previous
    counts = (0, 0, 0)
    if not known or here.counts != judged.counts:
        counts = _switch(writing, here, judged, SAID, moments)
    now = with_moment(moments, judged)
    if verdict.shrunk_from:
        error = shrink_text(writing.scope, said.count, verdict.shrunk_from)
        return _Answer("held", now, counts, error, previous)
    landed = any(counts) or (known is not None and known.is_held)
    return _Answer("landed" if landed else "unchanged", now, counts, previous=previous)


def shrink_text(scope: Scope, count: int, before: Before) -> str:
    """Why a listing is held back, and what to do, in one line."""
    what = f"{scope.source}: {scope.entity}{f' of {scope.part}' if scope.part else ''}"
    return (
        f"{what}: {count:,} record{'' if count == 1 else 's'} where the listing before, of "
        f"{before.observed_at:%Y-%m-%d}, held {before.records:,} ({1 - count / before.records:.0%} "
        "fewer): held back, what was there stays; check both, --accept-shrink takes it"
    )


def _switch(
    writing: Writing, was: Moment, now: Moment, says: str, moments: Sequence[Moment]
) -> tuple[int, int, int]:
    """Change a moment from one verdict, or one listing, to another; `says`: the table of the
    listing's own records.

    What stops counting, and may count again, is kept in `held_records`.
    """
    at = now.observed_at
    found = writing.state("found", at)
    if now.counts:
        if not was.counts:
            _hold_partials(writing, was, found)
        return writing.change(at, says, found, moments)
    writing.hold(at, now.content_hash, says)
    if not was.counts:
        return (0, 0, 0)
    wanted = writing.state("wanted", at, "<")
    for partial in sorted(was.partials, key=lambda p: p.rank):
        writing.put_over(wanted, writing.held("held_partial", at, partial.content_hash))
    return writing.change(at, wanted, found, moments)


def _hold_partials(writing: Writing, moment: Moment, found: str) -> None:
    """Keep what the partial loads of a moment say before a listing speaks in their place."""
    at = moment.observed_at
    for partial in moment.partials:
        says = writing.of_partial("of_partial", found, at, partial.content_hash)
        writing.hold(at, partial.content_hash, says)


def _land_partial(
    writing: Writing, load: Load, said: _Said, at: datetime, moments: Sequence[Moment]
) -> _Answer:
    """A page, release or cut: adds to its moment, and changes what it names."""
    here = moment_at(moments, at)
    partial = Partial(said.content_hash, said.count)
    others = tuple(p for p in here.partials if p.content_hash != partial.content_hash)
    now = with_moment(moments, replace(here, partials=(*others, partial)))
    if here.counts:
        writing.hold(at, partial.content_hash, SAID)
        return _Answer("superseded", now)
    wanted = writing.without_keys("wanted", at, here.outranking(partial.rank))
    found = writing.state("found", at)
    counts = writing.change(at, wanted, found, moments, is_all=False)
    return _Answer("landed" if any(counts) else "unchanged", now, counts)


def _judge_later(
    writing: Writing, load: Load, at: datetime, moments: Sequence[Moment], clock: Clock
) -> list[Outcome]:
    """Judge anew the listings observed from `at` on; write and return what changes."""
    outcomes = []
    current = list(moments)
    for verdict in list(judge(current, at, load.max_shrink_share, writing.count)):
        was = moment_at(current, verdict.moment.observed_at)
        if was.counts == verdict.moment.counts:
            continue
        started_at = naive(load.started_at)
        outcomes.append(_switch_later(writing, was, verdict, current, started_at, clock))
        current = with_moment(current, verdict.moment)
    return outcomes


def _switch_later(
    writing: Writing,
    was: Moment,
    verdict: Verdict,
    moments: Sequence[Moment],
    started_at: datetime,
    clock: Clock,
) -> Outcome:
    """Hold back a later listing, or let it count after all, under a `loads` row of its own."""
    connection, scope, judged = writing.connection, writing.scope, verdict.moment
    at = judged.observed_at
    row = _newest_row(connection, scope, at, judged.content_hash)
    landed_at = next_landed_at(connection, clock)
    load_id = load_id_of(scope.source, scope.entity, landed_at)
    later = replace(writing, landed_at=landed_at, load_id=load_id)
    says = "says"
    if judged.counts:
        later.held(says, at, judged.content_hash)
    else:
        later.state(says, at)
    count, error = later.rows(says), ""
    if verdict.shrunk_from:
        error = shrink_text(scope, count, verdict.shrunk_from)
    counts = _switch(later, was, judged, says, moments)
    status = "landed" if judged.counts else "held"
    row |= {
        "started_at": started_at,
        "previous_count": verdict.previous and verdict.previous.records,
        "status": status,
        "new_count": counts[0],
        "changed_count": counts[1],
        "gone_count": counts[2],
        "error": error or None,
    }
    insert_load(connection, row, landed_at, clock)
    return Outcome(scope.source, scope.entity, status, at, scope.part, count, *counts, error=error)


def _newest_row(
    connection: duckdb.DuckDBPyConnection, scope: Scope, at: datetime, content_hash: str
) -> dict[str, Any]:
    """The newest `loads` row of the listing with this content, as column -> value."""
    names = [name for name in COLUMNS["loads"] if name not in ("load_id", "landed_at")]
    found = connection.execute(
        f"""
        select {", ".join(names)} from loads
        where
            source = ? and entity = ? and (part is null or part = ?)
            and observed_at = ? and content_hash = ?
        order by landed_at desc
        limit 1
        """,
        [scope.source, scope.entity, scope.part, at, content_hash],
    ).fetchone()
    return dict(zip(names, found or (), strict=True))


def _row_of(load: Load, said: _Said, at: datetime, answer: _Answer) -> dict[str, Any]:
    """The row of `loads` for a load, but for what `insert_load` stamps."""
    new, changed, gone = answer.counts
    return {
        "source": load.source,
        "entity": load.entity,
        "part": load.part or None,
        "status": answer.status,
        "origin": load.origin,
        "location": load.location,
        "http_status": load.http_status,
        "bytes": load.bytes,
        "file_count": load.file_count,
        "record_count": said.count,
        "new_count": new,
        "changed_count": changed,
        "gone_count": gone,
        "skipped_count": load.skipped,
        "error_count": load.errors,
        "completeness": load.completeness,
        "content_hash": said.content_hash,
        "envelope": canonical(dict(load.envelope)),
        "error": answer.error or load.problem or None,
        "observed_at": at,
        "started_at": naive(load.started_at),
        "previous_count": answer.previous and answer.previous.records,
        "max_shrink_share": load.max_shrink_share if load.is_complete else None,
        "is_shrink_accepted": load.accepts_shrink if load.is_complete else None,
        "freshness": load.freshness or None,
        "files_hash": load.files_hash or None,
    }
