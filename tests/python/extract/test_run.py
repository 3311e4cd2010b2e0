"""From files to loads: how files group, which loads are complete, and what fails a source."""

import json
import zipfile
from datetime import UTC, datetime

import pytest
from extract_helpers import Ticker, state_at

from extract.catalog import load_catalog
from extract.landing import open_landing
from extract.run import Request, run_source
from tests.python.upstream import NO_UPSTREAM, UPSTREAM

SOURCES = {source.id: source for source in load_catalog()}
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path):
    with open_landing(tmp_path / "landing.duckdb") as connection:
        yield connection


@pytest.fixture
def run(landing, tmp_path):
    """Write files (name -> text or JSON value) of a source into a folder and run it."""

    def write_and_run(source_id, files, origin="directory"):
        folder = tmp_path / f"files{len(list(tmp_path.iterdir()))}"
        for name, content in files.items():
            path = folder / source_id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        result = run_source(landing, SOURCES[source_id], Request(origin, folder), Ticker())
        return result.outcomes

    return write_and_run


def loads_of(landing, *columns):
    return landing.execute(f"select {', '.join(columns)} from loads order by landed_at").fetchall()


def legacy(ids):
    """A response of Artificial Analysis' retired API."""
    pricing = {"price_1m_input_tokens": 1, "price_1m_output_tokens": 4}
    rows = [{"id": i, "name": i, "evaluations": {}, "pricing": pricing} for i in ids]
    return {"status": 200, "data": rows}


def page(number, total, ids, **fields):
    speed = {"median_output_tokens_per_second": 100}
    rows = [{**row, "performance": speed} for row in legacy(ids)["data"]]
    pagination = {"page": number, "total_pages": total}
    return {"tier": "free", "pagination": pagination, "data": rows} | fields


def test_pages_of_one_date_are_one_load_and_complete_only_together(run, landing):
    first, second = page(1, 2, "ab"), page(2, 2, "c")
    run("artificial_analysis", {"free_2026-01-01_page1.json": first})
    run(
        "artificial_analysis",
        {"free_2026-01-02_page1.json": first, "free_2026-01-02_page2.json": second},
    )
    run("artificial_analysis", {"free_2026-01-03_page2.json": second})
    rows = loads_of(landing, "entity", "completeness", "record_count", "file_count", "gone_count")
    assert rows == [
        ("models", "page", 2, 1, 0),
        ("models", "yes", 3, 2, 0),
        ("models", "page", 1, 1, 0),
    ]
    assert set(state_at(landing, LATER, "artificial_analysis", "models")) == set("abc")


def test_pages_that_do_not_fit_together_are_no_complete_listing(run, landing):
    run(
        "artificial_analysis",
        {"f_2026-01-02_p1.json": page(1, 2, "a"), "f_2026-01-02_p2.json": page(2, 3, "b")},
    )
    assert loads_of(landing, "completeness") == [("page",)]


def test_what_files_agree_on_is_the_envelope_and_the_rest_is_by_file(run, landing):
    run(
        "artificial_analysis",
        {
            "f_2026-01-02_p1.json": page(1, 2, "a", intelligence_index_version=4.1),
            "f_2026-01-02_p2.json": page(2, 2, "b", intelligence_index_version=4.1),
        },
    )
    ((envelope,),) = loads_of(landing, "envelope")
    envelope = json.loads(envelope)
    assert (envelope["tier"], envelope["intelligence_index_version"]) == ("free", 4.1)
    assert envelope["_by_file"]["f_2026-01-02_p2.json"]["pagination"]["page"] == 2


def test_the_old_and_the_new_shape_are_two_entities(run, landing):
    run(
        "artificial_analysis",
        {"x_2026-01-01.json": legacy("az"), "y_2026-01-02.json": page(1, 1, "a")},
    )
    assert set(state_at(landing, LATER, "artificial_analysis", "legacy_models")) == {"a", "z"}
    assert set(state_at(landing, LATER, "artificial_analysis", "models")) == {"a"}


def test_a_snapshot_cut_by_rows_marks_nothing_gone(run, landing):
    run("artificial_analysis", {"x_2026-01-01.json": legacy("ab")})
    run("artificial_analysis", {"x_2026-01-02.json": legacy("a")}, "snapshot")
    assert [row[0] for row in loads_of(landing, "completeness")] == ["yes", "rows"]
    assert set(state_at(landing, LATER, "artificial_analysis", "legacy_models")) == {"a", "b"}


def test_reports_give_their_score_table_only_and_count_the_rest(run, landing):
    row = {"benchmark_name": "GPQA", "model_name": "m", "score": "90%"}
    outcomes = run(
        "trun",
        {
            "trun_data.json": {"gpt-4": {"benchmarks": {"mmlu": {"score": 86.4}}}},
            "trun_a.json": {
                "input": "q",
                "output": {"summary": "prose", "benchmark_performance_summary": [row]},
            },
            "trun_b.json": {"input": "q", "output": {"summary": "prose", "more": ["prose"]}},
        },
    )
    counts = {o.entity: (o.status, o.records, o.skipped) for o in outcomes}
    assert counts == {"scores": ("landed", 1, 0), "report_scores": ("landed", 1, 3)}


