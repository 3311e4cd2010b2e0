"""Builds of another day: where they go, what they hold, and that the history says the same."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest

from .projects import Project, succeed


def test_a_build_of_another_day_goes_where_it_is_sent_or_nowhere(small):
    before = small.fingerprint()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    printed = succeed(small.build("--vars", f"{{as_of: {tomorrow}}}"))
    assert "Not published: this build speaks of another day" in printed
    assert small.fingerprint() == before

    process = small.dbt("run-operation", "publish")
    assert process.returncode != 0
    assert "holds a build of another day" in process.stdout
    assert small.fingerprint() == before

    # It is whole, so that it may be sent to a file of its own later, without being built again.
    given = "{publish_to: build/tomorrow.duckdb}"
    succeed(small.dbt("run-operation", "publish", "--vars", given))
    assert small.query("select as_of_on from build", "build/tomorrow.duckdb") == [(tomorrow,)]
    assert (small.path / "build" / "tomorrow.enhanced_models.json").exists()
    assert small.fingerprint() == before


def test_a_published_past_holds_what_was_known_and_is_that_day_of_the_history(everything, tmp_path):
    scratch = Project(tmp_path / "project", by_meaning=False)
    shutil.copytree(everything.path, scratch.path)
    before, history = scratch.fingerprint(), yardstick(scratch)
    succeed(scratch.build("--vars", "{as_of: 2026-04-30, publish_to: build/past.duckdb}"))
    assert scratch.fingerprint() == before
    # By this the working database is never published for the day's.
    marked = scratch.query(
        "select as_of_on, is_of_another_day from operations.whole_build", "build/warehouse.duckdb"
    )
    assert marked == [(date(2026, 4, 30), True)]
    assert scratch.query("from build", "build/past.duckdb") == scratch.query(
        "from operations.whole_build", "build/warehouse.duckdb"
    )
    ((last,),) = scratch.query("select max(dated_on) from score_contributions", "build/past.duckdb")
    assert str(last) <= "2026-04-30"

    assert_history_applies_today_to_that_days_cells(scratch, history)
    ((status, as_of_on),) = scratch.query(
        "select status, as_of_on from builds", "build/past.duckdb"
    )
    assert (status, str(as_of_on)) == ("published", "2026-04-30")
    assert_only_what_existed_is_listed(scratch, "2026-04-30", "build/past.duckdb")
    assert_what_was_known_is_not_new(scratch)


CELLS = """
select model_id, benchmark_id, value_0_1, evidence from intermediate.int_cells
where scope = 'model' and as_of_on = date '2026-04-30' order by all
"""
CURVES = """
select benchmark_id, difficulty, ln_alpha, sigma_0_1 from intermediate.int_ability_fit
where kind = 'benchmark' order by all
"""
SCORES = """
select category, model_id, rank, score from rankings_history
where as_of_on = date '2026-04-30' order by all
"""


def yardstick(project: Project) -> tuple[list, list]:
    """April's cells and the curves in the working database."""
    return tuple(project.query(sql, "build/warehouse.duckdb") for sql in (CELLS, CURVES))


def assert_history_applies_today_to_that_days_cells(
    project: Project, history: tuple[list, list]
) -> None:
    """The history's cells of April are those of April's own build, which has curves of its own.

    That capabilities follow from cells, curves and baskets, on every day, is shown by
    test_sql_and_python_agree.
    """
    (kept, curves), (cells, own_curves) = history, yardstick(project)
    assert len(curves) > 50
    assert curves != own_curves
    # The history keeps models that could be ranked.
    ranked = {model_id for model_id, *_ in kept}
    listed = [cell for cell in cells if cell[0] in ranked]
    assert len(kept) == len(listed) > 1000
    for one, other in zip(kept, listed, strict=True):
        assert one[:2] == other[:2]
        assert one[2:] == pytest.approx(other[2:], abs=1e-12), one
    then = {row[:2]: row[3] for row in project.query(SCORES, "build/past.duckdb")}
    now = {row[:2]: row[3] for row in project.query(SCORES)}
    assert set(now) <= set(then)
    assert sum(abs(now[key] - then[key]) > 0.01 for key in now) > len(now) / 2


def assert_only_what_existed_is_listed(project: Project, day: str, past: str) -> None:
    """Hold a build of `day` to the models that had come out, been seen or been measured by then."""
    assert not project.query(
        f"""
        select model_id, released_on, first_observed_at from models
        anti join score_contributions using (model_id)
        where least(released_on, cast(first_observed_at as date)) > date '{day}'
            or coalesce(released_on, cast(first_observed_at as date)) is null
        """,
        past,
    )
    now = {row[0] for row in project.query("select model_id from models")}
    then = {row[0] for row in project.query("select model_id from models", past)}
    assert "gpt-6.1-sol" in now - then
    assert len(now - then) > 300
    # Seen later, but known to have come out: listed, of which nothing else is known on that day.
    hindsight = project.query(
        f"""
        select model_id, max(observed_on), any_value(released_on), list(attribute)
        from models
        inner join model_facts using (model_id)
        where first_observed_at > date '{day}'
        group by model_id
        """,
        past,
    )
    assert hindsight
    for model_id, observed_on, released_on, attributes in hindsight:
        assert (observed_on, attributes) == (None, ["released_on"]), model_id
        assert str(released_on) <= day
    for mart in ("model_facts", "quarantine"):
        ((last,),) = project.query(f"select max(observed_on) from {mart}", past)
        assert str(last) <= day, mart
    assert_releases_are_those_of_hindsight(project, day, past)
    # Names that nobody had seen are those of models that existed.
    assert not project.query(
        f"""
        select source_model_name from crosswalk
        where first_observed_on > date '{day}'
            and (status != 'auto' or model_id not in (select model_id from models))
        """,
        past,
    )
    listed = " union ".join(
        f"select model_id from {mart}"
        for mart in ("rankings", "deployments", "model_facts", "new_models", "rankings_history")
    )
    assert {row[0] for row in project.query(listed, past)} - {None} <= then
    proposed = """
        select candidate_1_id from crosswalk_review union select proposed_model_id
        from crosswalk_review union select runner_up_id from crosswalk
        """
    assert {row[0] for row in project.query(proposed, past)} - {None} <= then


def assert_releases_are_those_of_hindsight(project: Project, day: str, past: str) -> None:
    """Hold what a build of `day` lists by release alone to the releases in today's build.

    Both rank the same words about a model that nobody had seen by then, so that no slip before the
    day stands in for a better word after it.
    """
    columns = "model_id, released_on, release_precision"
    by_release = project.query(
        f"""
        select {columns} from models
        anti join score_contributions using (model_id)
        where first_observed_at >= date '{day}' + interval 1 day
        """,
        past,
    )
    today = {row[0]: row for row in project.query(f"select {columns} from models")}
    assert len(by_release) > 10
    assert not [row for row in by_release if row != today[row[0]]]
    # And whatever came out by then according to today's build is listed, if only in hindsight.
    came_out = project.query(
        f"""
        select model_id from models
        where released_on <= date '{day}' and first_observed_at >= date '{day}' + interval 1 day
        """
    )
    then = {row[0] for row in project.query("select model_id from models", past)}
    assert {row[0] for row in came_out} <= then


def assert_what_was_known_is_not_new(project: Project) -> None:
    """What the second answer of Artificial Analysis adds had stood in the first loads of others."""
    assert project.query("select count(*) from new_models")[0][0] > 1000
    assert not project.query(
        "from new_models where not is_first_load or new_on is distinct from released_on"
    )
