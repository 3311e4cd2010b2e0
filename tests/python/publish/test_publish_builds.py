"""When the working database counts as a whole build, and what is said where it does not."""

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError
from publish_helpers import BUILDS, MARK, WORKING, kept

from macros.publish.builds import (
    SCHEMA_VERSION,
    add_builds,
    begin_change,
    check_day,
    drop_unknown_tables,
    keep_build,
    mark_whole,
    note_result,
    whole_build,
)


@pytest.fixture
def working():
    with duckdb.connect() as connection:
        for statement in WORKING:
            connection.execute(statement)
        begin_change(connection, "dbt build")
        yield connection


def test_a_marked_database_names_its_build(working):
    mark_whole(working, MARK)
    build = whole_build(working)
    assert build.pop("built_at") is not None
    assert build.pop("schema_version") == SCHEMA_VERSION
    assert {name: value and str(value) for name, value in build.items()} == {
        name: value if value is None else str(value) for name, value in MARK.items()
    } | {"is_of_another_day": False}
    mark_whole(working, MARK | {"build_id": "third"})
    assert whole_build(working)["build_id"] == "third"


def test_a_database_of_an_earlier_version_holds_no_whole_build(working):
    working.execute("drop schema operations cascade")
    with pytest.raises(DbtRuntimeError, match="holds no whole build; `dbt build` builds"):
        whole_build(working)


def test_whatever_begins_to_change_it_takes_the_mark_away_and_is_named(working):
    mark_whole(working, MARK)
    begin_change(working, "dbt run")
    with pytest.raises(DbtRuntimeError, match=r"was `dbt run` of 2\d{3}-.* UTC, no whole build"):
        whole_build(working)
    begin_change(working, "dbt seed")
    with pytest.raises(DbtRuntimeError, match="was `dbt seed` of"):
        whole_build(working)


def test_a_data_test_that_failed_since_is_named(working):
    mark_whole(working, MARK)
    working.execute("update data_tests_status set status = 'fail' where test_name = 'grain'")
    with pytest.raises(DbtRuntimeError, match="grain failed since the build"):
        whole_build(working)


@pytest.mark.parametrize(
    ("as_of", "known_at", "said"),
    [
        ("2026-01-03", None, "holds the build of 2026-01-02, not of 2026-01-03"),
        (None, "2026-01-01", "with known_at None, not 2026-01-01"),
    ],
)
def test_a_day_that_is_not_the_builds_is_refused(working, as_of, known_at, said):
    mark_whole(working, MARK)
    build = whole_build(working)
    check_day(build, "2026-01-02", None)
    with pytest.raises(DbtRuntimeError, match=said):
        check_day(build, as_of, known_at)


def test_the_moment_of_a_build_is_told_however_it_is_written(working):
    mark_whole(working, MARK | {"known_at": "2026-01-01"})
    check_day(whole_build(working), None, "2026-01-01 00:00:00")


def test_kept_builds_are_shown_once_and_what_came_of_one_is_noted(working):
    keep_build(working, kept("first"))
    keep_build(working, kept("second", started_at="2026-01-03 00:00:00", unknown="left out"))
    keep_build(working, kept("second"))
    shown = "select build_id, status, row_count from builds order by 1"
    assert working.execute(shown).fetchall() == [
        ("first", "not published", None),
        ("second", "not published", None),
    ]
    note_result(working, {"build_id": "second", "status": "published", "row_count": 5})
    assert working.execute(shown).fetchall()[1] == ("second", "published", 5)
    # The mart is built anew without them: they come back as they were noted.
    working.execute(BUILDS.replace("create table", "create or replace table"))
    keep_build(working, kept("third"))
    assert working.execute(shown).fetchall() == [
        ("first", "not published", None),
        ("second", "published", 5),
        ("third", "not published", None),
    ]


def test_a_build_of_another_day_is_told_of_alone(working):
    keep_build(working, kept("first"))
    keep_build(working, kept("second"))
    working.execute(BUILDS.replace("table builds", "table elsewhere"))
    assert add_builds(working, "elsewhere", {"build_id": "second", "status": "x"}, alone=True) == 1
    assert working.execute("select build_id, status from elsewhere").fetchall() == [("second", "x")]


def test_builds_that_an_earlier_version_kept_are_told_of_under_their_names_of_today(working):
    working.execute("drop table operations.builds")
    working.execute("create table operations.builds (run_id varchar primary key, build json)")
    working.execute(
        'insert into operations.builds values (\'first\', \'{"run_id": "first", '
        '"status": "failed", "landed_at": "2026-01-01 00:00:00"}\')'
    )
    begin_change(working, "dbt build")
    keep_build(working, kept("second"))
    begin_change(working, "dbt build")
    told = "select build_id, status, cast(last_landed_at as varchar) from builds order by 1"
    assert working.execute(told).fetchall() == [
        ("first", "failed", "2026-01-01 00:00:00"),
        ("second", "not published", None),
    ]


def test_tables_that_the_project_no_longer_makes_are_dropped_and_no_others(working):
    working.execute("create table runs (id integer)")
    tables = "select table_name from duckdb_tables() where schema_name in ('main', 'parameters')"
    before = {name for (name,) in working.execute(tables).fetchall()}
    known = [f"main.{name}" for name in before - {"runs", "categories"}] + ["main.not_built_yet"]
    drop_unknown_tables(working, known)
    assert {name for (name,) in working.execute(tables).fetchall()} == before - {"runs"}
    drop_unknown_tables(working, [])
    assert {name for (name,) in working.execute(tables).fetchall()} == before - {"runs"}
    assert working.execute("select count(*) from intermediate.int_cells").fetchall() == [(0,)]
