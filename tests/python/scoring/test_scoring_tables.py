import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ability import response
from scoring.settings import AnomalySettings, BasketSettings, FitSettings
from scoring.tables import (
    BasketRow,
    BenchmarkFacts,
    CellTable,
    ScoredDays,
    Subject,
    basket_weights,
    score_days,
)

DAY, EARLIER = date(2026, 6, 30), date(2026, 5, 31)
ANOMALY = AnomalySettings()
FACTS = {f"test_{i}": BenchmarkFacts(0.25 * (i % 2), False) for i in range(6)}
FACTS["index"] = BenchmarkFacts(0.0, True)
FROZEN = [
    {
        "benchmark_id": f"test_{i}",
        "difficulty": i / 2 - 1,
        "ln_alpha": 0.25,
        "sigma_0_1": 0.0625,
        "chance_0_1": 0.25 * (i % 2),
        "n_cells": 30 + i,
    }
    for i in range(5)
]
BASKETS = [
    BasketRow("first", "test_0", 0.75),
    BasketRow("first", "test_1@2026", 0.25),
    BasketRow("second", "test_1@2026", 0.5),
    BasketRow("second", "test_4", 0.5),
]

#: The numbers of each kind of row; the answer's table of a kind is named as KIND_TABLES says.
KINDS = {
    "benchmark": ("difficulty", "ln_alpha", "sigma_0_1", "calibration_cell_count"),
    "ability": ("ability", "ability_sd"),
    "expected": ("expected_0_1", "expected_slope"),
    "variance": ("ability_variance",),
    "verdict": ("expected_0_1", "residual", "modified_z", "kept_share"),
}
KIND_TABLES = dict(
    zip(KINDS, ("curves", "abilities", "expected", "variances", "verdicts"), strict=True)
)
INDICES = {
    "subject_index": "subjects",
    "benchmark_index": "benchmarks",
    "category_index": "categories",
}
IDS = ("as_of_on", "scope", "model_id", "variant", "category", "benchmark_id")


class CellRow(NamedTuple):
    as_of_on: date
    scope: str
    model_id: str
    variant: str
    benchmark_id: str
    value_0_1: float
    evidence: float
    calibrates: bool


#: kind -> ids ('' where there is none) -> numbers.
Table = dict[str, dict[tuple, tuple]]


def drawn(models: int, day: date = DAY, seed: int = 3) -> list[CellRow]:
    """Cells of models that get better with their number; benchmark 1 has a release.

    Every model has the cell of the index, which none of the other cells depends on.
    """
    rng = np.random.default_rng(seed)
    cells = []
    for number, ability in enumerate(np.linspace(-1.5, 1.5, models)):
        key = (day, "model", f"model_{number:02}", "")
        for i in range(6):
            if rng.random() < 0.8:
                expected = response(ability, i / 2 - 1, 0.25, 0.25 * (i % 2))
                value = float(np.clip(expected + rng.normal(0, 0.04), 0, 1))
                name = "test_1@2026" if i == 1 else f"test_{i}"
                cells.append(CellRow(*key, name, value, float(rng.uniform(0.2, 1)), True))
        cells.append(CellRow(*key, "index", 0.5 + 0.2 * float(ability), 1.0, True))
    return cells


def scored(
    cells: Iterable[CellRow],
    baskets: Iterable[BasketRow] = BASKETS,
    frozen: Iterable[dict] = FROZEN,
    facts: dict[str, BenchmarkFacts] = FACTS,
    anomaly: AnomalySettings = ANOMALY,
) -> Table:
    settings = (FitSettings(), BasketSettings(), anomaly)
    return named(score_days(tabled(cells), baskets, facts, list(frozen), DAY, *settings))


def tabled(cells: Iterable[CellRow]) -> CellTable:
    """Number subjects and benchmarks, as SQL does; rows stay in their order."""
    rows = list(cells)
    subjects = sorted({Subject(*row[:4]) for row in rows})
    benchmarks = sorted({row.benchmark_id for row in rows})
    return CellTable(
        subjects,
        benchmarks,
        np.array([subjects.index(Subject(*row[:4])) for row in rows], dtype=np.int64),
        np.array([benchmarks.index(row.benchmark_id) for row in rows], dtype=np.int64),
        *(np.array([row[i] for row in rows], dtype=kind) for i, kind in ((5, float), (6, float))),
        np.array([row.calibrates for row in rows], dtype=bool),
    )


