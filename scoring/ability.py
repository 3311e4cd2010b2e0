"""The calibration fit: how difficult, how steep and how noisy every benchmark is.

The response of benchmark b to a model of ability C is the three-parameter logistic curve of item
response theory (Birnbaum, in Lord & Novick, "Statistical Theories of Mental Test Scores", 1968)

    p_b(C) = c_b + (1 - c_b) * sigmoid(alpha_b * (C - D_b)),

with difficulty D, slope alpha > 0 and a known chance level c. Scores are shares, not answers to
single questions, so a measured cell is taken as normal around p_b(C) with sd sigma_b. Abilities
and parameters are the posterior mode under normal priors, found by turns: abilities with the
benchmarks held, benchmarks with the abilities held, each by damped Fisher scoring (Newton steps
with the expected instead of the observed information; for abilities with the larger of the two). A
turn never makes the objective worse; ``scoring.acceleration`` cuts the turns' slow approach short.

A cell that is doubted pulls on curves and abilities with the share of its information that it
keeps (``Cells.kept_share``). The noise of a benchmark counts it whole, but no residual beyond a
limit (a winsorised variance, after Tukey, "The Future of Data Analysis", 1962): without its odd
cells a benchmark would look less noisy than the next measurement on it will be.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scoring.acceleration import find_fixed_point
from scoring.cells import BoolArray, Cells, FloatArray, IntArray, select_cells, sort_cells
from scoring.settings import DEFAULT_FIT, FitSettings

logger = logging.getLogger(__name__)

#: Share by which an objective may rise in a step: sums of squares are not known any better, and a
#: step that must not rise by it would stop short of the optimum by its root.
ROUNDING = 1e-14


@dataclass(frozen=True)
class BenchmarkParameters:
    """The response curves of all benchmarks; every array has shape (n_benchmarks,).

    ``difficulty`` is in ability units, ``ln_alpha`` the log of the slope per ability unit,
    ``sigma`` the noise of a cell on 0-1, ``chance`` the score of a guesser on 0-1, ``n_cells``
    how many cells the curve was fitted to (0: nothing but the priors).
    """

    difficulty: FloatArray
    ln_alpha: FloatArray
    sigma: FloatArray
    chance: FloatArray
    n_cells: IntArray


@dataclass(frozen=True)
class FitStart:
    """Another start point: ability (n_models,), difficulty and ln_alpha (n_benchmarks,)."""

    ability: FloatArray
    difficulty: FloatArray
    ln_alpha: FloatArray


@dataclass(frozen=True)
class AbilityFit:
    """A finished calibration.

    ``model_index`` (n_calibrating,) names the calibration models in ascending order and
    ``ability`` (n_calibrating,) holds their fitted C, mean 0 and sd 1. ``sweeps`` counts the
    rounds; ``is_converged`` is false where the fit ran into the largest allowed number of them.
    """

    parameters: BenchmarkParameters
    model_index: IntArray
    ability: FloatArray
    sweeps: int
    is_converged: bool

    def as_start(self, n_models: int) -> FitStart:
        """Return where the fit ended as the start of another one, abilities 0 where it had none."""
        ability = np.zeros(n_models)
        ability[self.model_index] = self.ability
        return FitStart(ability, self.parameters.difficulty, self.parameters.ln_alpha)


def sigmoid(x: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-x)), through tanh so that no argument overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def response(
    ability: ArrayLike, difficulty: ArrayLike, ln_alpha: ArrayLike, chance: ArrayLike
) -> FloatArray:
    """Return the expected score p (0-1) of an ability; the arguments are broadcast."""
    advantage = np.exp(ln_alpha) * (np.asarray(ability) - np.asarray(difficulty))
    return np.asarray(chance) + (1.0 - np.asarray(chance)) * sigmoid(advantage)


def response_slope(
    ability: ArrayLike, difficulty: ArrayLike, ln_alpha: ArrayLike, chance: ArrayLike
) -> FloatArray:
    """Return dp/dC, score (0-1) per ability unit; the arguments are broadcast."""
    return response_and_slope(ability, difficulty, ln_alpha, chance)[1]


def response_and_slope(
    ability: ArrayLike, difficulty: ArrayLike, ln_alpha: ArrayLike, chance: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return ``response`` and ``response_slope`` together, at the price of one."""
    alpha, room = np.exp(ln_alpha), 1.0 - np.asarray(chance)
    share = sigmoid(alpha * (np.asarray(ability) - np.asarray(difficulty)))
    return np.asarray(chance) + room * share, room * alpha * share * (1.0 - share)


