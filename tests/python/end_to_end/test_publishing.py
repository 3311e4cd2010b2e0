"""When a build replaces the published file, and when it must not.

What holds of every build whatever it builds is shown on a small one (small_project.py).
"""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime

import duckdb

from .projects import ROOT, Project, copy_of_project, succeed

FAILING_TEST = "select 1 as planted_failure"
# Commands that differ in their vars alone, of which dbt parses the project once.
SEVERAL_VARS = """
import sys
from dbt.cli.main import dbtRunner
command, *several = sys.argv[1:]
options = ["--quiet", "--no-use-colors"]
manifest = dbtRunner().invoke([*options, "parse"]).result
for given in several:
    done = dbtRunner(manifest=manifest).invoke([*options, *command.split(), "--vars", given])
    print("ENDED", done.success)
"""

# These tell of the build itself or of an earlier measurement, not of what was landed.
NOT_REPRODUCIBLE = {"build", "data_tests_status", "evaluation", "builds"}
KILLED = "enhanced_models.json.0f8fad5b-d9cb-469f-a165-70867728950e.tmp"


def test_a_missing_landing_is_one_clear_line(shipped, tmp_path):
    project = copy_of_project(tmp_path / "project", shipped.path)
    process = project.build()
    assert process.returncode != 0
    assert "landing.duckdb is missing: run `make build`, or `python -m extract`" in process.stdout
    assert "Traceback" not in process.stdout + process.stderr


def builds(project: Project, file: str = "warehouse.duckdb") -> list[tuple]:
    return project.query(
        """
        select status, is_full_build, publish_seconds is not null, loads_seen, error
        from builds order by started_at
        """,
        file,
    )


def is_marked_whole(project: Project) -> bool:
    sql = "from duckdb_tables() where schema_name = 'operations' and table_name = 'whole_build'"
    return bool(project.query(sql, "build/warehouse.duckdb"))


def refused(process: subprocess.CompletedProcess) -> str:
    """Return the one line with which a command was refused before it did anything."""
    printed = process.stdout + process.stderr
    assert process.returncode != 0, printed
    assert "Traceback" not in printed
    assert " START " not in printed
    (line,) = [line.strip() for line in printed.splitlines() if "Not published" in line]
    return line


def build_of_profiles(project: Project) -> set[str]:
    documents = json.loads((project.path / "enhanced_models.json").read_text())
    return {document["extensions"]["build_id"] for document in documents}


def test_a_failed_build_is_not_published_then_or_later_but_mends_the_profiles(small):
    before = small.fingerprint()
    profiles = small.path / "enhanced_models.json"
    ((build_id,),) = small.query("select build_id from build")
    # As after a kill between the two renames.
    profiles.write_text(profiles.read_text().replace(build_id, "of another build"))
    planted = small.path / "tests" / "singular" / "assert_planted.sql"
    planted.write_text(FAILING_TEST)
    process = small.build()
    assert process.returncode != 0
    assert "Not published: 1 of" in process.stdout
    assert "enhanced_models.json was not of the build that warehouse.duckdb names" in process.stdout
    assert build_of_profiles(small) == {build_id}
    assert small.fingerprint() == before

    # What failed passes now, but nothing says that the rest is still of these seeds and records.
    planted.write_text(FAILING_TEST + " where false")
    assert "Not published: only a part was built" in succeed(small.dbt("retry"))
    assert "was `dbt build` of" in refused(small.dbt("run-operation", "publish"))
    assert small.fingerprint() == before


def test_a_killed_an_empty_or_a_partial_build_is_not_published_later(small):
    before = small.fingerprint()
    with subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", "build"],
        cwd=small.path,
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        for line in killed.stdout:
            if " OK " in line:
                killed.kill()
    assert killed.returncode < 0
    line = refused(small.dbt("run-operation", "publish"))
    assert "the last command that changed the working database was `dbt build` of" in line
    assert line.endswith("`dbt build` builds and publishes all of it")

    # Every node passes, on no rows.
    assert "Not published: only a part was built" in succeed(small.build("--empty"))
    succeed(small.dbt("seed", "--select", "categories"))
    assert "was `dbt seed` of" in refused(small.dbt("run-operation", "publish"))
    assert small.fingerprint() == before


def test_commands_that_only_look_leave_a_build_whole(small):
    for command in (
        ("test", "--select", "assert_rankings_have_a_category"),
        ("compile", "--select", "loads"),
        ("source", "freshness"),
    ):
        small.dbt(*command)
        assert is_marked_whole(small), command
    assert "Published warehouse.duckdb" in succeed(small.dbt("run-operation", "publish"))
    assert {tuple(build_of_profiles(small))} == set(small.query("select build_id from build"))


