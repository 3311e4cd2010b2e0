"""What many scores cost: the shipped data and 100,000 or 300,000 made-up scores of 3,000 models.

Run with ``python tests/benchmarks/bench_made_up_scores.py [SCORES ...]``.
The scores come through the front door: rows in the files of Epoch's hub, in the columns that those
files have, landed by ``python -m extract`` and built by ``dbt build`` in a copy of this checkout.
Printed are CPU seconds (user and system), wall seconds and peak memory of each child process, the
same of the ability fit on what the build handed to it, and how the costs of the largest table
compare with those of the smallest.
"""

import csv
import datetime
import itertools
import os
import random
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.bench_build import copied

SIZES = (100_000, 300_000)
MODELS = 3_000
FAMILIES = (
    "qwen",
    "llama",
    "mistral",
    "gemma",
    "phi",
    "falcon",
    "granite",
    "glm",
    "nemotron",
    "jamba",
)
GENERATIONS = [f"{major}.{minor}" for major in range(11, 17) for minor in range(5)]
BILLIONS = (2, 4, 9, 14, 27, 32, 70, 110, 235, 405)
#: What a model's effort adds to its ability, by the ending of its name.
EFFORTS = {"_high": 0.3, "_medium": 0.1, "_low": -0.2}
NOISE = 0.05
FIRST_RELEASE, LAST_RUN = datetime.date(2024, 1, 1), datetime.date(2026, 4, 15)


@dataclass(frozen=True)
class Model:
    """A made-up model: its name, when it came out, and how able it is."""

    name: str
    released_on: datetime.date
    ability: float


@dataclass(frozen=True)
class Column:
    """A score column of one of Epoch's files: where its values lie, and a made-up curve."""

    name: str
    scale_min: float
    scale_max: float
    difficulty: float
    slope: float


@dataclass(frozen=True)
class Board:
    """One of Epoch's files: its score columns, and the column that says when a run was."""

    file: str
    columns: tuple[Column, ...]
    date_column: str


@dataclass(frozen=True)
class Cost:
    """What a child process took, its own children included."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def main(arguments: list[str]) -> None:
    """Measure every size and print the ratio of the last to the first."""
    costs = []
    for scores in [int(argument) for argument in arguments] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            costs.append(measured(copied(Path(folder) / "project"), scores))
    if len(costs) > 1:
        for step, last in costs[-1].items():
            print(f"{step:8} costs {last.cpu_s / costs[0][step].cpu_s:.2f} x the first size's CPU")


def measured(project: Path, scores: int) -> dict[str, Cost]:
    """Add made-up scores to a copy of the project, land and build it; print each step."""
    add_scores(project, scores)
    print(f"{scores:,} made-up scores of {MODELS:,} models", flush=True)
    python = sys.executable
    build = [str(Path(python).with_name("dbt")), "--quiet", "build"]
    steps = {
        "landing": [python, "-m", "extract"],
        "build": [*build, "--exclude-resource-type", "unit_test"],
        "fit": [python, str(Path(__file__).resolve()), "--fit", str(project)],
    }
    costs = {}
    for step, command in steps.items():
        cost, output = cost_of(command, project)
        costs[step] = cost
        figures = f"{cost.cpu_s:7.1f} CPU s  {cost.wall_s:7.1f} s  peak {cost.peak_mb:6,.0f} MB"
        print(f"  {step:8} {figures}", flush=True)
        if step == "fit":
            print(output.rstrip())
    return costs


def cost_of(command: list[str], folder: Path) -> tuple[Cost, str]:
    """Run a command in a folder; return its cost and its output. Stops where it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} failed in {folder}:\n{text}")
    seconds = time.perf_counter() - start
    return Cost(usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024), text


def add_scores(project: Path, scores: int) -> None:
    """Append rows with ``scores`` values to the shipped files of Epoch's hub in the project."""
    rng = random.Random(1)
    (folder,) = (project / "extract" / "snapshots" / "epoch").iterdir()
    boards = list(known_boards(project / "seeds" / "benchmarks", rng))
    models = made_up_models(rng)
    slots = list(itertools.product(boards, models, EFFORTS))
    rng.shuffle(slots)
    rows: dict[Board, list[dict[str, object]]] = {board: [] for board in boards}
    missing = scores
    for board, model, effort in slots:
        if missing < len(board.columns):
            continue
        rows[board].append(made_up_row(board, model, effort, rng))
        missing -= len(board.columns)
    if missing:
        sys.exit(f"{scores:,} scores do not fit: {len(slots):,} rows hold {scores - missing:,}")
    for board, added in rows.items():
        with (folder / board.file).open(newline="", encoding="utf-8-sig") as file:
            names = next(csv.reader(file))
        with (folder / board.file).open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, names, extrasaction="ignore").writerows(added)


