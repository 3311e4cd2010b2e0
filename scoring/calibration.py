"""Everything that is fitted to one day's cells: curves, what each cell keeps, composite indices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
from scoring.cells import BoolArray, Cells, FloatArray, cells_per_model, select_cells
from scoring.posterior import posterior_mass, summarise_posterior
from scoring.settings import AnomalySettings, FitSettings


@dataclass(frozen=True)
class Benchmarks:
    """What is known of benchmarks beforehand; the arrays have shape (n_benchmarks,).

    ``ids`` are in ascending order, ``chance`` is the score of a guesser on 0-1, ``is_composite``
    marks composite indices: they repeat what their parts already say.
    """

    ids: tuple[str, ...]
    chance: FloatArray
    is_composite: BoolArray


@dataclass(frozen=True)
class Calibration:
    """What one day's measurements of models say of benchmarks.

    ``curves`` are fitted to what the cells keep; ``yardstick`` is what cells are judged by.
    """

    curves: BenchmarkParameters
    yardstick: Yardstick


def calibrate(
    cells: Cells,
    counts: BoolArray,
    benchmarks: Benchmarks,
    frozen: Sequence[Mapping[str, Any]],
    fit: FitSettings,
    anomaly: AnomalySettings,
) -> Calibration:
    """Judge all cells, and fit what each keeps.

    ``counts`` (n_cells,) says which cells may calibrate. Verdicts come before: this fit judges
    nothing, so that no cell is flagged for the gap that another one leaves. Composite indices are
    not judged. Where the frozen parameters stand in for the fit, cells are judged by them too; all
    of them are then reference.
    """
    is_part = ~benchmarks.is_composite[cells.benchmark_index]
    parts = select_cells(cells, is_part)
    calibrating = calibration_models(parts, counts[is_part], fit)
    if len(calibrating) < fit.min_models:
        curves = frozen_parameters(frozen, benchmarks.ids, benchmarks.chance, fit)
        everything, start = np.ones(len(parts), dtype=bool), None
        found, yardstick = find_anomalies(parts, curves, everything, fit, anomaly)
    else:
        found, yardstick, start = screen_cells(parts, benchmarks.chance, calibrating, fit, anomaly)
    kept = doubted_cells(cells, _among_all(found, is_part))
    return Calibration(fit_benchmarks(kept, counts, benchmarks, frozen, fit, start), yardstick)


def fit_benchmarks(
    cells: Cells,
    counts: BoolArray,
    benchmarks: Benchmarks,
    frozen: Sequence[Mapping[str, Any]],
    settings: FitSettings,
    start: FitStart | None = None,
) -> BenchmarkParameters:
    """Fit every benchmark's curve; composite indices afterwards, with abilities held fixed.

    ``counts`` (n_cells,) says which cells may calibrate. With fewer calibration models than
    ``settings.min_models`` the frozen parameters stand in for the fit. ``start`` only saves time.
    """
    is_part = ~benchmarks.is_composite[cells.benchmark_index]
    parts = select_cells(cells, is_part)
    calibrating = calibration_models(parts, counts[is_part], settings)
    if len(calibrating) < settings.min_models:
        parameters = frozen_parameters(frozen, benchmarks.ids, benchmarks.chance, settings)
    else:
        fit = fit_abilities(parts, benchmarks.chance, calibrating, settings, start)
        parameters = fit.parameters
    if not benchmarks.is_composite.any():
        return parameters
    return _with_composites(cells, parts, parameters, benchmarks, settings)


def judge_all(
    cells: Cells,
    yardstick: Yardstick,
    benchmarks: Benchmarks,
    fit: FitSettings,
    anomaly: AnomalySettings,
) -> Anomalies:
    """Judge each cell by the other cells of its model, except those of composite indices."""
    is_part = ~benchmarks.is_composite[cells.benchmark_index]
    found = judge_cells(select_cells(cells, is_part), yardstick, fit, anomaly)
    return _among_all(found, is_part)


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
    benchmarks: Benchmarks,
    settings: FitSettings,
) -> BenchmarkParameters:
    mass = posterior_mass(parts, parameters, settings)
    ability = summarise_posterior(mass, parameters, settings).ability_mean
    has_parts = cells_per_model(parts) > 0
    is_composite, chance = benchmarks.is_composite, benchmarks.chance
    chosen = is_composite[cells.benchmark_index] & has_parts[cells.model_index]
    fitted = fit_with_fixed_abilities(select_cells(cells, chosen), ability, chance, settings)
    return BenchmarkParameters(
        np.where(is_composite, fitted.difficulty, parameters.difficulty),
        np.where(is_composite, fitted.ln_alpha, parameters.ln_alpha),
        np.where(is_composite, fitted.sigma, parameters.sigma),
        chance,
        np.where(is_composite, fitted.n_cells, parameters.n_cells),
    )