def test_reports_without_a_score_table_land_nothing_and_fail_nothing(run, landing):
    outcomes = run("trun", {"trun_b.json": {"output": {"summary": "prose"}}})
    assert [(o.entity, o.status, o.skipped) for o in outcomes] == [("report_scores", "skipped", 1)]
    assert loads_of(landing, "entity", "status", "skipped_count") == [
        ("report_scores", "skipped", 1)
    ]


def test_all_tables_of_a_day_are_one_load_with_the_file_in_each_record(run, landing):
    files = {
        "2026-04-19/a.csv": "Model version,EM,id\nm,0.1,r1\n",
        "2026-04-19/b.csv": "Model version,Score,ID\nm,0.2,r1\n",
        "2026-04-19/c.csv": "Model version,Score\nm,0.3\n",
    }
    (outcome,) = run("epoch", files)
    assert (outcome.records, outcome.observed_at) == (3, datetime(2026, 4, 19, tzinfo=UTC))
    keys = set(state_at(landing, LATER, "epoch", "results"))
    assert {"a.csv|r1", "b.csv|r1"} < keys
    assert sum(key.startswith("sha256:") for key in keys) == 1


def test_an_archive_gives_the_same_records_as_its_files(run, landing, tmp_path):
    text = "Model version,EM,id\nm,0.1,r1\n"
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("data/a.csv", text)
    packed = (tmp_path / "z.zip").read_bytes()
    run("epoch", {"2026-04-19/a.csv": text})
    (outcome,) = run("epoch", {"benchmark_data_2026-04-20.zip": packed})
    assert outcome.status == "unchanged"


def test_releases_stay_beside_each_other(run, landing):
    run(
        "livebench",
        {
            "table_2025_05_30.csv": "model,a\nx,1\ny,2\n",
            "categories_2025_05_30.json": {"Coding": ["a"]},
            "table_2026_01_08.csv": "model,a\nx,3\n",
        },
    )
    keys = set(state_at(landing, LATER, "livebench", "results"))
    assert keys == {"2025_05_30|x", "2025_05_30|y", "2026_01_08|x"}
    categories = state_at(landing, LATER, "livebench", "categories")
    assert list(categories) == ["2025_05_30|Coding|a"]


def test_undated_files_of_a_snapshot_take_the_date_of_the_catalog(run, landing):
    run("trun", {"trun_data.json": {"gpt-4": {"benchmarks": {}}}}, "snapshot")
    assert loads_of(landing, "observed_at") == [(datetime(2025, 8, 31),)]


def test_one_bad_file_fails_the_source_and_leaves_earlier_records(run, landing):
    run("evalplus", {"results_2026-01-01.json": {"m": {"pass@1": {"base": 1}}}})
    before = state_at(landing, LATER, "evalplus", "results")
    (outcome,) = run("evalplus", {"results_2026-01-02.json": '{"m": {"pass@1": {"ba'})
    assert outcome.status == "failed"
    assert outcome.error.startswith("evalplus: results_2026-01-02.json: not valid JSON at line 1")
    assert state_at(landing, LATER, "evalplus", "results") == before
    last = loads_of(landing, "status", "entity", "error", "content_hash")[-1]
    assert last == ("failed", "results", outcome.error, None)


def test_a_bad_file_that_is_a_listing_of_its_own_fails_by_itself(run, landing):
    good, other = "Model version,EM,id\nm,0.1,r1\n", "Model version,EM,id\nm,0.3,r1\n"
    run("epoch", {"2026-01-01/a.csv": good, "2026-01-01/b.csv": good})
    landed, failed = run(
        "epoch",
        {"2026-01-02/a.csv": other, "2026-01-02/b.csv": 'Model version,EM,id\nm,"0.2\n'},
    )
    assert (landed.status, landed.changed) == ("landed", 1)
    assert (failed.status, failed.part) == ("failed", "b.csv")
    assert failed.error.startswith("epoch: 2026-01-02/b.csv: not valid CSV at line 2")
    assert set(state_at(landing, LATER, "epoch", "results")) == {"a.csv|r1", "b.csv|r1"}


def test_a_file_that_is_not_there_ends_nothing(run, landing):
    row = "Model version,EM,id\nm,0.1,r1\n"
    run("epoch", {"2026-01-01/a.csv": row, "2026-01-01/b.csv": row})
    (outcome,) = run("epoch", {"2026-01-02/a.csv": row})
    assert (outcome.status, outcome.gone) == ("unchanged", 0)
    assert set(state_at(landing, LATER, "epoch", "results")) == {"a.csv|r1", "b.csv|r1"}


