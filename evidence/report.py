"""Measurements of a built warehouse, as rows and as a table."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np

from evidence.names import Pair, PairScore
from evidence.scores import EvaluationCase, evaluate, rank_agreement
from evidence.settings import EvaluationSettings, RecencySettings
from matching import Name, load_vocabulary, resolve
from matching.settings import MatchingSettings
from matching.tables import names_of, registry_of, rows_of
from matching.vocabulary import default_folder
from parameters import settings_from
from scoring.cells import FloatArray, make_cells
from scoring.settings import AnomalySettings, BasketSettings, FitSettings
from scoring.tables import basket_weights

START, END = "<!-- evaluation -->", "<!-- /evaluation -->"

CELLS = """
select cells.model_id, cells.benchmark_id, cells.value_0_1, cells.evidence, cells.calibrates
from intermediate.int_cells as cells
inner join parameters.benchmark_definitions as definitions
    on definitions.benchmark_id = cells.base_benchmark_id
where cells.is_current and cells.scope = 'model' and not definitions.is_composite
order by all
"""
BASKETS = """
select category, benchmark_id, weight from intermediate.int_baskets order by all
"""
SCORES = """
select category, model_id, capability, score, layered_score,
    date_diff('day', date '2000-01-01', released_on) as released
from main.rankings where is_ranked order by all
"""
NAMES = "from intermediate.int_names"
PARAMETERS = "select parameter_group, parameter, value from parameters.scoring_parameters"
THRESHOLDS = "select threshold from parameters.evaluation_thresholds order by threshold"
BOUNDS = "select measurement, category, at_least, at_most from parameters.evaluation_bounds"

NO_BOUND = (None, None)

#: (measurement, category) -> (at least, at most); category '' holds for all without their own.
Bounds = Mapping[tuple[str, str], tuple[float | None, float | None]]


@dataclass(frozen=True)
class Finding:
    """One measurement of one day; `category` is empty where it concerns all of them.

    `threshold` is given where the figure is a point of the curve of planted errors.
    """

    evaluated_on: str
    category: str
    measurement: str
    figure: float
    at_least: float | None = None
    at_most: float | None = None
    matched: int | None = None
    threshold: float | None = None

    @property
    def holds(self) -> bool:
        """Say whether the figure keeps its bounds; NaN keeps none."""
        above = self.at_least is None or self.figure >= self.at_least
        below = self.at_most is None or self.figure <= self.at_most
        return above and below


def load_case(connection: duckdb.DuckDBPyConnection) -> EvaluationCase:
    """Read today's cells, baskets and settings from the working database."""
    parameters = connection.execute(PARAMETERS).fetchall()
    cells = connection.execute(CELLS).fetchall()
    basket_rows = connection.execute(BASKETS).fetchall()
    chance = dict(
        connection.execute(
            "select benchmark_id, chance_0_1 from parameters.benchmark_definitions"
        ).fetchall()
    )
    benchmarks = sorted({row[1] for row in cells} | {row[1] for row in basket_rows})
    models = sorted({row[0] for row in cells})
    place = {name: index for index, name in enumerate(benchmarks)}
    number = {name: index for index, name in enumerate(models)}
    return EvaluationCase(
        cells=make_cells(
            [number[row[0]] for row in cells],
            [place[row[1]] for row in cells],
            [row[2] for row in cells],
            len(models),
            len(benchmarks),
            [row[3] for row in cells],
        ),
        counts=np.array([row[4] for row in cells], dtype=bool),
        chance=np.array([chance[name.split("@")[0]] for name in benchmarks]),
        baskets=basket_weights(basket_rows, benchmarks),
        fit=settings_from(FitSettings, parameters),
        basket=settings_from(BasketSettings, parameters),
        anomaly=settings_from(AnomalySettings, parameters),
        recency=settings_from(RecencySettings, parameters),
        settings=settings_from(EvaluationSettings, parameters),
        thresholds=tuple(row[0] for row in connection.execute(THRESHOLDS).fetchall()),
    )


def read_board(path: Path) -> dict[str, float]:
    """Read a board file: {name: rating}, or {name: {"rating": ...}}, alone or under one key.

    Raises ValueError with one line where the file is neither.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error})") from None
    if isinstance(content, dict) and len(content) == 1:
        (inner,) = content.values()
        content = inner if isinstance(inner, dict) and "rating" not in inner else content
    if not isinstance(content, dict) or not content:
        raise ValueError(f"{path}: expected an object of name -> rating")
    return {name: _rating(entry, name, path) for name, entry in content.items()}


def _rating(entry: object, name: str, path: Path) -> float:
    value = entry.get("rating") if isinstance(entry, dict) else entry
    try:
        rating = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        rating = math.nan
    if not math.isfinite(rating):
        raise ValueError(f"{path}: '{name}' needs a number as its rating")
    return rating


def ladder(connection: duckdb.DuckDBPyConnection) -> MatchingSettings:
    """Read the numbers that names were matched by."""
    return settings_from(MatchingSettings, connection.execute(PARAMETERS).fetchall())


def match_board(
    connection: duckdb.DuckDBPyConnection, board: Mapping[str, float]
) -> dict[str, float]:
    """Name the board's models by our own crosswalk: model_id -> best rating of its names."""
    rows = rows_of(connection.sql(NAMES))
    names = names_of(rows) + [Name("arena", name) for name in board]
    ratings: dict[str, float] = {}
    vocabulary = load_vocabulary(default_folder())
    resolution = resolve(names, registry_of(rows), vocabulary, settings=ladder(connection))
    for decision in resolution.decisions:
        if decision.source == "arena" and decision.status == "auto" and decision.model_id:
            rating = board[decision.source_model_name]
            ratings[decision.model_id] = max(rating, ratings.get(decision.model_id, rating))
    return ratings