def calibration_models(cells: Cells, counts: BoolArray, settings: FitSettings) -> IntArray:
    """Choose the models that calibrate, as ascending indices.

    ``counts`` (n_cells,) says which cells count towards ``settings.min_cells``; cells known only
    from a board that is not trusted to calibrate do not, and cells that keep nothing do not either.
    Of more than ``settings.max_models`` candidates those with the most counting cells are taken,
    ties by the lower index. With fewer than ``settings.min_models`` the caller should use frozen
    parameters.
    """
    counting = cells.model_index[counts & (cells.kept_share > 0)]
    number = np.bincount(counting, minlength=cells.n_models)
    candidates = np.flatnonzero(number >= max(settings.min_cells, 1))
    best_first = candidates[np.argsort(-number[candidates], kind="stable")]
    return np.sort(best_first[: settings.max_models])


def fit_abilities(
    cells: Cells,
    chance: FloatArray,
    models: IntArray,
    settings: FitSettings = DEFAULT_FIT,
    start: FitStart | None = None,
) -> AbilityFit:
    """Fit the benchmarks' curves to what the cells of the given models keep.

    ``chance`` (n_benchmarks,) is the score of a guesser on 0-1, ``models`` the ascending indices
    of ``calibration_models``. Cells of other models are ignored. A benchmark without a cell of
    these models takes no part and gets the prior's parameters. Evidence plays no role.
    Raises ``ValueError`` for a chance level outside 0 <= c < 1.
    """
    _check_chance(chance, cells.n_benchmarks)
    dense, benchmarks = _calibration_cells(cells, models)
    guess = chance[benchmarks]

    def sweep(point: FloatArray) -> FloatArray:
        if not len(dense):  # nothing to fit, and no spread to put the priors' gauge on
            return point
        return _as_point(_sweep(dense, _as_state(point, dense), guess, settings))

    begin = _as_point(_start_state(dense, models, benchmarks, start, settings))
    end = find_fixed_point(sweep, begin, settings.tolerance, settings.max_sweeps)
    if not end.is_converged:
        logger.warning(
            "the abilities of %d models still move after %d sweeps (scoring parameter"
            " fit.max_sweeps): their last digits are not final",
            len(models),
            end.rounds,
        )
    state, prior = _standardise(_as_state(end.point, dense), settings)
    parameters = _spread_parameters(state, prior, dense, benchmarks, chance)
    return AbilityFit(parameters, models, state.ability, end.rounds, end.is_converged)


def fit_with_fixed_abilities(
    cells: Cells,
    ability: FloatArray,
    chance: FloatArray,
    settings: FitSettings = DEFAULT_FIT,
) -> BenchmarkParameters:
    """Fit difficulty, slope and noise of benchmarks while the abilities stay as they are.

    For composite indices, which repeat what their parts already say and so must not move any
    ability. ``ability`` has shape (n_models,); every cell's model needs a finite one, else
    ``ValueError``. Every benchmark is a problem of its own.
    """
    _check_chance(chance, cells.n_benchmarks)
    if not np.isfinite(ability[cells.model_index]).all():
        raise ValueError("a cell belongs to a model without a finite ability")
    cells = sort_cells(cells)
    state = _State(
        ability=ability,
        difficulty=np.zeros(cells.n_benchmarks),
        ln_alpha=np.full(cells.n_benchmarks, settings.ln_alpha_prior_mean),
        sigma=np.full(cells.n_benchmarks, settings.sigma_prior),
    )
    for _ in range(settings.max_sweeps):
        before = _as_point(state)
        state = _benchmark_turn(cells, state, chance, settings)
        state = _sigma_turn(cells, state, chance, settings)
        if np.abs(_as_point(state) - before).max(initial=0.0) <= settings.tolerance:
            break
    number = np.bincount(cells.benchmark_index, minlength=cells.n_benchmarks)
    return BenchmarkParameters(state.difficulty, state.ln_alpha, state.sigma, chance, number)


def frozen_parameters(
    rows: Sequence[Mapping[str, Any]],
    benchmark_ids: Sequence[str],
    chance: FloatArray,
    settings: FitSettings = DEFAULT_FIT,
) -> BenchmarkParameters:
    """Line up stored parameters with the benchmarks of a build.

    ``rows`` carry benchmark_id, difficulty, ln_alpha, sigma_0_1, chance_0_1 and n_cells, numbers
    or their text. A benchmark without a row gets the prior's parameters, the chance level of
    ``chance`` (n_benchmarks,) and n_cells 0.
    """
    names = ("difficulty", "ln_alpha", "sigma_0_1", "chance_0_1", "n_cells")
    stored = {row["benchmark_id"]: [float(row[name]) for name in names] for row in rows}
    prior = [0.0, settings.ln_alpha_prior_mean, settings.sigma_prior]
    columns = [
        stored.get(benchmark_id, [*prior, float(guess), 0.0])
        for benchmark_id, guess in zip(benchmark_ids, chance, strict=True)
    ]
    difficulty, ln_alpha, sigma, guess, number = np.array(columns).reshape(-1, 5).T
    return BenchmarkParameters(difficulty, ln_alpha, sigma, guess, number.astype(np.int64))


