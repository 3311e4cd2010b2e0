"""Cells that contradict everything else that is known about their model.

A raw score is no anomaly for being extreme: strong models are meant to stand out. What is judged
is the residual, measured minus expected, where the expectation comes from the model's other cells
only; otherwise a wrong cell would pull its own expectation towards itself and hide.

The verdict is the modified z-score of Iglewicz & Hoaglin ("How to Detect and Handle Outliers",
1993), per benchmark, of these residuals:

* the first fit and the expectations take the noise as Huber's, so that other wrong cells, of the
  model or of the benchmark, weigh little (``scoring.ability.noise_weight``);
* a residual is taken in units of its own predictive sd, sqrt(Var[p_b(C)] + sigma_b^2), where the
  variance is over the posterior of the model's other cells: what is expected of a model of which
  little is known may well be wrong without any contradiction;
* centre and spread are those of the models that calibrate the benchmarks. A board that may not say
  how hard a benchmark is may not say how noisy it is either.
"""

from dataclasses import dataclass, replace

import numpy as np

from scoring.ability import BenchmarkParameters, fit_abilities, noise_exponent
from scoring.cells import BoolArray, Cells, FloatArray, IntArray
from scoring.posterior import ability_grid, grid_probabilities, response_curves
from scoring.settings import DEFAULT_ANOMALY, DEFAULT_FIT, AnomalySettings, FitSettings

#: Share of a normal sample's sd that its median absolute deviation is expected to be.
MAD_PER_SD = 0.6745
#: Share of a normal sample's sd that its mean absolute deviation is expected to be.
MEAN_AD_PER_SD = 0.7979
#: Cells handled at a time: few enough for their grids to stay in the processor's cache.
CELLS_AT_A_TIME = 1024
#: A spread below this is only rounding noise.
NO_SPREAD = 1e-12


@dataclass(frozen=True)
class Yardstick:
    """What cells are judged by.

    ``parameters`` are the curves of the first fit; ``centre`` and ``spread`` (n_benchmarks,) those
    of its standardised residuals, in predictive sds. Both are NaN for a benchmark with too few
    reference cells: nothing on it is judged.
    """

    parameters: BenchmarkParameters
    centre: FloatArray
    spread: FloatArray


@dataclass(frozen=True)
class Anomalies:
    """One entry per cell, in the order of the cells given; every array has shape (n_cells,).

    ``expected`` is the cell's expected value without it, ``residual`` measured minus expected
    (both on 0-1), ``modified_z`` the standardised residual's distance from its benchmark's median
    in robust standard deviations (NaN where not judged), ``is_flagged`` whether that is beyond the
    threshold.
    """

    expected: FloatArray
    residual: FloatArray
    modified_z: FloatArray
    is_flagged: BoolArray


