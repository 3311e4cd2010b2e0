"""When a build replaces the published file, and when it must not."""

import json
from datetime import date

import duckdb
import pytest

from .conftest import Project, copy_of_project, succeed

FAILING_TEST = "select 1 as planted_failure"

# These tell of the build itself or of an earlier measurement, not of what was landed.
NOT_REPRODUCIBLE = {"data_tests_status", "evaluation", "runs"}


def fingerprint(project: Project) -> tuple:
    published = project.path / "warehouse.duckdb"
    return published.stat().st_ino, published.read_bytes()


def test_a_missing_landing_is_one_clear_line(tmp_path):
    project = copy_of_project(tmp_path / "project")
    process = project.build()
    assert process.returncode != 0
    assert "landing.duckdb is missing: run `make build`, or `python -m extract`" in process.stdout
    assert "Traceback" not in process.stdout + process.stderr


def builds(project: Project, file: str = "warehouse.duckdb") -> list[tuple]:
    return project.query(
        """
        select status, is_full_build, publish_seconds is not null, loads_seen, error
        from runs where run_kind = 'build' order by started_at
        """,
        file,
    )


def test_a_failed_test_leaves_the_published_file_untouched(scratch):
    before = fingerprint(scratch)
    (scratch.path / "tests" / "singular" / "assert_planted.sql").write_text(FAILING_TEST)
    process = scratch.build()
    assert process.returncode != 0
    assert "Not published" in process.stdout
    assert fingerprint(scratch) == before


def test_a_partial_build_does_not_publish(scratch):
    before = fingerprint(scratch)
    printed = succeed(scratch.build("--select", "providers"))
    assert "Not published: only a part was built" in printed
    assert fingerprint(scratch) == before


def test_rebuilding_gives_equal_exports_whatever_the_threads(scratch):
    marts = [mart for mart in scratch.marts() if mart not in NOT_REPRODUCIBLE]
    before = scratch.exports(marts)
    planted = scratch.path / "tests" / "singular" / "assert_planted.sql"
    planted.write_text(FAILING_TEST)
    assert scratch.build("--select", "assert_planted").returncode != 0
    planted.unlink()
    leftover = scratch.path / "warehouse.duckdb.killed.tmp"
    leftover.write_bytes(b"half a file")
    reader = duckdb.connect(str(scratch.path / "warehouse.duckdb"), read_only=True)
    succeed(scratch.build("--threads", "4"))
    assert reader.execute("select count(*) from rankings").fetchone()[0] > 0
    reader.close()
    after = scratch.exports(marts)
    assert [name for name in marts if before[name] != after[name]] == []
    assert not leftover.exists()
    # The build that failed in between published nothing, but it is told of.
    ((landed,),) = scratch.query("select count(*) from runs where run_kind = 'load'")
    assert builds(scratch) == [
        ("published", True, True, landed, None),
        ("failed", False, False, 0, "failed: assert_planted"),
        ("published", True, True, 0, None),
    ]
    assert scratch.query("select count(*) from data_tests_status where status != 'pass'") == [(0,)]


def test_a_build_of_the_past_goes_where_it_is_sent_or_nowhere(scratch):
    before = fingerprint(scratch)
    printed = succeed(scratch.build("--vars", "{as_of: 2026-06-30}"))
    assert "Not published: this build speaks of the past" in printed
    assert fingerprint(scratch) == before

    process = scratch.dbt("run-operation", "publish")
    assert process.returncode != 0
    assert "holds a build of the past" in process.stdout
    assert fingerprint(scratch) == before


def land_an_older_answer(project: Project) -> None:
    """Land the shipped answer of Artificial Analysis as it might have been in February.

    Every evaluation was a tenth lower then, every price twice as high, and one model unheard of.
    """
    name = "legacy_v2_2026-07-31.json"
    answer = json.loads(
        (project.path / "extract" / "snapshots" / "artificial_analysis" / name).read_text()
    )
    answer["data"].pop()
    for model in answer["data"]:
        model["evaluations"] = {
            key: value and value * 0.9 for key, value in model["evaluations"].items()
        }
        model["pricing"] = {key: value and value * 2 for key, value in model["pricing"].items()}
    folder = project.path / "older" / "artificial_analysis"
    folder.mkdir(parents=True)
    (folder / name.replace("2026-07-31", "2026-02-27")).write_text(json.dumps(answer))
    succeed(project.extract("--from", "older", "--source", "artificial_analysis"))


def test_a_published_past_holds_what_was_known_and_is_that_day_of_the_history(scratch):
    land_an_older_answer(scratch)
    scratch.start_history_on(date(2026, 4, 30))
    succeed(scratch.build())
    before = fingerprint(scratch)
    succeed(scratch.build("--vars", "{as_of: 2026-04-30, publish_to: build/past.duckdb}"))
    assert fingerprint(scratch) == before
    ((last,),) = scratch.query("select max(dated_on) from score_contributions", "build/past.duckdb")
    assert str(last) <= "2026-04-30"

    columns = "category, model_id, rank, score, capability, confidence"
    history = scratch.query(
        f"select {columns} from rankings_history where as_of_on = date '2026-04-30' order by all"
    )
    built = scratch.query(
        f"select {columns} from rankings where score is not null order by all", "build/past.duckdb"
    )
    ranks = {row[:2]: row[2] for row in built if row[2]}
    assert len(ranks) > 500
    assert {row[:2]: row[2] for row in history if row[2]} == ranks
    figures = {row[:2]: row[3:] for row in built}
    for row in history:
        # Figures are rounded to 6 decimals: sums of another order may end on the other side.
        assert row[3:] == pytest.approx(figures[row[:2]], abs=2e-6), row
    now = scratch.query(f"select {columns} from rankings where score is not null order by all")
    scores = {row[:2]: row[3] for row in now}
    differing = [row for row in history if row[3] != scores[row[:2]]]
    assert len(differing) > len(history) / 2
    ((status, as_of_on),) = scratch.query(
        "select status, as_of_on from runs where run_kind = 'build'", "build/past.duckdb"
    )
    assert (status, str(as_of_on)) == ("published", "2026-04-30")
