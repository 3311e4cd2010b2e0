import csv
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parameters import settings_from
from scoring.ability import (
    AbilityFit,
    BenchmarkParameters,
    FitStart,
    calibration_models,
    fit_abilities,
    fit_with_fixed_abilities,
    frozen_parameters,
    response,
    response_slope,
)
from scoring.cells import Cells, make_cells, select_cells
from scoring.settings import FitSettings

FIT = FitSettings()
FROZEN = Path(__file__).parents[3] / "seeds" / "scoring" / "frozen_fit_parameters.csv"


def fit_all(cells: Cells, chance: np.ndarray, start: FitStart | None = None) -> AbilityFit:
    return fit_abilities(cells, chance, np.arange(cells.n_models), FIT, start)


def largest_difference(one: AbilityFit, other: AbilityFit) -> float:
    names = ("difficulty", "ln_alpha", "sigma")
    pairs = [(getattr(one.parameters, n), getattr(other.parameters, n)) for n in names]
    return max(np.abs(a - b).max() for a, b in [*pairs, (one.ability, other.ability)])


def test_response_slope_is_the_derivative() -> None:
    ability, step = np.linspace(-3, 3, 13), 1e-6
    args = (0.3, 0.7, 0.25)
    rise = response(ability + step, *args) - response(ability - step, *args)
    np.testing.assert_allclose(response_slope(ability, *args), rise / (2 * step), atol=1e-8)


def test_response_runs_from_chance_to_one_without_overflow() -> None:
    with np.errstate(all="raise"):
        low, high = response(np.array([-1e6, 1e6]), 0.0, 2.0, 0.25)
    assert low == pytest.approx(0.25)
    assert high == 1.0


def test_known_parameters_are_recovered(synthetic) -> None:
    fit = fit_all(synthetic.cells, synthetic.chance)
    assert fit.is_converged
    assert np.corrcoef(fit.ability, synthetic.ability)[0, 1] > 0.995
    assert np.abs(fit.parameters.difficulty - synthetic.difficulty).mean() < 0.08
    assert np.abs(fit.parameters.ln_alpha - synthetic.ln_alpha).mean() < 0.08
    assert np.median(fit.parameters.sigma) == pytest.approx(0.04, abs=0.01)


