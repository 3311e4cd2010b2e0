import json
from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pytest

from evidence import report
from evidence.report import END, START, Finding
from evidence.settings import EvaluationSettings, RecencySettings
from scoring.settings import AnomalySettings, BasketSettings, FitSettings

FINDINGS = [
    Finding("2026-06-30", "", "error", 0.0625, at_most=0.075),
    Finding("2026-06-30", "", "order", 0.875, at_least=0.92),
    Finding("2026-06-30", "", "inside", 0.9, at_least=0.86, at_most=0.98),
    Finding("2026-06-30", "", "seen", 12.0),
]
BOARD = [
    Finding("2026-06-30", category, f"agreement of {name}", figure, 0.88, None, matched)
    for category, matched, figures in (("chat", 40, (0.9, 0.5)), ("math", 38, (0.8125, -0.25)))
    for name, figure in zip(("capability", "release date"), figures, strict=True)
]


@pytest.fixture
def board(tmp_path):
    path = tmp_path / "board.json"

    def write(content: object) -> Path:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        {"a": 1400, "b": 1250.5},
        {"a": {"rating": 1400, "votes": 9}, "b": {"rating": "1250.5"}},
        {"a": 1400, "b": {"rating": 1250.5}},
        {"text": {"a": 1400, "b": 1250.5}},
        {"text": {"a": {"rating": 1400}, "b": {"rating": 1250.5}}},
    ],
)
def test_board_has_ratings_alone_or_under_one_key(board, content) -> None:
    assert report.read_board(board(content)) == {"a": 1400.0, "b": 1250.5}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be read as JSON"),
        ('{"a": 1,', "cannot be read as JSON"),
        ([1400, 1250], "expected an object of name -> rating"),
        ({}, "expected an object of name -> rating"),
        ({"text": {}}, "expected an object of name -> rating"),
        ({"text": [1400]}, "needs a number as its rating"),
        ("1400", "expected an object of name -> rating"),
        ({"a": "high", "b": 1}, "needs a number as its rating"),
        ({"a": True, "b": 1}, "needs a number as its rating"),
        ('{"a": NaN, "b": 1}', "needs a number as its rating"),
        ({"a": None, "b": 1}, "needs a number as its rating"),
        ({"a": [1], "b": 1}, "needs a number as its rating"),
        ({"a": {"score": 1}, "b": {"rating": 1}}, "needs a number as its rating"),
        ({"one": {"a": 1}, "two": {"a": 2}}, "needs a number as its rating"),
    ],
)
def test_board_in_another_shape_is_refused_in_one_line(board, content, says) -> None:
    path = board(content)
    with pytest.raises(ValueError, match=says) as refused:
        report.read_board(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_board_of_one_name_is_a_board(board) -> None:
    assert report.read_board(board({"a": {"rating": 1400}})) == {"a": 1400.0}
    assert report.read_board(board({"a": 1400})) == {"a": 1400.0}


def test_board_that_is_not_there_is_refused_in_one_line(tmp_path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(ValueError, match="cannot be read as JSON") as refused:
            report.read_board(path)
        assert "\n" not in str(refused.value)


def test_board_that_is_not_text_is_refused_in_one_line(tmp_path) -> None:
    path = tmp_path / "board.json"
    path.write_bytes(b'\xff\xfe{"a": 1}')
    with pytest.raises(ValueError, match="cannot be read as JSON") as refused:
        report.read_board(path)
    assert "\n" not in str(refused.value)


def test_finding_holds_within_its_bounds_both_included() -> None:
    assert [finding.holds for finding in FINDINGS] == [True, False, True, True]
    for figure, holds in ((0.86, True), (0.98, True), (0.85, False), (0.99, False)):
        assert Finding("", "", "m", figure, 0.86, 0.98).holds is holds
    assert not Finding("", "", "m", float("nan"), 0.86).holds


def test_table_without_a_board_says_so() -> None:
    assert report.markdown(FINDINGS).splitlines() == [
        "Measured on 2026-06-30.",
        "",
        "| measurement | figure | bound | holds |",
        "|---|---|---|---|",
        "| error | 0.062 | <= 0.075 | yes |",
        "| order | 0.875 | >= 0.92 | **no** |",
        "| inside | 0.900 | >= 0.86, <= 0.98 | yes |",
        "| seen | 12.000 |  |  |",
        "",
        "No independent board was given: agreement is not measured.",
    ]


def test_table_with_a_board_has_a_row_for_every_category() -> None:
    text = report.markdown([*FINDINGS, *BOARD])
    assert "No independent board" not in text
    assert text.splitlines()[-6:] == [
        "Rank correlation (Spearman) with an independent board, over ranked models:",
        "",
        "| category | matched | capability | release date |",
        "|---|---|---|---|",
        "| chat | 40 | 0.900 | 0.500 |",
        "| math | 38 | 0.812 | -0.250 |",
    ]


def test_curve_of_planted_errors_is_a_table_of_its_own() -> None:
    curve = [
        Finding("2026-06-30", "", f"planted errors at threshold {t:g}: {n}", f, threshold=t)
        for t, figures in ((2.5, (0.75, 0.0625)), (3.5, (0.5, 0.03125)))
        for n, f in zip(("recall", "false share"), figures, strict=True)
    ]
    lines = report.markdown([*FINDINGS, *curve, *BOARD]).splitlines()
    assert lines[8:15] == [
        "",
        "Planted errors found, by the modified z-score beyond which a cell is flagged:",
        "",
        "| threshold | recall | false share |",
        "|---|---|---|",
        "| 2.5 | 0.750 | 0.062 |",
        "| 3.5 | 0.500 | 0.031 |",
    ]
    assert not [line for line in lines if "at threshold" in line]


def test_saved_findings_are_the_rows_with_their_verdict(tmp_path) -> None:
    path = tmp_path / "deep" / "evaluation.json"
    report.save([*FINDINGS, *BOARD], path)
    first, second, *_, last = json.loads(path.read_text())
    assert first == {
        "evaluated_on": "2026-06-30",
        "category": "",
        "measurement": "error",
        "figure": 0.0625,
        "at_least": None,
        "at_most": 0.075,
        "matched": None,
        "threshold": None,
        "holds": True,
    }
    assert second["holds"] is False
    assert (last["category"], last["matched"], last["holds"]) == ("math", 38, False)


def test_readme_is_renewed_between_its_marks_only(tmp_path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Head ä\n\n{START}\nold\ntable\n{END}\n\nTail.\n", encoding="utf-8")
    report.update_readme("| new |", readme)
    renewed = f"# Head ä\n\n{START}\n| new |\n{END}\n\nTail.\n"
    assert readme.read_text(encoding="utf-8") == renewed
    report.update_readme("| new |", readme)
    assert readme.read_text(encoding="utf-8") == renewed


@pytest.mark.parametrize("content", ["no marks", f"{START} only", f"{END} only"])
def test_readme_without_both_marks_is_left_as_it_is(tmp_path, content) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(content)
    with pytest.raises(ValueError, match=r"README.md: the marks .* are missing"):
        report.update_readme("new", readme)
    assert readme.read_text() == content


GIVEN = {
    ("fit", "min_cells"): 2.0,
    ("basket", "kappa"): 0.5,
    ("basket", "ranked_min_cells"): 4.0,
    ("anomaly", "threshold"): 4.0,
    ("recency", "half_life_days"): 365.0,
    ("evaluation", "hold_out_share"): 0.25,
}
KINDS = (FitSettings, BasketSettings, AnomalySettings, RecencySettings, EvaluationSettings)
PARAMETERS = [
    (kind.GROUP, name, GIVEN.get((kind.GROUP, name), value))
    for kind in KINDS
    for name, value in asdict(kind()).items()
]


@pytest.fixture
def warehouse(tmp_path):
    """A working database with two models that count and one row of every kind that does not."""
    connection = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
    for schema in ("parameters", "intermediate"):
        connection.execute(f"create schema {schema}")
    connection.execute("""
        create table parameters.scoring_parameters (
            parameter_group varchar, parameter varchar, value double
        );
        create table parameters.benchmark_definitions (
            benchmark_id varchar, chance_0_1 double, is_composite boolean
        );
        insert into parameters.benchmark_definitions values
            ('gpqa', 0.25, false), ('livebench', 0.0, false), ('hle', 0.0, false),
            ('index', 0.0, true);
        create table parameters.evaluation_bounds (
            measurement varchar, category varchar, at_least double, at_most double
        );
        insert into parameters.evaluation_bounds values
            ('hold-out MAE (0-1)', null, null, 0.075),
            ('agreement of capability', null, 0.88, null),
            ('agreement of capability', 'math', 0.91, null);
        create table parameters.evaluation_thresholds (threshold double);
        insert into parameters.evaluation_thresholds values (3.5), (2.0);
        create table intermediate.int_baskets (
            category varchar, benchmark_id varchar, weight double
        );
        insert into intermediate.int_baskets values
            ('chat', 'livebench@2026', 0.75),
            ('chat', 'hle', 0.25);
        create table intermediate.int_cells (
            is_current boolean, scope varchar, model_id varchar, benchmark_id
            varchar, base_benchmark_id varchar, value_0_1 double, evidence double,
            calibrates boolean
        );
        insert into intermediate.int_cells values
            (true, 'model', 'b', 'livebench@2026', 'livebench', 0.5, 1.0, true),
            (true, 'model', 'b', 'gpqa', 'gpqa', 0.75, 0.5, true),
            (true, 'model', 'a', 'gpqa', 'gpqa', 0.25, 0.25, false),
            (true, 'model', 'a', 'index', 'index', 0.9, 1.0, true),
            (true, 'variant', 'a', 'gpqa', 'gpqa', 0.125, 1.0, true),
            (false, 'model', 'c', 'gpqa', 'gpqa', 0.625, 1.0, true);
        create table main.rankings (
            category varchar, model_id varchar, capability double, score double,
            layered_score double, released_on date, is_ranked boolean
        );
        insert into main.rankings values
            ('chat', 'a', 50.0, 49.0, 40.0, '2000-01-02', true),
            ('chat', 'b', 60.0, 71.0, null, '2000-01-01', true),
            ('chat', 'c', 70.0, 70.0, 50.0, null, true),
            ('chat', 'd', 80.0, 80.0, 60.0, '2000-01-05', true),
            ('math', 'a', 10.0, 10.0, 20.0, '2000-01-02', true),
            ('math', 'b', 90.0, 90.0, 10.0, '2000-01-01', false);
    """)
    connection.executemany("insert into parameters.scoring_parameters values (?, ?, ?)", PARAMETERS)
    yield connection
    connection.close()


def test_case_holds_todays_cells_of_models_without_indices(warehouse) -> None:
    case = report.load_case(warehouse)
    # Models a, b; benchmarks gpqa, hle (in the basket, without a cell), livebench@2026.
    assert (case.cells.n_models, case.cells.n_benchmarks) == (2, 3)
    cells = zip(
        case.cells.model_index,
        case.cells.benchmark_index,
        case.cells.value_0_1,
        case.cells.evidence,
        case.counts,
        strict=True,
    )
    assert sorted(cells) == [
        (0, 0, 0.25, 0.25, False),
        (1, 0, 0.75, 0.5, True),
        (1, 2, 0.5, 1.0, True),
    ]
    assert list(case.chance) == [0.25, 0.0, 0.0]
    assert {name: list(weight) for name, weight in case.baskets.items()} == {
        "chat": [0.0, 0.25, 0.75]
    }
    assert (case.fit.min_cells, case.fit.tolerance, case.basket.kappa) == (2, 1e-8, 0.5)
    assert case.thresholds == (2.0, 3.5)
    assert case.recency.half_life_days == 365.0
    assert (case.anomaly.threshold, case.settings.hold_out_share) == (4.0, 0.25)


def test_bounds_come_from_their_seed(warehouse) -> None:
    bounds = report.load_bounds(warehouse)
    assert bounds == {
        ("hold-out MAE (0-1)", ""): (None, 0.075),
        ("agreement of capability", ""): (0.88, None),
        ("agreement of capability", "math"): (0.91, None),
    }


def test_agreement_is_over_ranked_models_that_are_on_the_board(warehouse) -> None:
    bounds = report.load_bounds(warehouse)
    ratings = {"a": 1.0, "b": 2.0, "c": 3.0, "elsewhere": 9.0}
    found = report.agreement(warehouse, ratings, bounds, "2026-06-30")
    table = {(f.category, f.measurement.removeprefix("agreement of ")): f for f in found}
    assert len(table) == len(found) == 8
    # Ratings 1, 2, 3 beside capability 50, 60, 70; score 49, 71, 70: ranks 1, 3, 2, so
    # 1 - 6 (1 + 1) / (3 (9 - 1)) = .5; layered 40, -, 50; days 1, 0, -.
    for name, figure, matched in (
        ("capability", 1.0, 3),
        ("score", 0.5, 3),
        ("layered_score", 1.0, 2),
        ("release date", -1.0, 2),
    ):
        finding = table["chat", name]
        assert finding.figure == pytest.approx(figure)
        assert finding.matched == matched
        assert finding.evaluated_on == "2026-06-30"
    assert (table["chat", "capability"].at_least, table["chat", "score"].at_least) == (0.88, None)
    assert table["math", "capability"].at_least == 0.91
    assert table["math", "capability"].matched == 1
    assert np.isnan(table["math", "capability"].figure)
    assert not table["math", "capability"].holds
