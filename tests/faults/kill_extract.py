"""Kills `python -m extract` while it lands; runs it again without cleaning.

`python tests/faults/kill_extract.py [KILLS]` (default 150), from the project's root. Each time a
new folder gets a landing, and the command is killed (SIGKILL): every other time within 100 ms of
the first sign of the landing on disk, else at any moment of its run. What must hold at once: the
landing opens, and holds all records of every load that it tells of and no other. Then the same
command runs to its end in the same folder: it succeeds, its landing equals that of a run that
nothing disturbed, and no other file is left. Not part of `make test`, which runs a short form.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
WINDOW_SECONDS = 0.1
SOURCES = ("static_registry", "trun", "aider")
LANDING = "landing.duckdb"
RECORD_COLUMNS = 7
"""Columns of what `content` says of a record; what it says of loads and sources has others."""


@dataclass
class Tally:
    """How the kills went: `seen` counts which files were on disk when the command died."""

    kills: int = 0
    too_late: int = 0
    seen: dict[str, int] | None = None


def extract(folder: Path) -> subprocess.Popen:
    """Start a landing of a few small sources in a folder."""
    chosen = [part for source in SOURCES for part in ("--source", source)]
    return subprocess.Popen(
        [sys.executable, "-m", "extract", "--db", str(folder / LANDING), *chosen],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_within(process: subprocess.Popen, folder: Path, seconds: float) -> bool:
    """Kill the process `seconds` after the first file appears; False if it had ended before."""
    _first_sign(process, folder)
    time.sleep(seconds)
    is_running = process.poll() is None
    process.kill()
    process.communicate()
    return is_running


def _first_sign(process: subprocess.Popen, folder: Path) -> float:
    """Wait until the first file appears, and say when that was."""
    deadline = time.monotonic() + 60
    while not any(folder.iterdir()) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    return time.monotonic()


def content(path: Path) -> list[tuple]:
    """What a landing holds, but for the moments of landing."""
    with duckdb.connect(str(path), read_only=True) as connection:
        records = connection.execute(
            "select source, entity, record_key, record_hash, record, observed_at, part "
            "from records order by all"
        ).fetchall()
        loads = connection.execute(
            "select source, entity, status, record_count, content_hash from loads "
            "where status = 'landed' order by all"
        ).fetchall()
        sources = connection.execute("select * from sources order by all").fetchall()
    return records + loads + sources


def what_is_half(folder: Path, expected: list[tuple]) -> str:
    """What a landing holds of a load that it does not tell of, or lacks of one that it does; of a
    copy, so that looking heals nothing."""
    if not (folder / LANDING).is_file():
        return ""
    with tempfile.TemporaryDirectory() as name:
        for path in folder.glob(f"{LANDING}*"):
            shutil.copy(path, Path(name) / path.name)
        with duckdb.connect(str(Path(name) / LANDING)) as connection:
            told = connection.execute("select source, entity from loads").fetchall()
            query = "select source, entity, record_key, record_hash from records"
            held = set(connection.execute(query).fetchall())
    wanted = {row[:4] for row in expected if len(row) == RECORD_COLUMNS and row[:2] in set(told)}
    return f"{len(held - wanted)} too many, {len(wanted - held)} lost" if held != wanted else ""


def run(kills: int, seed: int = 1) -> Tally:
    """Kill so many times; raises AssertionError with what the next run said or left."""
    chance = random.Random(seed)
    tally = Tally(seen={})
    with tempfile.TemporaryDirectory() as name:
        process = extract(Path(name))
        began = _first_sign(process, Path(name))
        text = process.communicate()[0]
        length = time.monotonic() - began
        assert process.returncode == 0, text
        expected = content(Path(name) / LANDING)
    for number in range(kills):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            delay = chance.uniform(0, length if number % 2 else WINDOW_SECONDS)
            tally.too_late += not kill_within(extract(folder), folder, delay)
            tally.kills += 1
            left = ", ".join(sorted(_kind(path) for path in folder.iterdir())) or "nothing"
            tally.seen[left] = tally.seen.get(left, 0) + 1
            half = what_is_half(folder, expected)
            assert not half, f"after a kill at {delay:.3f} s ({left}): {half}"
            process = extract(folder)
            text = process.communicate()[0]
            assert process.returncode == 0, f"after a kill at {delay:.3f} s ({left}): {text}"
            assert content(folder / LANDING) == expected, f"after a kill at {delay:.3f} s ({left})"
            rest = sorted(path.name for path in folder.iterdir())
            assert rest == [LANDING], f"after a kill at {delay:.3f} s there is {rest}"
    return tally


def _kind(path: Path) -> str:
    """A file's name without the process id in it."""
    return ".".join("PID" if part.isdigit() else part for part in path.name.split("."))


if __name__ == "__main__":
    result = run(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
    print(f"{result.kills} kills, {result.too_late} of them after the end; next runs all right")
    for files, times in sorted(result.seen.items(), key=lambda item: -item[1]):
        print(f"  {times:4d} times on disk: {files}")
