"""Cells that contradict everything else that is known about their model.

A raw score is no anomaly for being extreme: strong models are meant to stand out. What is judged
is the residual, measured minus expected, where the expectation comes from the model's other cells
only; otherwise a wrong cell would pull its own expectation towards itself and hide.
"""

from dataclasses import dataclass

import numpy as np

from scoring.ability import BenchmarkParameters
from scoring.cells import BoolArray, Cells, FloatArray, IntArray
from scoring.posterior import CHUNK, ability_grid, grid_probabilities, response_curves
from scoring.settings import DEFAULT_ANOMALY, DEFAULT_FIT, AnomalySettings, FitSettings

#: Share of a normal sample's sd that its median absolute deviation is expected to be.
MAD_PER_SD = 0.6745
#: Share of a normal sample's sd that its mean absolute deviation is expected to be.
MEAN_AD_PER_SD = 0.7979


@dataclass(frozen=True)
class Anomalies:
    """One entry per cell, in the order of the cells given; every array has shape (n_cells,).

    ``expected`` is the cell's expected value without it, ``residual`` measured minus expected
    (both on 0-1), ``modified_z`` the residual's distance from its benchmark's median in robust
    standard deviations, ``is_flagged`` whether that is beyond the threshold.
    """

    expected: FloatArray
    residual: FloatArray
    modified_z: FloatArray
    is_flagged: BoolArray


def find_anomalies(
    cells: Cells,
    parameters: BenchmarkParameters,
    log_density: FloatArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> Anomalies:
    """Flag cells by the modified z-score of their leave-one-out residuals, per benchmark.

    ``log_density`` (n_models, n_grid) is the ``log_posterior`` of exactly these cells.
    """
    expected = leave_one_out_expected(cells, parameters, log_density, fit_settings)
    residual = cells.value_0_1 - expected
    z = modified_z_scores(residual, cells.benchmark_index, cells.n_benchmarks)
    return Anomalies(expected, residual, z, np.abs(z) > settings.threshold)


def leave_one_out_expected(
    cells: Cells,
    parameters: BenchmarkParameters,
    log_density: FloatArray,
    settings: FitSettings,
) -> FloatArray:
    """Return E[p_b(C)] given all cells of the model but this one, on 0-1, shape (n_cells,).

    The posterior is a product over cells: dividing the cell's likelihood out leaves the posterior
    of the others, without another fit. The benchmark's curve is not refitted.
    """
    curves = response_curves(parameters, ability_grid(settings))
    expected = np.empty(len(cells))
    for start in range(0, len(cells), CHUNK):
        rows = slice(start, start + CHUNK)
        benchmark = cells.benchmark_index[rows]
        curve = curves[benchmark]
        error = (cells.value_0_1[rows, None] - curve) / parameters.sigma[benchmark, None]
        mass = grid_probabilities(log_density[cells.model_index[rows]] + 0.5 * error**2)
        expected[rows] = (mass * curve).sum(axis=1)
    return expected


def modified_z_scores(value: FloatArray, group_index: IntArray, n_groups: int) -> FloatArray:
    """Return each value's modified z-score within its group, shape (n_values,).

    M = 0.6745 (x - median) / MAD (Iglewicz & Hoaglin, "How to Detect and Handle Outliers", 1993),
    MAD being the median absolute deviation from the median. Where more than half of a group is
    equal, MAD is 0 and the mean absolute deviation takes its place with its own constant; where
    all of it is equal, M is 0.
    """
    deviation = value - group_medians(value, group_index, n_groups)[group_index]
    distance = np.abs(deviation)
    number = np.maximum(np.bincount(group_index, minlength=n_groups), 1)
    mean_ad = np.bincount(group_index, weights=distance, minlength=n_groups) / number
    mad = group_medians(distance, group_index, n_groups)
    # A spread that is only rounding noise is no spread.
    spread = np.where(mad > 1e-12, mad / MAD_PER_SD, mean_ad / MEAN_AD_PER_SD)[group_index]
    return np.divide(deviation, spread, out=np.zeros_like(deviation), where=spread > 1e-12)


def group_medians(value: FloatArray, group_index: IntArray, n_groups: int) -> FloatArray:
    """Return the median of every group, shape (n_groups,); NaN for a group without values."""
    ordered = value[np.lexsort((value, group_index))]
    number = np.bincount(group_index, minlength=n_groups)
    first = np.cumsum(number) - number
    filled = np.flatnonzero(number)
    lower = first[filled] + (number[filled] - 1) // 2
    upper = first[filled] + number[filled] // 2
    medians = np.full(n_groups, np.nan)
    medians[filled] = 0.5 * (ordered[lower] + ordered[upper])
    return medians
