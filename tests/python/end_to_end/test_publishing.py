"""When a build replaces the published file, and when it must not."""

import duckdb

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


def test_a_published_past_holds_only_what_was_known(scratch):
    variables = "{as_of: 2025-06-30, publish_to: build/past.duckdb}"
    before = fingerprint(scratch)
    succeed(scratch.build("--vars", variables))
    assert fingerprint(scratch) == before
    ((last,),) = scratch.query("select max(dated_on) from score_contributions", "build/past.duckdb")
    assert str(last) <= "2025-06-30"
    ((status, as_of_on),) = scratch.query(
        "select status, as_of_on from runs where run_kind = 'build'", "build/past.duckdb"
    )
    assert (status, str(as_of_on)) == ("published", "2025-06-30")
