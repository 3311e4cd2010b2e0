"""Land loads: write the rows that make the state right at all times, whatever landed before.

What must hold: the state at T is what the moments observed by T say (extract.moments), read in the
order of time: a complete listing that counts is the state, partial loads add and update. Landing
one load changes what its own moment says, and may change which of the later listings are held
back. Each such change is written as rows of the moment that it happens at; it lasts until the next
moment that decides the key anew, where the old value is written down again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb

from extract.landing import (
    COLUMNS,
    GONE,
    Clock,
    Row,
    held_hashes,
    hold_records,
    insert_load,
    insert_records,
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
    judge,
    moment_at,
    read_moments,
    with_moment,
)
from extract.parse import canonical

Hashes = Mapping[str, str]
"""Record key -> record hash, or GONE."""


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


@dataclass
class _Writing:
    """What writes the rows of one scope: the connection, and the stamps that rows get."""

    connection: duckdb.DuckDBPyConnection
    scope: Scope
    landed_at: datetime
    load_id: str
    texts: Mapping[str, str]

    def state(self, at: datetime, compare: str = "<=") -> dict[str, str]:
        """The state at (`<=`) or just before (`<`) a time: key -> hash or GONE."""
        rows = self.connection.execute(
            f"""
            select record_key, arg_max(coalesce(record_hash, ''), (observed_at, landed_at))
            from records
            where
                source = ? and entity = ? and (? is null or part = ?) and observed_at {compare} ?
            group by record_key
            """,
            [*self._place(), at],
        ).fetchall()
        return dict(rows)

    def count(self, at: datetime) -> int:
        """How many records the state at a time has."""
        return sum(found != GONE for found in self.state(at).values())

    def rows_after(self, at: datetime, keys: Hashes) -> dict[str, dict[datetime, str]]:
        """Key -> time -> hash, of the rows observed after `at` that a reader of today sees."""
        rows = self.connection.execute(
            """
            select record_key, observed_at, arg_max(coalesce(record_hash, ''), landed_at)
            from records
            where source = ? and entity = ? and (? is null or part = ?) and observed_at > ?
            group by record_key, observed_at
            """,
            [*self._place(), at],
        ).fetchall()
        following: dict[str, dict[datetime, str]] = {}
        for key, time, found in rows:
            if key in keys:
                following.setdefault(key, {})[time] = found
        return following

    def _place(self) -> list[Any]:
        part = self.scope.part or None
        return [self.scope.source, self.scope.entity, part, part]

    def insert(self, rows: Sequence[Row]) -> None:
        insert_records(self.connection, self.scope, rows, self.texts, self.landed_at, self.load_id)

    def hold(self, at: datetime, content_hash: str, hashes: Hashes) -> None:
        """Keep what a load says that does not count now; once is enough."""
        known = held_hashes(self.connection, self.scope, at, content_hash)
        rows = [(k, found, at) for k, found in sorted(hashes.items()) if k not in known]
        hold_records(self.connection, self.scope, rows, self.texts, self.landed_at, content_hash)

    def held(self, at: datetime, content_hash: str) -> dict[str, str]:
        return held_hashes(self.connection, self.scope, at, content_hash)

    def change(
        self, at: datetime, wanted: Hashes, found: Hashes, moments: Sequence[Moment]
    ) -> tuple[int, int, int]:
        """Make the state at a time what is wanted of some keys, where it was `found`; nothing
        changes from the next moment on that decides them. Returns (new, changed, gone).
        """
        changes = {key: now for key, now in sorted(wanted.items()) if now != found.get(key, GONE)}
        rows: list[Row] = [(key, now, at) for key, now in changes.items()]
        later = [moment for moment in moments if moment.observed_at > at]
        if later and changes:
            following = self.rows_after(at, changes)
            for key, now in changes.items():
                rows += _restated(key, found.get(key, GONE), now, following.get(key, {}), later)
        self.insert(rows)
        new = sum(1 for key in changes if found.get(key, GONE) == GONE)
        gone = sum(1 for now in changes.values() if now == GONE)
        return new, len(changes) - new - gone, gone


def _restated(
    key: str, was: str, now: str, following: Mapping[datetime, str], later: Sequence[Moment]
) -> list[Row]:
    """Rows that end the reach of a change: it lasts until a later moment decides the key anew.

    There the old value is written down again, unless that moment left a row of its own. Rows before
    it decide nothing (they undo a load that gave way), so they take the new value.
    """
    decider = next((moment.observed_at for moment in later if moment.decides(key)), None)
    times = sorted(following)
    end = len(times) if decider is None else bisect_left(times, decider)
    rows = [(key, now, time) for time in times[:end] if following[time] != now]
    if decider is not None and decider not in following:
        rows.append((key, was, decider))
    return rows


def _land_one(
    connection: duckdb.DuckDBPyConnection, load: Load, since: datetime, clock: Clock
) -> tuple[list[Outcome], datetime]:
    """Land one load and judge anew what follows it; returns outcomes and when it was finished."""
    scope = Scope(load.source, load.entity, load.part)
    at = naive(load.observed_at)
    landed_at = next_landed_at(connection, clock)
    writing = _Writing(
        connection,
        scope,
        landed_at,
        load_id_of(load.source, load.entity, landed_at),
        {record.hash: record.text for record in load.records.values()},
    )
    moments = read_moments(connection, scope)
    says = {key: record.hash for key, record in load.records.items()}
    land_kind = _land_listing if load.is_complete else _land_partial
    answer = land_kind(writing, load, says, at, moments)
    row = _row_of(load, at, answer)
    finished_at = insert_load(connection, row, landed_at, clock)
    outcome = Outcome(
        load.source,
        load.entity,
        answer.status,
        load.observed_at,
        load.part,
        len(load.records),
        *answer.counts,
        skipped=load.skipped,
        errors=load.errors,
        seconds=max(0.0, (finished_at - since).total_seconds()),
        error=answer.error,
    )
    judged = []
    if load.is_complete:
        judged = _judge_later(writing, load, at, answer.moments, clock)
    return [outcome, *judged], finished_at


@dataclass(frozen=True)
class _Answer:
    """What landing one load came to: its status and counts, and the moments as they are now."""

    status: str
    moments: Sequence[Moment]
    counts: tuple[int, int, int] = (0, 0, 0)
    error: str = ""
    previous: Before | None = None


def _land_listing(
    writing: _Writing, load: Load, says: Hashes, at: datetime, moments: Sequence[Moment]
) -> _Answer:
    """A complete listing: the state of its moment unless it gives way or is held back."""
    here = moment_at(moments, at)
    content_hash = load.content_hash()
    listing = Listing(content_hash, len(says), load.bytes, load.accepts_shrink)
    was_known = here.listing is not None and here.listing.content_hash == content_hash
    if was_known:
        accepted = listing.is_accepted or here.listing.is_accepted
        listing = replace(listing, is_accepted=accepted)
    elif here.listing and here.listing.rank > listing.rank:
        return _Answer("superseded", moments)
    wanted = with_moment(moments, replace(here, listing=listing))
    judged, previous = next(judge(wanted, at, load.max_shrink_share, writing.count))
    counts = (0, 0, 0)
    if not was_known or here.counts != judged.counts:
        counts = _switch(writing, here, judged, says, moments)
    now = with_moment(moments, judged)
    if judged.listing.is_held:
        error = shrink_text(Scope(load.source, load.entity, load.part), len(says), previous)
        return _Answer("held", now, counts, error, previous)
    landed = any(counts) or (was_known and here.listing.is_held)
    return _Answer("landed" if landed else "unchanged", now, counts, previous=previous)


def shrink_text(scope: Scope, count: int, before: Before) -> str:
    """Why a listing is held back, and what to do, in one line."""
    what = f"{scope.source}: {scope.entity}{f' of {scope.part}' if scope.part else ''}"
    return (
        f"{what}: {count:,} record{'' if count == 1 else 's'} where the listing before, of "
        f"{before.observed_at:%Y-%m-%d}, held {before.count:,} ({1 - count / before.count:.0%} "
        "fewer): held back, what was there stays; check both, --accept-shrink takes it"
    )


def _switch(
    writing: _Writing, was: Moment, now: Moment, says: Hashes, moments: Sequence[Moment]
) -> tuple[int, int, int]:
    """Change a moment from one verdict, or one listing, to another; `says` is the listing's own.

    What stops counting, and may count again, is kept in `held_records`.
    """
    at = now.observed_at
    found = writing.state(at)
    if now.counts:
        if not was.counts:
            _hold_partials(writing, was, found)
        wanted = {key: says.get(key, GONE) for key in says.keys() | found.keys()}
        return writing.change(at, wanted, found, moments)
    writing.hold(at, now.listing.content_hash, says)
    if not was.counts:
        return (0, 0, 0)
    wanted = writing.state(at, "<")
    for partial in sorted(was.partials, key=lambda p: p.rank):
        wanted |= writing.held(at, partial.content_hash)
    wanted = {key: wanted.get(key, GONE) for key in wanted.keys() | found.keys()}
    return writing.change(at, wanted, found, moments)


def _hold_partials(writing: _Writing, moment: Moment, found: Hashes) -> None:
    """Keep what the partial loads of a moment say before a listing speaks in their place."""
    for partial in moment.partials:
        says = {key: found[key] for key in partial.keys if found.get(key, GONE) != GONE}
        writing.hold(moment.observed_at, partial.content_hash, says)


def _land_partial(
    writing: _Writing, load: Load, says: Hashes, at: datetime, moments: Sequence[Moment]
) -> _Answer:
    """A page, release or cut: adds to its moment, and changes what it names."""
    here = moment_at(moments, at)
    partial = Partial(load.content_hash(), len(says), frozenset(says))
    others = tuple(p for p in here.partials if p.content_hash != partial.content_hash)
    now = with_moment(moments, replace(here, partials=(*others, partial)))
    if here.counts:
        writing.hold(at, partial.content_hash, says)
        return _Answer("superseded", now)
    outranked = here.outranked_keys(partial.rank)
    wanted = {key: found for key, found in says.items() if key not in outranked}
    counts = writing.change(at, wanted, writing.state(at), moments)
    return _Answer("landed" if any(counts) else "unchanged", now, counts)


def _judge_later(
    writing: _Writing, load: Load, at: datetime, moments: Sequence[Moment], clock: Clock
) -> list[Outcome]:
    """Judge anew the listings observed from `at` on; write and return what changes."""
    outcomes = []
    current = list(moments)
    for judged, previous in list(judge(current, at, load.max_shrink_share, writing.count)):
        was = moment_at(current, judged.observed_at)
        if was.counts == judged.counts:
            continue
        started_at = naive(load.started_at)
        outcomes.append(_switch_later(writing, was, judged, previous, current, started_at, clock))
        current = with_moment(current, judged)
    return outcomes


def _switch_later(
    writing: _Writing,
    was: Moment,
    judged: Moment,
    previous: Before | None,
    moments: Sequence[Moment],
    started_at: datetime,
    clock: Clock,
) -> Outcome:
    """Hold back a later listing, or let it count after all, under a `loads` row of its own."""
    connection, scope, at = writing.connection, writing.scope, judged.observed_at
    content_hash = judged.listing.content_hash
    row = _newest_row(connection, scope, at, content_hash)
    landed_at = next_landed_at(connection, clock)
    later = replace(
        writing,
        landed_at=landed_at,
        load_id=load_id_of(scope.source, scope.entity, landed_at),
    )
    if judged.counts:
        says, error = later.held(at, content_hash), ""
    else:
        says = {key: found for key, found in later.state(at).items() if found != GONE}
        error = shrink_text(scope, len(says), previous)
    counts = _switch(later, was, judged, says, moments)
    status = "landed" if judged.counts else "held"
    row |= {
        "started_at": started_at,
        "previous_count": previous and previous.count,
        "status": status,
        "new_count": counts[0],
        "changed_count": counts[1],
        "gone_count": counts[2],
        "error": error or None,
    }
    insert_load(connection, row, landed_at, clock)
    return Outcome(
        scope.source, scope.entity, status, at, scope.part, len(says), *counts, error=error
    )


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
    return dict(zip(names, found, strict=True))


def _row_of(load: Load, at: datetime, answer: _Answer) -> dict[str, Any]:
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
        "record_count": len(load.records),
        "new_count": new,
        "changed_count": changed,
        "gone_count": gone,
        "skipped_count": load.skipped,
        "error_count": load.errors,
        "completeness": load.completeness,
        "content_hash": load.content_hash(),
        "envelope": canonical(dict(load.envelope)),
        "confirmed_keys": None if load.is_complete else sorted(load.records),
        "error": answer.error or None,
        "observed_at": at,
        "started_at": naive(load.started_at),
        "previous_count": answer.previous and answer.previous.count,
        "max_shrink_share": load.max_shrink_share if load.is_complete else None,
        "is_shrink_accepted": load.accepts_shrink if load.is_complete else None,
    }
