"""Copies of the project in which commands run as a user runs them."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import duckdb
import pytest

from .dbt_commands import launcher

ROOT = Path(__file__).parents[3]
NOT_COPIED = shutil.ignore_patterns(
    ".venv*",
    ".git",
    "build",
    "target",
    "logs",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    "*.duckdb*",
)


# The last month end: one day of history beside today.
HISTORY_STARTS_ON = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
PARSED = Path("target") / "partial_parse.msgpack"
VECTORS = Path("build") / "name_vectors.json"


@dataclass(frozen=True)
class Project:
    """A checkout at `path`; each command gets a plain environment and its output is kept."""

    path: Path
    #: Whether builds rank names by meaning where the extra `semantic` is there. For names not seen
    #: before, a build then loads a model for ten seconds.
    by_meaning: bool = True

    @property
    def environment(self) -> dict[str, str]:
        # Builds run side by side, one on each processor: none gains from threads of its own.
        plain = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
        return plain | {"PATH": os.environ["PATH"], "HOME": str(self.path)}

    def run(self, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def extract(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run("-m", "extract", *arguments)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess:
        # dbt parses all anew where the vars are not those of the command before, and keeps that.
        parsed = self.path / PARSED
        kept = parsed.read_bytes() if "--vars" in arguments and parsed.exists() else None
        done = launcher().run(
            self.path,
            self.environment,
            ("--no-use-colors", *arguments),
            not_installed=[] if self.by_meaning else ["sentence_transformers"],
        )
        if kept is not None:
            parsed.write_bytes(kept)
        return done

    def build(self, *arguments: str) -> subprocess.CompletedProcess:
        """Build and publish without dbt's unit tests, which look at made-up rows only."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def start_history_on(self, day: date) -> None:
        (self.path / "seeds" / "history" / "history.csv").write_text(
            f"history_starts_on,reason\n{day},short enough for tests\n"
        )

    def query(self, sql: str, file: str = "warehouse.duckdb") -> list[tuple]:
        with duckdb.connect(str(self.path / file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def exports(self, tables: list[str], file: str = "warehouse.duckdb") -> dict[str, str]:
        """Return each table of schema main as CSV text in its stored order."""
        exported = {}
        with duckdb.connect(str(self.path / file), read_only=True) as connection:
            for table in tables:
                with NamedTemporaryFile(suffix=".csv") as target:
                    connection.execute(f"copy main.{table} to '{target.name}' (header)")
                    exported[table] = Path(target.name).read_text()
        return exported

    def fingerprint(self) -> tuple:
        """Return what tells one published file from another, even from an equal copy."""
        published = self.path / "warehouse.duckdb"
        return published.stat().st_ino, published.read_bytes()

    def marts(self, file: str = "warehouse.duckdb") -> list[str]:
        rows = self.query("select table_name from duckdb_tables() where schema_name = 'main'", file)
        return sorted(name for (name,) in rows)


def carry_along(origin: Path, target: Path, file: Path) -> None:
    """Copy a file that only saves time from one project to another, where there is one."""
    if (origin / file).exists():
        (target / file).parent.mkdir(exist_ok=True)
        shutil.copy(origin / file, target / file)


def copy_of_project(
    target: Path,
    origin: Path = ROOT,
    *,
    has_whole_history: bool = False,
    by_meaning: bool = False,
) -> Project:
    """A copy with nothing landed or built, and with a short history of the rankings unless asked.

    What dbt parsed in `origin` comes along, and the vectors of names where the extra `semantic` is
    installed: they save ten and forty seconds a copy.
    """
    shutil.copytree(ROOT, target, ignore=NOT_COPIED)
    for kept in (PARSED, VECTORS):
        carry_along(origin, target, kept)
    project = Project(target, by_meaning)
    if not has_whole_history:
        project.start_history_on(HISTORY_STARTS_ON)
    return project


def succeed(process: subprocess.CompletedProcess) -> str:
    """Return what a command printed; fail the test with all of it if the command failed."""
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Project:
    """The project that `make` makes in a folder, once for all processes of a test run.

    The first process that needs it makes it and the others wait. All share it: a test that runs
    dbt or writes in it takes a copy.
    """
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    folder, done = run / name, run / f"{name}.done"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return Project(folder)
