"""When a build replaces the published file, and when it must not."""

import duckdb

from .conftest import Project, copy_of_project, succeed

FAILING_TEST = "select 1 as planted_failure"

# These tell of the build itself or of an earlier measurement, not of what was landed.
NOT_REPRODUCIBLE = {"build", "data_tests_status", "evaluation", "runs"}
KILLED = "enhanced_models.json.0f8fad5b-d9cb-469f-a165-70867728950e.tmp"


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
    before = scratch.fingerprint()
    (scratch.path / "tests" / "singular" / "assert_planted.sql").write_text(FAILING_TEST)
    process = scratch.build()
    assert process.returncode != 0
    assert "Not published" in process.stdout
    assert scratch.fingerprint() == before


def test_a_partial_build_does_not_publish(scratch):
    before = scratch.fingerprint()
    printed = succeed(scratch.build("--select", "providers"))
    assert "Not published: only a part was built" in printed
    assert scratch.fingerprint() == before


def test_rebuilding_gives_equal_exports_whatever_the_threads(scratch):
    marts = [mart for mart in scratch.marts() if mart not in NOT_REPRODUCIBLE]
    before = scratch.exports(marts)
    planted = scratch.path / "tests" / "singular" / "assert_planted.sql"
    planted.write_text(FAILING_TEST)
    assert scratch.build("--select", "assert_planted").returncode != 0
    planted.unlink()
    leftover = scratch.path / KILLED
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
