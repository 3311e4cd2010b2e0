"""The shipped snapshots: cut to what the catalog keeps, in the source's own shape, never a copy."""

import json
import shutil
import zipfile
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from extract_helpers import entry_of, records_in, write_catalog
from playing_server import Play, playing

from extract.__main__ import SNAPSHOTS
from extract.catalog import load_catalog
from extract.files import SourceFile
from extract.folder import read_folder
from extract.record import cut_file, main, pick
from tests.python.upstream import NO_UPSTREAM, UPSTREAM

SOURCES = {source.id: source for source in load_catalog()}
MAX_SNAPSHOT_BYTES = 8_000_000


def cut(source_id, name, data, wanted=None):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    file = SourceFile(name, name, data, datetime(2026, 1, 1, tzinfo=UTC))
    return cut_file(SOURCES[source_id], file, wanted)


def test_routes_keep_the_listed_fields_one_per_line():
    text = cut(
        "litellm",
        "model_prices_and_context_window.json",
        {
            "sample_spec": {"mode": "one of"},
            "b": {"mode": "chat", "litellm_provider": "p", "source": "prose"},
            "a": {"input_cost_per_token": 1e-07, "litellm_provider": "p"},
            "c": {"output_cost_per_token": 2e-07, "max_input_tokens": 8},
        },
    )
    assert text.splitlines() == [
        "{",
        '"b":{"litellm_provider":"p","mode":"chat"},',
        '"a":{"input_cost_per_token":1e-07,"litellm_provider":"p"},',
        '"c":{"max_input_tokens":8,"output_cost_per_token":2e-07}',
        "}",
    ]


def test_nested_fields_are_kept_where_they_were():
    text = cut(
        "models_dev",
        "api.json",
        {
            "p": {
                "doc": "prose",
                "models": {
                    "m": {
                        "id": "m",
                        "cost": {"input": 1, "output": 4},
                        "limit": {"context": 8192, "x": 2},
                        "notes": "prose",
                    }
                },
            }
        },
    )
    kept = {"id": "m", "cost": {"input": 1, "output": 4}, "limit": {"context": 8192}}
    assert json.loads(text) == {"p": {"models": {"m": kept}}}


def test_several_kinds_of_record_stay_in_one_file():
    document = {
        "models": [{"model_id": "m", "description": "prose"}],
        "scores": [{"model_id": "m", "benchmark_id": "b", "score": 0.5}],
        "provider_models": [
            {
                "model_id": "m",
                "provider_id": "p",
                "input_cents_per_million_tokens": 100,
                "output_cents_per_million_tokens": 400,
            }
        ],
        "benchmarks": [{"benchmark_id": "b", "description": "prose"}],
    }
    kept = json.loads(cut("llm_stats", "llm_stats_2026-01-01.json", document))
    assert kept["models"] == [{"model_id": "m"}]
    assert kept["scores"] == document["scores"]
    assert list(kept) == list(document)


def test_a_report_is_cut_to_its_score_table():
    row = {"benchmark_name": "b", "model_name": "m", "score": "9%"}
    report = {"input": "ask", "output": {"prose": "x", "benchmark_performance_summary": [row]}}
    kept = cut("trun", "trun_x.json", report)
    assert json.loads(kept) == {"output": {"benchmark_performance_summary": [row]}}
    assert cut("trun", "trun_y.json", {"output": {"prose": "x"}}) == ""


def test_tables_keep_listed_columns_and_their_cells():
    data = b'Model version,EM,Notes,id\n m ,"0,5",prose,r1\nragged,1\n'
    assert cut("epoch", "a.csv", data) == 'Model version,EM,id\n m ,"0,5",r1\n'


def test_a_board_in_yaml_stays_a_board_in_yaml():
    data = (
        b"- dirname: d\n  model: m\n  test_cases: 225\n  pass_rate_2: 35.60\n"
        b"  commit_hash: 1234567\n"
    )
    text = cut("aider", "polyglot_leaderboard.yml", data)
    assert yaml.load(text, Loader=yaml.BaseLoader) == [
        {"dirname": "d", "model": "m", "test_cases": "225", "pass_rate_2": "35.60"}
    ]


def test_only_listed_rows_of_a_source_that_may_not_be_redistributed_are_kept():
    kept = {"id": "a", "name": "A", "evaluations": {"hle": 0.1}}
    kept["pricing"] = {"price_1m_input_tokens": 1, "price_1m_output_tokens": 4}
    document = {"status": 200, "data": [{**kept, "url": "x"}, {**kept, "id": "b"}]}
    text = cut("artificial_analysis", "legacy.json", document, frozenset({"a"}))
    assert json.loads(text) == {"status": 200, "data": [kept]}


def test_without_a_list_of_rows_nothing_of_that_source_is_recorded(tmp_path):
    folder = tmp_path / "up" / "artificial_analysis"
    folder.mkdir(parents=True)
    (folder / "legacy_v2_2026-07-31.json").write_text('{"status": 200, "data": [{"id": "a"}]}')
    assert main(["--from", str(tmp_path / "up"), "--to", str(tmp_path / "to")]) == 0
    assert not (tmp_path / "to").exists()


