"""What a user can ask of a build: what ran, which tests hold, how old the sources are."""

import json

import duckdb

from .projects import Project, succeed


def test_every_load_and_the_build_are_told_of(shipped):
    landed = shipped.query(
        "select load_id, status, record_count, http_status from loads order by 1", "landing.duckdb"
    )
    assert landed
    assert landed == shipped.query(
        "select load_id, status, record_count, http_status from loads order by 1"
    )
    ((build,),) = shipped.query("select to_json(builds) from builds")
    build = json.loads(build)
    stages = ("seed", "staging", "intermediate", "mart", "data_test", "publish")
    seconds = [build[f"{stage}_seconds"] for stage in stages]
    assert min(seconds) > 0
    assert sum(seconds) < build["duration_seconds"] * 1.01
    assert build["row_count"] > shipped.query("select count(*) from rankings")[0][0]
    assert build["loads_seen"] == len(landed)
    assert build["loads_landed"] + build["loads_skipped"] == len(landed)
    assert build["http_status_counts"] == "{}"
    assert (build["dbt_models_failed"], build["data_tests_failed"]) == (0, 0)
    assert build["dbt_models_ok"] > build["data_tests_warned"] == 0
    statuses = ("models_ranked", "models_unranked", "models_not_validated")
    ranked = "select count(distinct model_id) from rankings where is_ranked"
    not_validated = "select count(*) from quality_reports where not is_validated"
    assert shipped.query(ranked) == [(build["models_ranked"],)]
    assert shipped.query(not_validated) == [(build["models_not_validated"],)]
    assert shipped.query("select count(*) from models") == [(sum(build[s] for s in statuses),)]
    tests = shipped.query("select count(*) from data_tests_status")
    assert tests == [(build["data_tests_passed"],)]


def test_every_data_test_says_what_it_proves_and_how_it_went(shipped):
    manifest = json.loads((shipped.path / "target" / "manifest.json").read_text())
    declared = {n["name"] for n in manifest["nodes"].values() if n["resource_type"] == "test"}
    rows = shipped.query(
        "select test_name, tested, proves, status, failing_rows, last_run_id from data_tests_status"
    )
    assert {name for name, *_ in rows} == declared
    assert {(status, failing) for *_, status, failing, _ in rows} == {("pass", 0)}
    assert all(tested and len(proves) > 10 for _, tested, proves, *_ in rows)
    builds = shipped.query("select build_id from builds")
    assert {(run_id,) for *_, run_id in rows} == set(builds)


def test_freshness_is_answered_offline_for_every_source(scratch):
    printed = succeed(scratch.dbt("--quiet", "source", "freshness"))
    found = json.loads((scratch.path / "target" / "sources.json").read_text())["results"]
    assert {result["status"] for result in found} <= {"pass", "warn"}
    lines = {line.split()[0]: line for line in printed.splitlines() if line.startswith("  ")}
    assert set(lines) == {result["unique_id"].split(".", 2)[2] for result in found}
    assert "nothing has landed yet" in lines["openrouter.models"]
    assert "2024-12-26" in lines["evalplus.results"]
    assert "of 90 days  old" in lines["evalplus.results"]