def known_boards(seeds: Path, rng: random.Random) -> Iterator[Board]:
    """Take the files of which every score column is in use and bounded, from the seeds."""
    with (seeds / "benchmark_names.csv").open() as file:
        known = {row["source_benchmark_name"]: row for row in csv.DictReader(file)}
    with (seeds / "epoch_columns.csv").open() as file:
        listed = sorted(csv.DictReader(file), key=lambda row: row["source_file"])
    for name, group in itertools.groupby(listed, key=lambda row: row["source_file"]):
        rows = list(group)
        uses = [known[f"{name}:{row['score_column']}"] for row in rows]
        if any(use["unused_reason"] or not use["scale_max"] for use in uses):
            continue
        columns = [
            Column(
                row["score_column"],
                float(use["scale_min"]),
                float(use["scale_max"]),
                difficulty=rng.gauss(0.0, 1.0),
                slope=exp(rng.gauss(0.4, 0.3)),
            )
            for row, use in zip(rows, uses, strict=True)
        ]
        yield Board(name, tuple(columns), rows[0]["date_column"])


def made_up_models(rng: random.Random) -> list[Model]:
    """Draw models whose names have the parts of real ones: family, generation, size, tune."""
    parts = itertools.product(FAMILIES, GENERATIONS, BILLIONS)
    return [
        Model(
            f"{family}-{generation}-{billions}b-instruct",
            FIRST_RELEASE + datetime.timedelta(days=rng.randrange(700)),
            rng.gauss(0.0, 1.0),
        )
        for family, generation, billions in itertools.islice(parts, MODELS)
    ]


def made_up_row(board: Board, model: Model, effort: str, rng: random.Random) -> dict[str, object]:
    """Draw one row of a board: each score from its column's curve, with noise."""
    days = (LAST_RUN - model.released_on).days
    row: dict[str, object] = {
        "Model version": model.name + effort,
        "Release date": model.released_on,
        board.date_column: model.released_on + datetime.timedelta(days=rng.randrange(days)),
        "id": f"made-up-{rng.getrandbits(64):016x}",
    }
    for column in board.columns:
        advantage = column.slope * (model.ability + EFFORTS[effort] - column.difficulty)
        share = min(max(1.0 / (1.0 + exp(-advantage)) + rng.gauss(0.0, NOISE), 0.0), 1.0)
        value = column.scale_min + share * (column.scale_max - column.scale_min)
        row[column.name] = round(value, 4)
    return row


def run_fit(project: Path) -> None:
    """Run the dbt model of the fit on a finished build's tables, and print the sweeps it took."""
    import duckdb

    from scoring import anomaly, calibration
    from scoring.ability import AbilityFit, fit_abilities

    def told(*arguments: Any) -> AbilityFit:
        start = time.process_time()
        fit = fit_abilities(*arguments)
        seconds = time.process_time() - start
        print(
            f"    {len(fit.model_index):,} calibrating, {fit.sweeps} sweeps, {seconds:.2f} CPU s,"
            f" {'converged' if fit.is_converged else 'NOT CONVERGED'}"
        )
        return fit

    class Build:
        """What the dbt model asks of dbt, answered by the finished build."""

        config = staticmethod(lambda **_: None)

        def ref(self, name: str) -> duckdb.DuckDBPyRelation:
            (schema,) = con.execute(
                "select table_schema from information_schema.tables where table_name = ?", [name]
            ).fetchall()
            return con.table(f"{schema[0]}.{name}")

    anomaly.fit_abilities = calibration.fit_abilities = told
    with duckdb.connect(str(project / "build" / "warehouse.duckdb"), read_only=True) as con:
        file = "models/intermediate/abilities/int_ability_fit.py"
        answer = runpy.run_path(str(project / file))["model"](Build(), con)
        print(f"    {len(answer):,} rows")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fit"]:
        run_fit(Path(sys.argv[2]))
    else:
        main(sys.argv[1:])