def test_a_bad_file_is_one_line_and_exit_1(tmp_path, capsys):
    (tmp_path / "litellm").mkdir()
    (tmp_path / "litellm" / "model_prices_and_context_window.json").write_text("{")
    assert main(["--from", str(tmp_path), "--to", str(tmp_path / "to")]) == 1
    assert capsys.readouterr().err.startswith(
        "error: litellm: model_prices_and_context_window.json: not valid JSON at line 1"
    )


def test_a_member_of_an_archive_leads_nowhere_else(tmp_path, capsys):
    folder = tmp_path / "from" / "epoch"
    folder.mkdir(parents=True)
    (board,) = (SNAPSHOTS / "epoch").rglob("aider_polyglot_external.csv")
    with zipfile.ZipFile(folder / "data_2026-01-01.zip", "w") as archive:
        archive.write(board, "../../../aider_polyglot_external.csv")
    to = tmp_path / "a" / "b"
    assert main(["--from", str(tmp_path / "from"), "--source", "epoch", "--to", str(to)]) == 1
    assert "leads out of its folder" in capsys.readouterr().err
    assert [p for p in tmp_path.rglob("*.csv") if p.is_file()] == []


def test_pick_prefers_a_field_that_has_the_dotted_name():
    assert pick({"a.b": 1, "a": {"b": 2}}, ["a.b"]) == {"a.b": 1}


def test_pick_takes_all_fields_that_a_star_stands_for():
    record = {"input_cost_per_token": 1, "input_cost_per_token_flex": 2, "input_cost": 3}
    assert pick(record, ["input_cost_per_token*"]) == {
        "input_cost_per_token": 1,
        "input_cost_per_token_flex": 2,
    }


def test_the_shipped_snapshots_are_small_and_hold_only_what_the_catalog_keeps():
    assert sum(p.stat().st_size for p in SNAPSHOTS.rglob("*") if p.is_file()) < MAX_SNAPSHOT_BYTES
    seen = set()
    for source in SOURCES.values():
        for name, keep in source.snapshot.keep.items():
            for fields in shipped_records(source, name):
                extra = [
                    field
                    for field in fields
                    if not field.startswith("_")
                    and not any(fnmatchcase(field, kept.split(".")[0]) for kept in keep)
                ]
                assert not extra, f"{source.id} {name}: {extra}"
                seen.add((source.id, name))
    assert {"litellm", "epoch", "trun", "models_dev", "llm_stats", "evalplus", "aider"} <= {
        source for source, _ in seen
    }


def shipped_records(source, entity_name):
    (entity,) = (e for e in source.entities if e.name == entity_name)
    folder = SNAPSHOTS / source.id
    for file in read_folder(source, folder).files if folder.is_dir() else ():
        if any(Path(file.name).match(glob) for glob in entity.files):
            yield from records_in(entity, file.data, file.name, roots_of(source))


def roots_of(source):
    return frozenset(entity.records[0].name for entity in source.entities if entity.records)


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason=NO_UPSTREAM)
def test_recording_again_gives_the_shipped_bytes_and_no_copies(tmp_path):
    kept = tmp_path / "artificial_analysis" / "kept_ids.csv"
    kept.parent.mkdir()
    shutil.copy(SNAPSHOTS / "artificial_analysis" / "kept_ids.csv", kept)
    assert main(["--from", str(UPSTREAM), "--to", str(tmp_path)]) == 0
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p != kept]
    assert len(written) > 50
    for path in written:
        name = path.relative_to(tmp_path)
        assert path.read_bytes() == (SNAPSHOTS / name).read_bytes()
        assert path.read_bytes() != (UPSTREAM / name).read_bytes()


def test_every_live_source_has_a_snapshot_or_a_reason_why_not():
    live = [source for source in SOURCES.values() if not source.live.none]
    assert len(live) > 5
    lacking = {s.id for s in SOURCES.values() if not (SNAPSHOTS / s.id).is_dir()}
    assert lacking == {s.id for s in SOURCES.values() if s.snapshot.none}


@pytest.fixture
def server():
    with playing() as running:
        yield running


def test_live_recordings_replace_those_before_and_a_failure_leaves_them(tmp_path, server, capfd):
    entity = {"entity": "rows", "files": ["*.json"], "format": "json", "records": "data[]"}
    entity |= {"key": ["id"], "complete": "yes"}
    sources = [
        entry_of(
            [entity],
            name,
            live={"urls": [f"{server.url}/{name}.json"]},
            snapshot={"keep": {"rows": ["id"]}},
        )
        for name in ("good", "bad")
    ]
    catalog = write_catalog(tmp_path, *sources)
    to = tmp_path / "to"
    for name in ("good", "bad"):
        (to / name / "2025-01-01").mkdir(parents=True)
        (to / name / "2025-01-01" / f"{name}.json").write_text("{}")
    server.plays["/good.json"] = Play(b'{"data": [{"id": "a", "notes": "prose"}]}')

    def clock():
        return datetime(2026, 3, 1, tzinfo=UTC)

    assert main(["--live", "--to", str(to)], catalog=catalog, environment={}, clock=clock) == 1
    said = capfd.readouterr()
    assert "error: bad: " in said.err
    assert "good/2025-01-01/good.json: removed" in said.out
    left = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}
    assert left == {"good/2026-03-01/good.json", "bad/2025-01-01/bad.json"}
    assert json.loads((to / "good/2026-03-01/good.json").read_text()) == {"data": [{"id": "a"}]}
