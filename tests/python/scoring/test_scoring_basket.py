from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.ability import BenchmarkParameters, response
from scoring.basket import (
    ability_variances,
    capability,
    completed_cells,
    confidence,
    coverage,
    interval,
    score_categories,
)
from scoring.cells import Cells, make_cells, select_cells, to_matrix
from scoring.posterior import (
    ability_grid,
    cell_variance,
    curve_covariances,
    grid_probabilities,
    posterior_mass,
    response_curves,
    summarise_posterior,
    weighted_variance,
    without_redundant_composites,
)
from scoring.settings import BasketSettings, FitSettings

FIT, BASKET = FitSettings(), BasketSettings()
N_MODELS, N_BENCHMARKS = 6, 8
BASKETS = {
    "all": np.array([1.0, 0.5, 0.8, 0.3, 1.2, 0.2, 0.7, 0.4]),
    "few": np.array([0.0, 1.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.1]),
}


def draw_parameters(rng: np.random.Generator, size: int = N_BENCHMARKS) -> BenchmarkParameters:
    return BenchmarkParameters(
        difficulty=rng.normal(0, 1.5, size),
        ln_alpha=rng.normal(0.4, 0.5, size),
        sigma=rng.uniform(0.03, 0.2, size),
        chance=rng.choice([0.0, 0.1, 0.25], size),
        n_cells=np.ones(size, dtype=np.int64),
    )


def draw_case(seed: int) -> tuple[Cells, BenchmarkParameters, np.random.Generator]:
    rng = np.random.default_rng(seed)
    model, benchmark = np.nonzero(rng.random((N_MODELS, N_BENCHMARKS)) < 0.5)
    value = np.where(rng.random(len(model)) < 0.2, rng.integers(0, 2, len(model)), 1.0)
    value = np.where(value == 1.0, rng.random(len(model)), value)
    evidence = rng.uniform(0, 1, len(model))
    cells = make_cells(model, benchmark, value, N_MODELS, N_BENCHMARKS, evidence)
    return cells, draw_parameters(rng), rng


seeds = given(st.integers(0, 2**32 - 1))


def test_grid_has_both_ends() -> None:
    grid = ability_grid(FIT)
    assert len(grid) == 401
    assert (grid[0], grid[200], grid[-1]) == (-4.0, 0.0, 4.0)


def test_posterior_is_prior_times_likelihood() -> None:
    cells, parameters, _ = draw_case(5)
    grid = ability_grid(FIT)
    direct = np.tile(-0.5 * grid**2, (N_MODELS, 1))
    for model, benchmark, value in zip(
        cells.model_index, cells.benchmark_index, cells.value_0_1, strict=True
    ):
        curve = response_curves(parameters, grid)[benchmark]
        direct[model] -= 0.5 * ((value - curve) / parameters.sigma[benchmark]) ** 2
    found = posterior_mass(cells, parameters, FIT)
    np.testing.assert_allclose(found, grid_probabilities(direct), atol=1e-12)


def test_model_without_cells_keeps_the_prior() -> None:
    cells = make_cells([1], [0], [0.9], 2, 3)
    parameters = draw_parameters(np.random.default_rng(0), 3)
    posterior = summarise_posterior(posterior_mass(cells, parameters, FIT), parameters, FIT)
    assert posterior.ability_mean[0] == pytest.approx(0.0, abs=1e-12)
    assert posterior.ability_sd[0] == pytest.approx(1.0, abs=1e-3)


@settings(max_examples=30, deadline=None)
@seeds
def test_variances_agree_with_a_direct_sum(seed: int) -> None:
    cells, parameters, rng = draw_case(seed)
    mass = posterior_mass(cells, parameters, FIT)
    curves = response_curves(parameters, ability_grid(FIT))
    weights = rng.uniform(0, 1, (N_MODELS, N_BENCHMARKS))
    total = weights @ curves
    direct = (mass * total**2).sum(axis=1) - (mass * total).sum(axis=1) ** 2
    covariance = curve_covariances(mass, curves)
    np.testing.assert_allclose(weighted_variance(covariance, weights), direct, atol=1e-10)
    one = np.zeros((N_MODELS, N_BENCHMARKS))
    one[:, 3] = 1.0
    pairs = np.arange(N_MODELS), np.full(N_MODELS, 3)
    np.testing.assert_allclose(
        cell_variance(mass, parameters, FIT, *pairs),
        weighted_variance(covariance, one),
        atol=1e-12,
    )


@settings(max_examples=40, deadline=None)
@seeds
def test_everything_stays_within_its_bounds(seed: int) -> None:
    cells, parameters, _ = draw_case(seed)
    scores = score_categories(cells, parameters, BASKETS, FIT, BASKET)
    assert ((scores.capability >= 0) & (scores.capability <= 100)).all()
    assert ((scores.low >= 0) & (scores.low <= scores.capability)).all()
    assert ((scores.high <= 100) & (scores.high >= scores.capability)).all()
    assert (scores.sd > 0).all()
    assert ((scores.coverage >= 0) & (scores.coverage < 1)).all()
    assert ((scores.confidence > 0) & (scores.confidence < 1)).all()


@settings(max_examples=60, deadline=None)
@seeds
def test_raising_a_cell_never_lowers_a_capability(seed: int) -> None:
    cells, parameters, rng = draw_case(seed)
    assume(len(cells) > 0)
    row = rng.integers(len(cells))
    value = cells.value_0_1.copy()
    value[row] += rng.random() * (1 - value[row])
    before = score_categories(cells, parameters, BASKETS, FIT, BASKET).capability
    after = score_categories(
        replace(cells, value_0_1=value), parameters, BASKETS, FIT, BASKET
    ).capability
    assert (after >= before - 1e-9).all()
    others = np.arange(N_MODELS) != cells.model_index[row]
    np.testing.assert_array_equal(after[others], before[others])


