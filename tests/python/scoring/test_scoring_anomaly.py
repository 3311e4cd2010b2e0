from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ability import fit_abilities, frozen_parameters, noise_exponent, noise_weight, response
from scoring.anomaly import (
    Anomalies,
    Yardstick,
    centre_and_spread,
    find_anomalies,
    first_fit,
    group_medians,
    judge_cells,
    leave_one_out,
    modified_z_scores,
)
from scoring.cells import Cells, make_cells, select_cells
from scoring.posterior import cell_variance, log_posterior, summarise_posterior
from scoring.settings import AnomalySettings, FitSettings

FIT, ANOMALY = FitSettings(), AnomalySettings()


def scores_of(value: list[float], group: list[int], n_groups: int) -> np.ndarray:
    values, index = np.array(value, dtype=float), np.array(group, dtype=np.int64)
    centre, spread = centre_and_spread(values, index, n_groups)
    return modified_z_scores(values, centre[index], spread[index])


def screen(cells: Cells, chance: np.ndarray) -> tuple[Anomalies, Yardstick]:
    everyone = np.arange(cells.n_models)
    first = first_fit(cells, chance, everyone)
    return find_anomalies(cells, first, np.ones(len(cells), dtype=bool))


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
    assert noise_weight(z, 2.0).tolist() == [0.5, 1.0, 1.0, 1.0, 2 / 3]
    assert noise_exponent(z, np.inf).tolist() == (0.5 * z**2).tolist()
    assert noise_weight(z, np.inf).tolist() == [1.0] * 5


def test_expectation_leaves_the_cell_itself_out(synthetic) -> None:
    cells = synthetic.cells
    parameters = fit_abilities(cells, synthetic.chance, np.arange(cells.n_models), FIT).parameters
    expected, sd = leave_one_out(cells, parameters, FIT, np.inf)
    for row in (0, 17, 401):
        model, benchmark = cells.model_index[[row]], cells.benchmark_index[[row]]
        rest = select_cells(cells, np.arange(len(cells)) != row)
        density = log_posterior(rest, parameters, FIT)
        direct = summarise_posterior(density, parameters, FIT).expected[model, benchmark]
        assert expected[row] == pytest.approx(direct[0], abs=1e-9)
        variance = cell_variance(density, parameters, FIT, model, benchmark)
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


def test_curves_of_the_first_fit_hardly_follow_wrong_cells(synthetic) -> None:
    cells, everyone = synthetic.cells, np.arange(synthetic.cells.n_models)
    rng = np.random.default_rng(5)
    value = cells.value_0_1.copy()
    wrong = rng.choice(len(cells), len(cells) // 20, replace=False)
    value[wrong] = rng.random(len(wrong))
    spoiled = replace(cells, value_0_1=value)
    plain = fit_abilities(spoiled, synthetic.chance, everyone, FIT).parameters
    robust = first_fit(spoiled, synthetic.chance, everyone)
    # The noise that the cells were drawn with is .04.
    widened = [np.median(p.sigma) - 0.04 for p in (plain, robust)]
    assert widened[1] < 0.5 * widened[0]
    error = [np.abs(p.difficulty - synthetic.difficulty).mean() for p in (plain, robust)]
    assert error[1] < error[0]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_row_order_changes_no_verdict(synthetic, seed: int) -> None:
    cells = synthetic.cells
    order = np.random.default_rng(seed).permutation(len(cells))
    one, _ = screen(cells, synthetic.chance)
    other, _ = screen(select_cells(cells, order), synthetic.chance)
    for name in ("expected", "residual", "modified_z"):
        difference = getattr(one, name)[order] - getattr(other, name)
        assert np.abs(difference).max() <= 1e-9
    assert (one.is_flagged[order] == other.is_flagged).all()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([-0.3, 0.3]))
def test_a_planted_error_is_flagged_and_lies_furthest_out(synthetic, seed, error) -> None:
    cells = synthetic.cells
    fits = (cells.value_0_1 + error >= 0) & (cells.value_0_1 + error <= 1)
    row = int(np.random.default_rng(seed).choice(np.flatnonzero(fits)))
    found, _ = screen(planted(cells, row, error), synthetic.chance)
    assert found.is_flagged[row]
    assert np.abs(found.modified_z).argmax() == row
    assert found.residual[row] == pytest.approx(error, abs=0.2)


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
    first = first_fit(wider, synthetic.chance, np.arange(n))
    found, _ = find_anomalies(wider, first, wider.model_index < n)
    # Among the models that are well known a residual of this size is an anomaly.
    others = found.residual[:-2][cells.benchmark_index == place]
    assert np.abs(found.residual[-2:]).min() > 3.5 * np.median(np.abs(others)) / 0.6745
    assert not found.is_flagged[-2:].any()


def test_only_reference_cells_say_how_far_is_far(synthetic) -> None:
    cells = synthetic.cells
    first = first_fit(cells, synthetic.chance, np.arange(cells.n_models))
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
    first = first_fit(cells, synthetic.chance, np.arange(cells.n_models))
    on_it = np.flatnonzero(cells.benchmark_index == 3)
    for number, is_judged in ((ANOMALY.min_reference - 1, False), (ANOMALY.min_reference, True)):
        is_reference = cells.benchmark_index != 3
        is_reference[on_it[:number]] = True
        found, yardstick = find_anomalies(cells, first, is_reference)
        assert np.isfinite(found.modified_z[on_it]).all() == is_judged
        assert np.isfinite(yardstick.spread[3]) == is_judged
        if not is_judged:
            assert not found.is_flagged[on_it].any()


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
