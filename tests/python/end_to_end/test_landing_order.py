"""The real files of every source, landed in any order, give the same rankings."""

import shutil

import pytest

from tests.python.upstream import NO_UPSTREAM, UPSTREAM

from .conftest import VECTORS, carry_along, copy_of_project, succeed

pytestmark = pytest.mark.skipif(not UPSTREAM.is_dir(), reason=NO_UPSTREAM)

# Marts that say which load a value came from differ in just that.
COMPARED = ["rankings", "score_contributions", "models", "deployments", "crosswalk"]


def build(project, landings):
    for arguments in landings:
        succeed(project.extract(*arguments))
    # Built is enough to compare: neither dbt's tests nor publishing changes a mart.
    succeed(project.dbt("build", "--exclude-resource-type", "unit_test", "test"))
    return project.exports(COMPARED, "build/warehouse.duckdb")


def test_order_of_landing_changes_nothing(tmp_path):
    upstream = ("--from", str(UPSTREAM))
    older = tmp_path / "older" / "artificial_analysis"
    older.mkdir(parents=True)
    shutil.copy(UPSTREAM / "artificial_analysis" / "legacy_v2_2026-02-27.json", older)
    first, second = (copy_of_project(tmp_path / name) for name in ("forwards", "backwards"))
    forwards = build(first, [(), upstream])
    carry_along(first.path, second.path, VECTORS)
    backwards = build(
        second,
        [upstream, (), ("--from", str(tmp_path / "older"), "--source", "artificial_analysis")],
    )
    assert [name for name in COMPARED if forwards[name] != backwards[name]] == []
