"""A reader of rankings, score_contributions and score_adjustments can rebuild any score by hand."""

import math
import random
from collections import Counter, defaultdict

import pytest

REBUILT = 200
SEED = 20


@pytest.fixture(scope="module")
def rankings(shipped) -> dict[tuple[str, str], dict]:
    """The mart as (category, model) -> its row."""
    names = (
        "category, model_id, rank, rank_low, rank_high, score, score_low, score_high, capability,"
        " capability_rank, layered_score, layered_rank, is_ranked, unranked_reason"
    )
    rows = shipped.query(f"select {names} from rankings order by all")
    return {row[:2]: dict(zip(names.split(", "), row, strict=True)) for row in rows}


@pytest.fixture(scope="module")
def contributions(shipped) -> dict[tuple[str, str, str], list[dict]]:
    """The mart as (method, category, model) -> its rows."""
    names = (
        "scoring_method, category, model_id, benchmark_id, source_id, weight, evidence, value_0_1,"
        " expected_0_1, cell_0_1, points"
    )
    table = defaultdict(list)
    for row in shipped.query(f"select {names} from score_contributions order by all"):
        table[row[:3]].append(dict(zip(names.split(", "), row, strict=True)))
    return table


@pytest.fixture(scope="module")
def adjustments(shipped) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The mart as (category, model) -> factors and points."""
    table = defaultdict(list)
    for category, model, factor, points in shipped.query(
        "select category, model_id, factor, points from score_adjustments order by all"
    ):
        table[category, model].append((factor, points))
    return table


def chosen(rankings, column) -> list[tuple[str, str]]:
    """Rows of rankings that have a value in a column, by chance but the same ones every time."""
    having = sorted(key for key, row in rankings.items() if row[column] is not None)
    return random.Random(SEED).sample(having, REBUILT)


def points(contributions, method, key) -> float:
    return math.fsum(row["points"] for row in contributions[(method, *key)])


def test_scores_are_rebuilt(rankings, contributions, adjustments):
    adjusted = 0
    for key in chosen(rankings, "score"):
        row = rankings[key]
        capability = points(contributions, "capability", key)
        assert capability == pytest.approx(row["capability"], abs=1e-6), key
        score = capability * math.prod(factor for factor, _ in adjustments[key])
        score += sum(added for _, added in adjustments[key])
        assert min(max(score, 0), 100) == pytest.approx(row["score"], abs=1e-5), key
        adjusted += row["score"] != row["capability"]
    assert adjusted >= REBUILT / 20


def test_layered_scores_are_rebuilt(rankings, contributions):
    for key in chosen(rankings, "layered_score"):
        rebuilt = points(contributions, "layered", key)
        assert rebuilt == pytest.approx(rankings[key]["layered_score"], abs=1e-6), key


def test_points_of_a_cell_are_weight_times_completed_value(shipped, rankings, contributions):
    ((kappa,),) = shipped.query(
        "select value from parameters.scoring_parameters"
        " where parameter_group = 'basket' and parameter = 'kappa'"
    )
    completed = 0
    for key in chosen(rankings, "capability"):
        cells = defaultdict(list)
        for row in contributions[("capability", *key)]:
            cells[row["benchmark_id"]].append(row)
        for benchmark, rows in cells.items():
            (expected,) = (row for row in rows if row["source_id"] == "expected")
            measured = [row for row in rows if row["source_id"] != "expected"]
            weight, evidence = expected["weight"], expected["evidence"]
            share = kappa / (kappa + evidence)
            where = (*key, benchmark)
            total = math.fsum(row["points"] for row in rows)
            assert total == pytest.approx(100 * weight * expected["cell_0_1"], abs=1e-6), where
            completing = 100 * weight * share * expected["expected_0_1"]
            assert expected["points"] == pytest.approx(completing, abs=1e-6), where
            assert (evidence > 0) == bool(measured), where
            if measured:
                values = [row["value_0_1"] for row in measured]
                value = math.fsum(row["points"] for row in measured) / (100 * weight * (1 - share))
                assert min(values) - 1e-6 <= value <= max(values) + 1e-6, where
                completed += 1
        weights = [rows[0]["weight"] for rows in cells.values()]
        assert math.fsum(weights) == pytest.approx(1, abs=1e-6), key
    assert completed >= REBUILT * 3 // 4


def test_every_model_is_judged_on_the_whole_basket(shipped, contributions):
    baskets = Counter(
        category for (category,) in shipped.query("select category from parameters.baskets")
    )
    for (method, category, model), rows in contributions.items():
        if method == "capability":
            benchmarks = {row["benchmark_id"] for row in rows}
            assert len(benchmarks) == baskets[category], (category, model)


@pytest.mark.parametrize(
    ("rank", "figure", "ranked_only"),
    [
        ("rank", "score", True),
        ("capability_rank", "capability", True),
        ("layered_rank", "layered_score", False),
    ],
)
def test_rank_counts_the_models_that_are_better(rankings, rank, figure, ranked_only):
    tables = defaultdict(list)
    for row in rankings.values():
        if row["is_ranked"] if ranked_only else row[figure] is not None:
            tables[row["category"]].append(row)
        else:
            assert row[rank] is None, row
    assert set(tables) == {category for category, _ in rankings}
    for table in tables.values():
        figures = [row[figure] for row in table]
        better = {value: sum(other > value for other in figures) for value in set(figures)}
        for row in table:
            assert row[rank] == 1 + better[row[figure]], row


def test_intervals_hold_what_they_are_around(rankings):
    ranked = Counter(row["category"] for row in rankings.values() if row["is_ranked"])
    for row in rankings.values():
        if row["score"] is not None:
            assert 0 <= row["score_low"] <= row["score"] <= row["score_high"] <= 100, row
        if row["is_ranked"]:
            low, high = row["rank_low"], row["rank_high"]
            assert 1 <= low <= row["rank"] <= high <= ranked[row["category"]], row
        else:
            assert row["rank_low"] is row["rank_high"] is None, row


def test_rows_without_a_rank_say_why_and_only_they(rankings):
    for row in rankings.values():
        assert bool(row["unranked_reason"]) != row["is_ranked"], row
        assert (row["rank"] is not None) == row["is_ranked"], row