# (test, what is changed in the finished marts, what the failing rows must then name)
PLANTED = [
    (
        "assert_intermediate_keys",
        "insert into intermediate.int_facts from intermediate.int_facts where is_current"
        " and model_id = 'gemini-2.5-pro' and attribute = 'latency_ms'",
        "select dbt_model, row_count, violation, row_key ->> 'attribute'",
        ("int_facts", 2, "repeated", "latency_ms"),
    ),
    (
        "assert_intermediate_keys",
        "update intermediate.int_models set model_id = null where model_id = 'gemini-2.5-pro'",
        "select dbt_model, row_count, violation, row_key",
        ("int_models", 1, "null in the key", '{"model_id":null}'),
    ),
    (
        "assert_mart_keys",
        "insert into crosswalk from crosswalk where source_id = 'trun'"
        " and source_model_name = 'gpt-4'",
        "select dbt_model, row_count, violation, row_key ->> 'source_model_name'",
        ("crosswalk", 2, "repeated", "gpt-4"),
    ),
    (
        "assert_marts_hold_numbers_in_range",
        "update models set input_price_usd_per_1m = -1 where model_id = 'gemini-2.5-pro'",
        "select mart, row_key, column_name, value, minimum",
        ("models", "gemini-2.5-pro", "input_price_usd_per_1m", -1.0, 0.0),
    ),
    (
        "assert_marts_hold_numbers_in_range",
        "update abilities set ability = 'nan' where model_id = 'gemini-2.5-pro'",
        "select mart, row_key, column_name",
        ("abilities", "gemini-2.5-pro", "ability"),
    ),
    (
        "assert_marts_speak_of_what_exists",
        "update deployments set model_id = 'nobody' where model_id = 'gemini-2.5-pro'",
        "select distinct mart, column_name, unknown_value",
        ("deployments", "model_id", "nobody"),
    ),
    (
        "assert_marts_speak_of_what_exists",
        "update crosswalk set model_id = 'nobody' "
        "where source_id = 'evalplus' and source_model_name = 'Code-13B'",
        "select mart, column_name, unknown_value",
        ("crosswalk", "model_id", "nobody"),
    ),
    (
        "assert_marts_speak_of_what_exists",
        "update model_facts set source_id = 'litellm, nobody' "
        "where attribute = 'context_window_tokens'",
        "select mart, column_name, unknown_value",
        ("model_facts", "source_id", "nobody"),
    ),
    (
        "assert_marts_agree",
        "update score_adjustments set points = points + 1 "
        "where model_id = 'gemini-2.5-pro' and category = 'chat'",
        "select check_name, row_key",
        ("rankings: score = capability * factors + points", "chat, gemini-2.5-pro"),
    ),
    (
        "assert_marts_agree",
        "update rankings set rank = 999, rank_high = 999 "
        "where model_id = 'gemini-2.5-pro' and category = 'math'",
        "select check_name, row_key, stated where check_name = 'rankings: rank follows score'",
        ("rankings: rank follows score", "math, gemini-2.5-pro", "999"),
    ),
    (
        "assert_marts_agree",
        "update rankings set score_low = 100 "
        "where model_id = 'gemini-2.5-pro' and category = 'math'",
        "select check_name, row_key",
        ("rankings: rank and score lie within their intervals", "math, gemini-2.5-pro"),
    ),
    (
        "assert_marts_agree",
        "update rankings_wide set math_score = 1 where model_id = 'gemini-2.5-pro'",
        "select check_name, row_key, stated",
        ("rankings_wide: scores are those of rankings", "gemini-2.5-pro, math_score", "1.0"),
    ),
    (
        "assert_marts_agree",
        "delete from rankings_history where model_id = 'gemini-2.5-pro' and category = 'math'",
        "select check_name, row_key, stated",
        ("rankings_history: the last day is that of rankings", "math, gemini-2.5-pro", "none"),
    ),
    (
        "assert_marts_agree",
        "update score_contributions set weight = weight * 1.1 "
        "where model_id = 'gemini-2.5-pro' and category = 'math' and scoring_method = 'capability'",
        "select check_name, row_key, expected",
        ("score_contributions: weights sum to 1", "capability, math, gemini-2.5-pro", "1"),
    ),
    (
        "assert_marts_agree",
        "update models set deployment_count = 0, live_deployment_count = 0 "
        "where model_id = 'gemini-2.5-pro'",
        "select check_name, row_key, stated",
        ("models: counts are those of deployments", "gemini-2.5-pro", "0, live 0"),
    ),
    (
        "assert_marts_agree",
        "update models set lowest_input_price_usd_per_1m = 1e6 where model_id = 'gemini-2.5-pro'",
        "select check_name, row_key",
        ("models: the lowest price is not above the highest", "gemini-2.5-pro"),
    ),
    (
        "assert_marts_agree",
        "delete from crosswalk_summary where source_id = 'evalplus'",
        "select check_name, row_key",
        ("crosswalk_summary: counts are those of crosswalk", "evalplus"),
    ),
    (
        "assert_marts_agree",
        "update score_contributions set dated_on = '2999-01-01' "
        "where benchmark_id = 'otis_mock_aime' "
        "and model_id = 'gemini-2.5-pro' and category = 'math' and source_id = 'epoch'",
        "select distinct check_name",
        ("score_contributions: nothing is dated after as_of",),
    ),
    # The other source has not landed: whom its name is decided to be need not exist.
    (
        "assert_name_overrides_hold",
        "update parameters.name_overrides set model_id = 'nobody' "
        "where source_model_name in ('gpt-4', 'upstage/llama-65b-instruct')",
        "select source_id, source_model_name, violation",
        ("trun", "gpt-4", "the model does not exist"),
    ),
]