@dataclass(frozen=True)
class _State:
    """Where the fit stands: ability (n_models,), the rest (n_benchmarks,)."""

    ability: FloatArray
    difficulty: FloatArray
    ln_alpha: FloatArray
    sigma: FloatArray


def _check_chance(chance: FloatArray, n_benchmarks: int) -> None:
    if chance.shape != (n_benchmarks,):
        raise ValueError(f"chance has shape {chance.shape}, not ({n_benchmarks},)")
    if not ((chance >= 0) & (chance < 1)).all():  # false for NaN as well
        raise ValueError("chance levels must be at least 0 and below 1")


def _calibration_cells(cells: Cells, models: IntArray) -> tuple[Cells, IntArray]:
    """Renumber the calibration models' cells without gaps; also return the benchmarks they use.

    Models and benchmarks without a calibration cell would still pull on the gauge through their
    priors, so that merely naming another benchmark would move everything.
    """
    position = np.full(cells.n_models, -1, dtype=np.int64)
    position[models] = np.arange(len(models))
    chosen = sort_cells(select_cells(cells, position[cells.model_index] >= 0))
    benchmarks, benchmark_index = np.unique(chosen.benchmark_index, return_inverse=True)
    dense = replace(
        chosen,
        model_index=position[chosen.model_index],
        benchmark_index=benchmark_index.astype(np.int64),
        n_models=len(models),
        n_benchmarks=len(benchmarks),
    )
    return dense, benchmarks


def _start_state(
    cells: Cells,
    models: IntArray,
    benchmarks: IntArray,
    start: FitStart | None,
    settings: FitSettings,
) -> _State:
    sigma = np.full(cells.n_benchmarks, settings.sigma_prior)
    if start is not None:
        ability, difficulty = start.ability[models], start.difficulty[benchmarks]
        return _State(ability, difficulty, start.ln_alpha[benchmarks], sigma)
    ln_alpha = np.full(cells.n_benchmarks, settings.ln_alpha_prior_mean)
    return _State(np.zeros(cells.n_models), np.zeros(cells.n_benchmarks), ln_alpha, sigma)


def _sweep(cells: Cells, state: _State, chance: FloatArray, settings: FitSettings) -> _State:
    state = _ability_turn(cells, state, chance, settings)
    state = _benchmark_turn(cells, state, chance, settings)
    state = _gauge_turn(state, settings)
    return _sigma_turn(cells, state, chance, settings)


def _as_point(state: _State) -> FloatArray:
    """Lay a state out as one vector, shape (n_models + 3 n_benchmarks,), sigma as its log."""
    return np.concatenate([state.ability, state.difficulty, state.ln_alpha, np.log(state.sigma)])


def _as_state(point: FloatArray, cells: Cells) -> _State:
    """Read a vector of ``_as_point`` back."""
    ability, *curves = np.split(point, cells.n_models + cells.n_benchmarks * np.arange(3))
    difficulty, ln_alpha, ln_sigma = curves
    return _State(ability, difficulty, ln_alpha, np.exp(ln_sigma))


def _ability_turn(cells: Cells, state: _State, chance: FloatArray, settings: FitSettings) -> _State:
    """Move every ability by one damped Fisher-scoring step, benchmarks held."""
    model, benchmark = cells.model_index, cells.benchmark_index
    curve = (state.difficulty[benchmark], state.ln_alpha[benchmark], chance[benchmark])
    prior_precision = settings.ability_prior_sd**-2
    expected, slope = response_and_slope(state.ability[model], *curve)
    error = cells.value_0_1 - expected
    precision = cells.kept_share * state.sigma[benchmark] ** -2

    def loss(error: FloatArray, ability: FloatArray) -> FloatArray:
        squares = _sum_by(model, error**2 * precision, cells.n_models)
        return 0.5 * (squares + ability**2 * prior_precision)

    def objective(trial: FloatArray) -> FloatArray:
        return loss(cells.value_0_1 - response(trial[0][model], *curve), trial[0])

    gradient = _sum_by(model, slope * error * precision, cells.n_models)
    gradient -= state.ability * prior_precision
    information = _sum_by(model, slope**2 * precision, cells.n_models)
    # The expected information alone would let a step overshoot by more than it comes nearer where
    # a cell far off its curve bends the objective more than is expected.
    share = (expected - curve[2]) / (1.0 - curve[2])
    bend = slope * np.exp(curve[1]) * (1.0 - 2.0 * share)
    observed = information - _sum_by(model, bend * error * precision, cells.n_models)
    information = np.maximum(information, observed) + prior_precision
    step = np.clip(gradient / information, -settings.ability_step, settings.ability_step)
    before = loss(error, state.ability)
    moved = _damped_step(objective, before, state.ability[None, :], step[None, :], settings)
    return replace(state, ability=moved[0])


