"""From rows to arrays and back: cells in, the table that SQL builds scores from out.

The only place that knows both ids and indices. Models and benchmarks are numbered in the order of
their sorted ids, so that nothing depends on the order of rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from scoring.ability import (
    BenchmarkParameters,
    FitStart,
    calibration_models,
    fit_abilities,
    fit_with_fixed_abilities,
    frozen_parameters,
)
from scoring.anomaly import (
    Anomalies,
    Yardstick,
    doubted_cells,
    find_anomalies,
    judge_cells,
    screen_cells,
)
from scoring.basket import ability_variances
from scoring.cells import BoolArray, Cells, FloatArray, cells_per_model, make_cells, select_cells
from scoring.posterior import log_posterior, summarise_posterior, without_redundant_composites
from scoring.settings import AnomalySettings, BasketSettings, FitSettings


@dataclass(frozen=True)
class Subjects:
    """Cells of the things scored (models, or variants of models), and what their indices mean.

    ``keys`` (n_subjects,) names the subjects in ascending order; ``counts`` (n_cells,) says which
    cells may calibrate benchmarks.
    """

    keys: tuple[Any, ...]
    cells: Cells
    counts: BoolArray


@dataclass(frozen=True)
class Calibration:
    """What one day's measurements of models say of benchmarks and of single cells.

    ``curves`` are fitted to what the cells keep; ``yardstick`` is what cells are judged by, and
    ``anomalies`` the verdict on every cell of the models, in their order.
    """

    curves: BenchmarkParameters
    yardstick: Yardstick
    anomalies: Anomalies


@dataclass(frozen=True)
class Scored:
    """What the posterior says of subjects; benchmarks are those of the fit, in its order.

    ``ability_mean`` and ``ability_sd`` (n_subjects,) in ability units, ``expected`` and
    ``expected_slope`` (n_subjects, n_benchmarks) on 0-1 and per ability unit,
    ``ability_variance`` (n_subjects, n_categories) on 0-1 squared.
    """

    ability_mean: FloatArray
    ability_sd: FloatArray
    expected: FloatArray
    expected_slope: FloatArray
    ability_variance: FloatArray


def subjects_from(
    keys: Sequence[Any],
    benchmark_ids: Sequence[str],
    values: Sequence[float],
    evidence: Sequence[float],
    counts: Sequence[bool],
    benchmarks: Sequence[str],
) -> Subjects:
    """Index a long table of cells, one element a cell in each of the first five sequences.

    ``benchmarks`` are the sorted ids of every benchmark of the day, also those without a cell
    here. Raises ``ValueError`` for a benchmark that is not among them and for everything that
    ``make_cells`` refuses.
    """
    order = sorted(set(keys))
    position = {key: index for index, key in enumerate(order)}
    place = {benchmark: index for index, benchmark in enumerate(benchmarks)}
    if unknown := sorted(set(benchmark_ids) - set(place)):
        raise ValueError(f"cells of benchmarks that are not listed: {', '.join(unknown[:3])}")
    cells = make_cells(
        [position[key] for key in keys],
        [place[benchmark] for benchmark in benchmark_ids],
        values,
        len(order),
        len(benchmarks),
        evidence,
    )
    return Subjects(tuple(order), cells, np.array(counts, dtype=bool))


def fit_benchmarks(
    models: Subjects,
    benchmarks: Sequence[str],
    chance: FloatArray,
    is_composite: BoolArray,
    frozen: Sequence[Mapping[str, Any]],
    settings: FitSettings,
    start: FitStart | None = None,
) -> BenchmarkParameters:
    """Fit every benchmark's curve; composite indices afterwards, with abilities held fixed.

    ``chance`` and ``is_composite`` have shape (n_benchmarks,). With fewer calibration models than
    ``settings.min_models`` the frozen parameters stand in for the fit. ``start`` only saves time.
    """
    is_part = ~is_composite[models.cells.benchmark_index]
    parts = select_cells(models.cells, is_part)
    calibrating = calibration_models(parts, models.counts[is_part], settings)
    if len(calibrating) < settings.min_models:
        parameters = frozen_parameters(frozen, benchmarks, chance, settings)
    else:
        parameters = fit_abilities(parts, chance, calibrating, settings, start).parameters
    if not is_composite.any():
        return parameters
    return _with_composites(models.cells, parts, parameters, chance, is_composite, settings)


def calibrate(
    models: Subjects,
    benchmarks: Sequence[str],
    chance: FloatArray,
    is_composite: BoolArray,
    frozen: Sequence[Mapping[str, Any]],
    fit: FitSettings,
    anomaly: AnomalySettings,
) -> Calibration:
    """Judge all cells, and fit what each keeps.

    Verdicts come before: this fit judges nothing, so that no cell is flagged for the gap that
    another one leaves. Composite indices are not judged. Where the frozen parameters stand in for
    the fit, cells are judged by them too; all of them are then reference.
    """
    is_part = ~is_composite[models.cells.benchmark_index]
    parts = select_cells(models.cells, is_part)
    calibrating = calibration_models(parts, models.counts[is_part], fit)
    if len(calibrating) < fit.min_models:
        curves, start = frozen_parameters(frozen, benchmarks, chance, fit), None
        everything = np.ones(len(parts), dtype=bool)
        found, yardstick = find_anomalies(parts, curves, everything, fit, anomaly)
    else:
        found, yardstick, start = screen_cells(parts, chance, calibrating, fit, anomaly)
    anomalies = _among_all(found, is_part)
    kept = replace(models, cells=doubted_cells(models.cells, anomalies))
    curves = fit_benchmarks(kept, benchmarks, chance, is_composite, frozen, fit, start)
    return Calibration(curves, yardstick, anomalies)


def judge_subjects(
    subjects: Subjects,
    yardstick: Yardstick,
    is_composite: BoolArray,
    fit: FitSettings,
    anomaly: AnomalySettings,
) -> Anomalies:
    """Judge each subject's cells by its own other cells and the models' centre and spread.

    Variants are no sample of their own: there is one crowd of them around every model.
    """
    is_part = ~is_composite[subjects.cells.benchmark_index]
    parts = select_cells(subjects.cells, is_part)
    return _among_all(judge_cells(parts, yardstick, fit, anomaly), is_part)


def _among_all(found: Anomalies, is_judged: BoolArray) -> Anomalies:
    """Spread verdicts on judged cells over all of them: the others keep everything."""
    numbers = np.full((4, len(is_judged)), np.nan)
    numbers[3] = 1.0
    numbers[:, is_judged] = found.expected, found.residual, found.modified_z, found.kept_share
    return Anomalies(*numbers)


def _with_composites(
    cells: Cells,
    parts: Cells,
    parameters: BenchmarkParameters,
    chance: FloatArray,
    is_composite: BoolArray,
    settings: FitSettings,
) -> BenchmarkParameters:
    log_density = log_posterior(parts, parameters, settings)
    ability = summarise_posterior(log_density, parameters, settings).ability_mean
    has_parts = cells_per_model(parts) > 0
    chosen = is_composite[cells.benchmark_index] & has_parts[cells.model_index]
    fitted = fit_with_fixed_abilities(select_cells(cells, chosen), ability, chance, settings)
    return BenchmarkParameters(
        np.where(is_composite, fitted.difficulty, parameters.difficulty),
        np.where(is_composite, fitted.ln_alpha, parameters.ln_alpha),
        np.where(is_composite, fitted.sigma, parameters.sigma),
        chance,
        np.where(is_composite, fitted.n_cells, parameters.n_cells),
    )


def score_subjects(
    subjects: Subjects,
    parameters: BenchmarkParameters,
    is_composite: BoolArray,
    baskets: Mapping[str, FloatArray],
    fit_settings: FitSettings,
    basket_settings: BasketSettings,
) -> Scored:
    """Take the posterior of every subject and all that SQL needs of it.

    ``baskets`` maps a category to its weights, shape (n_benchmarks,), 0 outside the basket.
    """
    informing = without_redundant_composites(subjects.cells, is_composite)
    cells = select_cells(subjects.cells, informing)
    log_density = log_posterior(cells, parameters, fit_settings)
    posterior = summarise_posterior(log_density, parameters, fit_settings)
    variance = ability_variances(
        cells, parameters, baskets, log_density, fit_settings, basket_settings
    )
    return Scored(
        posterior.ability_mean,
        posterior.ability_sd,
        posterior.expected,
        posterior.expected_slope,
        variance,
    )


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


class CellRow(NamedTuple):
    """One measured cell of one day; scope is model or variant, variant '' where there is none."""

    as_of_on: date
    scope: str
    model_id: str
    variant: str
    benchmark_id: str
    value_0_1: float
    evidence: float
    calibrates: bool


class BasketRow(NamedTuple):
    """One benchmark of one category's basket."""

    category: str
    benchmark_id: str
    weight: float


