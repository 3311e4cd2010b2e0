"""A copy of the project in which commands run as a user runs them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
NOT_COPIED = shutil.ignore_patterns(
    ".venv",
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

    def run(self, *command: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.path), "LANG": "C.UTF-8"}
        # Builds run side by side, one on each processor: none gains from threads of its own.
        environment["OMP_NUM_THREADS"] = "1"
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def extract(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run("-m", "extract", *arguments)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess:
        return self.run("-m", "dbt.cli.main", "--no-use-colors", *arguments)

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
                target = self.path / "build" / f"{table}.csv"
                connection.execute(f"copy main.{table} to '{target}' (header)")
                exported[table] = target.read_text()
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


def copy_of_project(target: Path) -> Project:
    """A copy with nothing landed or built, and with a short history of the rankings.

    Every month end is another fit; the whole history is built by `make test` before pytest runs.
    What dbt parsed then comes along, and the vectors of names where the extra `semantic` is
    installed: they save ten and forty seconds a copy.
    """
    shutil.copytree(ROOT, target, ignore=NOT_COPIED)
    for kept in (PARSED, VECTORS):
        carry_along(ROOT, target, kept)
    project = Project(target)
    project.start_history_on(HISTORY_STARTS_ON)
    return project


def succeed(process: subprocess.CompletedProcess) -> str:
    """Return what a command printed; fail the test with all of it if the command failed."""
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout + process.stderr


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Project:
    """The project with the shipped snapshots landed and built once; tests leave it as it is."""
    project = copy_of_project(tmp_path_factory.mktemp("shipped") / "project")
    succeed(project.extract())
    succeed(project.build())
    return project


@pytest.fixture
def scratch(shipped, tmp_path) -> Project:
    """A copy of the built project that a test may break."""
    shutil.copytree(shipped.path, tmp_path / "project")
    return Project(tmp_path / "project")
