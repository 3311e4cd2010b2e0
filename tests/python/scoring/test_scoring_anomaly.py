from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ability import BenchmarkParameters, fit_abilities, frozen_parameters, response
from scoring.anomaly import (
    Anomalies,
    Yardstick,
    centre_and_spread,
    find_anomalies,
    group_medians,
    judge_cells,
    kept_shares,
    leave_one_out,
    modified_z_scores,
    noise_exponent,
    screen_cells,
)
from scoring.cells import Cells, make_cells, select_cells
from scoring.posterior import cell_variance, posterior_mass, summarise_posterior
from scoring.settings import AnomalySettings, FitSettings

FIT, ANOMALY = FitSettings(), AnomalySettings()


def scores_of(value: list[float], group: list[int], n_groups: int) -> np.ndarray:
    values, index = np.array(value, dtype=float), np.array(group, dtype=np.int64)
    centre, spread = centre_and_spread(values, index, n_groups)
    return modified_z_scores(values, centre[index], spread[index])


def screen(cells: Cells, chance: np.ndarray) -> tuple[Anomalies, Yardstick]:
    return screen_cells(cells, chance, np.arange(cells.n_models))[:2]


def plain_curves(cells: Cells, chance: np.ndarray) -> BenchmarkParameters:
    return fit_abilities(cells, chance, np.arange(cells.n_models)).parameters


def planted(cells: Cells, row: int, error: float) -> Cells:
    value = cells.value_0_1.copy()
    value[row] += error
    return replace(cells, value_0_1=value)


def test_modified_z_by_hand() -> None:
    # Median 3, deviations 2 1 0 1 97, MAD 1.
    z = scores_of([1.0, 2, 3, 4, 100], [0] * 5, 1)
    np.testing.assert_allclose(z, 0.6745 * np.array([-2.0, -1, 0, 1, 97]))


def test_mean_deviation_stands_in_for_a_zero_mad() -> None:
    # Three of four are equal: MAD 0, mean absolute deviation 1.
    np.testing.assert_allclose(scores_of([5.0, 5, 5, 9], [0] * 4, 1), [0, 0, 0, 4 * 0.7979])


def test_no_spread_is_no_anomaly() -> None:
    assert scores_of([0.3, 0.3, 0.3, 0.9], [0, 0, 0, 2], 3).tolist() == [0, 0, 0, 0]
    assert modified_z_scores(np.array([0.9]), np.array([0.3]), np.array([0.0])).tolist() == [0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1, 1)), max_size=30))
def test_medians_per_group(rows: list[tuple[int, float]]) -> None:
    group = np.array([row[0] for row in rows], dtype=np.int64)
    value = np.array([row[1] for row in rows])
    found = group_medians(value, group, 4)
    for index in range(4):
        mine = value[group == index]
        if len(mine):
            assert found[index] == pytest.approx(np.median(mine))
        else:
            assert np.isnan(found[index])


def test_noise_is_normal_up_to_the_limit_and_exponential_beyond() -> None:
    z = np.array([-4.0, -2.0, 0.0, 1.5, 3.0])
    # z^2 / 2 up to 2, and 2 |z| - 2 from there on.
    assert noise_exponent(z, 2.0).tolist() == [6.0, 2.0, 0.0, 1.125, 4.0]
    assert noise_exponent(z, np.inf).tolist() == (0.5 * z**2).tolist()


def test_a_cell_keeps_less_the_nearer_it_is_to_the_threshold() -> None:
    z = np.array([0.0, 1.5, -2.5, 3.0, 3.5, -9.0, np.nan])
    # ((3.5 - |M|) / (3.5 - 1.5))^2 between 1.5 and 3.5.
    assert kept_shares(z).tolist() == [1.0, 1.0, 0.25, 0.0625, 0.0, 0.0, 1.0]
    hard = replace(ANOMALY, doubt_from=3.5)
    assert kept_shares(z, hard).tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0]


def test_expectation_leaves_the_cell_itself_out(synthetic) -> None:
    cells = synthetic.cells
    parameters = fit_abilities(cells, synthetic.chance, np.arange(cells.n_models), FIT).parameters
    expected, sd = leave_one_out(cells, parameters, FIT, np.inf)
    for row in (0, 17, 401):
        model, benchmark = cells.model_index[[row]], cells.benchmark_index[[row]]
        rest = select_cells(cells, np.arange(len(cells)) != row)
        mass = posterior_mass(rest, parameters, FIT)
        direct = summarise_posterior(mass, parameters, FIT).expected[model, benchmark]
        assert expected[row] == pytest.approx(direct[0], abs=1e-9)
        variance = cell_variance(mass, parameters, FIT, model, benchmark)
        variance += parameters.sigma[benchmark] ** 2
        assert sd[row] == pytest.approx(np.sqrt(variance[0]), abs=1e-9)


