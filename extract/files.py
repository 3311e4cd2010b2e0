"""The files of a source, wherever they are read from: name, bytes, and when it was observed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit

from extract.catalog import Source
from extract.large import Data

Freshness = Literal["", "fetched", "revalidated", "cached", "stale"]
"""How a file stands to its source, the worst last: not read live; fetched now; confirmed now to be
as it was (304); asked for within `cache_hours`; or kept from before, because the source could not
be asked now."""

_DATE = re.compile(r"(?<!\d)(20\d\d)([-_])(\d\d)\2(\d\d)(?!\d)")


class FetchError(Exception):
    """A source cannot be read; the text says which file or address, what, and what to do."""

    def __init__(self, message: str, http_status: int | None = None):
        super().__init__(message)
        self.http_status = http_status


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: `name` (no folders), `location` (within the source's folder, or the
    address without its query), its bytes or, of a large file in a folder, where they are, and when
    it was observed (UTC).

    `problem` says why a file is stale.
    """

    name: str
    location: str
    data: Data
    observed_at: datetime
    http_status: int | None = None
    freshness: Freshness = ""
    problem: str = ""


@dataclass
class Found:
    """The files of a source, what lay beside them that the catalog does not name, and what a live
    source says of the requests it still allows."""

    files: list[SourceFile] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)
    quota: str = ""


def dates_in(text: str) -> Iterator[date]:
    """The real dates in a text, written 2026-01-31 or 2026_01_31."""
    for match in _DATE.finditer(text):
        with suppress(ValueError):
            yield date(int(match[1]), int(match[3]), int(match[4]))


def date_in(name: str) -> date | None:
    """The first real date in a name."""
    return next(dates_in(name), None)


def is_declared(source: Source, name: str) -> bool:
    """Whether some entity of the source reads files of this name."""
    return any(entity.reads(name) for entity in source.entities)


def without_query(url: str) -> str:
    """An address without user, password, query and fragment: safe to show and to store."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
