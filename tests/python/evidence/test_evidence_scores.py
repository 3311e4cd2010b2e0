import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evidence.scores import (
    DETECTION,
    EvaluationCase,
    cold_start,
    concordance,
    evaluate,
    hold_out,
    metamorphic_checks,
    plant_errors,
    planted_errors,
    rank_agreement,
    spearman,
    true_scores,
)
from parameters import load_declarations
from scoring.cells import select_cells

ROOT = Path(__file__).parents[3]


def bounds() -> dict[str, tuple[float | None, float | None]]:
    """The shipped bounds of measurements that are of no category."""
    with (ROOT / "seeds" / "scoring" / "evaluation_bounds.csv").open(encoding="utf-8") as file:
        return {
            row["measurement"]: tuple(
                float(row[end]) if row[end] else None for end in ("at_least", "at_most")
            )
            for row in csv.DictReader(file)
            if not row["category"]
        }


@pytest.fixture(scope="module")
def case(synthetic) -> EvaluationCase:
    cells = synthetic.cells
    first, second = np.zeros(cells.n_benchmarks), np.zeros(cells.n_benchmarks)
    first[:8], second[4:14] = 1.0, np.linspace(0.2, 1.0, 10)
    counts = np.ones(len(cells), dtype=bool)
    return EvaluationCase(cells, counts, synthetic.chance, {"first": first, "second": second})


def test_hidden_cells_are_predicted_to_their_noise(case) -> None:
    found = hold_out(case, seed=1)
    assert found.hidden == round(0.15 * len(case.cells))
    assert 0.025 < found.mean_absolute_error < 0.05
    assert found.concordance > 0.95
    assert found.concordance > found.strict_concordance > 0.9
    assert 0.86 <= found.coverage <= 0.98


def test_row_order_changes_no_measurement(case) -> None:
    order = np.random.default_rng(0).permutation(len(case.cells))
    turned = replace(case, cells=select_cells(case.cells, order), counts=case.counts[order])
    assert hold_out(case, seed=2) == hold_out(turned, seed=2)
    assert cold_start(case, 1, seed=2) == cold_start(turned, 1, seed=2)
    assert planted_errors(case, [3.5], [2]) == planted_errors(turned, [3.5], [2])


def test_cold_start_gets_better_with_cells(case) -> None:
    one, three = cold_start(case, 1, seed=3), cold_start(case, 3, seed=3)
    assert three.mean_absolute_error < one.mean_absolute_error
    assert one.models == three.models > 0
    assert one.coverage > 0.7


def test_planted_errors_have_their_size_and_stay_on_the_scale(case) -> None:
    pool = np.flatnonzero(case.cells.model_index < 100)
    for seed in range(5):
        spoiled, planted = plant_errors(case.cells, pool, case.settings, seed)
        change = np.abs(spoiled.value_0_1 - case.cells.value_0_1)
        assert planted.sum() == round(0.02 * len(pool))
        np.testing.assert_allclose(change[planted], 0.3, atol=1e-12)
        assert (change[~planted] == 0).all()
        assert (case.cells.model_index[planted] < 100).all()
        assert ((spoiled.value_0_1 >= 0) & (spoiled.value_0_1 <= 1)).all()


def test_planted_errors_are_found(case) -> None:
    curve = planted_errors(case, [2.0, 3.5, 8.0], [4, 5])
    recalls = [point.recall for point in curve]
    assert recalls == sorted(recalls, reverse=True)
    assert curve[1].recall > 0.9
    assert curve[1].false_share < 0.02
    assert all(point.newly_false_share <= point.false_share for point in curve)
    assert [point.threshold for point in curve] == [2.0, 3.5, 8.0]


def test_curve_is_the_mean_over_its_seeds(case) -> None:
    both = planted_errors(case, [3.5], [4, 5])[0]
    alone = [planted_errors(case, [3.5], [seed])[0] for seed in (4, 5)]
    for name in DETECTION:
        figures = [getattr(point, name) for point in alone]
        assert getattr(both, name) == pytest.approx(np.mean(figures), abs=1e-12)