def named(answer: ScoredDays) -> Table:
    """Put ids to the indices of an answer, as SQL does."""
    table: Table = {}
    for kind, name in KIND_TABLES.items():
        columns = getattr(answer, name)
        place = {index: columns[index].tolist() for index in INDICES if index in columns}
        numbers = [columns[number].tolist() for number in KINDS[kind]]
        assert set(columns) == {*place, *KINDS[kind]}
        table[kind] = {}
        for row, values in enumerate(zip(*numbers, strict=True)):
            ids = {"as_of_on": DAY} if kind == "benchmark" else {}
            for index, named_by in INDICES.items():
                names = getattr(answer, named_by)
                if index in place:
                    at = place[index][row]
                    assert names[index][at] == at
                    ids |= {n: column[at] for n, column in names.items() if n != index}
            key = tuple(ids.get(name, "") for name in IDS)
            assert key not in table[kind]
            table[kind][key] = values
    return table


def rows(table: Table, kind: str, **ids: str) -> dict[tuple, tuple]:
    """Rows of one kind as ids without blanks -> its numbers; days are ISO text."""
    found = {}
    for key, numbers in table[kind].items():
        row = dict(zip(IDS, (key[0].isoformat(), *key[1:]), strict=True))
        if all(row[name] == wanted for name, wanted in ids.items()):
            found[tuple(v for name, v in row.items() if v and name not in ids)] = numbers
    return found


def same(one: Table, other: Table) -> None:
    assert list(one) == list(other) == list(KINDS)
    for kind in KINDS:
        assert list(one[kind].items()) == list(other[kind].items())


CELLS = [
    *drawn(24),
    *drawn(22, EARLIER, seed=5),
    *(c._replace(scope="variant", variant="high") for c in drawn(24)[:40]),
]
TABLE = scored(CELLS)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_row_order_changes_nothing(seed: int) -> None:
    shuffle = random.Random(seed)
    cells, baskets, frozen, facts = (
        shuffle.sample(list(part), len(part)) for part in (CELLS, BASKETS, FROZEN, FACTS.items())
    )
    same(scored(cells, baskets, frozen, dict(facts)), TABLE)


def test_table_has_a_row_for_every_curve_ability_cell_and_category() -> None:
    curves = rows(TABLE, "benchmark", as_of_on=DAY.isoformat())
    assert set(curves) == {(c.benchmark_id,) for c in CELLS if c.as_of_on == DAY}
    abilities = rows(TABLE, "ability")
    keys = {(c.as_of_on.isoformat(), c.scope, c.model_id) for c in CELLS}
    assert {key[:3] for key in abilities} == keys
    assert {key[3:] for key in abilities if key[1] == "variant"} == {("high",)}
    members, categories = {row.benchmark_id for row in BASKETS}, {row.category for row in BASKETS}
    assert set(rows(TABLE, "expected")) == {(*k, m) for k in abilities for m in members}
    assert set(rows(TABLE, "variance")) == {(*k, c) for k in abilities for c in categories}
    parts = [c for c in CELLS if c.benchmark_id != "index"]
    number = Counter(c[:4] for c in parts)
    judged = {
        (c.as_of_on.isoformat(), c.scope, c.model_id, *filter(None, [c.variant]), c.benchmark_id)
        for c in parts
        if number[c[:4]] > AnomalySettings().min_others
    }
    assert 0 < len(judged) < len(parts)
    assert set(rows(TABLE, "verdict")) == judged


@pytest.mark.parametrize("kind", KINDS)
def test_kind_fills_its_numbers(kind: str) -> None:
    assert TABLE[kind]
    assert np.isfinite(list(TABLE[kind].values())).all()


def test_models_of_the_synthetic_table_come_in_their_order() -> None:
    abilities = rows(TABLE, "ability", as_of_on=DAY.isoformat(), scope="model")
    means = [abilities[key][0] for key in sorted(abilities)]
    assert np.corrcoef(means, range(24))[0, 1] > 0.97
    assert all(0 < sd < 1 for _, sd in abilities.values())


def test_every_day_is_scored_by_the_curves_of_today() -> None:
    """What was measured earlier moves no curve, and no model of today."""
    alone = scored([c for c in CELLS if c.as_of_on == DAY])
    for kind, found in TABLE.items():
        assert set(alone[kind]) == {key for key in found if key[0] == DAY}
        for key, numbers in alone[kind].items():
            # Sums of many subjects at once may differ in the last digit.
            assert numbers == pytest.approx(found[key], rel=0, abs=1e-12)
        assert kind == "benchmark" or len(alone[kind]) < len(found)


