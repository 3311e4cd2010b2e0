from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ability import fit_abilities
from scoring.anomaly import find_anomalies, group_medians, leave_one_out_expected, modified_z_scores
from scoring.cells import make_cells, select_cells
from scoring.posterior import log_posterior, summarise_posterior
from scoring.settings import FitSettings

FIT = FitSettings()


def test_modified_z_by_hand() -> None:
    # Median 3, deviations 2 1 0 1 97, MAD 1.
    z = modified_z_scores(np.array([1.0, 2, 3, 4, 100]), np.zeros(5, dtype=np.int64), 1)
    np.testing.assert_allclose(z, 0.6745 * np.array([-2.0, -1, 0, 1, 97]))


def test_mean_deviation_stands_in_for_a_zero_mad() -> None:
    # Three of four are equal: MAD 0, mean absolute deviation 1.
    z = modified_z_scores(np.array([5.0, 5, 5, 9]), np.zeros(4, dtype=np.int64), 1)
    np.testing.assert_allclose(z, [0, 0, 0, 4 * 0.7979])


def test_no_spread_is_no_anomaly() -> None:
    group = np.array([0, 0, 0, 2])
    z = modified_z_scores(np.array([0.3, 0.3, 0.3, 0.9]), group, 3)
    assert z.tolist() == [0, 0, 0, 0]


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


def test_expectation_leaves_the_cell_itself_out(synthetic) -> None:
    cells = synthetic.cells
    parameters = fit_abilities(cells, synthetic.chance, np.arange(cells.n_models), FIT).parameters
    found = leave_one_out_expected(cells, parameters, log_posterior(cells, parameters, FIT), FIT)
    for row in (0, 17, 401):
        rest = select_cells(cells, np.arange(len(cells)) != row)
        posterior = summarise_posterior(log_posterior(rest, parameters, FIT), parameters, FIT)
        direct = posterior.expected[cells.model_index[row], cells.benchmark_index[row]]
        assert found[row] == pytest.approx(direct, abs=1e-9)


def test_a_planted_error_is_flagged_in_any_row_order(synthetic) -> None:
    cells = synthetic.cells
    row = int(np.argmin(np.abs(cells.value_0_1 - 0.5)))
    value = cells.value_0_1.copy()
    value[row] += 0.4
    order = np.random.default_rng(1).permutation(len(cells))
    cells = select_cells(replace(cells, value_0_1=value), order)
    parameters = fit_abilities(cells, synthetic.chance, np.arange(cells.n_models), FIT).parameters
    found = find_anomalies(cells, parameters, log_posterior(cells, parameters, FIT), FIT)
    planted = int(np.flatnonzero(order == row)[0])
    assert found.is_flagged[planted]
    assert found.modified_z[planted] == np.abs(found.modified_z).max()
    assert found.residual[planted] == pytest.approx(0.4, abs=0.15)
    assert found.is_flagged.mean() < 0.03


def test_no_cells_no_anomalies() -> None:
    cells = make_cells([], [], [], 1, 2)
    parameters = fit_abilities(cells, np.zeros(2), np.zeros(0, dtype=np.int64), FIT).parameters
    found = find_anomalies(cells, parameters, log_posterior(cells, parameters, FIT), FIT)
    assert found.is_flagged.size == 0