def _benchmark_turn(
    cells: Cells, state: _State, chance: FloatArray, settings: FitSettings
) -> _State:
    """Move every (D, ln alpha) by one damped Fisher-scoring step, abilities held."""
    benchmark = cells.benchmark_index
    ability, guess = state.ability[cells.model_index], chance[benchmark]
    centre = np.array([[0.0], [settings.ln_alpha_prior_mean]])
    prior = np.array([[settings.difficulty_prior_sd], [settings.ln_alpha_prior_sd]]) ** -2.0
    current = np.stack([state.difficulty, state.ln_alpha])
    difficulty, ln_alpha = current[:, benchmark]
    expected, by_ability = response_and_slope(ability, difficulty, ln_alpha, guess)
    error = cells.value_0_1 - expected
    precision = cells.kept_share * state.sigma[benchmark] ** -2

    def total(column: FloatArray) -> FloatArray:
        return _sum_by(benchmark, column, cells.n_benchmarks)

    def loss(error: FloatArray, curves: FloatArray) -> FloatArray:
        pull: FloatArray = ((curves - centre) ** 2 * prior).sum(axis=0)
        return 0.5 * (total(error**2 * precision) + pull)

    def objective(trial: FloatArray) -> FloatArray:
        difficulty, ln_alpha = trial[:, benchmark]
        expected = response(ability, difficulty, ln_alpha, guess)
        return loss(cells.value_0_1 - expected, trial)

    # The curve depends on alpha * (C - D) alone: both derivatives are multiples of that by C.
    slopes = (-by_ability, by_ability * (ability - difficulty))
    gradient = np.stack([total(slope * error * precision) for slope in slopes])
    gradient -= (current - centre) * prior
    first, second = (total(slope**2 * precision) + prior[i] for i, slope in enumerate(slopes))
    mixed = total(slopes[0] * slopes[1] * precision)
    step = _solve_2x2(first, mixed, second, gradient)
    # Shrunk as a whole: clipping D and ln alpha one by one would turn the step's direction, which
    # then need not improve anything, and a curve far from its cells would creep for ever.
    step *= settings.benchmark_step / np.maximum(np.abs(step).max(axis=0), settings.benchmark_step)
    moved = _damped_step(objective, loss(error, current), current, step, settings)
    return replace(state, difficulty=moved[0], ln_alpha=moved[1])


def _gauge_turn(state: _State, settings: FitSettings) -> _State:
    """Shift and scale the ability axis to where the priors like it best.

    (C, D, ln alpha) -> (s (C + t), s (D + t), ln alpha - ln s) changes no expected score, and
    turns of the two blocks alone would creep along this valley. The best t does not depend on s;
    the best u = ln s is the root of the convex problem

        energy e^(2u) / 2 + sum (ln alpha - u - mean)^2 / (2 sd^2),

    found by Newton's method.
    """
    ability_precision = settings.ability_prior_sd**-2
    difficulty_precision = settings.difficulty_prior_sd**-2
    weight = ability_precision * state.ability.size + difficulty_precision * state.difficulty.size
    pull = ability_precision * state.ability.sum() + difficulty_precision * state.difficulty.sum()
    ability, difficulty = state.ability - pull / weight, state.difficulty - pull / weight
    energy = ability_precision * ability @ ability + difficulty_precision * difficulty @ difficulty
    ln_precision = settings.ln_alpha_prior_sd**-2
    excess = ln_precision * (state.ln_alpha - settings.ln_alpha_prior_mean).sum()
    stiffness = ln_precision * state.ln_alpha.size
    ln_scale = 0.0
    for _ in range(100):
        bent = energy * np.exp(2.0 * ln_scale)
        change = (bent + stiffness * ln_scale - excess) / (2.0 * bent + stiffness)
        ln_scale -= change
        if abs(change) < 1e-14:
            break
    scale = np.exp(ln_scale)
    return replace(
        state,
        ability=scale * ability,
        difficulty=scale * difficulty,
        ln_alpha=state.ln_alpha - ln_scale,
    )