def test_a_file_of_another_kind_than_its_entitys_is_left_out_by_name(run, landing):
    row = "Model version,EM,id\nm,0.1,r1\n"
    run("epoch", {"2026-01-01/a.csv": row})
    outcomes = run("epoch", {"2026-01-02/eci_benchmarks.csv": "model_id,performance\nm,.1\n"})
    assert [(o.status, o.error) for o in outcomes] == [
        ("skipped", "no file that sources.yml names")
    ]
    assert set(state_at(landing, LATER, "epoch", "results")) == {"a.csv|r1"}


def test_a_declared_column_that_is_missing_fails_its_file_by_name(run, landing):
    name = "gpqa_diamond.csv"
    run("epoch", {f"2026-01-01/{name}": "Model version,mean_score,id\nm,0.1,r1\n"})
    before = state_at(landing, LATER, "epoch", "results")
    (failed,) = run("epoch", {f"2026-01-02/{name}": "Model version,renamed,id\nm,0.2,r1\n"})
    assert failed.status == "failed"
    assert failed.error.startswith(f"epoch: 2026-01-02/{name}: line 1: no column 'mean_score'")
    assert state_at(landing, LATER, "epoch", "results") == before


def test_what_nobody_foresaw_fails_its_source_and_no_more(landing, tmp_path, monkeypatch):
    def explode(*_):
        raise ZeroDivisionError("at the first record\nand more")

    monkeypatch.setattr("extract.run.key_of", explode)
    (tmp_path / "evalplus").mkdir()
    (tmp_path / "evalplus" / "results_2026-01-01.json").write_text('{"m": {"pass@1": 1}}')
    result = run_source(landing, SOURCES["evalplus"], Request("directory", tmp_path))
    (outcome,) = result.outcomes
    assert outcome.error == (
        "evalplus: cannot be landed (ZeroDivisionError: at the first record): check its files"
    )
    assert loads_of(landing, "status", "error") == [("failed", outcome.error)]


def test_a_good_entity_does_not_land_beside_a_bad_one_of_its_source(run, landing):
    document = {"models": [{"model_id": "m"}], "scores": 5, "provider_models": [], "benchmarks": []}
    (outcome,) = run("llm_stats", {"llm_stats_2026-01-01.json": document})
    assert (outcome.status, outcome.entity) == ("failed", "scores")
    assert landing.execute("select count(*) from records").fetchone() == (0,)


def test_a_file_of_no_entitys_shape_fails(run):
    (outcome,) = run("trun", {"trun_x.json": {"gpt-4": {"scores": {}}}})
    assert "none of its 1 scores has the field 'benchmarks'" in outcome.error


RENAMED = {
    "eqbench_creative": ("creative_writing_v3.csv", "model_name,score\nm,9\n"),
    "open_llm_leaderboard": ("open_llm_v1.csv", "Model,ARC,HellaSwag(10-shot)\nm,50,60\n"),
    "aider": (
        "polyglot_leaderboard.yml",
        "- {dirname: d, model: m, test_cases: 225, pass_rate: 40}\n",
    ),
    "litellm": (
        "model_prices_and_context_window.json",
        {
            "m": {
                "litellm_provider": "p",
                "mode": "chat",
                "input_cost": 1e-6,
                "output_cost_per_token": 2e-6,
                "max_input_tokens": 8192,
            }
        },
    ),
    "models_dev": (
        "api.json",
        {"p": {"models": {"m": {"id": "m", "cost": {"prompt": 1}, "limit": {"context": 8192}}}}},
    ),
}
LOST = {
    "eqbench_creative": "line 1: no column 'creative_writing_score'",
    "open_llm_leaderboard": "line 1: no column 'ARC(25-shot)'",
    "aider": "none of its 1 polyglot has the field 'pass_rate_2'",
    "litellm": "none of its 1 routes has the field 'input_cost_per_token'",
    "models_dev": "none of its 1 models has the field 'cost.input'",
}


@pytest.mark.parametrize("source_id", RENAMED)
def test_a_file_whose_scores_or_prices_have_another_name_fails_by_that_name(run, source_id):
    name, content = RENAMED[source_id]
    (outcome, *_) = run(source_id, {name: content})
    assert outcome.status == "failed"
    assert LOST[source_id] in outcome.error


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason=NO_UPSTREAM)
def test_the_real_files_land_whole_and_their_known_repeats_are_kept(landing):
    records, errors = {}, 0
    for source in SOURCES.values():
        for outcome in run_source(landing, source, Request("directory", UPSTREAM)).outcomes:
            if outcome.entity == "aliases":
                continue  # the files of that day have none
            assert outcome.status == "landed", outcome.error
            records[source.id] = records.get(source.id, 0) + outcome.records
            errors += outcome.errors
    assert errors == 1
    assert (records["litellm"], records["epoch"], records["livecodebench"]) == (4551, 3756, 16896)
    repeats = landing.execute(
        "select count(*) from records where source = 'llm_stats' and entity = 'scores' "
        "and regexp_matches(record_key, '#\\d+$')"
    ).fetchone()
    assert repeats == (9,)