def test_metamorphic_checks_hold(case) -> None:
    found = metamorphic_checks(case, seeds=[5, 6])
    figures = {row.measurement: row.figure for row in found}
    assert len(figures) == len(found) == 8
    shipped = bounds()
    for row in found:
        low, high = shipped.get(row.measurement, (None, None))
        assert low is None or row.figure >= low, row
        assert high is None or row.figure <= high, row
    newcomers = "adding a model: largest move of another"
    mean, largest = (
        figures[f"{newcomers}{end} (points)"] for end in (", mean of draws", " in any draw")
    )
    assert 0 < mean <= largest


def test_without_newcomers_nobody_is_moved(case) -> None:
    found = metamorphic_checks(replace(case, settings=replace(case.settings, newcomers=0)), [5])
    moves = [row.figure for row in found if row.measurement.startswith("adding a model:")]
    assert moves == [0.0, 0.0]


def test_report_has_every_measurement_once(case) -> None:
    small = replace(case, settings=replace(case.settings, newcomers=1), thresholds=(3.0, 3.5))
    found = evaluate(small, seeds=[0])
    figures = {row.measurement: row.figure for row in found}
    assert len(figures) == len(found) == 22 + 2 * 4
    assert all(np.isfinite(figure) for figure in figures.values())
    assert [row.threshold for row in found if row.threshold] == [3.0] * 4 + [3.5] * 4
    # The threshold in use is a point of the curve like any other.
    assert figures["planted errors: recall"] == figures["planted errors at threshold 3.5: recall"]


def test_known_truth_of_a_cold_start_is_only_a_short_cut(case) -> None:
    assert cold_start(case, 2, 6) == cold_start(case, 2, 6, true_scores(case))


def test_every_measurement_may_have_a_bound_and_nothing_else(case) -> None:
    seed = load_declarations(ROOT / "seeds")["evaluation_bounds"]
    small = replace(case, settings=replace(case.settings, newcomers=1))
    names = {row.measurement for row in evaluate(small, seeds=[0])}
    columns = ("capability", "score", "layered_score", "release date")
    names |= {f"agreement of {name}" for name in columns}
    assert names == set(seed.domains["measurement"].one_of)


def test_spearman_by_hand() -> None:
    assert spearman(np.array([1.0, 2, 3]), np.array([10.0, 20, 90])) == pytest.approx(1.0)
    assert spearman(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == pytest.approx(-1.0)
    # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
    tied = spearman(np.array([1.0, 2, 2, 4]), np.array([1.0, 2, 3, 4]))
    assert tied == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert spearman(np.array([1.0, np.nan, 3]), np.array([1.0, 5, 3])) == pytest.approx(1.0)
    assert np.isnan(spearman(np.array([1.0, 1]), np.array([1.0, 2])))
    assert np.isnan(spearman(np.array([1.0]), np.array([1.0])))


def test_concordance_by_hand() -> None:
    measured, group = np.array([0.1, 0.2, 0.5, 0.9, 0.1]), np.array([0, 0, 0, 1, 1])
    # Group 0: (1, 2) wrong, (1, 3) right, (2, 3) right; group 1: a tie in the prediction.
    predicted = np.array([0.3, 0.2, 0.6, 0.5, 0.5])
    assert concordance(measured, predicted, group) == pytest.approx(2.5 / 4)
    assert concordance(measured, predicted, group, margin=0.15) == pytest.approx(2.5 / 3)
    assert np.isnan(concordance(measured[:1], predicted[:1], group[:1]))


def test_rank_agreement_counts_matched_models() -> None:
    board = np.array([1500.0, np.nan, 1400, 1300])
    columns = {"score": np.array([90.0, 80, 70, 60]), "age": np.array([1.0, 2, np.nan, 3])}
    found = rank_agreement(columns, board)
    assert [(name, matched) for name, _, matched in found] == [("score", 3), ("age", 2)]
    assert found[0][1] == pytest.approx(1.0)
    assert found[1][1] == pytest.approx(-1.0)