def load_bounds(connection: duckdb.DuckDBPyConnection) -> Bounds:
    """Read the bounds that measurements are held to: name -> (at least, at most)."""
    rows = connection.execute(BOUNDS).fetchall()
    return {(name, category or ""): (low, high) for name, category, low, high in rows}


def measure(case: EvaluationCase, bounds: Bounds, day: str) -> list[Finding]:
    """Take every measurement that needs nothing but the warehouse's own cells."""
    return [
        Finding(
            day,
            "",
            m.measurement,
            m.figure,
            *bounds.get((m.measurement, ""), NO_BOUND),
            threshold=m.threshold,
        )
        for m in evaluate(case, range(case.settings.draws))
    ]


def agreement(
    connection: duckdb.DuckDBPyConnection, ratings: Mapping[str, float], bounds: Bounds, day: str
) -> list[Finding]:
    """Compare each category's ranked models with the board; Spearman's rank correlations."""
    findings = []
    rows = connection.execute(SCORES).fetchall()
    for category in sorted({row[0] for row in rows}):
        table = [row for row in rows if row[0] == category]
        board = column(ratings.get(row[1]) for row in table)
        columns = {
            name: column(row[2 + place] for row in table)
            for place, name in enumerate(("capability", "score", "layered_score", "release date"))
        }
        for name, figure, matched in rank_agreement(columns, board):
            measurement = f"agreement of {name}"
            ends = bounds.get((measurement, category)) or bounds.get((measurement, ""), NO_BOUND)
            findings.append(Finding(day, category, measurement, figure, *ends, matched))
    return findings


def column(values: Iterable[float | None]) -> FloatArray:
    """Numbers as an array, NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def names_table(scores: Sequence[PairScore], pairs: Sequence[Pair]) -> str:
    """The comparison of ways to match names as a Markdown table."""
    same = sum(pair.is_same for pair in pairs)
    lines = [
        f"Matching names, on {len(pairs)} labelled pairs ({same} of one model):",
        "",
        "| way of matching | precision | recall | F1 | false merges |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.method} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} | {s.false_merges} |"
        for s in scores
    ]
    return "\n".join(lines)


def markdown(findings: Sequence[Finding]) -> str:
    """The findings as Markdown tables: of the whole, by threshold, and one row a category."""
    day = findings[0].evaluated_on
    lines = [
        f"Measured on {day}.",
        "",
        "| measurement | figure | bound | holds |",
        "|---|---|---|---|",
    ]
    for f in (f for f in findings if not f.category and f.threshold is None):
        mark = "" if f.at_least is None and f.at_most is None else "yes" if f.holds else "**no**"
        lines.append(f"| {f.measurement} | {f.figure:.3f} | {bound(f)} | {mark} |")
    lines += detection_table([f for f in findings if f.threshold is not None])
    board = [f for f in findings if f.category]
    if not board:
        return "\n".join([*lines, "", "No independent board was given: agreement is not measured."])
    names = list(dict.fromkeys(f.measurement for f in board))
    heads = [name.removeprefix("agreement of ") for name in names]
    lines += ["", "Rank correlation (Spearman) with an independent board, over ranked models:", ""]
    lines += [f"| category | matched | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|"]
    for category in dict.fromkeys(f.category for f in board):
        figures = {f.measurement: f for f in board if f.category == category}
        cells = " | ".join(f"{figures[name].figure:.3f}" for name in names)
        lines.append(f"| {category} | {figures[names[0]].matched} | {cells} |")
    return "\n".join(lines)


def detection_table(findings: Sequence[Finding]) -> list[str]:
    """The curve of planted errors found as lines of Markdown: one row a threshold."""
    if not findings:
        return []
    figures = {(f.threshold, f.measurement.split(": ")[1]): f.figure for f in findings}
    names = list(dict.fromkeys(name for _, name in figures))
    lines = [
        "",
        "Planted errors found, by the modified z-score beyond which a cell is flagged:",
        "",
        f"| threshold | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for threshold in dict.fromkeys(threshold for threshold, _ in figures):
        row = " | ".join(f"{figures[threshold, name]:.3f}" for name in names)
        lines.append(f"| {threshold:g} | {row} |")
    return lines


def bound(finding: Finding) -> str:
    """A finding's bounds as text."""
    parts = []
    if finding.at_least is not None:
        parts.append(f">= {finding.at_least:g}")
    if finding.at_most is not None:
        parts.append(f"<= {finding.at_most:g}")
    return ", ".join(parts)


def save(findings: Sequence[Finding], path: Path) -> None:
    """Write the findings as JSON, which mart `evaluation` reads on the next build."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nothing = {"figure": None, "holds": None}
    rows = [
        asdict(f) | ({"holds": f.holds} if math.isfinite(f.figure) else nothing) for f in findings
    ]
    _write_whole(path, json.dumps(rows, indent=1))


def update_readme(text: str, readme: Path) -> None:
    """Put the table between the README's evaluation marks; ValueError where they are missing."""
    content = readme.read_text(encoding="utf-8")
    if not 0 <= content.find(START) < content.find(END):
        raise ValueError(f"{readme}: the marks {START} and {END} are missing")
    head, rest = content.split(START, 1)
    _write_whole(readme, f"{head}{START}\n{text}\n{END}{rest.split(END, 1)[1]}")


def _write_whole(path: Path, text: str) -> None:
    """Write a file, or leave the one that is there as it is where the disk is full."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