def test_cells_of_today_have_on_an_earlier_day_the_scores_of_today() -> None:
    """One yardstick: the same cells say the same, whatever the day."""
    older = [c._replace(as_of_on=EARLIER) for c in CELLS if c.as_of_on == DAY]
    table = scored([*(c for c in CELLS if c.as_of_on == DAY), *older])
    for kind in ("ability", "expected", "variance", "verdict"):
        now, before = (rows(table, kind, as_of_on=d.isoformat()) for d in (DAY, EARLIER))
        models = {key for key in now if key[0] == "model"}
        assert models
        assert {key: before[key] for key in models} == {key: now[key] for key in models}


def test_an_earlier_cell_without_a_curve_of_today_says_nothing() -> None:
    retired = CellRow(EARLIER, "model", "model_03", "", "test_1@2024", 0.9, 1.0, True)
    same(scored([*CELLS, retired]), TABLE)


def spoiled(cells: Iterable[CellRow], wrong: dict[tuple[str, str, str], float]) -> list[CellRow]:
    """Replace the values of some (scope, model, benchmark)."""
    return [
        c._replace(value_0_1=wrong.get((c.scope, c.model_id, c.benchmark_id), c.value_0_1))
        for c in cells
    ]


def flagged(table: Table, **ids: str) -> set[tuple]:
    return {key for key, numbers in rows(table, "verdict", **ids).items() if numbers[3] == 0}


WRONG = ("model", "model_12", "test_4")


def test_a_wrong_cell_is_flagged_and_moves_its_model_no_more() -> None:
    (right,) = (c.value_0_1 for c in CELLS if (c.as_of_on, *c[1:3], c[4]) == (DAY, *WRONG))
    clean, table = scored(drawn(24)), scored(spoiled(drawn(24), {WRONG: right + 0.4}))
    assert WRONG[1:] in flagged(table, as_of_on=DAY.isoformat(), scope="model")
    key = (DAY.isoformat(), *WRONG)
    expected, residual, z, _ = rows(table, "verdict")[key]
    assert expected + residual == pytest.approx(right + 0.4, abs=1e-12)
    assert z > 3.5
    (before, sd), (after, wider) = (rows(t, "ability")[key[:3]] for t in (clean, table))
    assert after == pytest.approx(before, abs=0.5 * sd)
    assert wider > sd


def test_flags_are_set_once_and_flagged_cells_count_as_missing() -> None:
    cells = spoiled(drawn(24), {WRONG: 0.95, ("model", "model_03", "test_2"): 0.9})
    table = scored(cells)
    gone = {key[2:] for key in flagged(table)}
    kept = [c for c in cells if (c.model_id, c.benchmark_id) not in gone]
    assert len(cells) - len(kept) == len(gone) >= 2
    # A second look, without the first ones, would flag more.
    assert flagged(scored(kept))
    # A cell that keeps nothing is no cell of its benchmark.
    for (*_, benchmark), numbers in rows(table, "benchmark").items():
        assert numbers[3] == sum(c.benchmark_id == benchmark for c in kept)


def test_beyond_the_threshold_it_hardly_matters_how_far_off_a_cell_is() -> None:
    near, far = (scored(spoiled(drawn(24), {WRONG: value})) for value in (0.93, 0.97))
    assert all((DAY.isoformat(), *WRONG[1:]) in flagged(t, scope="model") for t in (near, far))
    for kind in ("ability", "expected", "variance"):
        one, other = (rows(t, kind) for t in (near, far))
        for key, numbers in one.items():
            assert other[key] == pytest.approx(numbers, abs=5e-3), key


def test_a_wrong_cell_of_a_variant_leaves_the_models_alone() -> None:
    variant = [c._replace(scope="variant", variant="high") for c in drawn(24)]
    clean = scored([*drawn(24), *variant])
    wrong = {("variant", "model_12", "test_4"): 0.95}
    table = scored([*drawn(24), *spoiled(variant, wrong)])
    key = (DAY.isoformat(), "variant", "model_12", "high", "test_4")
    assert key in flagged(table) - flagged(clean)
    for kind in ("benchmark", "ability", "expected", "variance"):
        one, other = (rows(t, kind) for t in (clean, table))
        differing = {k for k in one if one[k] != other[k]}
        assert kind == "benchmark" or differing
        assert all(k[1:4] == ("variant", "model_12", "high") for k in differing)


