"""Which loads count: of each time of observation, what was listed then and whether it is believed.

A complete listing says all there is. Of several at one time one that was accepted counts
(--accept-shrink), else the one with more records, then with more bytes, then the greater hash.
Partial loads (pages, releases, rows) of one time are a union, and stand back behind a complete
listing of that time.

A complete listing that holds fewer records than a share of the one observed just before it that
counts is held back: what was before it stays the state, until somebody accepts the shrinking. That
is judged over observed time, so that the order of landing changes nothing. It is the number of
records that is judged and never which of them are gone: real files replace a fifth while growing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import duckdb

from extract.loads import COMPLETE

CountAt = Callable[[datetime], int]


@dataclass(frozen=True)
class Scope:
    """What a listing can speak for: an entity of a source, or one file of it (`part`)."""

    source: str
    entity: str
    part: str = ""


@dataclass(frozen=True)
class Listing:
    """The complete listing of a moment; `record_count` None where it lists other parts too."""

    content_hash: str
    record_count: int | None
    size: int
    is_accepted: bool = False
    is_held: bool = False

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Of two of one time the greater counts; one that lists other parts too ranks last."""
        count = -1 if self.record_count is None else self.record_count
        return (self.is_accepted, count, self.size, self.content_hash)


@dataclass(frozen=True)
class Partial:
    """A page, release or cut of a moment; which keys it names stands in its row of `loads`."""

    content_hash: str
    record_count: int

    @property
    def rank(self) -> tuple[int, str]:
        """Of two that name the same key at one time the greater speaks for it."""
        return (self.record_count, self.content_hash)


@dataclass(frozen=True)
class Moment:
    """What was observed of a scope at one time."""

    observed_at: datetime
    listing: Listing | None = None
    partials: tuple[Partial, ...] = ()

    @property
    def content_hash(self) -> str:
        """The content of the complete listing; empty where there is none."""
        return self.listing.content_hash if self.listing else ""

    @property
    def counts(self) -> bool:
        """Whether a complete listing decides every key from this moment on."""
        return self.listing is not None and not self.listing.is_held

    def outranking(self, rank: tuple[int, str]) -> list[str]:
        """The contents of the partial loads of a greater rank."""
        return [partial.content_hash for partial in self.partials if partial.rank > rank]


def read_moments(connection: duckdb.DuckDBPyConnection, scope: Scope) -> list[Moment]:
    """The moments of a scope in the order of time, each listing with its present verdict.

    Loads from before files were listings of their own carry no part: they speak for every part.
    """
    rows = connection.execute(
        """
        select
            observed_at,
            completeness,
            content_hash,
            any_value(record_count),
            max(bytes),
            bool_or(coalesce(is_shrink_accepted, false)),
            arg_max(status, landed_at) = 'held',
            part is null as speaks_for_all
        from loads
        where
            source = $source and entity = $entity and (part is null or part = $part)
            and status in ('landed', 'unchanged', 'superseded', 'held')
        group by observed_at, completeness, content_hash, speaks_for_all
        order by observed_at, speaks_for_all, content_hash
        """,
        {"source": scope.source, "entity": scope.entity, "part": scope.part},
    ).fetchall()
    by_time: dict[datetime, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_time.setdefault(row[0], []).append(row)
    return [_moment(scope, at, found) for at, found in by_time.items()]


def _moment(scope: Scope, at: datetime, rows: Sequence[tuple[Any, ...]]) -> Moment:
    listings, partials = [], []
    for _, completeness, content, records, size, accepted, held, speaks_for_all in rows:
        if completeness not in COMPLETE:
            partials.append(Partial(content, records))
        elif scope.part and speaks_for_all:
            listings.append(Listing(content, None, 0, accepted, held))
        else:
            listings.append(Listing(content, records, size, accepted, held))
    winner = max(listings, key=lambda listing: listing.rank, default=None)
    return Moment(at, winner, tuple(partials))


def moment_at(moments: Sequence[Moment], at: datetime) -> Moment:
    """The moment of a time, an empty one if nothing was observed then."""
    return next((moment for moment in moments if moment.observed_at == at), Moment(at))


def with_moment(moments: Sequence[Moment], changed: Moment) -> list[Moment]:
    """The moments with one of them put in, or put in another's place."""
    others = [moment for moment in moments if moment.observed_at != changed.observed_at]
    return sorted([*others, changed], key=lambda moment: moment.observed_at)


def first_listing(moments: Sequence[Moment], after: datetime) -> datetime | None:
    """The time of the first moment after another whose complete listing counts."""
    times = (moment.observed_at for moment in moments if moment.counts)
    return min((time for time in times if time > after), default=None)


class Before(NamedTuple):
    """The listing that one is held against: how many records it holds, and of when it is."""

    records: int
    observed_at: datetime


class Verdict(NamedTuple):
    """A moment whose listing was judged; the listing before it, and that one again if the listing
    shrank so far from it that it is held back."""

    moment: Moment
    previous: Before | None
    shrunk_from: Before | None


def judge(
    moments: Sequence[Moment], since: datetime, max_shrink_share: float, count_at: CountAt
) -> Iterator[Verdict]:
    """Judge, in the order of time, each complete listing from `since` on. `count_at` counts the
    records of the state at a time, for listings that did not count this scope by itself.
    """
    before: Before | None = None
    for moment in moments:
        listing = moment.listing
        if listing is None:
            continue
        count = listing.record_count
        if count is None:
            count = count_at(moment.observed_at)
        if moment.observed_at >= since:
            shrunk_from = None
            # One that lists other parts too can't be held back for this one alone.
            if before and listing.record_count is not None and not listing.is_accepted:
                shrunk_from = before if count < (1 - max_shrink_share) * before.records else None
            listing = replace(listing, is_held=shrunk_from is not None)
            yield Verdict(replace(moment, listing=listing), before, shrunk_from)
        if not listing.is_held:
            before = Before(count, moment.observed_at)