@settings(max_examples=20, deadline=None)
@seeds
def test_row_order_changes_no_score(seed: int) -> None:
    cells, parameters, rng = draw_case(seed)
    shuffled = select_cells(cells, rng.permutation(len(cells)))
    one, other = (score_categories(c, parameters, BASKETS, FIT, BASKET) for c in (cells, shuffled))
    for name in ("capability", "sd", "low", "high", "coverage", "confidence"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


@settings(max_examples=20, deadline=None)
@seeds
def test_more_evidence_gives_more_coverage(seed: int) -> None:
    cells, parameters, _ = draw_case(seed)
    stronger = replace(cells, evidence=2 * cells.evidence)
    one, other = (score_categories(c, parameters, BASKETS, FIT, BASKET) for c in (cells, stronger))
    assert (other.coverage >= one.coverage).all()
    assert (other.sd <= one.sd + 1e-9).all()


def test_size_of_a_chunk_changes_nothing(monkeypatch) -> None:
    cells, parameters, rng = draw_case(11)
    shuffled = select_cells(cells, rng.permutation(len(cells)))
    whole = score_categories(cells, parameters, BASKETS, FIT, BASKET)
    monkeypatch.setattr("scoring.posterior.CHUNK", 4)
    parts = score_categories(shuffled, parameters, BASKETS, FIT, BASKET)
    np.testing.assert_allclose(whole.capability, parts.capability, atol=1e-9)
    np.testing.assert_allclose(whole.sd, parts.sd, atol=1e-9)


def test_no_cells_at_all_are_scored_from_the_prior() -> None:
    cells = make_cells([], [], [], 2, N_BENCHMARKS)
    parameters = draw_parameters(np.random.default_rng(1))
    scores = score_categories(cells, parameters, BASKETS, FIT, BASKET)
    assert np.isfinite(scores.capability).all()
    assert (scores.coverage == 0).all()
    assert (scores.capability[0] == scores.capability[1]).all()


def test_completed_cell_by_hand() -> None:
    value, evidence = np.array([0.8, np.nan, 0.8]), np.array([1.0, 0.0, 0.25])
    cell = completed_cells(value, evidence, np.array([0.3, 0.3, 0.3]), BASKET)
    np.testing.assert_allclose(cell, [0.25 / 1.25 * 0.3 + 0.8 / 1.25, 0.3, 0.55])


def test_basket_figures_by_hand() -> None:
    weight = np.array([3.0, 1.0])
    assert capability(np.array([[0.5, 0.9]]), weight)[0] == pytest.approx(60.0)
    assert coverage(np.array([[1.0, 0.0]]), weight, BASKET)[0] == pytest.approx(0.6)
    assert confidence(np.array([0.0, 5.0, 10.0]), BASKET).tolist() == [1.0, 0.5, 0.2]
    low, high = interval(np.array([2.0, 50.0, 99.0]), np.array([4.0, 4.0, 4.0]), BASKET)
    np.testing.assert_allclose(low, [0.0, 43.42, 92.42])
    np.testing.assert_allclose(high, [8.58, 56.58, 100.0])


def test_basket_needs_weight() -> None:
    for weight in (np.zeros(2), np.array([1.0, -0.5])):
        with pytest.raises(ValueError, match="weights"):
            coverage(np.zeros((1, 2)), weight, BASKET)


def test_variance_of_ability_is_per_model_and_category() -> None:
    cells, parameters, _ = draw_case(9)
    mass = posterior_mass(cells, parameters, FIT)
    curves = response_curves(parameters, ability_grid(FIT))
    evidence = to_matrix(cells, cells.evidence, 0.0)
    everyone = np.arange(N_MODELS)
    found = ability_variances(mass, curves, BASKETS, everyone, evidence, BASKET)
    assert found.shape == (N_MODELS, len(BASKETS))
    assert (found >= 0).all()
    # Another subject of equal cells shares the posterior of model 3, but not its evidence.
    more = np.vstack([evidence, 0.5 * evidence[3]])
    shared = ability_variances(mass, curves, BASKETS, np.append(everyone, 3), more, BASKET)
    np.testing.assert_array_equal(shared[:-1], found)
    halved = evidence.copy()
    halved[3] *= 0.5
    alone = ability_variances(mass, curves, BASKETS, everyone, halved, BASKET)
    np.testing.assert_array_equal(shared[-1], alone[3])


def test_composites_inform_only_models_without_other_cells() -> None:
    cells = make_cells([0, 0, 1, 2], [0, 2, 2, 1], [0.5] * 4, 3, 3)
    used = without_redundant_composites(cells, np.array([False, False, True]))
    assert used.tolist() == [True, False, True, True]


def test_expected_cell_is_the_mean_of_its_curve() -> None:
    cells, parameters, _ = draw_case(2)
    mass = posterior_mass(cells, parameters, FIT)
    expected = summarise_posterior(mass, parameters, FIT).expected[0, 1]
    curve = response(
        ability_grid(FIT),
        parameters.difficulty[1],
        parameters.ln_alpha[1],
        parameters.chance[1],
    )
    assert expected == pytest.approx(mass[0] @ curve, abs=1e-12)
