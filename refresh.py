"""`python -m refresh`: read the sources live and, where that brought news, build and publish.

Each step is a process of its own, so that a signal stops between steps and never within one.
Exit status: 0 all well, 1 a source or the build failed, 2 wrong usage, 130 stopped.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from console import Parser, run, say
from extract.opening import open_when_free, wait_seconds

LANDING, PUBLISHED = Path("landing.duckdb"), Path("warehouse.duckdb")
LOCK = Path("build/refresh.lock")
EXTRACT = (sys.executable, "-m", "extract")
BUILD = (
    *(str(Path(sys.executable).with_name("dbt")), "--quiet", "build"),
    *("--exclude-resource-type", "unit_test"),
)
NEW_LOADS = "select max(landed_at) from loads where status in ('landed', 'held')"

_UNITS = {"m": 60, "h": 3_600, "d": 86_400}


class RefreshError(Exception):
    """No refresh can be made now; the text is one line that says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh once, or again and again with --every; returns the exit status."""
    options = Parser(prog="python -m refresh", description=__doc__.partition("\n")[0])
    options.add_argument(
        "--every",
        metavar="TIME",
        help="go on, a refresh each such time (30m, 6h, 1d), until a signal stops it",
    )
    options.add_argument(
        "--revalidate", action="store_true", help="ask also sources that were asked a moment ago"
    )
    chosen = options.parse_args(arguments)
    seconds = _seconds(chosen.every) if chosen.every else 0
    if chosen.every and not seconds:
        options.error(f"--every {chosen.every}: is no time such as 30m, 6h or 1d")
    steps = Steps()
    try:
        with one_at_a_time(LOCK), steps.listening():
            return _repeat(steps, seconds, chosen.revalidate)
    except RefreshError as error:
        say(f"error: {error}")
        return 1


def _repeat(steps: Steps, seconds: int, revalidate: bool) -> int:
    while True:
        try:
            status = refresh(steps, revalidate)
        except RefreshError as error:
            say(f"error: {error}")
            status = 1
        if not seconds and not steps.is_stopped.is_set():
            return status
        if not steps.is_stopped.is_set():
            say(f"next refresh in {seconds // 60} min; Ctrl-C stops")
        if steps.is_stopped.wait(seconds):
            say("stopped between steps: nothing is half landed or half published")
            return 130


def refresh(steps: Steps, revalidate: bool) -> int:
    """Land what is new, and build and publish it; returns 0, or 1 where something failed."""
    landed = 0
    if not LANDING.exists():
        # What is not live, the registry above all, is read from the shipped snapshots.
        landed = steps.run(EXTRACT)
    live = ["--live", *(["--revalidate"] if revalidate else [])]
    if not steps.is_stopped.is_set():
        landed = steps.run([*EXTRACT, *live]) or landed
    if steps.is_stopped.is_set():
        return landed
    if not has_news():
        say(f"nothing new since {PUBLISHED} was built: no build (`make build` makes one)")
        return landed
    return steps.run(BUILD) or landed


def has_news() -> bool:
    """Whether the landing holds changes that the published file was not built from."""
    if not LANDING.exists():
        return False
    landed = one_time(LANDING, NEW_LOADS)
    built = one_time(PUBLISHED, "select last_landed_at from build") if PUBLISHED.exists() else None
    return landed is not None and (built is None or landed > built)


def one_time(file: Path, query: str) -> datetime | None:
    """The one value of a query; raises RefreshError where the file cannot be read."""
    try:
        with open_when_free(file, wait_seconds(), say, read_only=True) as connection:
            row = connection.execute(query).fetchone()
    except duckdb.Error as error:
        raise RefreshError(f"{file}: cannot be read ({str(error).splitlines()[0]})") from None
    return row[0] if row else None


class Steps:
    """Runs commands one after the other; the first signal stops after the one that runs, the
    second ends it."""

    def __init__(self) -> None:
        self.is_stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str]) -> int:
        """Run a command to its end; returns 0, or 1 where it failed."""
        # In a session of its own: Ctrl-C in the terminal reaches this process only.
        self._child = subprocess.Popen(command, start_new_session=True)
        try:
            return int(self._child.wait() != 0)
        finally:
            self._child = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as the wish to stop."""
        before = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: object) -> None:
        child = self._child
        if child and self.is_stopped.is_set():
            child.terminate()
        elif child:
            say("stopping after this step; once more ends it now")
        self.is_stopped.set()


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold the lock file; raises RefreshError that names who holds it. It goes with its process."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise RefreshError(f"a refresh is running ({holder}): wait for its end") from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%F %H:%M} UTC\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,5})([mhd])", text.strip())
    return int(match[1]) * _UNITS[match[2]] if match else 0


if __name__ == "__main__":
    sys.exit(run(main, "refresh"))
