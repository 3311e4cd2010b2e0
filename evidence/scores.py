"""Measurements of how well the scores work, on whatever cells are given.

Hold-out, cold start, interval coverage, planted errors, agreement with an outside ranking, and
metamorphic checks: changes of the input whose effect on the output is known in advance. All are
functions of an ``EvaluationCase`` and a seed; equal arguments give equal figures. As in a build,
cells are judged before the fit that counts, by what is left of the table and that alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from evidence.settings import EvaluationSettings, RecencySettings
from scoring.ability import BenchmarkParameters, FitStart, calibration_models, fit_abilities
from scoring.anomaly import Anomalies, doubted_cells, screen_cells
from scoring.basket import CategoryScores, score_categories
from scoring.cells import (
    BoolArray,
    Cells,
    FloatArray,
    IntArray,
    cells_per_model,
    make_cells,
    select_cells,
    sort_cells,
    to_matrix,
)
from scoring.posterior import cell_variance, posterior_mass, summarise_posterior
from scoring.settings import AnomalySettings, BasketSettings, FitSettings


@dataclass(frozen=True)
class EvaluationCase:
    """A table of cells and everything needed to score it.

    ``counts`` (n_cells,) says which cells count towards calibration, ``chance`` (n_benchmarks,)
    holds chance levels, ``baskets`` maps categories to weights (n_benchmarks,), ``thresholds`` are
    the modified z-scores at which the curve of planted errors is drawn.
    """

    cells: Cells
    counts: BoolArray
    chance: FloatArray
    baskets: Mapping[str, FloatArray]
    fit: FitSettings = field(default_factory=FitSettings)
    basket: BasketSettings = field(default_factory=BasketSettings)
    anomaly: AnomalySettings = field(default_factory=AnomalySettings)
    recency: RecencySettings = field(default_factory=RecencySettings)
    settings: EvaluationSettings = field(default_factory=EvaluationSettings)
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One figure; the seed evaluation_bounds says what it is held to.

    ``threshold`` is the modified z-score beyond which cells were flagged, where the figure is a
    point of the curve of them.
    """

    measurement: str
    figure: float
    threshold: float | None = None


@dataclass(frozen=True)
class HoldOut:
    """How well hidden cells are predicted.

    ``mean_absolute_error`` is on 0-1, ``concordance`` the share of pairs of models clearly apart
    on a benchmark that are put in the right order, ``strict_concordance`` the same over all pairs
    that differ at all, ``coverage`` the share of hidden cells within their interval, ``hidden``
    the number of hidden cells.
    """

    mean_absolute_error: float
    concordance: float
    strict_concordance: float
    coverage: float
    hidden: int


@dataclass(frozen=True)
class ColdStart:
    """How far a capability from a few cells is from that of all cells.

    ``mean_absolute_error`` is in points, ``coverage`` the share of capabilities from all cells
    inside the interval given by the few, ``models`` how many models took part.
    """

    mean_absolute_error: float
    coverage: float
    models: int


@dataclass(frozen=True)
class DetectionPoint:
    """One point of the curve of planted errors found, all figures shares on 0-1.

    ``recall`` of the planted errors, ``sharp_recall`` of those on benchmarks with little noise,
    ``false_share`` flagged among the cells without a planted error, ``newly_false_share`` among
    them those that were not flagged before anything was planted: real tables have odd cells of
    their own, and flagging these is no mistake.
    """

    threshold: float
    recall: float
    sharp_recall: float
    false_share: float
    newly_false_share: float


#: The figures of a point of the curve.
DETECTION = ("recall", "sharp_recall", "false_share", "newly_false_share")


