"""What `make evaluate` measures on the shipped snapshots, and what it says to wrong usage."""

import json
import shutil

import pytest

from macros.wide_contract import read_categories

from .projects import Project, succeed

ON_THE_BOARD = 40


@pytest.fixture(scope="module")
def measured(shipped, tmp_path_factory) -> tuple[Project, str]:
    """A copy of the built project after one evaluation, and what that printed.

    The made-up board rates models by their own capability in `general`, so that the agreement is
    known in advance.
    """
    project = Project(tmp_path_factory.mktemp("measured") / "project")
    shutil.copytree(shipped.path, project.path)
    rows = project.query(
        f"""
        select display_name, capability from rankings
        where category = 'general' and is_ranked order by rank, model_id limit {ON_THE_BOARD}
        """
    )
    (project.path / "build" / "board.json").write_text(json.dumps({"text": dict(rows)}))
    command = "-m evidence --db build/warehouse.duckdb --save build/evaluation.json"
    return project, succeed(project.run(*command.split(), "--board", "build/board.json"))


@pytest.fixture(scope="module")
def findings(measured) -> dict[tuple[str, str], dict]:
    """The saved rows as (category, measurement) -> row."""
    rows = json.loads((measured[0].path / "build" / "evaluation.json").read_text())
    table = {(row["category"], row["measurement"]): row for row in rows}
    assert len(table) == len(rows)
    return table


BOUNDED = [
    "hold-out MAE (0-1)",
    "hold-out interval coverage",
    "cold start with 1 cell: MAE (points)",
    "cold start with 2 cells: MAE (points)",
    "cold start with 3 cells: MAE (points)",
    "raising a cell: lowest change (points)",
    "deleting the worst cell: mean move (points)",
    "deleting the worst cell: mean sd gained (points)",
    "adding a cell at its predicted value: largest move (points)",
    "adding a model: largest move of another, mean of draws (points)",
    "ageing everything: lowest rank correlation",
    "planted errors: recall",
    "planted errors: false share",
]


# The bounds of these are meant for all sources landed; the snapshots alone do not reach them.
FLOORS = {"hold-out concordance": 0.9, "planted errors: sharp recall": 0.86}


@pytest.mark.parametrize("measurement", BOUNDED)
def test_measurement_keeps_its_bounds(findings, measurement):
    found = findings["", measurement]
    assert found["at_least"] is not None or found["at_most"] is not None
    assert found["holds"], found


@pytest.mark.parametrize("measurement", FLOORS)
def test_measurement_on_the_snapshots_alone_comes_near_its_bound(findings, measurement):
    assert findings["", measurement]["figure"] >= FLOORS[measurement]


def test_table_is_printed(measured, findings):
    printed = measured[1]
    assert "| measurement | figure | bound | holds |" in printed
    whole = [row for row in findings.values() if not row["category"]]
    for row in (row for row in whole if row["threshold"] is None):
        assert f"| {row['measurement']} | " in printed
    assert "| threshold | recall | sharp recall | false share | newly false share |" in printed
    thresholds = {row["threshold"] for row in whole} - {None}
    assert len(thresholds) >= 5
    for threshold in thresholds:
        assert f"| {threshold:g} | " in printed


def test_agreement_with_a_board_is_measured_over_the_names_that_are_known(measured, findings):
    _, printed = measured
    known = findings["general", "agreement of capability"]
    assert f"of the {ON_THE_BOARD} names on the board are known" in printed
    assert known["matched"] >= ON_THE_BOARD / 2
    assert known["figure"] > 0.99
    categories = {category for category, _ in findings if category}
    assert categories == set(read_categories())
    for category in categories:
        for column in ("capability", "score", "layered_score", "release date"):
            assert (category, f"agreement of {column}") in findings


def test_next_build_fills_the_mart(measured, findings):
    project, _ = measured
    assert project.query("select count(*) from evaluation") == [(0,)]
    succeed(project.build("--select", "evaluation"))
    stored = project.query(
        "select category, measurement, figure, holds from main.evaluation",
        "build/warehouse.duckdb",
    )
    assert len(stored) == len(findings)
    for category, measurement, figure, holds in stored:
        found = findings[category, measurement]
        assert figure == pytest.approx(found["figure"], abs=1e-12, nan_ok=True), found
        assert holds == found["holds"], found


@pytest.mark.parametrize(
    ("arguments", "content", "says"),
    [
        ("--db nowhere.duckdb", None, "nowhere.duckdb is missing: run `make build` first"),
        ("--db wrong", "no database", "wrong"),
        ("--board wrong", None, "wrong: cannot be read as JSON"),
        ("--board wrong", "no JSON", "wrong: cannot be read as JSON"),
        ("--board wrong", "[1, 2]", "wrong: expected an object of name -> rating"),
        ("--board wrong", '{"a": "high", "b": 1}', "wrong: 'a' needs a number as its rating"),
    ],
)
def test_wrong_usage_ends_with_one_line(measured, arguments, content, says):
    project, _ = measured
    wrong = project.path / "wrong"
    wrong.unlink(missing_ok=True)
    if content is not None:
        wrong.write_text(content)
    saved = project.path / "build" / "evaluation.json"
    before = saved.read_bytes()
    process = project.run("-m", "evidence", *arguments.split())
    assert process.returncode == 2
    assert not process.stdout
    errors = [line for line in process.stderr.splitlines() if "error:" in line]
    assert len(errors) == 1
    assert says in errors[0]
    assert process.stderr.splitlines()[-1] == errors[0]
    assert "Traceback" not in process.stderr
    assert saved.read_bytes() == before