def _sigma_turn(cells: Cells, state: _State, chance: FloatArray, settings: FitSettings) -> _State:
    """Re-estimate every benchmark's noise from its residuals and the assumed prior cells.

    sigma^2 = (sum min(|r|, l sigma)^2 + n_0 sigma_0^2) / (f n + n_0) with the limit l, the prior's
    n_0 cells of sigma_0, and the share f of the n cells that is left as degrees of freedom.
    """
    benchmark = cells.benchmark_index
    expected = response(
        state.ability[cells.model_index],
        state.difficulty[benchmark],
        state.ln_alpha[benchmark],
        chance[benchmark],
    )
    error = cells.value_0_1 - expected
    largest = settings.sigma_limit * state.sigma[benchmark]
    squares = _sum_by(benchmark, np.minimum(np.abs(error), largest) ** 2, cells.n_benchmarks)
    number = np.bincount(benchmark, minlength=cells.n_benchmarks)
    assumed = settings.sigma_prior_cells
    variance = (squares + assumed * settings.sigma_prior**2) / (
        settings.sigma_freedom * number + assumed
    )
    return replace(state, sigma=np.sqrt(variance))


def _standardise(state: _State, settings: FitSettings) -> tuple[_State, tuple[float, float, float]]:
    """Bring abilities to mean 0 and sd 1.

    Also return (D, ln alpha, sigma) of a benchmark without cells, moved to the same axis. Equal
    abilities have no spread to divide by and are only centred.
    """
    centre = float(state.ability.mean()) if state.ability.size else 0.0
    spread = float(state.ability.std()) if state.ability.size else 1.0
    spread = spread if spread > 1e-9 else 1.0
    moved = replace(
        state,
        ability=(state.ability - centre) / spread,
        difficulty=(state.difficulty - centre) / spread,
        ln_alpha=state.ln_alpha + np.log(spread),
    )
    ln_alpha = settings.ln_alpha_prior_mean + float(np.log(spread))
    return moved, (-centre / spread, ln_alpha, settings.sigma_prior)


def _spread_parameters(
    state: _State,
    prior: tuple[float, float, float],
    cells: Cells,
    benchmarks: IntArray,
    chance: FloatArray,
) -> BenchmarkParameters:
    """Put the fitted benchmarks back among all of them, shape (n_benchmarks,)."""
    difficulty, ln_alpha, sigma = (np.full(len(chance), value) for value in prior)
    difficulty[benchmarks] = state.difficulty
    ln_alpha[benchmarks] = state.ln_alpha
    sigma[benchmarks] = state.sigma
    number = np.zeros(len(chance), dtype=np.int64)
    used = cells.benchmark_index[cells.kept_share > 0]
    number[benchmarks] = np.bincount(used, minlength=cells.n_benchmarks)
    return BenchmarkParameters(difficulty, ln_alpha, sigma, chance, number)


def _sum_by(index: IntArray, column: FloatArray, size: int) -> FloatArray:
    # Of no rows at all numpy makes whole numbers.
    return np.bincount(index, weights=column, minlength=size).astype(np.float64, copy=False)


def _solve_2x2(
    first: FloatArray, mixed: FloatArray, second: FloatArray, right: FloatArray
) -> FloatArray:
    """Solve [[first, mixed], [mixed, second]] x = right for every column of right (2, n)."""
    determinant = first * second - mixed**2
    return (
        np.stack([second * right[0] - mixed * right[1], first * right[1] - mixed * right[0]])
        / determinant
    )


def _damped_step(
    objective: Callable[[FloatArray], FloatArray],
    before: FloatArray,
    current: FloatArray,
    step: FloatArray,
    settings: FitSettings,
) -> FloatArray:
    """Add ``step`` (n_parameters, n_units) where the unit's objective does not rise.

    ``before`` (n_units,) is the objective at ``current``. A unit (a model or a benchmark) whose
    objective would rise tries half the step, up to ``settings.halvings`` times, and stays where it
    is if that does not help either.
    """
    most = before * (1.0 + ROUNDING)
    moved = current.copy()
    scale = np.ones(current.shape[1])
    waiting = np.ones(current.shape[1], dtype=bool)
    for _ in range(settings.halvings + 1):
        trial = current + scale * step
        accepted = waiting & (objective(trial) <= most)
        moved[:, accepted] = trial[:, accepted]
        waiting &= ~accepted
        if not waiting.any():
            break
        scale[waiting] *= 0.5
    return moved
