"""Listings that shrank, failed or are missing, and sources that are lost.

What counted before stays; every report says so; the build passes.
"""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from extract.catalog import load_catalog

from .projects import ROOT, Project, copy_of_project, succeed

SNAPSHOTS = ROOT / "extract" / "snapshots"
# Lost before they ever landed: one is not declared, the file of the other is broken.
NEVER_DECLARED, NEVER_READ = "models_dev", "llm_stats"
# Lost after they had landed, in the same two ways.
DECLARED_ONCE, READ_ONCE = "trun", "aider"
KEPT_ROUTES = 40


def options(sources) -> list[str]:
    return [part for source in sources for part in ("--source", source)]


def one_file(source: str) -> Path:
    (path,) = (path for path in (SNAPSHOTS / source).iterdir() if path.suffix == ".json")
    return path


def write_faults(folder: Path) -> None:
    """Newer files of three sources, each wrong in its own way."""
    (folder / "litellm").mkdir(parents=True)
    routes = json.loads(one_file("litellm").read_text(encoding="utf-8"))
    few = dict(list(routes.items())[:KEPT_ROUTES])
    (folder / "litellm" / "model_prices_and_context_window_2026-11-26.json").write_text(
        json.dumps(few)
    )
    tables = folder / "epoch" / "2026-05-01"
    shutil.copytree(SNAPSHOTS / "epoch" / "2026-04-19", tables)
    (tables / "hle_external.csv").unlink()
    rename_column(tables / "gpqa_diamond.csv", "mean_score", "renamed_score")
    cut(tables / "mmlu_external.csv", rows=20)
    text = (tables / "otis_mock_aime_2024_2025.csv").read_text(encoding="utf-8")
    (tables / "otis_mock_aime_2024_2025.csv").write_text(text.rstrip("\n")[:-1], encoding="utf-8")
    (tables / "gpqa_diamond_2.csv").write_text("Model version,mean_score,id\nm,0.5,r1\n")
    (folder / "evalplus").mkdir()
    (folder / "evalplus" / "results_2026-01-01.json").write_text('{"m": {"pass@1": {"ba')


def rename_column(path: Path, old: str, new: str) -> None:
    header, _, rest = path.read_text(encoding="utf-8").partition("\n")
    assert old in header.split(",")
    path.write_text(header.replace(old, new) + "\n" + rest, encoding="utf-8")


def cut(path: Path, rows: int) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines[: rows + 1])


def remove_from_catalog(project: Project, source: str) -> None:
    path = project.path / "extract" / "sources.yml"
    text, removed = re.subn(rf"(?ms)^- id: {source}$.*?(?=^- id: )", "", path.read_text())
    assert removed == 1
    path.write_text(text)


