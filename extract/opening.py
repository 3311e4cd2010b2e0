"""Opening DuckDB files: paths as DuckDB reads them, and why one cannot be opened, in one phrase."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

_HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_DAMAGED = re.compile(r"corrupt|checksum|replaying WAL", re.I)
_LOCK = re.compile(r"could not set lock|already open in|being used by another process", re.I)


def duckdb_path(path: Path) -> str:
    """A path as text in UTF-8, whatever the locale made of it; raises UnicodeDecodeError."""
    return os.fsencode(path).decode("utf-8")


def lock_holder(error: duckdb.Error) -> str | None:
    """The program and process id that hold a file's lock; None for an error of another kind.

    DuckDB names both on Linux and macOS; elsewhere the answer is 'another process'.
    """
    text = str(error)
    if found := _HOLDER.search(text):
        return f"{Path(found['program']).name} (process {found['pid']})"
    return "another process" if _LOCK.search(text) else None


def why_not_opened(error: duckdb.Error) -> str:
    """What DuckDB's refusal to open a file means, and what to do."""
    text = str(error)
    if holder := lock_holder(error):
        return f"{holder} has it open, wait until that has ended or close it there and run again"
    if "not a valid duckdb" in text.lower():
        return "not a DuckDB file, move it away or name another with --db"
    if "permission" in text.lower():
        return "no permission to open it"
    if _DAMAGED.search(text):
        return f"is damaged, bring a backup back with --restore ({text.splitlines()[0]})"
    return f"cannot be opened ({text.splitlines()[0]})"