def first_fit(
    cells: Cells,
    chance: FloatArray,
    models: IntArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> BenchmarkParameters:
    """Fit the curves that cells are judged by, wrong cells included; see ``fit_abilities``.

    With Huber's noise a model of few cells that contradict each other has several likely abilities,
    so that where the fit ends may depend on where it starts: it always starts at the priors.
    """
    loose = replace(fit_settings, tolerance=settings.tolerance)
    fit = fit_abilities(cells, chance, models, loose, huber_limit=settings.huber_limit)
    return fit.parameters


def find_anomalies(
    cells: Cells,
    parameters: BenchmarkParameters,
    is_reference: BoolArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> tuple[Anomalies, Yardstick]:
    """Judge every cell by the residuals of the reference cells; also return the yardstick.

    ``parameters`` are those of ``first_fit``; ``is_reference`` (n_cells,) marks the cells of the
    models that it was made of.
    """
    expected, sd = leave_one_out(cells, parameters, fit_settings, settings.huber_limit)
    standardised = (cells.value_0_1 - expected) / sd
    centre, spread = centre_and_spread(
        standardised[is_reference], cells.benchmark_index[is_reference], cells.n_benchmarks
    )
    number = np.bincount(cells.benchmark_index[is_reference], minlength=cells.n_benchmarks)
    few = number < settings.min_reference
    yardstick = Yardstick(parameters, np.where(few, np.nan, centre), np.where(few, np.nan, spread))
    return _judge(cells, expected, sd, yardstick, settings), yardstick


def judge_cells(
    cells: Cells,
    yardstick: Yardstick,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> Anomalies:
    """Judge cells that are no sample of their own, such as those of a model's variants."""
    expected, sd = leave_one_out(cells, yardstick.parameters, fit_settings, settings.huber_limit)
    return _judge(cells, expected, sd, yardstick, settings)


def leave_one_out(
    cells: Cells,
    parameters: BenchmarkParameters,
    settings: FitSettings,
    huber_limit: float,
) -> tuple[FloatArray, FloatArray]:
    """Return what each cell is expected to be given all other cells of its model, and how surely.

    Both have shape (n_cells,) and are on 0-1: E[p_b(C)] and sqrt(Var[p_b(C)] + sigma_b^2). The
    posterior is a product over cells: dividing the cell's likelihood out leaves the posterior of
    the others, without another fit. The benchmark's curve is not refitted.
    """
    grid = ability_grid(settings)
    curves = response_curves(parameters, grid)
    prior = -0.5 * (grid / settings.ability_prior_sd) ** 2
    # In this one order, so that sums do not depend on the order of rows in their last digits.
    order = np.lexsort((cells.benchmark_index, cells.model_index))
    model = cells.model_index[order]
    expected, sd = np.empty(len(cells)), np.empty(len(cells))
    step = max(CELLS_AT_A_TIME // max(cells.n_benchmarks, 1), 1)
    for start in range(0, cells.n_models, step):
        chunk = slice(*np.searchsorted(model, (start, start + step)))
        rows, benchmark = order[chunk], cells.benchmark_index[order[chunk]]
        if not rows.size:
            continue
        curve, sigma = curves[benchmark], parameters.sigma[benchmark]
        against = noise_exponent(
            (cells.value_0_1[rows, None] - curve) / sigma[:, None], huber_limit
        )
        is_first = np.diff(model[chunk], prepend=-1) != 0
        of_model = np.add.reduceat(against, np.flatnonzero(is_first), axis=0)
        others = of_model[np.cumsum(is_first) - 1] - against
        mass = grid_probabilities(prior - others)
        mean = np.einsum("ij,ij->i", mass, curve)
        curve -= mean[:, None]
        variance = np.einsum("ij,ij,ij->i", mass, curve, curve)
        expected[rows], sd[rows] = mean, np.sqrt(variance + sigma**2)
    return expected, sd


def centre_and_spread(
    value: FloatArray, group_index: IntArray, n_groups: int
) -> tuple[FloatArray, FloatArray]:
    """Return the median and the robust sd of every group, each of shape (n_groups,).

    The spread is the median absolute deviation from the median, over .6745. Where more than half
    of a group is equal that is 0, and the mean absolute deviation takes its place with its own
    constant, .7979; where all of it is equal, the spread is 0. NaN for a group without values.
    """
    centre = group_medians(value, group_index, n_groups)
    distance = np.abs(value - centre[group_index])
    number = np.bincount(group_index, minlength=n_groups)
    total = np.bincount(group_index, weights=distance, minlength=n_groups)
    mean_ad = np.divide(total, number, out=np.full(n_groups, np.nan), where=number > 0)
    mad = group_medians(distance, group_index, n_groups)
    spread = np.where(mad > NO_SPREAD, mad / MAD_PER_SD, mean_ad / MEAN_AD_PER_SD)
    return centre, spread


def with_flagged_noise(
    parameters: BenchmarkParameters,
    flagged_count: IntArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> BenchmarkParameters:
    """Return curves whose noise counts the flagged cells again, each as if on the threshold.

    ``flagged_count`` (n_benchmarks,) is how many cells of the calibration models were left out. A
    fit without them takes a benchmark for less noisy than measurements of it are, so that intervals
    come out too narrow: the next cell of a new model may be one of those. As in a winsorised
    variance (Tukey), a cell beyond the threshold c counts with a residual of c sigma in

        sigma^2 = (sum r^2 + n_flagged (c sigma)^2 + prior) / (freedom (n + n_flagged) + n_prior).
    """
    known = fit_settings.sigma_freedom * parameters.n_cells + fit_settings.sigma_prior_cells
    left_out = np.zeros(len(flagged_count))  # no cell is beyond a threshold that is infinite
    left_out[flagged_count > 0] = settings.threshold**2 * flagged_count[flagged_count > 0]
    factor = (known + left_out) / (known + fit_settings.sigma_freedom * flagged_count)
    return replace(parameters, sigma=parameters.sigma * np.sqrt(factor))


def modified_z_scores(value: FloatArray, centre: FloatArray, spread: FloatArray) -> FloatArray:
    """Return M = (value - centre) / spread, all of shape (n_values,).

    0 where nothing spreads, since then nothing says how far is far; NaN where centre and spread
    are.
    """
    deviation = value - centre
    is_still = spread <= NO_SPREAD
    return np.where(is_still, 0.0, deviation / np.where(is_still, 1.0, spread))


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


def _judge(
    cells: Cells,
    expected: FloatArray,
    sd: FloatArray,
    yardstick: Yardstick,
    settings: AnomalySettings,
) -> Anomalies:
    residual = cells.value_0_1 - expected
    benchmark = cells.benchmark_index
    z = modified_z_scores(residual / sd, yardstick.centre[benchmark], yardstick.spread[benchmark])
    return Anomalies(expected, residual, z, np.abs(z) > settings.threshold)
