"""A category's capability: one fixed basket of benchmarks, missing cells completed.

Averaging only what a model happens to have measured flatters models tried on easy benchmarks.
Here every model is judged on the same basket, and the expected value of a cell stands in as far
as the cell lacks evidence. The same formulas stand in SQL, which makes what is published; a test
compares every row of a build.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.ability import BenchmarkParameters
from scoring.cells import Cells, FloatArray, IntArray, to_matrix
from scoring.posterior import (
    ability_grid,
    curve_covariances,
    posterior_mass,
    response_curves,
    summarise_posterior,
    weighted_variance,
)
from scoring.settings import DEFAULT_BASKET, DEFAULT_FIT, BasketSettings, FitSettings


@dataclass(frozen=True)
class CategoryScores:
    """Capabilities and their uncertainty; every array has shape (n_models, n_categories).

    ``capability``, ``low``, ``high`` and ``sd`` are points on 0-100, ``coverage`` and
    ``confidence`` shares on 0-1. ``categories`` names the columns.
    """

    categories: tuple[str, ...]
    capability: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    coverage: FloatArray
    confidence: FloatArray


def completing_share(evidence: FloatArray, settings: BasketSettings) -> FloatArray:
    """Return k = kappa / (kappa + e), the expected value's part of a cell; 1 where e is 0."""
    return settings.kappa / (settings.kappa + evidence)


def completed_cells(
    value_0_1: FloatArray, evidence: FloatArray, expected: FloatArray, settings: BasketSettings
) -> FloatArray:
    """Return (kappa p + e y) / (kappa + e), on 0-1; the arguments have one common shape.

    A missing cell has evidence 0; its value is not looked at (it may be NaN).
    """
    share = completing_share(evidence, settings)
    measured = np.where(evidence > 0, value_0_1, 0.0)
    return share * expected + (1.0 - share) * measured


def capability(cell: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the weighted mean of completed cells (n_models, n_basket) in points, (n_models,).

    ``weight`` (n_basket,) need not sum to 1.
    """
    return 100.0 * cell @ _normalised(weight)


def capability_sd(
    share: FloatArray,
    weight: FloatArray,
    sigma: FloatArray,
    ability_variance: FloatArray,
    expected_slope: FloatArray,
    settings: BasketSettings,
) -> FloatArray:
    """Return the standard deviation of a capability in points, shape (n_models,).

    Three independent parts: ability is uncertain (``ability_variance`` (n_models,) of
    ``weighted_variance``), every benchmark has its own noise ``sigma`` (n_basket,), and a model
    may deviate in the whole field by ``common_error`` ability units, passed on through
    ``expected_slope`` (n_models, n_basket). ``share`` (n_models, n_basket) is the completing
    share k, ``weight`` (n_basket,) the basket's weights.
    """
    weight = _normalised(weight)
    noise = share @ (weight * sigma) ** 2 / (1.0 + settings.kappa)
    common = settings.common_error * (share * expected_slope) @ weight
    return 100.0 * np.sqrt(ability_variance + noise + common**2)


def interval(
    score: FloatArray, sd: FloatArray, settings: BasketSettings
) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the interval around a score in points, cut to 0-100."""
    half = settings.interval_z * sd
    return np.clip(score - half, 0.0, 100.0), np.clip(score + half, 0.0, 100.0)


def coverage(evidence: FloatArray, weight: FloatArray, settings: BasketSettings) -> FloatArray:
    """Return the measured share of a basket, 0-1: evidence (n_models, n_basket) -> (n_models,)."""
    return (1.0 - completing_share(evidence, settings)) @ _normalised(weight)


def confidence(sd: FloatArray, settings: BasketSettings) -> FloatArray:
    """Return 1 / (1 + (sd / half sd)^2), on 0-1, of an sd in points."""
    return 1.0 / (1.0 + (sd / settings.confidence_half_sd) ** 2)


def ability_variances(
    mass: FloatArray,
    curves: FloatArray,
    baskets: Mapping[str, FloatArray],
    row: IntArray,
    evidence: FloatArray,
    settings: BasketSettings,
) -> FloatArray:
    """Return Var[sum w k p_b(C)] of every subject and category, shape (n_subjects, n_categories).

    On 0-1 squared. The one term of the standard deviation that needs the posterior itself, so
    the one number per (subject, category) that is handed to SQL. ``row`` (n_subjects,) says which
    row of ``mass`` (n_posteriors, n_grid) is a subject's: subjects of equal cells share one, while
    their ``evidence`` (n_subjects, n_benchmarks) may be of different age. ``curves``
    (n_benchmarks, n_grid) are the response curves.
    """
    share = completing_share(evidence, settings)
    columns = []
    for weight in baskets.values():
        members, normed = _members(weight)
        covariance = curve_covariances(mass, curves[members])[row]
        columns.append(weighted_variance(covariance, share[:, members] * normed))
    return np.stack(columns, axis=1) if columns else np.empty((len(row), 0))


def score_categories(
    cells: Cells,
    parameters: BenchmarkParameters,
    baskets: Mapping[str, FloatArray],
    fit_settings: FitSettings = DEFAULT_FIT,
    settings: BasketSettings = DEFAULT_BASKET,
) -> CategoryScores:
    """Score every model in every category, from cells and curves to intervals.

    ``baskets`` maps a category to its weights, shape (n_benchmarks,), 0 outside the basket.
    """
    mass = posterior_mass(cells, parameters, fit_settings)
    posterior = summarise_posterior(mass, parameters, fit_settings)
    evidence = to_matrix(cells, cells.evidence, 0.0)
    curves = response_curves(parameters, ability_grid(fit_settings))
    own = np.arange(cells.n_models)
    variances = ability_variances(mass, curves, baskets, own, evidence, settings)
    share = completing_share(evidence, settings)
    value = to_matrix(cells, cells.value_0_1, np.nan)
    completed = completed_cells(value, evidence, posterior.expected, settings)
    columns: dict[str, list[FloatArray]] = {"capability": [], "sd": [], "coverage": []}
    for position, weight in enumerate(baskets.values()):
        members, normed = _members(weight)
        columns["capability"].append(capability(completed[:, members], normed))
        columns["coverage"].append(coverage(evidence[:, members], normed, settings))
        columns["sd"].append(
            capability_sd(
                share[:, members],
                normed,
                parameters.sigma[members],
                variances[:, position],
                posterior.expected_slope[:, members],
                settings,
            )
        )
    score, sd, covered = (np.stack(column, axis=1) for column in columns.values())
    low, high = interval(score, sd, settings)
    return CategoryScores(tuple(baskets), score, sd, low, high, covered, confidence(sd, settings))


def _members(weight: FloatArray) -> tuple[IntArray, FloatArray]:
    members = np.flatnonzero(weight)
    return members, _normalised(weight[members])


def _normalised(weight: FloatArray) -> FloatArray:
    if (weight < 0).any() or not weight.sum() > 0:
        raise ValueError("a basket needs weights of at least 0 that sum to more than 0")
    return weight / float(weight.sum())