class BenchmarkFacts(NamedTuple):
    """Known of a benchmark beforehand: the score of a guesser, and whether it is an index."""

    chance_0_1: float
    is_composite: bool


IDS = ("kind", "as_of_on", "scope", "model_id", "variant", "category", "benchmark_id")

#: The numbers of each kind of row, in the order in which the package computes them.
KINDS = {
    "benchmark": ("difficulty", "ln_alpha", "sigma_0_1", "calibration_cell_count"),
    "ability": ("ability", "ability_sd"),
    "expected": ("expected_0_1", "expected_slope"),
    "variance": ("ability_variance",),
    "verdict": ("expected_0_1", "residual", "modified_z", "kept_share"),
}

NUMBERS = tuple(dict.fromkeys(name for names in KINDS.values() for name in names))


def score_days(
    cells: Iterable[CellRow],
    baskets: Iterable[BasketRow],
    facts: Mapping[str, BenchmarkFacts],
    frozen: Sequence[Mapping[str, Any]],
    today: date,
    fit: FitSettings,
    basket: BasketSettings,
    anomaly: AnomalySettings,
) -> dict[str, np.ndarray]:
    """Fit today's curves and score every day by them; return one long table as name -> column.

    One yardstick: curves, noise and what cells are judged by are those of the models' cells of
    ``today``, so that a model moves from day to day by what was measured of it. Cells of benchmarks
    that are neither measured today nor in a basket have no curve and are left out. ``facts`` is
    keyed by benchmark without release. The column ``kind`` says which numbers a row has, as in
    ``KINDS``: 'benchmark' a curve (today only), 'ability' mean and sd of a posterior, 'expected' a
    basket's cell, 'variance' that of a category by the uncertain ability, 'verdict' a judged cell's
    expected value without it, residual, modified z, and the share of its evidence that it keeps, 0
    where it is flagged. Numbers that a kind has not are NaN, ids that do not apply ''. Days are ISO
    text.
    """
    cells_of: dict[date, list[CellRow]] = defaultdict(list)
    for cell in cells:
        cells_of[cell.as_of_on].append(cell)
    rows = list(baskets)
    named = {cell.benchmark_id for cell in cells_of.get(today, ())}
    benchmarks = sorted(named | {row.benchmark_id for row in rows})
    chance, is_composite = _facts_of(benchmarks, facts)
    weights = basket_weights(rows, benchmarks)
    calibration = calibrate(
        _subjects([c for c in cells_of.get(today, ()) if c.scope == "model"], benchmarks),
        benchmarks,
        chance,
        is_composite,
        frozen,
        fit,
        anomaly,
    )
    parts = []
    if cells_of:
        parts.append(_benchmark_rows(today, benchmarks, calibration.curves))
    known = set(benchmarks)
    for day in sorted(cells_of):
        kept_cells = [cell for cell in cells_of[day] if cell.benchmark_id in known]
        for scope, scoped in _subjects_by_scope(sorted(kept_cells), benchmarks).items():
            anomalies = judge_subjects(scoped, calibration.yardstick, is_composite, fit, anomaly)
            if scope == "model" and day == today:
                anomalies = calibration.anomalies
            kept = replace(scoped, cells=doubted_cells(scoped.cells, anomalies))
            scored = score_subjects(kept, calibration.curves, is_composite, weights, fit, basket)
            parts += _subject_rows(day, scope, scoped, scored, benchmarks, weights)
            parts.append(_verdict_rows(day, scope, scoped, anomalies, benchmarks))
    nothing = _columns("benchmark", today, "", [], "", "", [])
    names = (*IDS, *NUMBERS)
    return {
        name: np.concatenate([nothing[i], *(part[i] for part in parts)])
        for i, name in enumerate(names)
    }


