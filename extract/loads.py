"""The records of this package's own bookkeeping: what a load holds, and what came of an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extract.spool import Spool

COMPLETE = ("yes", "file")
"""Kinds of completeness of which what is not listed is gone."""

DEFAULT_MAX_SHRINK_SHARE = 0.2
"""Share of its records that a complete listing may lose where nothing else is declared."""


@dataclass(frozen=True)
class Load:
    """All that was read of one (source, entity), or of one file of it, as observed at one time.

    `part` names the file where a file is a listing of its own, else it is empty; times are UTC.
    Of a live reading `freshness` says how its answers stand to the source, `problem` why one is
    stale, and `files_hash` is that of the files and of how they are read.
    """

    source: str
    entity: str
    observed_at: datetime
    records: Spool
    completeness: str
    origin: str
    location: str
    bytes: int
    file_count: int
    started_at: datetime
    part: str = ""
    http_status: int | None = None
    skipped: int = 0
    errors: int = 0
    envelope: Mapping[str, Any] = field(default_factory=dict)
    max_shrink_share: float = DEFAULT_MAX_SHRINK_SHARE
    accepts_shrink: bool = False
    freshness: str = ""
    problem: str = ""
    files_hash: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether what the load does not list is gone."""
        return self.completeness in COMPLETE


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to, as written to `loads`; `seconds` from start to finish."""

    source: str
    entity: str
    status: str
    observed_at: datetime | None = None
    part: str = ""
    records: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    skipped: int = 0
    errors: int = 0
    seconds: float = 0.0
    error: str = ""
    freshness: str = ""