def test_abilities_are_standardised(synthetic) -> None:
    fit = fit_all(synthetic.cells, synthetic.chance)
    assert fit.ability.mean() == pytest.approx(0.0, abs=1e-12)
    assert fit.ability.std() == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_row_order_changes_nothing(synthetic, seed: int) -> None:
    cells = synthetic.cells
    shuffled = select_cells(cells, np.random.default_rng(seed).permutation(len(cells)))
    one, other = fit_all(cells, synthetic.chance), fit_all(shuffled, synthetic.chance)
    assert largest_difference(one, other) <= 1e-9


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_start_point_changes_nothing(synthetic, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = synthetic.cells
    start = FitStart(
        ability=rng.normal(0, 1.5, cells.n_models),
        difficulty=rng.normal(0, 1.5, cells.n_benchmarks),
        ln_alpha=rng.normal(0.4, 0.5, cells.n_benchmarks),
    )
    one = fit_all(cells, synthetic.chance)
    assert largest_difference(one, fit_all(cells, synthetic.chance, start)) <= 1e-4


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_absurd_start_points_lead_back_too(synthetic, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = synthetic.cells
    start = FitStart(
        ability=rng.normal(0, 3, cells.n_models),
        difficulty=rng.normal(0, 3, cells.n_benchmarks),
        ln_alpha=rng.normal(0.4, 1, cells.n_benchmarks),
    )
    one = fit_all(cells, synthetic.chance)
    assert largest_difference(one, fit_all(cells, synthetic.chance, start)) <= 1e-4


def test_numbering_of_models_changes_nothing(synthetic) -> None:
    cells = synthetic.cells
    order = np.random.default_rng(3).permutation(cells.n_models)
    renumbered = replace(cells, model_index=order[cells.model_index])
    one, other = fit_all(cells, synthetic.chance), fit_all(renumbered, synthetic.chance)
    np.testing.assert_allclose(one.ability, other.ability[order], atol=1e-4)


def test_benchmark_without_cells_moves_nothing_and_keeps_the_prior(synthetic) -> None:
    cells = synthetic.cells
    wider = replace(cells, n_benchmarks=cells.n_benchmarks + 1)
    one = fit_all(cells, synthetic.chance)
    other = fit_all(wider, np.append(synthetic.chance, 0.25))
    np.testing.assert_array_equal(one.ability, other.ability)
    assert other.parameters.n_cells[-1] == 0
    assert other.parameters.sigma[-1] == FIT.sigma_prior
    assert np.isfinite(other.parameters.difficulty[-1])


def test_evidence_plays_no_part_in_the_fit(synthetic) -> None:
    cells = synthetic.cells
    other = replace(cells, evidence=cells.evidence**2)
    assert largest_difference(*(fit_all(c, synthetic.chance) for c in (cells, other))) == 0.0


def test_models_outside_the_calibration_have_no_say(synthetic) -> None:
    cells, models = synthetic.cells, np.arange(100)
    inside = select_cells(cells, cells.model_index < 100)
    one = fit_abilities(cells, synthetic.chance, models, FIT)
    other = fit_abilities(inside, synthetic.chance, models, FIT)
    assert largest_difference(one, other) == 0.0


@pytest.mark.parametrize(
    ("model", "benchmark", "value"),
    [
        pytest.param([], [], [], id="no cells"),
        pytest.param([0], [0], [0.5], id="one cell"),
        pytest.param([0, 0, 0], [0, 1, 2], [0.1, 0.5, 0.9], id="one model"),
        pytest.param([0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], [0.5] * 6, id="all equal"),
        pytest.param([0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 1, 0], id="0 and 1"),
        pytest.param([0, 1, 2, 0], [0, 0, 0, 1], [0.2, 0.5, 0.8, 1.0], id="benchmark with one"),
        pytest.param([0, 1, 2], [0, 0, 0], [0.0, 0.1, 0.2], id="below chance"),
    ],
)
def test_thin_tables_give_finite_parameters(model, benchmark, value) -> None:
    cells = make_cells(model, benchmark, value, n_models=3, n_benchmarks=3)
    fit = fit_abilities(cells, np.array([0.25, 0.0, 0.0]), np.unique(cells.model_index), FIT)
    assert fit.is_converged
    for column in (fit.ability, fit.parameters.difficulty, fit.parameters.ln_alpha):
        assert np.isfinite(column).all()
    assert (fit.parameters.sigma > 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_fit_ends_on_any_values(n_models: int, n_benchmarks: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    model, benchmark = np.nonzero(rng.random((n_models, n_benchmarks)) < 0.7)
    value = rng.choice([0.0, 0.2, 0.5, 0.9, 1.0], len(model))
    cells = make_cells(model, benchmark, value, n_models, n_benchmarks)
    fit = fit_all(cells, np.zeros(n_benchmarks))
    assert fit.is_converged
    assert np.isfinite(fit.ability).all()
    assert np.isfinite(fit.parameters.ln_alpha).all()


def test_chance_level_must_be_below_one() -> None:
    cells = make_cells([0], [0], [0.5], 1, 1)
    for chance in (1.0, -0.1, np.nan):
        with pytest.raises(ValueError, match="chance"):
            fit_all(cells, np.array([chance]))
    with pytest.raises(ValueError, match="shape"):
        fit_all(cells, np.zeros(2))


def test_calibration_takes_the_best_covered_models() -> None:
    model = np.repeat([0, 1, 2, 3], [3, 5, 2, 3])
    benchmark = np.concatenate([np.arange(n) for n in (3, 5, 2, 3)])
    cells = make_cells(model, benchmark, np.full(13, 0.5), 4, 5)
    counts = np.ones(13, dtype=bool)
    assert calibration_models(cells, counts, FIT).tolist() == [0, 1, 3]
    assert calibration_models(cells, counts, replace(FIT, max_models=2)).tolist() == [0, 1]
    counts[model == 0] = [True, True, False]
    assert calibration_models(cells, counts, FIT).tolist() == [1, 3]


def test_fixed_abilities_give_the_curve_back(synthetic) -> None:
    parameters = fit_with_fixed_abilities(synthetic.cells, synthetic.ability, synthetic.chance, FIT)
    assert np.abs(parameters.difficulty - synthetic.difficulty).mean() < 0.05
    assert np.abs(parameters.ln_alpha - synthetic.ln_alpha).mean() < 0.06
    unknown = np.where(np.arange(synthetic.cells.n_models) == 0, np.nan, synthetic.ability)
    with pytest.raises(ValueError, match="finite ability"):
        fit_with_fixed_abilities(synthetic.cells, unknown, synthetic.chance, FIT)


def test_sigma_follows_from_the_residuals(synthetic) -> None:
    cells = synthetic.cells
    fit = fit_all(cells, synthetic.chance)
    squares, number = np.zeros(cells.n_benchmarks), np.zeros(cells.n_benchmarks)
    for model, benchmark, value in zip(
        cells.model_index, cells.benchmark_index, cells.value_0_1, strict=True
    ):
        curve = [getattr(fit.parameters, name)[benchmark] for name in ("difficulty", "ln_alpha")]
        expected = response(fit.ability[model], *curve, synthetic.chance[benchmark])
        squares[benchmark] += (value - expected) ** 2
        number[benchmark] += 1
    variance = (squares + 8 * 0.08**2) / (0.85 * number + 8)
    np.testing.assert_allclose(fit.parameters.sigma**2, variance, rtol=1e-4)


def test_no_small_change_of_a_curve_is_better(synthetic) -> None:
    cells, ability, chance = synthetic.cells, synthetic.ability, synthetic.chance
    parameters = fit_with_fixed_abilities(cells, ability, chance, FIT)
    rows = cells.benchmark_index == 4

    def objective(difficulty: float, ln_alpha: float) -> float:
        expected = response(ability[cells.model_index[rows]], difficulty, ln_alpha, chance[4])
        squares = ((cells.value_0_1[rows] - expected) ** 2).sum() / parameters.sigma[4] ** 2
        return 0.5 * (squares + difficulty**2 / 1.5**2 + (ln_alpha - 0.4) ** 2 / 0.5**2)

    best = parameters.difficulty[4], parameters.ln_alpha[4]
    for change in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert objective(*best) < objective(best[0] + change[0], best[1] + change[1])


def test_frozen_parameters_are_lined_up_by_name() -> None:
    with FROZEN.open() as file:
        rows = list(csv.DictReader(file))
    parameters = frozen_parameters(rows, ["mmlu", "brand_new"], np.array([0.25, 0.5]))
    assert isinstance(parameters, BenchmarkParameters)
    assert parameters.difficulty.tolist() == [-1.0172, 0.0]
    assert parameters.ln_alpha.tolist() == [0.2939, FIT.ln_alpha_prior_mean]
    assert parameters.sigma.tolist() == [0.0656, FIT.sigma_prior]
    assert parameters.chance.tolist() == [0.25, 0.5]
    assert parameters.n_cells.tolist() == [190, 0]


def test_settings_come_from_parameter_rows() -> None:
    rows = rows_of(replace(FIT, max_models=500.0, ability_step=1))
    read = settings_from(FitSettings, [*rows, ("basket", "max_models", 7.0)])
    assert read == replace(FIT, max_models=500, ability_step=1.0)
    assert isinstance(read.max_models, int)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("fit", "speed", 1.0), "fit.speed: FitSettings has no such field"),
        (("fit", "halvings", 6.0), "fit.halvings stands there twice"),
        (("fit", "halvings", 2.5), "fit.halvings must be a whole number, not 2.5"),
        (("fit", "halvings", None), "fit.halvings has no value"),
        (("other", "halvings", 6.0), "fit.halvings is missing"),
    ],
)
def test_settings_refuse_rows_that_are_not_theirs(row, message) -> None:
    rows = [other for other in rows_of(FIT) if "twice" in message or other[1] != "halvings"]
    if "speed" in message:
        rows = rows_of(FIT)
    with pytest.raises(ValueError, match=message):
        settings_from(FitSettings, [*rows, row])


def rows_of(settings) -> list[tuple[str, str, float]]:
    return [(settings.GROUP, name, value) for name, value in asdict(settings).items()]