def _facts_of(
    benchmarks: Sequence[str], facts: Mapping[str, BenchmarkFacts]
) -> tuple[FloatArray, BoolArray]:
    """Chance levels and composite marks, each of shape (n_benchmarks,)."""
    known = [facts[name.split("@")[0]] for name in benchmarks]
    chance = np.array([fact.chance_0_1 for fact in known], dtype=float)
    return chance, np.array([fact.is_composite for fact in known], dtype=bool)


def _subjects_by_scope(cells: Sequence[CellRow], benchmarks: Sequence[str]) -> dict[str, Subjects]:
    scopes = sorted({cell.scope for cell in cells})
    return {
        scope: _subjects([cell for cell in cells if cell.scope == scope], benchmarks)
        for scope in scopes
    }


def _subjects(cells: Sequence[CellRow], benchmarks: Sequence[str]) -> Subjects:
    """The subjects of the cells of one day and scope, in the order of their keys."""
    columns = zip(*sorted(cells), strict=True) if cells else [()] * len(CellRow._fields)
    _, _, models, variants, names, values, evidence, calibrates = columns
    keys = list(zip(models, variants, strict=True))
    return subjects_from(keys, names, values, evidence, calibrates, benchmarks)


def _benchmark_rows(
    day: date, benchmarks: Sequence[str], curves: BenchmarkParameters
) -> tuple[np.ndarray, ...]:
    nobody = [("", "")] * len(benchmarks)
    numbers = (curves.difficulty, curves.ln_alpha, curves.sigma, curves.n_cells)
    return _columns("benchmark", day, "", nobody, "", benchmarks, numbers)


