"""From tables to arrays and back: measured cells in, what SQL builds scores from out.

The only place that knows both ids and indices. Subjects and benchmarks are numbered in the order of
their sorted ids, so that nothing depends on the order of rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.ability import BenchmarkParameters
from scoring.anomaly import Anomalies, doubted_cells
from scoring.basket import ability_variances
from scoring.calibration import Benchmarks, calibrate, judge_all
from scoring.cells import (
    BoolArray,
    Cells,
    FloatArray,
    IntArray,
    make_cells,
    select_cells,
    select_models,
    to_matrix,
    without_empty_models,
)
from scoring.posterior import (
    CHUNK,
    ability_grid,
    posterior_mass,
    response_curves,
    summarise_posterior,
    without_redundant_composites,
)
from scoring.settings import AnomalySettings, BasketSettings, FitSettings
from scoring.states import States, tell_states

#: Columns of one table: name -> values, all of one length.
Columns = dict[str, NDArray[Any]]


class Subject(NamedTuple):
    """What is scored: a model on one day (scope model, variant ''), or one of its variants."""

    as_of_on: date
    scope: str
    model_id: str
    variant: str


class BasketRow(NamedTuple):
    """One benchmark of one category's basket."""

    category: str
    benchmark_id: str
    weight: float


class BenchmarkFacts(NamedTuple):
    """Known of a benchmark beforehand: the score of a guesser, and whether it is an index."""

    chance_0_1: float
    is_composite: bool


@dataclass(frozen=True)
class CellTable:
    """The measured cells of all subjects; the columns have shape (n_cells,).

    ``subjects`` and ``benchmarks`` say what the indices mean, both in ascending order;
    ``calibrates`` says which cells may calibrate benchmarks.
    """

    subjects: Sequence[Subject]
    benchmarks: Sequence[str]
    subject_index: IntArray
    benchmark_index: IntArray
    value_0_1: FloatArray
    evidence: FloatArray
    calibrates: BoolArray


@dataclass(frozen=True)
class Scored:
    """What the posterior says of states and subjects.

    ``members`` (n_members,) are the benchmarks of any basket. ``ability_mean`` and ``ability_sd``
    (n_states,) are in ability units, ``expected`` and ``expected_slope`` (n_states, n_members) on
    0-1 and per ability unit, ``ability_variance`` (n_subjects, n_categories) on 0-1 squared.
    """

    members: IntArray
    ability_mean: FloatArray
    ability_sd: FloatArray
    expected: FloatArray
    expected_slope: FloatArray
    ability_variance: FloatArray


@dataclass(frozen=True)
class ScoredDays:
    """What today's curves say of every subject, as tables.

    ``subjects``, ``benchmarks`` and ``categories`` say what ``subject_index``, ``benchmark_index``
    and ``category_index`` mean. ``curves`` has a row per benchmark; ``abilities`` one per
    subject: mean and sd of its posterior; ``expected`` one per subject and benchmark of a basket;
    ``variances`` one per subject and category: what the uncertain ability does to its capability,
    on 0-1 squared; ``verdicts`` one per judged cell: its expected value without it, residual,
    modified z, and the share of its evidence that it keeps, 0 where it is flagged.
    """

    subjects: Columns
    benchmarks: Columns
    categories: Columns
    curves: Columns
    abilities: Columns
    expected: Columns
    variances: Columns
    verdicts: Columns


