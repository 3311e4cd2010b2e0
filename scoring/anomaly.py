"""Cells that contradict everything else that is known about their model.

A raw score is no anomaly for being extreme: strong models are meant to stand out. What is judged
is the residual, measured minus expected, where the expectation comes from the model's other cells
only; otherwise a wrong cell would pull its own expectation towards itself and hide.

The verdict is the modified z-score of Iglewicz & Hoaglin ("How to Detect and Handle Outliers",
1993), per benchmark, of these residuals:

* the expectation takes the noise as Huber's, so that other wrong cells of the model weigh little;
* a residual is taken in units of its own predictive sd, sqrt(Var[p_b(C)] + sigma_b^2), where the
  variance is over the posterior of the model's other cells: what is expected of a model of which
  little is known may well be wrong without any contradiction;
* centre and spread are those of the models that calibrate the benchmarks (a board that may not say
  how hard a benchmark is may not say how noisy it is either), drawn towards those of all benchmarks
  together, the more the fewer cells there are: the median of a dozen jumps with each new one.

Curves are fitted twice before: to all cells, and to what a first judgement leaves of each. One such
step from a plain fit (Bickel, "One-step Huber estimates in the linear model", 1975) keeps wrong
cells from bending the curve that they are judged by; further steps could end in several places.

A cell at or beyond the threshold is flagged and keeps nothing. One short of it keeps part of its
evidence and of its pull, the less the nearer it comes (Hampel's "redescending" weights, 1974): a
threshold by itself would turn a hair's breadth, such as any new model brings about, into several
points.
"""

from dataclasses import dataclass, replace

import numpy as np

from scoring.ability import BenchmarkParameters, FitStart, fit_abilities
from scoring.cells import (
    BoolArray,
    Cells,
    FloatArray,
    IntArray,
    cells_per_model,
    select_cells,
)
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

    ``parameters`` are the curves that cells are judged by; ``centre`` and ``spread``
    (n_benchmarks,) those of the reference cells' standardised residuals, in predictive sds. Both
    are NaN for a benchmark with too few reference cells: nothing on it is judged.
    """

    parameters: BenchmarkParameters
    centre: FloatArray
    spread: FloatArray


@dataclass(frozen=True)
class Anomalies:
    """One entry per cell, in the order of the cells given; every array has shape (n_cells,).

    ``expected`` is the cell's expected value without it, ``residual`` measured minus expected
    (both on 0-1), ``modified_z`` the standardised residual's distance from its benchmark's median
    in robust standard deviations (NaN where not judged: too few cells of the model or of the
    benchmark to judge by), ``kept_share`` what the cell keeps of its evidence and of its pull on
    curves and abilities, on 0-1: 0 where it is flagged.
    """

    expected: FloatArray
    residual: FloatArray
    modified_z: FloatArray
    kept_share: FloatArray

    @property
    def is_flagged(self) -> BoolArray:
        """Say which cells keep nothing, shape (n_cells,)."""
        return np.equal(self.kept_share, 0.0)


def screen_cells(
    cells: Cells,
    chance: FloatArray,
    models: IntArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> tuple[Anomalies, Yardstick, FitStart]:
    """Judge every cell; ``models`` calibrate the curves, see ``fit_abilities``.

    Also return the yardstick, and a start for the fit of what the cells keep.
    """
    loose = replace(fit_settings, tolerance=settings.tolerance)
    is_reference = np.isin(cells.model_index, models)
    own = select_cells(cells, is_reference)
    plain = fit_abilities(own, chance, models, loose)
    everything = np.ones(len(own), dtype=bool)
    doubted, _ = find_anomalies(own, plain.parameters, everything, fit_settings, settings)
    kept = doubted_cells(own, doubted)
    fit = fit_abilities(kept, chance, models, loose, plain.as_start(cells.n_models))
    found, yardstick = find_anomalies(cells, fit.parameters, is_reference, fit_settings, settings)
    return found, yardstick, fit.as_start(cells.n_models)


def find_anomalies(
    cells: Cells,
    parameters: BenchmarkParameters,
    is_reference: BoolArray,
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: AnomalySettings = DEFAULT_ANOMALY,
) -> tuple[Anomalies, Yardstick]:
    """Judge every cell by the residuals of the reference cells; also return the yardstick.

    ``parameters`` are those of a fit; ``is_reference`` (n_cells,) marks the cells of the models
    that it was made of.
    """
    expected, sd = leave_one_out(cells, parameters, fit_settings, settings.huber_limit)
    standardised = (cells.value_0_1 - expected) / sd
    centre, spread = _steadied_centre_and_spread(
        standardised[is_reference],
        cells.benchmark_index[is_reference],
        cells.n_benchmarks,
        settings,
    )
    yardstick = Yardstick(parameters, centre, spread)
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


def doubted_cells(cells: Cells, anomalies: Anomalies) -> Cells:
    """Leave each cell what it keeps; a flagged one stays as a cell without evidence or pull."""
    kept_share = anomalies.kept_share
    return replace(cells, kept_share=kept_share, evidence=cells.evidence * kept_share)


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


def noise_exponent(error_in_sd: FloatArray, huber_limit: float) -> FloatArray:
    """Return minus the log of Huber's density up to a constant; any shape.

    The density ("Robust estimation of a location parameter", 1964) is normal up to the limit k and
    exponential beyond: the exponent is z^2 / 2 up to k and k |z| - k^2 / 2 from there on. An
    infinite limit leaves it normal.
    """
    size = np.abs(error_in_sd)
    inner = np.minimum(size, huber_limit)
    return inner * (size - 0.5 * inner)


def kept_shares(modified_z: FloatArray, settings: AnomalySettings = DEFAULT_ANOMALY) -> FloatArray:
    """Return what a cell keeps, 0-1, shape of ``modified_z``; all where it is NaN.

    With a = ``doubt_from`` and c = ``threshold``: 1 up to |M| = a, ((c - |M|) / (c - a))^2 between
    them, 0 beyond c. Squared, because the measured part of a completed cell is e / (kappa + e): it
    holds on until little evidence is left, and then would fall the more steeply.
    """
    room = settings.threshold - np.nan_to_num(np.abs(modified_z))
    band = settings.threshold - settings.doubt_from
    if band <= 0:
        return np.where(room < 0, 0.0, 1.0)
    return np.clip(room / band, 0.0, 1.0) ** 2


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
    others = cells_per_model(cells)[cells.model_index] - 1
    z = np.where(others < settings.min_others, np.nan, z)
    return Anomalies(expected, residual, z, kept_shares(z, settings))


def _steadied_centre_and_spread(
    value: FloatArray, group_index: IntArray, n_groups: int, settings: AnomalySettings
) -> tuple[FloatArray, FloatArray]:
    """Add to every group ``spread_prior_cells`` cells that spread as all groups together do.

    NaN for a group of fewer than ``min_reference`` values of its own.
    """
    centre, spread = centre_and_spread(value, group_index, n_groups)
    (usual_centre,), (usual_spread,) = centre_and_spread(value, np.zeros_like(group_index), 1)
    number = np.bincount(group_index, minlength=n_groups)
    assumed = settings.spread_prior_cells
    whole = np.where(number < settings.min_reference, np.nan, number + assumed)
    centre = (number * centre + assumed * usual_centre) / whole
    return centre, np.sqrt((number * spread**2 + assumed * usual_spread**2) / whole)