SENSELESS = {
    "{asof: 2026-06-30}": "var asof: there is no var of this name; allowed: as_of, known_at",
    "{publish_too: x.duckdb}": "var publish_too: there is no var of this name",
    '{as_of: "2026-13-01"}': "var as_of: '2026-13-01' is no day",
    '{as_of: "2026-02-29"}': "var as_of: '2026-02-29' is no day",
    "{publish_to: [a]}": "is no path; write it as a text",
    "{publish_to: landing.duckdb.wal}": "DuckDB keeps files of its own under names like",
    "{publish_to: ~/x.duckdb}": "is no path of a file on this machine",
}


def said_of_vars(project: Project, command: str, several: list[str]) -> list[tuple[str, bool]]:
    """What a command printed with each of several vars, and whether it succeeded."""
    done = project.run("-c", SEVERAL_VARS, command, *several)
    assert "Traceback" not in done.stdout + done.stderr
    ended = re.findall(r"(.*?)ENDED (True|False)\n", done.stdout, re.DOTALL)
    assert len(ended) == len(several), done.stdout
    return [(printed, succeeded == "True") for printed, succeeded in ended]


def test_a_var_that_makes_no_sense_publishes_nothing(small):
    before = small.fingerprint()
    said = said_of_vars(small, "run-operation publish", list(SENSELESS))
    for line, (printed, succeeded) in zip(SENSELESS.values(), said, strict=True):
        assert line in printed
        assert not succeeded, line
    assert small.fingerprint() == before


def test_what_stands_in_the_way_is_refused_before_anything_is_built(small):
    (small.path / "notes.txt").write_text("mine")
    in_the_way = {
        "landing.duckdb": "landing.duckdb is a file that dbt itself works with",
        "build/warehouse.duckdb": "build/warehouse.duckdb is a file that dbt itself works with",
        "notes.txt": "notes.txt is no DuckDB file that can be read",
    }
    before = {name: (small.path / name).read_bytes() for name in in_the_way}
    several = [f"{{publish_to: {name}}}" for name in in_the_way]
    for said, (printed, succeeded) in zip(
        in_the_way.values(), said_of_vars(small, "build", several), strict=True
    ):
        assert f"Not published: {said}" in printed
        assert not succeeded, said
    assert before == {name: (small.path / name).read_bytes() for name in in_the_way}
    (small.path / "enhanced_models.json").write_text("mine")
    assert "enhanced_models.json is no file of model profiles" in refused(small.build())
    # A part of a build is not published anywhere: nothing is in its way.
    assert is_marked_whole(small)
    printed = succeed(small.build("--select", "loads"))
    assert "Not published: only a part was built" in printed


def test_a_write_ahead_file_of_a_killed_client_does_not_spoil_what_is_published(small):
    client = (
        "import duckdb, os; client = duckdb.connect('warehouse.duckdb'); "
        "client.execute('create table notes as select 1 as note'); os.kill(os.getpid(), 9)"
    )
    assert small.run("-c", client).returncode < 0
    assert (small.path / "warehouse.duckdb.wal").exists()
    printed = succeed(small.dbt("--quiet", "run-operation", "publish"))
    (kept,) = small.path.glob("warehouse.duckdb.wal.*.kept")
    assert f"that wrote to warehouse.duckdb: kept as {kept.name}" in printed
    assert not small.query("from duckdb_tables() where table_name = 'notes'")
    assert small.query("select count(*) > 0 from rankings") == [(True,)]


def test_a_file_that_may_not_grow_is_one_line_and_changes_nothing(scratch):
    before = scratch.fingerprint()
    limited = (
        "import resource; from dbt.cli.main import cli; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, 8_000_000)); cli()"
    )
    line = refused(scratch.run("-c", limited, "run-operation", "publish"))
    assert "File too large" in line
    assert scratch.fingerprint() == before
    assert not list(scratch.path.glob("*.tmp*"))
    succeed(scratch.dbt("run-operation", "publish"))


def test_kills_lose_and_mix_nothing(small):
    script = ROOT / "tests" / "faults" / "kill_publish.py"
    printed = succeed(small.run(str(script), "--kills", "3", "--project", str(small.path)))
    assert "3 kills: nothing lost" in printed
    # One of them between the two renames.
    assert "os.rename enhanced_models.json.*.tmp: new beside old profiles" in printed


def test_rebuilding_gives_equal_exports_whatever_the_threads(scratch):
    # A build speaks of its day: two of them are equal only if no midnight lies between.
    if scratch.query("select as_of_on from build") != [(datetime.now(UTC).date(),)]:
        succeed(scratch.build())
    earlier = builds(scratch)
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
    ((landed,),) = scratch.query("select count(*) from loads")
    assert earlier[0] == ("published", True, True, landed, None)
    assert builds(scratch) == [
        *earlier,
        ("failed", False, False, 0, "failed: assert_planted"),
        ("published", True, True, 0, None),
    ]
    assert scratch.query("select count(*) from data_tests_status where status != 'pass'") == [(0,)]