def score_days(
    table: CellTable,
    baskets: Iterable[BasketRow],
    facts: Mapping[str, BenchmarkFacts],
    frozen: Sequence[Mapping[str, Any]],
    today: date,
    fit: FitSettings,
    basket: BasketSettings,
    anomaly: AnomalySettings,
) -> ScoredDays:
    """Fit today's curves and score every day by them.

    One yardstick: curves, noise and what cells are judged by are those of the models' cells of
    ``today``, so that a model moves from day to day by what was measured of it. Cells of benchmarks
    that are neither measured today nor in a basket have no curve and are left out. ``facts`` is
    keyed by benchmark without release. Raises ``KeyError`` for a benchmark without facts and
    ``ValueError`` for what ``make_cells`` refuses.
    """
    rows = list(baskets)
    is_today = np.array([subject.as_of_on == today for subject in table.subjects], dtype=bool)
    is_model = np.array([subject.scope == "model" for subject in table.subjects], dtype=bool)
    today_used = np.unique(table.benchmark_index[is_today[table.subject_index]]).tolist()
    measured = {table.benchmarks[index] for index in today_used}
    benchmarks = _benchmarks(measured | {row.benchmark_id for row in rows}, facts)
    weights = basket_weights(rows, benchmarks.ids)
    cells, counts = _known_cells(table, benchmarks.ids)
    own = (is_today & is_model)[cells.model_index]
    models, _ = without_empty_models(select_cells(cells, own))
    calibration = calibrate(models, counts[own], benchmarks, frozen, fit, anomaly)
    cells, subject_index = without_empty_models(cells)
    states = tell_states(cells)
    verdicts = judge_all(states.cells, calibration.yardstick, benchmarks, fit, anomaly)
    scored = score_states(
        states, cells, verdicts, calibration.curves, benchmarks, weights, fit, basket
    )
    return ScoredDays(
        _names("subject_index", Subject._fields, table.subjects),
        _names("benchmark_index", ("benchmark_id",), [(name,) for name in benchmarks.ids]),
        _names("category_index", ("category",), [(name,) for name in weights]),
        _curve_rows(calibration.curves, len(cells) > 0),
        *_subject_rows(scored, states, subject_index),
        _verdict_rows(verdicts, states, cells, subject_index),
    )


def score_states(
    states: States,
    cells: Cells,
    verdicts: Anomalies,
    curves: BenchmarkParameters,
    benchmarks: Benchmarks,
    baskets: Mapping[str, FloatArray],
    fit: FitSettings,
    basket: BasketSettings,
) -> Scored:
    """Take the posterior of every state and all that SQL needs of it.

    ``cells`` are those of all subjects, ``verdicts`` those on the cells of the states. ``baskets``
    maps a category to its weights, shape (n_benchmarks,), 0 outside the basket.
    """
    kept = doubted_cells(states.cells, verdicts)
    kept = select_cells(kept, without_redundant_composites(kept, benchmarks.is_composite))
    evidence = to_matrix(cells, cells.evidence * verdicts.kept_share[states.row_of], 0.0)
    members = np.flatnonzero(sum(baskets.values(), start=np.zeros(len(benchmarks.ids))))
    n_states, grid_curves = states.cells.n_models, response_curves(curves, ability_grid(fit))
    mean, sd = np.empty(n_states), np.empty(n_states)
    expected, slope = (np.empty((n_states, len(members))) for _ in range(2))
    variance = np.empty((cells.n_models, len(baskets)))
    for start in range(0, n_states, CHUNK):
        stop = min(start + CHUNK, n_states)
        mass = posterior_mass(select_models(kept, start, stop), curves, fit)
        posterior = summarise_posterior(mass, curves, fit)
        mean[start:stop], sd[start:stop] = posterior.ability_mean, posterior.ability_sd
        expected[start:stop] = posterior.expected[:, members]
        slope[start:stop] = posterior.expected_slope[:, members]
        subjects = np.flatnonzero((states.state_of >= start) & (states.state_of < stop))
        row = states.state_of[subjects] - start
        variance[subjects] = ability_variances(
            mass, grid_curves, baskets, row, evidence[subjects], basket
        )
    return Scored(members, mean, sd, expected, slope, variance)


def basket_weights(
    rows: Iterable[tuple[str, str, float]], benchmarks: Sequence[str]
) -> dict[str, FloatArray]:
    """Rows (category, benchmark, weight) as category -> weights of shape (n_benchmarks,)."""
    rows = list(rows)
    place = {benchmark: index for index, benchmark in enumerate(benchmarks)}
    baskets = {category: np.zeros(len(benchmarks)) for category in sorted({r[0] for r in rows})}
    for category, benchmark, weight in rows:
        baskets[category][place[benchmark]] += weight
    return baskets