def _subject_rows(
    day: date,
    scope: str,
    subjects: Subjects,
    scored: Scored,
    benchmarks: Sequence[str],
    baskets: Mapping[str, FloatArray],
) -> list[tuple[np.ndarray, ...]]:
    members = np.flatnonzero(sum(baskets.values(), start=np.zeros(len(benchmarks))))
    names = [benchmarks[member] for member in members.tolist()]
    cell_keys, cell_names = _crossed(subjects.keys, names)
    category_keys, categories = _crossed(subjects.keys, list(baskets))
    ability = (scored.ability_mean, scored.ability_sd)
    cell = (scored.expected[:, members].ravel(), scored.expected_slope[:, members].ravel())
    variance = (scored.ability_variance.ravel(),)
    return [
        _columns("ability", day, scope, subjects.keys, "", "", ability),
        _columns("expected", day, scope, cell_keys, "", cell_names, cell),
        _columns("variance", day, scope, category_keys, categories, "", variance),
    ]


def _verdict_rows(
    day: date,
    scope: str,
    subjects: Subjects,
    anomalies: Anomalies,
    benchmarks: Sequence[str],
) -> tuple[np.ndarray, ...]:
    judged = np.flatnonzero(np.isfinite(anomalies.modified_z))
    keys = [subjects.keys[model] for model in subjects.cells.model_index[judged]]
    names = [benchmarks[place] for place in subjects.cells.benchmark_index[judged]]
    columns = (
        anomalies.expected,
        anomalies.residual,
        anomalies.modified_z,
        anomalies.kept_share,
    )
    return _columns("verdict", day, scope, keys, "", names, [column[judged] for column in columns])


def _crossed(keys: Sequence[Any], names: Sequence[str]) -> tuple[list[Any], list[str]]:
    """Name the rows of a (keys, names) table read row by row."""
    return [key for key in keys for _ in names], list(names) * len(keys)


def _columns(
    kind: str,
    day: date,
    scope: str,
    keys: Sequence[tuple[str, str]],
    category: str | Sequence[str],
    benchmark: str | Sequence[str],
    numbers: Sequence[np.ndarray],
) -> tuple[np.ndarray, ...]:
    """Lay rows out as columns of equal length; a single text stands in every row."""
    models, variants = zip(*keys, strict=True) if keys else ((), ())
    texts = []
    for text in (kind, day.isoformat(), scope, models, variants, category, benchmark):
        column = np.empty(len(keys), dtype=object)
        column[:] = text
        texts.append(column)
    given = dict(zip(KINDS[kind], numbers, strict=bool(keys)))
    missing = np.full(len(keys), np.nan)
    return (*texts, *(np.asarray(given.get(name, missing), dtype=float) for name in NUMBERS))