def spearman(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's rank correlation of two columns (n,), ties at their middle rank.

    Rows where either value is NaN are left out. NaN if fewer than two rows or no spread remain.
    """
    both = ~(np.isnan(first) | np.isnan(second))
    if both.sum() < 2:
        return float("nan")
    a, b = _middle_ranks(first[both]), _middle_ranks(second[both])
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else float("nan")


def concordance(
    measured: FloatArray, predicted: FloatArray, group_index: IntArray, margin: float = 0.0
) -> float:
    """Return the share of pairs within a group whose order is predicted correctly, on 0-1.

    All arrays have shape (n,). Pairs whose measured values are at most ``margin`` apart are no
    evidence of an order and are left out, pairs of equal predictions count one half. NaN if no
    pair remains.
    """
    right, pairs = 0.0, 0
    for group in np.unique(group_index):
        rows = group_index == group
        above = measured[rows, None] - measured[rows] > margin
        guess = np.sign(predicted[rows, None] - predicted[rows])[above]
        right += float((0.5 * (1.0 + guess)).sum())
        pairs += int(above.sum())
    return right / pairs if pairs else float("nan")


def rank_agreement(
    columns: Mapping[str, FloatArray], board: FloatArray
) -> list[tuple[str, float, int]]:
    """Compare columns with an outside board: (name, Spearman, matched models) for each.

    ``board`` and every column have shape (n_models,), NaN where a model has no value.
    """
    result = []
    for name, column in columns.items():
        matched = int((~np.isnan(column) & ~np.isnan(board)).sum())
        result.append((name, spearman(column, board), matched))
    return result


def hold_out(case: EvaluationCase, seed: int) -> HoldOut:
    """Hide a share of the calibration models' cells, fit the rest, predict the hidden ones.

    Hidden cells are not screened: those that no fit explains count as errors.
    """
    rng = np.random.default_rng(seed)
    case = in_fixed_order(case)
    cells = case.cells
    pool = np.flatnonzero(np.isin(cells.model_index, _models(case)))
    hidden = np.zeros(len(cells), dtype=bool)
    number = round(case.settings.hold_out_share * len(pool))
    hidden[rng.choice(pool, number, replace=False)] = True
    rest, parameters = calibrated(_keep(case, ~hidden))
    mass = posterior_mass(rest.cells, parameters, case.fit)
    posterior = summarise_posterior(mass, parameters, case.fit)
    model, benchmark = cells.model_index[hidden], cells.benchmark_index[hidden]
    measured, predicted = cells.value_0_1[hidden], posterior.expected[model, benchmark]
    variance = cell_variance(mass, parameters, case.fit, model, benchmark)
    sd = np.sqrt(variance + parameters.sigma[benchmark] ** 2)
    error = np.abs(measured - predicted)
    return HoldOut(
        mean_absolute_error=float(error.mean()),
        concordance=concordance(measured, predicted, benchmark, case.settings.concordance_margin),
        strict_concordance=concordance(measured, predicted, benchmark),
        coverage=float((error <= case.basket.interval_z * sd).mean()),
        hidden=number,
    )


def cold_start(
    case: EvaluationCase, n_cells: int, seed: int, truth: CategoryScores | None = None
) -> ColdStart:
    """Score well-known models from ``n_cells`` random cells each, as if they were new.

    The benchmarks are calibrated without these models; ``truth`` is the capability that they have
    by what all of their cells keep (``true_scores``, taken here where it is not given). The few
    cells may be any, doubted later or not. Figures are over models and categories.
    """
    rng = np.random.default_rng(seed)
    case = in_fixed_order(case)
    cells = case.cells
    truth = truth or true_scores(case)
    known = _models(case)
    known = known[cells_per_model(cells)[known] >= case.settings.cold_start_min_cells]
    number = min(max(round(case.settings.cold_start_share * len(known)), 1), len(known))
    new = np.sort(rng.choice(known, number, replace=False))
    is_new = np.isin(cells.model_index, new)
    _, parameters = calibrated(_keep(case, ~is_new))
    first = _random_cells(cells, n_cells, rng)
    few = _score(_keep(case, is_new & first), parameters)
    error = np.abs(few.capability[new] - truth.capability[new])
    inside = (few.low[new] <= truth.capability[new]) & (truth.capability[new] <= few.high[new])
    return ColdStart(float(error.mean()), float(inside.mean()), number)


def true_scores(case: EvaluationCase) -> CategoryScores:
    """Score everything by what the cells keep, as a build does."""
    return _score(*calibrated(in_fixed_order(case)))


def plant_errors(
    cells: Cells, pool: IntArray, settings: EvaluationSettings, seed: int
) -> tuple[Cells, BoolArray]:
    """Spoil a share of the cells that ``pool`` names; also return which, as a mask (n_cells,).

    An error goes up or down by chance, or the one way that stays within 0-1.
    """
    rng = np.random.default_rng(seed)
    number = min(max(round(settings.planted_share * len(pool)), 1), len(pool))
    planted = np.zeros(len(cells), dtype=bool)
    planted[rng.choice(pool, number, replace=False)] = True
    error = settings.planted_error * rng.choice((-1.0, 1.0), len(cells))
    leaves = (cells.value_0_1 + error < 0) | (cells.value_0_1 + error > 1)
    spoiled = np.clip(cells.value_0_1 + np.where(leaves, -error, error), 0.0, 1.0)
    return replace(cells, value_0_1=np.where(planted, spoiled, cells.value_0_1)), planted


def planted_errors(
    case: EvaluationCase, thresholds: Sequence[float], seeds: Sequence[int]
) -> list[DetectionPoint]:
    """Plant errors in random cells of calibration models and see which are flagged.

    Benchmarks are fitted with the errors in place. A benchmark is sharp by its noise in a plain fit
    of all cells, before anything is planted or left out. One point of the curve per threshold,
    averaged over the seeds.
    """
    case = in_fixed_order(case)
    whole = replace(case.fit, sigma_limit=np.inf)
    plain = fit_abilities(case.cells, case.chance, _models(case), whole).parameters
    sharp = plain.sigma[case.cells.benchmark_index] <= case.settings.sharp_sigma
    before = np.abs(_screen(case)[0].modified_z)
    curves = [_detection(case, thresholds, seed, sharp, before) for seed in seeds]
    return [
        DetectionPoint(
            *(_mean([getattr(point, f.name) for point in points]) for f in fields(DetectionPoint))
        )
        for points in zip(*curves, strict=True)
    ]


def _detection(
    case: EvaluationCase,
    thresholds: Sequence[float],
    seed: int,
    sharp: BoolArray,
    before: FloatArray,
) -> list[DetectionPoint]:
    in_pool = np.isin(case.cells.model_index, _models(case))
    spoiled, planted = plant_errors(case.cells, np.flatnonzero(in_pool), case.settings, seed)
    after = np.abs(_screen(replace(case, cells=spoiled))[0].modified_z)
    others = in_pool & ~planted
    return [
        DetectionPoint(
            threshold=threshold,
            recall=_share(after > threshold, planted),
            sharp_recall=_share(after > threshold, planted & sharp),
            false_share=_share(after > threshold, others),
            newly_false_share=_share((after > threshold) & (before <= threshold), others),
        )
        for threshold in thresholds
    ]


def metamorphic_checks(case: EvaluationCase, seeds: Sequence[int]) -> list[Measurement]:
    """Run every metamorphic check; but for the newcomers', benchmarks and verdicts are held.

    The newcomers are drawn anew for each seed: how far one moves others hangs on which it is. The
    other checks look at all models, and take the first seed.

    Moves are judged where a score is known well enough to be ranked: one more cell may well move
    a model of which little is known, and its sd says so. With the benchmarks held, models do not
    influence one another, so that one changed cell in every model at once is as good as a run
    per model.
    """
    rng = np.random.default_rng(seeds[0])
    everything = in_fixed_order(case)
    case, parameters = calibrated(everything)
    case = _keep(case, case.cells.kept_share > 0)  # flagged cells have no part in a score
    base = _score(case, parameters)
    return [
        _check_raised_cell(case, parameters, base, rng),
        *_check_deleted_cell(case, parameters, base),
        _check_predicted_cell(case, parameters, base, rng),
        *_check_newcomers(everything, case, base, seeds),
        _check_ageing(case, parameters, base),
    ]


def evaluate(case: EvaluationCase, seeds: Sequence[int]) -> list[Measurement]:
    """Take every measurement that needs no outside board.

    Averaged over the seeds; of the metamorphic checks only that of newcomers is.
    """
    held = [hold_out(case, seed) for seed in seeds]
    rows = [
        Measurement("hold-out MAE (0-1)", _mean([h.mean_absolute_error for h in held])),
        Measurement("hold-out concordance", _mean([h.concordance for h in held])),
        Measurement("hold-out concordance, all pairs", _mean([h.strict_concordance for h in held])),
        Measurement("hold-out interval coverage", _mean([h.coverage for h in held])),
    ]
    truth = true_scores(case)
    for number in (1, 2, 3):
        starts = [cold_start(case, number, seed, truth) for seed in seeds]
        name = f"cold start with {number} cell{'s' if number > 1 else ''}"
        error = _mean([start.mean_absolute_error for start in starts])
        rows.append(Measurement(f"{name}: MAE (points)", error))
        inside = _mean([start.coverage for start in starts])
        rows.append(Measurement(f"{name}: interval coverage", inside))
    in_use, *curve = planted_errors(case, (case.anomaly.threshold, *case.thresholds), seeds)
    for name in DETECTION:
        figure = getattr(in_use, name)
        rows.append(Measurement(f"planted errors: {name.replace('_', ' ')}", figure))
    rows += metamorphic_checks(case, seeds)
    return rows + [
        Measurement(
            f"planted errors at threshold {point.threshold:g}: {name.replace('_', ' ')}",
            getattr(point, name),
            threshold=point.threshold,
        )
        for point in curve
        for name in DETECTION
    ]


def _check_raised_cell(
    case: EvaluationCase,
    parameters: BenchmarkParameters,
    base: CategoryScores,
    rng: np.random.Generator,
) -> Measurement:
    cells = case.cells
    value = cells.value_0_1.copy()
    raised = _random_cells(cells, 1, rng)
    value[raised] = np.minimum(value[raised] + case.settings.raised_by, 1.0)
    after = _score(replace(case, cells=replace(cells, value_0_1=value)), parameters)
    change = (after.capability - base.capability).min(initial=0.0)
    return Measurement("raising a cell: lowest change (points)", float(change))


def _check_deleted_cell(
    case: EvaluationCase, parameters: BenchmarkParameters, base: CategoryScores
) -> list[Measurement]:
    cells, models = case.cells, _models(case)
    lowest_first = np.lexsort((cells.value_0_1, cells.model_index))
    worst = np.zeros(len(cells), dtype=bool)
    worst[lowest_first[np.unique(cells.model_index[lowest_first], return_index=True)[1]]] = True
    after = _score(_keep(case, ~worst), parameters)
    move = np.abs(after.capability - base.capability)[models]
    wider = (after.sd - base.sd)[models]
    return [
        Measurement("deleting the worst cell: mean move (points)", _mean(move)),
        Measurement("deleting the worst cell: mean sd gained (points)", _mean(wider)),
        Measurement("deleting the worst cell: share of sds widened", _mean(wider > 0)),
    ]


def _check_predicted_cell(
    case: EvaluationCase,
    parameters: BenchmarkParameters,
    base: CategoryScores,
    rng: np.random.Generator,
) -> Measurement:
    cells = case.cells
    mass = posterior_mass(cells, parameters, case.fit)
    expected = summarise_posterior(mass, parameters, case.fit).expected
    open_cell = to_matrix(cells, np.zeros(len(cells)), 1.0) * (parameters.n_cells > 0)
    settled = cells_per_model(cells) >= case.settings.settled_min_cells
    settled &= open_cell.any(axis=1)
    model = np.flatnonzero(settled)
    benchmark = np.argmax(rng.random(open_cell.shape) * open_cell, axis=1)[model]
    wider = make_cells(
        np.concatenate([cells.model_index, model]),
        np.concatenate([cells.benchmark_index, benchmark]),
        np.concatenate([cells.value_0_1, expected[model, benchmark]]),
        cells.n_models,
        cells.n_benchmarks,
        np.concatenate([cells.evidence, np.ones(len(model))]),
    )
    kept_share = np.concatenate([cells.kept_share, np.ones(len(model))])
    after = _score(replace(case, cells=replace(wider, kept_share=kept_share)), parameters)
    move = np.abs(after.capability - base.capability)
    largest = move[rankable(case, base) & settled[:, None]].max(initial=0.0)
    name = "adding a cell at its predicted value: largest move (points)"
    return Measurement(name, float(largest))


def _check_newcomers(
    everything: EvaluationCase,
    case: EvaluationCase,
    base: CategoryScores,
    seeds: Sequence[int],
) -> list[Measurement]:
    """Take models out one at a time and judge, fit and score the others anew.

    ``case`` and ``base`` are what becomes of ``everything`` with all of its models. Of each draw
    the largest move counts; told are the mean of the draws, and the largest of all.
    """
    models, shown = _models(case), rankable(case, base)
    number = min(case.settings.newcomers, len(models))
    largest = []
    for seed in seeds:
        newcomers = np.random.default_rng(seed).choice(models, number, replace=False)
        moves = (_moved_by(m, everything, base, shown) for m in newcomers)
        largest.append(max(moves, default=0.0))
    name = "adding a model: largest move of another"
    return [
        Measurement(f"{name}, mean of draws (points)", _mean(largest)),
        Measurement(f"{name} in any draw (points)", max(largest)),
    ]


def _moved_by(
    newcomer: int, everything: EvaluationCase, base: CategoryScores, shown: BoolArray
) -> float:
    """The largest move (points) of another model's capability when this one comes."""
    before = _score(*calibrated(_keep(everything, everything.cells.model_index != newcomer)))
    others = shown & (np.arange(len(shown)) != newcomer)[:, None]
    return float(np.abs(before.capability - base.capability)[others].max(initial=0.0))


def _check_ageing(
    case: EvaluationCase, parameters: BenchmarkParameters, base: CategoryScores
) -> Measurement:
    ageing = 0.5 ** (case.settings.ageing_days / case.recency.half_life_days)
    older = replace(case.cells, evidence=case.cells.evidence * ageing)
    after = _score(replace(case, cells=older), parameters)
    models = _models(case)
    lowest = min(
        spearman(base.capability[models, column], after.capability[models, column])
        for column in range(len(base.categories))
    )
    name = "ageing everything: lowest rank correlation"
    return Measurement(name, lowest)


def in_fixed_order(case: EvaluationCase) -> EvaluationCase:
    """Put the cells into canonical order, so that a seed picks the same cells in any row order."""
    order = np.lexsort((case.cells.benchmark_index, case.cells.model_index))
    return replace(case, cells=sort_cells(case.cells), counts=case.counts[order])


def _keep(case: EvaluationCase, rows: BoolArray) -> EvaluationCase:
    return replace(case, cells=select_cells(case.cells, rows), counts=case.counts[rows])


def _models(case: EvaluationCase) -> IntArray:
    return calibration_models(case.cells, case.counts, case.fit)


def _screen(case: EvaluationCase) -> tuple[Anomalies, FitStart]:
    found, _, start = screen_cells(case.cells, case.chance, _models(case), case.fit, case.anomaly)
    return found, start


def calibrated(case: EvaluationCase) -> tuple[EvaluationCase, BenchmarkParameters]:
    """Leave each cell what it keeps and fit that, as a build does; return both."""
    found, start = _screen(case)
    case = replace(case, cells=doubted_cells(case.cells, found))
    return case, fit_abilities(case.cells, case.chance, _models(case), case.fit, start).parameters


def rankable(case: EvaluationCase, base: CategoryScores) -> BoolArray:
    """Say which (model, category) are known well enough to be ranked."""
    counted = case.cells.kept_share >= case.basket.counted_kept_share
    enough = cells_per_model(select_cells(case.cells, counted)) >= case.basket.ranked_min_cells
    return enough[:, None] & (base.confidence >= case.basket.ranked_confidence)


def _score(case: EvaluationCase, parameters: BenchmarkParameters) -> CategoryScores:
    return score_categories(case.cells, parameters, case.baskets, case.fit, case.basket)


def _random_cells(cells: Cells, number: int, rng: np.random.Generator) -> BoolArray:
    """Choose up to ``number`` random cells of every model, as a mask (n_cells,)."""
    order = np.lexsort((rng.random(len(cells)), cells.model_index))
    _, first = np.unique(cells.model_index[order], return_index=True)
    place = np.arange(len(cells)) - np.repeat(first, np.diff(np.append(first, len(cells))))
    chosen = np.zeros(len(cells), dtype=bool)
    chosen[order] = place < number
    return chosen


def _middle_ranks(column: FloatArray) -> FloatArray:
    _, position, number = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(number) - 0.5 * (number - 1))[position]


def _share(flagged: BoolArray, among: BoolArray) -> float:
    return float(flagged[among].mean()) if among.any() else float("nan")


def _mean(figures: Sequence[float] | FloatArray | BoolArray) -> float:
    return float(np.mean(figures)) if len(figures) else float("nan")