def _benchmarks(ids: Iterable[str], facts: Mapping[str, BenchmarkFacts]) -> Benchmarks:
    """Line benchmarks up with what is known of them beforehand."""
    ordered = tuple(sorted(ids))
    known = [facts[name.split("@")[0]] for name in ordered]
    return Benchmarks(
        ordered,
        np.array([fact.chance_0_1 for fact in known], dtype=np.float64),
        np.array([fact.is_composite for fact in known], dtype=bool),
    )


def _known_cells(table: CellTable, benchmarks: Sequence[str]) -> tuple[Cells, BoolArray]:
    """Take the cells of the benchmarks in question, sorted, and say which of them calibrate."""
    place = {benchmark: index for index, benchmark in enumerate(benchmarks)}
    known = np.array([place.get(benchmark, -1) for benchmark in table.benchmarks], dtype=np.int64)
    benchmark_index = known[table.benchmark_index]
    rows = np.flatnonzero(benchmark_index >= 0)
    rows = rows[np.lexsort((benchmark_index[rows], table.subject_index[rows]))]
    cells = make_cells(
        table.subject_index[rows],
        benchmark_index[rows],
        table.value_0_1[rows],
        len(table.subjects),
        len(benchmarks),
        table.evidence[rows],
    )
    return cells, table.calibrates[rows]


def _names(index: str, fields: Sequence[str], rows: Sequence[tuple[object, ...]]) -> Columns:
    """Lay out what an index means: its number and the ids."""
    columns: Columns = {index: np.arange(len(rows))}
    for place, field in enumerate(fields):
        columns[field] = np.array([row[place] for row in rows], dtype=object)
    return columns


def _curve_rows(curves: BenchmarkParameters, is_measured: bool) -> Columns:
    """Lay out curves; none where nothing at all is measured, and all would be frozen ones."""
    columns: Columns = {
        "benchmark_index": np.arange(len(curves.difficulty)),
        "difficulty": curves.difficulty,
        "ln_alpha": curves.ln_alpha,
        "sigma_0_1": curves.sigma,
        "calibration_cell_count": curves.n_cells,
    }
    return {name: column if is_measured else column[:0] for name, column in columns.items()}


def _subject_rows(
    scored: Scored, states: States, subject_index: IntArray
) -> tuple[Columns, Columns, Columns]:
    """Lay out abilities, expected cells and variances; ``subject_index`` (n_subjects,)."""
    members, categories = scored.members, np.arange(scored.ability_variance.shape[1])
    abilities = {
        "subject_index": subject_index,
        "ability": scored.ability_mean[states.state_of],
        "ability_sd": scored.ability_sd[states.state_of],
    }
    expected = {
        "subject_index": np.repeat(subject_index, len(members)),
        "benchmark_index": np.tile(members, len(subject_index)),
        "expected_0_1": scored.expected[states.state_of].ravel(),
        "expected_slope": scored.expected_slope[states.state_of].ravel(),
    }
    variances = {
        "subject_index": np.repeat(subject_index, len(categories)),
        "category_index": np.tile(categories, len(subject_index)),
        "ability_variance": scored.ability_variance.ravel(),
    }
    return abilities, expected, variances


def _verdict_rows(
    verdicts: Anomalies, states: States, cells: Cells, subject_index: IntArray
) -> Columns:
    judged = np.flatnonzero(np.isfinite(verdicts.modified_z[states.row_of]))
    row = states.row_of[judged]
    return {
        "subject_index": subject_index[cells.model_index[judged]],
        "benchmark_index": cells.benchmark_index[judged],
        "expected_0_1": verdicts.expected[row],
        "residual": verdicts.residual[row],
        "modified_z": verdicts.modified_z[row],
        "kept_share": verdicts.kept_share[row],
    }