def test_a_model_left_without_a_cell_keeps_its_rows() -> None:
    lonely = [
        CellRow(DAY, "model", "model_99", "", name, value, 1.0, False)
        for name, value in (("test_0", 0.02), ("test_4", 0.98))
    ]
    anomaly = replace(AnomalySettings(), threshold=0.0, min_others=0)
    cells = [*drawn(24), *lonely]
    table = scored(cells, anomaly=anomaly)
    day = {"as_of_on": DAY.isoformat(), "scope": "model"}
    assert {("model_99", "test_0"), ("model_99", "test_4")} <= flagged(table, **day)
    assert rows(table, "ability", **day)[("model_99",)] == pytest.approx((0, 1), abs=1e-3)


def test_no_cells_give_empty_tables() -> None:
    for nothing in (scored([]), scored([], [])):
        assert list(nothing) == list(KINDS)
        assert not any(nothing.values())


def test_few_models_take_the_frozen_curves() -> None:
    curves = rows(scored(drawn(5)), "benchmark", as_of_on=DAY.isoformat())
    for row in FROZEN:
        if row["benchmark_id"] != "test_1":
            names = ("difficulty", "ln_alpha", "sigma_0_1", "n_cells")
            assert curves[(row["benchmark_id"],)] == tuple(row[name] for name in names)
    prior = (0.0, FitSettings().ln_alpha_prior_mean, FitSettings().sigma_prior, 0)
    assert curves[("test_5",)] == prior


def test_enough_models_are_fitted_whatever_is_frozen() -> None:
    same(scored(drawn(24), frozen=[]), scored(drawn(24)))


def test_index_alone_gives_an_ability() -> None:
    lonely = [
        CellRow(DAY, "model", name, "", "index", value, 1.0, True)
        for name, value in (("weak", 0.3), ("strong", 0.7))
    ]
    abilities = rows(
        scored([*drawn(24), *lonely]), "ability", as_of_on=DAY.isoformat(), scope="model"
    )
    (weak, weak_sd), (strong, strong_sd) = abilities[("weak",)], abilities[("strong",)]
    assert weak < -0.5 < 0.5 < strong
    assert max(weak_sd, strong_sd) < 0.9


def test_indices_do_not_move_what_has_other_cells() -> None:
    with_index = drawn(24)
    without = [cell for cell in with_index if cell.benchmark_id != "index"]
    high = [c._replace(value_0_1=1.0) if c.benchmark_id == "index" else c for c in with_index]
    tables = [scored(cells) for cells in (without, with_index, high)]
    for kind in ("ability", "expected", "variance"):
        plain, *others = (rows(table, kind) for table in tables)
        assert plain
        assert all(other == plain for other in others)
    curves, *others = (rows(table, "benchmark", as_of_on=DAY.isoformat()) for table in tables)
    for other in others:
        assert {key: other[key] for key in curves} == curves
        assert set(other) - set(curves) == {("index",)}


def test_benchmark_without_cells_changes_no_other() -> None:
    more = [*BASKETS, BasketRow("third", "test_9", 1.0)]
    facts = FACTS | {"test_9": BenchmarkFacts(0.0, False)}
    before, after = scored(drawn(24)), scored(drawn(24), more, facts=facts)
    for kind in ("benchmark", "ability", "expected", "variance"):
        plain, other = (rows(table, kind) for table in (before, after))
        for key, numbers in plain.items():
            np.testing.assert_allclose(other[key], numbers, rtol=0, atol=1e-12)


def test_benchmark_without_facts_is_refused() -> None:
    unknown = CellRow(DAY, "model", "m", "", "never_heard_of@2026", 0.5, 1.0, True)
    with pytest.raises((KeyError, ValueError), match="never_heard_of"):
        scored([*drawn(5), unknown])


def test_second_cell_of_one_benchmark_is_refused() -> None:
    cells = drawn(5)
    with pytest.raises(ValueError, match="second cell of the same model and benchmark"):
        scored([*cells, cells[0]])


def test_basket_weights_lie_at_their_benchmarks() -> None:
    weights = basket_weights([("z", "b", 0.75), ("y", "a", 1.0), ("z", "c", 0.25)], ["a", "b", "c"])
    assert {name: list(column) for name, column in weights.items()} == {
        "y": [1, 0, 0],
        "z": [0, 0.75, 0.25],
    }
    assert list(weights) == ["y", "z"]
