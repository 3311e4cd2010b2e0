"""Opening DuckDB files: paths as DuckDB reads them, and why one cannot be opened, in one phrase."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

_HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_DAMAGED = re.compile(r"corrupt|checksum|replaying WAL", re.I)
_LOCK = re.compile(r"could not set lock|already open in|being used by another process", re.I)


WAIT_ENV = "WAIT_SECONDS"
"""Environment variable: how long to wait for a process that has a file open for writing."""

DEFAULT_WAIT_SECONDS = 30.0

_LOOKS_PER_SECOND = 5


def wait_seconds() -> float:
    """The seconds that WAIT_SECONDS names, from 0 to a day; 30 where it names none."""
    try:
        seconds = float(os.environ.get(WAIT_ENV, ""))
    except ValueError:
        return DEFAULT_WAIT_SECONDS
    return min(seconds, 86_400.0) if seconds >= 0 else DEFAULT_WAIT_SECONDS


def open_when_free(
    path: Path, seconds: float, tell: Callable[[str], None], read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, after waiting up to so many seconds for the process that has it open.

    `tell` is told once whom it waits for. Raises duckdb.Error, then that of the last try.
    """
    until = time.monotonic() + seconds
    is_told = False
    while True:
        try:
            return duckdb.connect(duckdb_path(path), read_only=read_only)
        except duckdb.Error as error:
            holder = lock_holder(error)
            if holder is None or time.monotonic() >= until:
                raise
        if not is_told:
            tell(f"{path}: {holder} has it open, waiting up to {seconds:g} s")
            is_told = True
        time.sleep(1 / _LOOKS_PER_SECOND)


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
