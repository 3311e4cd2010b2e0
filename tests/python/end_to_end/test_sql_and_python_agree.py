"""Formulas that stand in SQL and in Python give the same figures, on every row of a build.

SQL makes what is published, Python the evidence for it (`make evaluate`): they must not part.
"""

from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pytest

from evidence import report
from evidence.scores import calibrated, in_fixed_order, rankable, true_scores
from evidence.settings import RecencySettings
from parameters import settings_from
from scoring.ability import BenchmarkParameters
from scoring.basket import completed_cells, completing_share, interval, score_categories
from scoring.cells import Cells, FloatArray, make_cells, select_cells, to_matrix
from scoring.posterior import posterior_mass, summarise_posterior, without_redundant_composites
from scoring.ranks import ranks
from scoring.settings import BasketSettings, FitSettings
from scoring.tables import basket_weights

# Sums in another order differ by 1e-13 points; what is further off is another formula.
NEAR = {"rtol": 0, "atol": 1e-9}
SCOPES = "select distinct as_of_on, scope from intermediate.int_category_scores order by all"
CURVES = """
select curves.*, definitions.chance_0_1, definitions.is_composite
from intermediate.int_ability_fit as curves
inner join parameters.benchmark_definitions as definitions
    on definitions.benchmark_id = split_part(curves.benchmark_id, '@', 1)
where curves.kind = 'benchmark' order by curves.benchmark_id
"""
CELLS = """
select model_id, coalesce(variant, ''), benchmark_id, value_0_1, evidence, kept_share
from intermediate.int_cells_screened where as_of_on = ? and scope = ? order by all
"""
BASKETS = """
select category, benchmark_id, weight from intermediate.int_baskets order by all
"""
CAPABILITIES = """
select model_id, coalesce(variant, '') as variant, category, capability, sd, confidence, coverage,
    half_interval
from intermediate.int_category_scores
where as_of_on = ? and scope = ?
order by model_id, 2, category
"""
BASKET_CELLS = """
select model_id, coalesce(variant, ''), category, benchmark_id, completing_share, cell_0_1
from intermediate.int_basket_cells where as_of_on = ? and scope = ?
"""


@dataclass(frozen=True)
class Scoped:
    """What the Python formulas take of one day and scope of a build."""

    subjects: list[tuple[str, str]]
    benchmarks: list[str]
    cells: Cells
    curves: BenchmarkParameters
    baskets: dict[str, FloatArray]


