import logging
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring.ability
from scoring.ability import AbilityFit, fit_abilities
from scoring.acceleration import find_fixed_point
from scoring.cells import select_cells
from scoring.settings import FitSettings
from tests.python.synthetic import Synthetic, draw_synthetic

EXACT = replace(FitSettings(), tolerance=1e-11, max_sweeps=20_000)


def fit_drawn(drawn: Synthetic) -> AbilityFit:
    return fit_abilities(drawn.cells, drawn.chance, np.unique(drawn.cells.model_index), EXACT)


def fit_plainly(drawn: Synthetic) -> AbilityFit:
    """Fit by sweeps alone, however many it takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring.ability, "find_fixed_point", partial(find_fixed_point, memory=0))
        return fit_drawn(drawn)


def largest_difference(one: AbilityFit, other: AbilityFit) -> float:
    names = ("difficulty", "ln_alpha", "sigma")
    pairs = [(getattr(one.parameters, n), getattr(other.parameters, n)) for n in names]
    return max(np.abs(a - b).max() for a, b in [*pairs, (one.ability, other.ability)])


def creeping(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A linear step x -> a x + b whose slowest direction keeps 99 % of its error."""
    rng = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return axes @ np.diag(np.linspace(0.1, 0.99, n)) @ axes.T, rng.normal(size=n)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_a_linear_iteration_ends_as_soon_as_its_directions_are_known(n: int, seed: int) -> None:
    a, b = creeping(n, seed)
    goal = np.linalg.solve(np.eye(n) - a, b)
    found = find_fixed_point(lambda x: a @ x + b, np.zeros(n), 1e-9, 100)
    plain = find_fixed_point(lambda x: a @ x + b, np.zeros(n), 1e-9, 5000, memory=0)
    assert found.is_converged
    assert plain.is_converged
    # One round sees each direction, and rounding asks for a few more.
    assert found.rounds <= n + 6
    assert found.rounds < plain.rounds
    np.testing.assert_allclose(found.point, goal, atol=1e-6)


def test_a_mixed_point_that_leads_astray_is_taken_back_and_ever_more_rarely_tried() -> None:
    """The cube root far out: each straight line overshoots the goal by twice the distance."""
    seen: list[float] = []

    def step(x: np.ndarray) -> np.ndarray:
        seen.append(float(x[0]))
        return x - 0.3 * x / (np.abs(x) + 0.5) ** (2 / 3)

    start = np.array([100.0])
    found = find_fixed_point(step, start, 1e-9, 2000)
    tried = seen.copy()
    seen.clear()
    plain = find_fixed_point(step, start, 1e-9, 2000, memory=0)
    assert found.is_converged
    assert plain.is_converged
    assert abs(found.point[0]) < 1e-8
    astray = [i for i, x in enumerate(tried) if x < -1]
    assert len(astray) >= 3
    for i in astray:
        # Back to where the plain round before had led.
        before = tried[i - 1]
        assert tried[i + 1] == pytest.approx(before - 0.3 * before / (before + 0.5) ** (2 / 3))
    # One round to go back and one to mix; between them 1, 2, 4, ... plain ones.
    assert (np.diff(astray) - 2).tolist() == [2**i for i in range(len(astray) - 1)]
    assert found.rounds <= plain.rounds + len(astray)


def test_rounds_run_out_with_a_point_of_the_step() -> None:
    made: list[float] = []

    def step(x: np.ndarray) -> np.ndarray:
        made.append(float(x[0]) + 1.0)
        return x + 1.0

    found = find_fixed_point(step, np.zeros(1), 1e-9, 7)
    assert (found.rounds, found.is_converged) == (7, False)
    assert found.point[0] in made


def test_a_point_at_rest_needs_one_round() -> None:
    found = find_fixed_point(lambda x: x, np.arange(3.0), 1e-9, 7)
    assert (found.rounds, found.is_converged) == (1, True)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(5, 60),
    st.integers(2, 12),
    st.floats(0.3, 1.0),
    st.integers(0, 2**32 - 1),
)
def test_the_fit_ends_where_plain_sweeps_end(
    n_models: int, n_benchmarks: int, density: float, seed: int
) -> None:
    drawn = draw_synthetic(n_models, n_benchmarks, density, seed)
    one, plain = fit_drawn(drawn), fit_plainly(drawn)
    assert one.is_converged
    assert plain.is_converged
    assert largest_difference(one, plain) <= 1e-7


def test_a_large_sparse_table_ends_where_plain_sweeps_end_in_a_fraction_of_them() -> None:
    drawn = draw_synthetic(n_models=1500, n_benchmarks=60, density=0.08, seed=11)
    one, plain = fit_drawn(drawn), fit_plainly(drawn)
    assert one.is_converged
    assert plain.is_converged
    assert largest_difference(one, plain) <= 1e-7
    assert one.sweeps < plain.sweeps / 3


def test_sweeps_do_not_grow_with_the_cells() -> None:
    few, many = (
        fit_drawn(draw_synthetic(n_models, 40, 0.3, seed=13)).sweeps for n_models in (150, 1500)
    )
    assert many <= 1.5 * few


def test_numbering_of_models_and_benchmarks_changes_nothing(synthetic) -> None:
    cells = synthetic.cells
    rng = np.random.default_rng(3)
    models, benchmarks = (rng.permutation(n) for n in (cells.n_models, cells.n_benchmarks))
    chance = np.empty_like(synthetic.chance)
    chance[benchmarks] = synthetic.chance
    rows = select_cells(cells, rng.permutation(len(cells)))
    renumbered = replace(
        rows,
        model_index=models[rows.model_index],
        benchmark_index=benchmarks[rows.benchmark_index],
    )
    one, other = (
        fit_drawn(synthetic),
        fit_drawn(replace(synthetic, cells=renumbered, chance=chance)),
    )
    np.testing.assert_allclose(one.ability, other.ability[models], rtol=0, atol=1e-8)
    for name in ("difficulty", "ln_alpha", "sigma"):
        before, after = (getattr(fit.parameters, name) for fit in (one, other))
        np.testing.assert_allclose(before, after[benchmarks], rtol=0, atol=1e-8)


def test_the_same_cells_give_the_same_digits(synthetic) -> None:
    assert largest_difference(fit_drawn(synthetic), fit_drawn(synthetic)) == 0.0


def test_a_fit_that_still_moves_says_so(synthetic, caplog) -> None:
    few = replace(FitSettings(), max_sweeps=3)
    models = np.arange(synthetic.cells.n_models)
    with caplog.at_level(logging.WARNING):
        fit = fit_abilities(synthetic.cells, synthetic.chance, models, few)
    assert not fit.is_converged
    assert "150 models still move after 3 sweeps" in caplog.text
