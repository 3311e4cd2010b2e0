"""The complete files of every source, landed in any order, give the same rankings."""

import shutil

from tests.python.upstream import UPSTREAM

from .projects import copy_of_project, succeed

# Marts that say which load a value came from differ in just that.
COMPARED = ["rankings", "score_contributions", "models", "deployments", "crosswalk"]


def test_order_of_landing_changes_nothing(real, tmp_path):
    older = tmp_path / "older" / "artificial_analysis"
    older.mkdir(parents=True)
    shutil.copy(UPSTREAM / "artificial_analysis" / "legacy_v2_2026-02-27.json", older)
    backwards = copy_of_project(tmp_path / "backwards", real.path, by_meaning=True)
    succeed(backwards.extract("--from", str(UPSTREAM)))
    succeed(backwards.extract())
    again = ("--from", str(tmp_path / "older"), "--source", "artificial_analysis")
    succeed(backwards.extract(*again))
    # Built is enough to compare: neither dbt's tests nor publishing changes a mart.
    selected = [f"+{mart}" for mart in COMPARED]
    left_out = ("--exclude-resource-type", "unit_test", "test")
    succeed(backwards.dbt("build", *left_out, "--select", *selected))

    working = "build/warehouse.duckdb"
    forwards, found = (project.exports(COMPARED, working) for project in (real, backwards))
    assert [name for name in COMPARED if forwards[name] != found[name]] == []