@pytest.fixture(scope="module")
def working(shipped):
    path = str(shipped.path / "build" / "warehouse.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def parameters(working) -> list[tuple]:
    return working.execute(report.PARAMETERS).fetchall()


@pytest.fixture(scope="module")
def every_scope(working) -> dict[tuple[date, str], Scoped]:
    return {key: scoped(working, *key) for key in working.execute(SCOPES).fetchall()}


def scoped(working, day: date, scope: str) -> Scoped:
    curves = working.execute(CURVES).fetchnumpy()
    benchmarks = [str(name) for name in curves["benchmark_id"]]
    # The past may have cells of benchmarks that have no curve today.
    rows = [r for r in working.execute(CELLS, [day, scope]).fetchall() if r[2] in benchmarks]
    subjects = sorted({row[:2] for row in rows})
    place = {name: index for index, name in enumerate(benchmarks)}
    number = {subject: index for index, subject in enumerate(subjects)}
    kept = np.array([row[5] for row in rows])
    cells = make_cells(
        [number[row[:2]] for row in rows],
        [place[row[2]] for row in rows],
        [row[3] for row in rows],
        len(subjects),
        len(benchmarks),
        kept * [row[4] for row in rows],
    )
    cells = replace(cells, kept_share=kept)
    # A model that is known by a composite index only has an ability by it.
    informing = without_redundant_composites(cells, curves["is_composite"].astype(bool))
    names = ("difficulty", "ln_alpha", "sigma_0_1", "chance_0_1", "calibration_cell_count")
    return Scoped(
        subjects,
        benchmarks,
        select_cells(cells, informing),
        BenchmarkParameters(*(np.asarray(curves[name]) for name in names)),
        basket_weights(working.execute(BASKETS).fetchall(), benchmarks),
    )


def test_capability_sd_confidence_coverage_and_interval(working, parameters, every_scope):
    fit, basket = (settings_from(kind, parameters) for kind in (FitSettings, BasketSettings))
    compared = 0
    for key, at in every_scope.items():
        rows = working.execute(CAPABILITIES, key).fetchnumpy()
        found = score_categories(at.cells, at.curves, at.baskets, fit, basket)
        expected = [(*s, category) for s in at.subjects for category in found.categories]
        names = (rows["model_id"], rows["variant"], rows["category"])
        assert list(zip(*names, strict=True)) == expected, key
        for figure in ("capability", "sd", "confidence", "coverage"):
            python = getattr(found, figure).ravel()
            np.testing.assert_allclose(rows[figure], python, **NEAR, err_msg=f"{figure} {key}")
        half = basket.interval_z * found.sd.ravel()
        np.testing.assert_allclose(rows["half_interval"], half, **NEAR, err_msg=str(key))
        compared += len(expected)
    count = "select count(*) from intermediate.int_category_scores"
    ((every,),) = working.execute(count).fetchall()
    assert compared == every > 0


def test_completed_cells(working, parameters, every_scope):
    fit, basket = (settings_from(kind, parameters) for kind in (FitSettings, BasketSettings))
    for key, at in every_scope.items():
        expected = summarise_posterior(
            posterior_mass(at.cells, at.curves, fit), at.curves, fit
        ).expected
        evidence = to_matrix(at.cells, at.cells.evidence, 0.0)
        value = to_matrix(at.cells, at.cells.value_0_1, np.nan)
        share = completing_share(evidence, basket)
        completed = completed_cells(value, evidence, expected, basket)
        row_of = {subject: index for index, subject in enumerate(at.subjects)}
        column_of = {name: index for index, name in enumerate(at.benchmarks)}
        rows = working.execute(BASKET_CELLS, key).fetchall()
        members = sum(int((weight > 0).sum()) for weight in at.baskets.values())
        assert len(rows) == len(at.subjects) * members, key
        place = tuple(np.array([[row_of[r[:2]], column_of[r[3]]] for r in rows], dtype=np.int64).T)
        np.testing.assert_allclose([r[4] for r in rows], share[place], **NEAR, err_msg=str(key))
        np.testing.assert_allclose([r[5] for r in rows], completed[place], **NEAR, err_msg=str(key))


def test_ends_of_the_interval_around_a_score(working, parameters):
    rows = working.execute(
        "select score, sd, score_low, score_high from intermediate.int_category_scores"
    ).fetchnumpy()
    low, high = interval(rows["score"], rows["sd"], settings_from(BasketSettings, parameters))
    assert len(low) > 0
    np.testing.assert_allclose(rows["score_low"], low, **NEAR)
    np.testing.assert_allclose(rows["score_high"], high, **NEAR)


def test_what_the_evaluation_scores_is_what_is_published(working, parameters):
    """From cells and settings alone: judged, fitted, scored and found fit to be ranked."""
    case = report.load_case(working)
    found = true_scores(case)
    ordered, _ = calibrated(in_fixed_order(case))
    may_be_ranked = rankable(ordered, found)
    basket = settings_from(BasketSettings, parameters)
    models = sorted({row[0] for row in working.execute(report.CELLS).fetchall()})
    rows = working.execute(
        """
        select scores.model_id, category, capability, sd, confidence, coverage,
            cell_count >= $min_cells and confidence >= $confidence, cell_count
        from intermediate.int_category_scores as scores
        inner join intermediate.int_abilities as abilities
            using (as_of_on, scope, model_id)
        inner join intermediate.int_as_of_dates as days using (as_of_on)
        where days.is_current and scores.scope = 'model'
        """,
        {"min_cells": basket.ranked_min_cells, "confidence": basket.ranked_confidence},
    ).fetchall()
    row_of = {name: index for index, name in enumerate(models)}
    # The evaluation has no part for models that are known by a composite index alone.
    left_out = {row[0] for row in rows if row[0] not in row_of}
    ((composite_only,),) = working.execute(
        """
        select coalesce(list(model_id order by model_id), []) from (
            select cells.model_id
            from intermediate.int_cells as cells
            inner join parameters.benchmark_definitions as definitions
                on definitions.benchmark_id = cells.base_benchmark_id
            where cells.is_current and cells.scope = 'model'
            group by cells.model_id
            having bool_and(definitions.is_composite)
        )
        """
    ).fetchall()
    assert sorted(left_out) == composite_only
    kept = [row for row in rows if row[0] in row_of]
    assert len(kept) == len(models) * len(found.categories)
    place = tuple(
        np.array([[row_of[r[0]], found.categories.index(r[1])] for r in kept], dtype=np.int64).T
    )
    for column, figure in enumerate(("capability", "sd", "confidence", "coverage"), start=2):
        python = getattr(found, figure)[place]
        np.testing.assert_allclose([r[column] for r in kept], python, **NEAR, err_msg=figure)
    assert [r[6] for r in kept] == list(may_be_ranked[place])


def test_ranks(working):
    rows = working.execute(
        "select category, score, rank, capability, capability_rank from main.rankings"
        " where is_ranked order by all"
    ).fetchnumpy()
    categories = np.unique(rows["category"].astype(str))
    assert len(categories) > 0
    for category in categories:
        chosen = rows["category"] == category
        for figure, rank in (("score", "rank"), ("capability", "capability_rank")):
            assert list(ranks(rows[figure][chosen])) == list(rows[rank][chosen]), (category, figure)


def test_evidence_ages_as_the_evaluation_ages_it(working, parameters):
    """The recency check multiplies evidence by .5^(days / half-life): so does SQL, row by row."""
    half_life = settings_from(RecencySettings, parameters).half_life_days
    evidence, fresh, days = (
        working.execute(
            """
        select
            parts.evidence,
            parts.evidence_quality * layers.layer_weight / max(layers.layer_weight) over ()
            * quality.data_quality as fresh,
            date_diff('day', parts.dated_on, parts.as_of_on) as days,
        from intermediate.int_variant_values as parts
        inner join parameters.layers as layers on layers.layer_id = parts.layer_id
        inner join intermediate.int_source_quality as quality
            on quality.as_of_on = parts.as_of_on and quality.source_id = parts.source_id
        """
        )
        .fetchnumpy()
        .values()
    )
    ((every,),) = working.execute("select count(*) from intermediate.int_variant_values").fetchall()
    assert len(evidence) == every > 0
    np.testing.assert_allclose(evidence, fresh * 0.5 ** (days / half_life), **NEAR)