def test_another_wrong_cell_moves_an_expectation_less_than_it_would() -> None:
    # Four cells of one model on benchmarks of middling difficulty, one of them far too low.
    row = {"difficulty": 0, "ln_alpha": 0.4, "sigma_0_1": 0.05, "chance_0_1": 0, "n_cells": 9}
    names = ["a", "b", "c", "d"]
    parameters = frozen_parameters([{**row, "benchmark_id": n} for n in names], names, np.zeros(4))
    whole = make_cells([0] * 4, range(4), [0.7, 0.7, 0.7, 0.7], 1, 4)
    spoiled = make_cells([0] * 4, range(4), [0.7, 0.7, 0.7, 0.3], 1, 4)
    moved = {
        limit: abs(
            leave_one_out(spoiled, parameters, FIT, limit)[0][0]
            - leave_one_out(whole, parameters, FIT, limit)[0][0]
        )
        for limit in (np.inf, ANOMALY.huber_limit)
    }
    assert moved[np.inf] > 0.1
    assert moved[ANOMALY.huber_limit] < 0.4 * moved[np.inf]


def test_cells_are_judged_by_curves_that_hardly_follow_wrong_cells(synthetic) -> None:
    cells = synthetic.cells
    rng = np.random.default_rng(5)
    value = cells.value_0_1.copy()
    wrong = rng.choice(len(cells), len(cells) // 20, replace=False)
    value[wrong] = rng.random(len(wrong))
    spoiled = replace(cells, value_0_1=value)
    plain = plain_curves(spoiled, synthetic.chance)
    robust = screen(spoiled, synthetic.chance)[1].parameters
    error = [np.abs(p.difficulty - synthetic.difficulty).mean() for p in (plain, robust)]
    assert error[1] < 0.8 * error[0]


def test_one_more_model_hardly_moves_a_verdict(synthetic) -> None:
    cells = synthetic.cells
    value = cells.value_0_1.copy()
    value[::50] = np.random.default_rng(7).random(len(value[::50]))
    cells = replace(cells, value_0_1=value)
    found, _ = screen(cells, synthetic.chance)
    for newcomer in range(0, cells.n_models, 20):
        others = cells.model_index != newcomer
        before, _ = screen(select_cells(cells, others), synthetic.chance)
        moved = np.abs(before.kept_share - found.kept_share[others])
        assert moved.max() < 0.4


def test_the_spread_of_few_cells_is_drawn_to_that_of_all(synthetic) -> None:
    cells, curves = synthetic.cells, plain_curves(synthetic.cells, synthetic.chance)
    is_reference = (cells.benchmark_index != 3) | (cells.model_index < 30)
    number = int((is_reference & (cells.benchmark_index == 3)).sum())
    spread = {
        assumed: find_anomalies(
            cells, curves, is_reference, FIT, replace(ANOMALY, spread_prior_cells=assumed)
        )[1].spread[3]
        for assumed in (0, 20, 1e9)
    }
    usual = spread[1e9]
    expected = np.sqrt((number * spread[0] ** 2 + 20 * usual**2) / (number + 20))
    assert spread[20] == pytest.approx(expected, abs=1e-9)
    assert spread[0] != pytest.approx(usual, abs=1e-3)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_row_order_changes_no_verdict(synthetic, seed: int) -> None:
    cells = synthetic.cells
    order = np.random.default_rng(seed).permutation(len(cells))
    one, _ = screen(cells, synthetic.chance)
    other, _ = screen(select_cells(cells, order), synthetic.chance)
    for name in ("expected", "residual", "modified_z", "kept_share"):
        difference = getattr(one, name)[order] - getattr(other, name)
        assert np.abs(difference).max() <= 1e-9
    assert (one.is_flagged[order] == other.is_flagged).all()


@pytest.mark.parametrize("error", [-0.3, 0.3])
def test_planted_errors_are_flagged_and_are_their_models_furthest(synthetic, error) -> None:
    cells = synthetic.cells
    fits = (cells.value_0_1 + error >= 0) & (cells.value_0_1 + error <= 1)
    rows = np.random.default_rng(3).choice(np.flatnonzero(fits), 20, replace=False)
    flagged = 0
    for row in rows:
        found, _ = screen(planted(cells, row, error), synthetic.chance)
        flagged += found.is_flagged[row]
        own = np.flatnonzero(cells.model_index == cells.model_index[row])
        assert own[np.abs(found.modified_z[own]).argmax()] == row
        assert found.residual[row] == pytest.approx(error, abs=0.2)
    # Nearly all: where a curve is flat for a model even such an error is within its doubt.
    assert flagged >= 19


def test_cells_drawn_from_the_curves_are_hardly_flagged(synthetic) -> None:
    # Of a normal sample 2 (1 - Phi(3.5)) = .0005 lie beyond; medians of some 75 cells per benchmark
    # and values cut to 0-1 make it a little more.
    found, _ = screen(synthetic.cells, synthetic.chance)
    assert found.is_flagged.mean() < 0.004
    assert np.isfinite(found.modified_z).all()


def test_a_model_of_which_little_is_known_is_not_flagged_for_a_wrong_guess(synthetic) -> None:
    # One cell each, where the curve has it for an able and for a weak model.
    cells, n = synthetic.cells, synthetic.cells.n_models
    place = int(np.argmin(np.abs(synthetic.difficulty)))
    curve = (a[place] for a in (synthetic.difficulty, synthetic.ln_alpha, synthetic.chance))
    wider = make_cells(
        [*cells.model_index, n, n + 1],
        [*cells.benchmark_index, place, place],
        [*cells.value_0_1, *response(np.array([1.5, -1.5]), *curve)],
        n + 2,
        cells.n_benchmarks,
    )
    found, _, _ = screen_cells(wider, synthetic.chance, np.arange(n))
    # Among the models that are well known a residual of this size is an anomaly.
    others = found.residual[:-2][cells.benchmark_index == place]
    assert np.abs(found.residual[-2:]).min() > 3.5 * np.median(np.abs(others)) / 0.6745
    assert not found.is_flagged[-2:].any()


def test_only_reference_cells_say_how_far_is_far(synthetic) -> None:
    cells = synthetic.cells
    first = plain_curves(cells, synthetic.chance)
    is_reference = cells.model_index % 2 == 0
    value = np.where(is_reference, cells.value_0_1, np.clip(cells.value_0_1 + 0.25, 0, 1))
    found, yardstick = find_anomalies(replace(cells, value_0_1=value), first, is_reference)
    kept = select_cells(cells, is_reference)
    alone, own = find_anomalies(kept, first, np.ones(len(kept), dtype=bool))
    np.testing.assert_array_equal(yardstick.centre, own.centre)
    np.testing.assert_array_equal(yardstick.spread, own.spread)
    np.testing.assert_array_equal(found.modified_z[is_reference], alone.modified_z)


def test_a_benchmark_with_too_few_reference_cells_is_not_judged(synthetic) -> None:
    cells = synthetic.cells
    first = plain_curves(cells, synthetic.chance)
    on_it = np.flatnonzero(cells.benchmark_index == 3)
    for number, is_judged in ((ANOMALY.min_reference - 1, False), (ANOMALY.min_reference, True)):
        is_reference = cells.benchmark_index != 3
        is_reference[on_it[:number]] = True
        found, yardstick = find_anomalies(cells, first, is_reference)
        assert np.isfinite(found.modified_z[on_it]).all() == is_judged
        assert np.isfinite(yardstick.spread[3]) == is_judged
        if not is_judged:
            assert not found.is_flagged[on_it].any()


def test_a_cell_of_a_model_with_too_few_others_is_not_judged() -> None:
    row = {"difficulty": 0, "ln_alpha": 0.4, "sigma_0_1": 0.05, "chance_0_1": 0, "n_cells": 9}
    names = ["a", "b", "c", "d"]
    curves = frozen_parameters([{**row, "benchmark_id": n} for n in names], names, np.zeros(4))
    yardstick = Yardstick(curves, np.zeros(4), np.ones(4))
    for number, is_judged in ((ANOMALY.min_others, False), (ANOMALY.min_others + 1, True)):
        cells = make_cells([0] * number, range(number), [0.1, *[0.9] * (number - 1)], 1, 4)
        found = judge_cells(cells, yardstick)
        assert np.isfinite(found.modified_z).all() == is_judged
        assert found.is_flagged[0] == is_judged
        assert found.residual[0] < -0.5


def test_variants_are_judged_by_the_models_yardstick(synthetic) -> None:
    cells = synthetic.cells
    found, yardstick = screen(cells, synthetic.chance)
    some = cells.model_index < 20
    again = judge_cells(select_cells(cells, some), yardstick)
    np.testing.assert_allclose(again.modified_z, found.modified_z[some], rtol=0, atol=1e-12)
    row = int(np.argmin(np.abs(cells.value_0_1[some] - 0.5)))
    wrong = judge_cells(planted(select_cells(cells, some), row, 0.3), yardstick)
    assert wrong.is_flagged[row]


def test_no_cells_no_anomalies() -> None:
    cells = make_cells([], [], [], 1, 2)
    found, yardstick = screen(cells, np.zeros(2))
    assert found.is_flagged.size == 0
    assert np.isnan(yardstick.spread).all()