def break_file(project: Project, source: str) -> None:
    """Cut a shipped file of the source in the middle of a word."""
    path = sorted((project.path / "extract" / "snapshots" / source).iterdir())[-1]
    text = path.read_text()
    path.write_text(text[: len(text) // 2] + '"')


@pytest.fixture(scope="module")
def faulty(shipped, tmp_path_factory) -> Project:
    """The shipped sources but the lost ones landed, then the faults; what was said; one build."""
    folder = tmp_path_factory.mktemp("faulty")
    project = copy_of_project(folder / "project", shipped.path)
    remove_from_catalog(project, NEVER_DECLARED)
    break_file(project, NEVER_READ)
    first = project.extract()
    assert first.returncode == 1
    before = counts_of(project)
    remove_from_catalog(project, DECLARED_ONCE)
    break_file(project, READ_ONCE)
    assert project.extract("--source", READ_ONCE).returncode == 1
    write_faults(folder / "files")
    landed = project.extract(
        "--from", str(folder / "files"), *options(("litellm", "epoch", "evalplus"))
    )
    assert landed.returncode == 1, landed.stdout
    (project.path / "said.txt").write_text(first.stdout + landed.stdout + landed.stderr)
    (project.path / "before.json").write_text(json.dumps(before))
    succeed(project.build())
    return project


def counts_of(project: Project) -> dict[str, int]:
    """Records in the state of each source, and of each file of Epoch."""
    rows = project.query(
        """
        select concat_ws('|', source, part) as name, count(*)
        from (
            select source, part, arg_max(record_hash, (observed_at, landed_at)) as found
            from (select * replace (coalesce(record_hash, '') as record_hash) from records)
            group by source, entity, record_key, part
        )
        where found != ''
        group by all
        """,
        "landing.duckdb",
    )
    return dict(rows)


def said(project: Project) -> str:
    return (project.path / "said.txt").read_text()


def test_what_counted_before_stays(faulty):
    before = json.loads((faulty.path / "before.json").read_text())
    now = counts_of(faulty)
    assert now.pop("epoch|gpqa_diamond_2.csv") == 1
    assert now == before
    assert before["litellm"] > 4000


@pytest.mark.parametrize(
    "line",
    [
        f"litellm: routes: {KEPT_ROUTES} records where the listing before, of",
        "epoch: results of mmlu_external.csv: 20 records where the listing before, of",
        "epoch: 2026-05-01/gpqa_diamond.csv: line 1: no column 'mean_score'",
        "epoch: 2026-05-01/otis_mock_aime_2024_2025.csv: line",
        "missing       epoch results 2026-05-01: 1 of 49: hle_external.csv",
        "not listed    epoch results 2026-05-01: gpqa_diamond_2.csv: landed, but no score column",
        "evalplus: results_2026-01-01.json: not valid JSON at line 1",
        f"not declared  {NEVER_DECLARED}/",
    ],
)
def test_the_load_report_names_each_fault(faulty, line):
    assert line in said(faulty)


def test_sources_say_what_is_held_and_what_failed(faulty):
    found = dict(faulty.query("select source_id, status from sources"))
    assert found["litellm"] == "held_back"
    assert found["epoch"] == "failed"
    assert found["evalplus"] == "failed"
    health = {
        row[0]: row[1:]
        for row in faulty.query(
            "select source_id, status, success_rate, missing_file_count from source_health"
        )
    }
    # One of two attempts, beside nine that are assumed: (1 + 0 + 9) / (2 + 9).
    assert health["litellm"] == (found["litellm"], 0.909091, 0)
    assert health["evalplus"][1] == 0.909091
    assert 0.99 < health["epoch"][1] < 1
    assert health["epoch"][2] == 1
    assert health["artificial_analysis"][1:] == (1.0, 0)


def test_quarantine_names_listings_and_files(faulty):
    rows = faulty.query(
        f"""
        select source_id, record_key, rejected_by from quarantine
        where subject = 'file' and source_id not in ('{NEVER_READ}', '{READ_ONCE}')
        order by all
        """
    )
    assert rows == [
        ("epoch", "gpqa_diamond.csv", "failed_load"),
        ("epoch", "hle_external.csv", "missing_file"),
        ("epoch", "mmlu_external.csv", "held_listing"),
        ("epoch", "otis_mock_aime_2024_2025.csv", "failed_load"),
        ("evalplus", "*", "failed_load"),
        ("litellm", "*", "held_listing"),
    ]
    unknown = faulty.query(
        "select rejected_by from quarantine where field = 'gpqa_diamond_2.csv:?'"
    )
    assert unknown == [("unknown_benchmark",)]


def test_prices_and_scores_of_before_still_count(faulty):
    ((priced,),) = faulty.query("select count(*) from models where blended_price_usd_per_1m > 0")
    assert priced > 500
    for benchmark in ("gpqa_diamond", "mmlu", "hle"):
        ((values,),) = faulty.query(
            f"select count(*) from observations where source_id = 'epoch' "
            f"and benchmark_id = '{benchmark}'"
        )
        assert values > 20, benchmark


def test_what_is_held_counts_once_it_is_accepted(faulty, tmp_path):
    shutil.copytree(faulty.path, tmp_path / "project")
    project = Project(tmp_path / "project")
    files = faulty.path.parent / "files"
    taken = project.extract("--from", str(files), *options(("litellm",)), "--accept-shrink")
    assert taken.returncode == 0, taken.stderr
    assert counts_of(project)["litellm"] == KEPT_ROUTES
    assert "whole; read" in succeed(project.extract("--check"))


def test_lost_sources_say_so_and_keep_what_had_landed(faulty):
    shown = {
        source: (status, error)
        for source, status, error in faulty.query(
            "select source_id, status, last_error from sources"
        )
    }
    assert shown[NEVER_DECLARED] == ("not_declared", None)
    assert shown[DECLARED_ONCE] == ("not_declared", None)
    assert shown["artificial_analysis"] == ("landed", None)
    status, error = shown[READ_ONCE]
    assert status == "failed"
    assert "polyglot_leaderboard_2026-05-22.yml: " in error
    status, error = shown[NEVER_READ]
    assert status == "failed_nothing_landed"
    assert "llm_stats_2025-10-16.json: not valid JSON" in error
    assert shown["openrouter"] == ("nothing_landed", None)
    assert len(shown) == len(load_catalog())
    kept = {source for (source,) in faulty.query("select distinct source_id from observations")}
    assert {READ_ONCE, DECLARED_ONCE} <= kept
    assert not {NEVER_DECLARED, NEVER_READ} & kept