def test_tests_of_all_marts_fail_for_what_is_planted_and_name_it(scratch):
    compiled = scratch.path / "target" / "compiled" / "llm_capabilities" / "tests" / "singular"
    with duckdb.connect(str(scratch.path / "build" / "warehouse.duckdb")) as connection:
        for test, change, shown, expected in PLANTED:
            failing = f"from ({(compiled / f'{test}.sql').read_text()})"
            assert connection.execute(failing).fetchall() == [], test
            connection.begin()
            connection.execute(change)
            columns, _, condition = shown.partition(" where ")
            rows = connection.execute(f"{columns} {failing} where {condition or 'true'}").fetchall()
            connection.rollback()
            assert rows == [expected], change


def exceptions(project: Project, *rows: str) -> None:
    header, *_ = (project.path / "seeds" / "data_test_exceptions.csv").read_text().splitlines()
    text = "\n".join([header, *rows]) + "\n"
    (project.path / "seeds" / "data_test_exceptions.csv").write_text(text)


def status(project: Project, test: str) -> tuple:
    ((*found,),) = project.query(
        f"""
        select status, failing_rows, excused_rows, exception_count, unused_exception_count
        from data_tests_status where test_name = '{test}'
        """,
        "build/warehouse.duckdb",
    )
    return tuple(found)


GENERIC, SINGULAR = "planted_kinds_are_known", "assert_planted"
NAMED = "assert_data_test_exceptions_name_tests"
SELECTED = ("--select", "int_planted", "data_test_exceptions", SINGULAR, "data_tests_status")


def plant_failing_tests(project: Project) -> None:
    """A dbt model with a value that its generic test refuses, and a singular test that fails."""
    folder = project.path / "models" / "intermediate" / "planted"
    folder.mkdir()
    (folder / "int_planted.sql").write_text("select 'planted kind' as kind")
    (folder / "_int_planted__models.yml").write_text(
        "version: 2\nmodels:\n- name: int_planted\n  data_tests:\n  - accepted_values:\n"
        f"      name: {GENERIC}\n      arguments: {{column_name: kind, values: [known]}}\n"
    )
    (project.path / "tests" / "singular" / f"{SINGULAR}.sql").write_text(
        "select 'a' as id, 1.5 as figure union all select 'b', null"
    )


def test_known_exceptions_excuse_bad_rows_until_they_expire(scratch):
    plant_failing_tests(scratch)
    kind_row = f'{GENERIC},"{{""value_field"": ""planted kind""}}",planted,,2026-01-01,'
    exceptions(
        scratch,
        kind_row,
        f'{SINGULAR},"{{""id"": ""a"", ""figure"": ""1.5""}}",planted,,2026-01-01,',
        f'{SINGULAR},"{{""id"": ""b"", ""figure"": null}}",planted,,2026-01-01,2999-12-31',
        f'{SINGULAR},"{{""id"": ""c""}}",planted,,2026-01-01,',
        f'{SINGULAR},"{{""no_such_column"": null}}",planted,,2026-01-01,',
    )
    printed = succeed(scratch.build(*SELECTED))
    assert status(scratch, GENERIC) == ("pass", 0, 1, 1, 0)
    assert status(scratch, SINGULAR) == ("pass", 0, 2, 4, 2)
    assert f'Exception without effect: {SINGULAR} for {{"id": "c"}}: no failing row' in printed
    assert f'Exception without effect: {SINGULAR} for {{"no_such_column": null}}' in printed
    # What is excused stays in the stored failures.
    stored = "select id from audit.assert_planted order by id"
    assert scratch.query(stored, "build/warehouse.duckdb") == [("a",), ("b",)]

    exceptions(
        scratch,
        f"{kind_row}2026-02-01",
        'no_such_test,"{""id"": ""a""}",planted,,2026-01-01,',
    )
    process = scratch.build(*SELECTED)
    assert process.returncode != 0
    assert status(scratch, GENERIC) == ("fail", 1, 0, 1, 1)
    assert status(scratch, SINGULAR) == ("fail", 2, 0, 0, 0)
    assert status(scratch, NAMED) == ("fail", 1, 0, 0, 0)
    assert f'{GENERIC} for {{"value_field": "planted kind"}}: it was valid to 2026-02-01' in (
        process.stdout
    )
    violations = scratch.query(
        f"select test_name, violation from audit.{NAMED}", "build/warehouse.duckdb"
    )
    assert violations == [("no_such_test", "no data test of this name")]
