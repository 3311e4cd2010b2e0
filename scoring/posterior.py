"""Each model's ability given all of its cells, on a fixed grid.

The expected a posteriori estimate of item response theory (Bock & Mislevy, "Adaptive EAP
estimation of ability in a microcomputer environment", 1982): prior times likelihood at equally
spaced abilities, normalised to sum 1. No optimisation, so nothing can fail to converge, and any
function of ability has its exact mean and variance under the grid's distribution.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.ability import BenchmarkParameters, response, response_slope
from scoring.cells import (
    BoolArray,
    Cells,
    FloatArray,
    IntArray,
    cells_per_model,
    select_cells,
    sort_cells,
)
from scoring.settings import FitSettings

#: Models handled at a time: keeps each temporary array to some 30 MB.
CHUNK = 8192


@dataclass(frozen=True)
class Posterior:
    """What the grid says about every model.

    ``ability_mean`` and ``ability_sd`` (n_models,) are in ability units; ``expected`` is
    E[p_b(C)] on 0-1 and ``expected_slope`` E[dp_b/dC] per ability unit, both of shape
    (n_models, n_benchmarks).
    """

    ability_mean: FloatArray
    ability_sd: FloatArray
    expected: FloatArray
    expected_slope: FloatArray


def ability_grid(settings: FitSettings) -> FloatArray:
    """Return the grid of abilities, both ends included, shape (n_grid,)."""
    half = round(settings.grid_limit / settings.grid_step)
    return np.arange(-half, half + 1, dtype=np.float64) * settings.grid_step


def response_curves(parameters: BenchmarkParameters, grid: FloatArray) -> FloatArray:
    """Return p_b at every grid point, shape (n_benchmarks, n_grid), on 0-1."""
    return response(grid, *_columns(parameters))


def slope_curves(parameters: BenchmarkParameters, grid: FloatArray) -> FloatArray:
    """Return dp_b/dC at every grid point, shape (n_benchmarks, n_grid), per ability unit."""
    return response_slope(grid, *_columns(parameters))


def posterior_mass(
    cells: Cells, parameters: BenchmarkParameters, settings: FitSettings
) -> FloatArray:
    """Return the probability of every grid point, shape (n_models, n_grid): rows sum to 1.

    Prior times likelihood. The normal likelihood's exponent -(y - p)^2 / (2 sigma^2) is
    y p / sigma^2 - p^2 / (2 sigma^2) up to a constant, hence two products of a (models, benchmarks)
    matrix with the curves; a cell counts by the share that it keeps. A model without cells keeps
    the prior. 50,000 models take 160 MB.
    """
    grid = ability_grid(settings)
    curves = response_curves(parameters, grid)
    prior = -0.5 * (grid / settings.ability_prior_sd) ** 2
    cells = sort_cells(cells)
    precision = cells.kept_share * parameters.sigma[cells.benchmark_index] ** -2
    result = np.empty((cells.n_models, len(grid)))
    for start, stop in _chunks(cells.n_models):
        rows = slice(*np.searchsorted(cells.model_index, (start, stop)))
        place = (cells.model_index[rows] - start, cells.benchmark_index[rows])
        weight = np.zeros((stop - start, cells.n_benchmarks))
        weight[place] = precision[rows]
        pull = np.zeros_like(weight)
        pull[place] = precision[rows] * cells.value_0_1[rows]
        result[start:stop] = grid_probabilities(prior + pull @ curves - 0.5 * weight @ curves**2)
    return result


def grid_probabilities(log_density: FloatArray) -> FloatArray:
    """Normalise rows of log densities (n, n_grid) to probabilities that sum to 1."""
    mass: FloatArray = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    mass /= mass.sum(axis=1, keepdims=True)
    return mass


def summarise_posterior(
    mass: FloatArray, parameters: BenchmarkParameters, settings: FitSettings
) -> Posterior:
    """Take means over the posterior: abilities, expected cells and expected slopes.

    ``mass`` is the (n_models, n_grid) array of ``posterior_mass``.
    """
    grid = ability_grid(settings)
    curves, slopes = response_curves(parameters, grid), slope_curves(parameters, grid)
    mean = mass @ grid
    sd = np.sqrt(np.maximum(mass @ grid**2 - mean**2, 0.0))
    return Posterior(mean, sd, mass @ curves.T, mass @ slopes.T)


def curve_covariances(mass: FloatArray, curves: FloatArray) -> FloatArray:
    """Return Cov[p_a(C), p_b(C)] over every model's posterior.

    The shape is (n_models, n_basket, n_basket). ``mass`` is the (n_models, n_grid) array of
    ``posterior_mass``, ``curves`` (n_basket, n_grid) are the response curves of a basket's
    benchmarks. Expected cells move together with ability, so their errors do not average out; these
    covariances count that.
    """
    mean = mass @ curves.T
    products = (curves[:, None] * curves).reshape(-1, curves.shape[1])
    moments = (mass @ products.T).reshape(-1, len(curves), len(curves))
    covariance: FloatArray = moments - mean[:, :, None] * mean[:, None, :]
    return covariance


def weighted_variance(covariance: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Var[sum_b weights_b p_b(C)] of ``curve_covariances``, shape (n_models,).

    ``weights`` (n_models, n_basket) are a model's weights of its expected values: the benchmark's
    weight times the share of the cell that is completed.
    """
    variance: FloatArray = np.einsum("ij,ijk,ik->i", weights, covariance, weights)
    # A posterior with next to no spread leaves rounding, which may fall below 0.
    return np.maximum(variance, 0.0)


def cell_variance(
    mass: FloatArray,
    parameters: BenchmarkParameters,
    settings: FitSettings,
    model_index: IntArray,
    benchmark_index: IntArray,
) -> FloatArray:
    """Return Var[p_b(C)] over the posterior for pairs (model, benchmark), shape (n_pairs,)."""
    curves = response_curves(parameters, ability_grid(settings))
    variance = np.empty(len(model_index))
    for start, stop in _chunks(len(model_index)):
        of_model = mass[model_index[start:stop]]
        curve = curves[benchmark_index[start:stop]]
        mean = (of_model * curve).sum(axis=1, keepdims=True)
        variance[start:stop] = (of_model * (curve - mean) ** 2).sum(axis=1)
    return variance


def without_redundant_composites(cells: Cells, is_composite: BoolArray) -> BoolArray:
    """Say which cells inform abilities, shape (n_cells,).

    ``is_composite`` (n_benchmarks,) marks composite indices. Their cells count only for models
    that have no other cell left: for all others their parts are known.
    """
    composite: BoolArray = is_composite[cells.benchmark_index]
    others = cells_per_model(select_cells(cells, ~composite))
    is_alone: BoolArray = others[cells.model_index] == 0
    return np.logical_or(~composite, is_alone)


def _columns(parameters: BenchmarkParameters) -> tuple[FloatArray, FloatArray, FloatArray]:
    return (
        parameters.difficulty[:, None],
        parameters.ln_alpha[:, None],
        parameters.chance[:, None],
    )


def _chunks(size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, size, CHUNK):
        yield start, min(start + CHUNK, size)
