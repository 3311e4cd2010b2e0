"""Values on another scale, columns of another name and releases that nobody states do no harm.

The shipped recordings are landed with faults planted into copies of them, beside made-up files of
LiveBench and of both tiers of Artificial Analysis' API, and built once. Every fault must stand in
`quarantine` under its rule, nothing of it may count, and no right score may go with it.
"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .projects import ROOT, Project, copy_of_project, succeed

SNAPSHOTS = ROOT / "extract" / "snapshots"
EPOCH = SNAPSHOTS / "epoch" / "2026-04-19"
AS_SHIPPED = ("artificial_analysis", "litellm", "llm_stats", "static_registry", "trun")

Row = dict[str, str]

LIVEBENCH = "live_bench_external.csv"
AVERAGES = {
    "Reasoning": "Reasoning average",
    "Coding": "Coding average",
    "Mathematics": "Mathematics average",
    "Data Analysis": "Data analysis average",
    "Language": "Language average",
    "IF": "IF Average",
}
BEST = "Best score (across scorers)"
MODEL = "Model version"

# Models whose LiveBench row of November 2024 stands in the wrong scale in LiveBench's own file.
FRACTION, HUNDREDFOLD = "claude-3-5-sonnet-20241022", "phi-4"
# The same in Epoch's file of these scores.
EPOCH_FRACTION = "claude-3-opus-20240229"
# A single score of guessing .25, of which a hundredth stands there.
GPQA_FRACTION = "gpt-4o-2024-08-06"

# Artificial Analysis: what the Pro tier said of a model in August, the free tier in September.
PRO = {
    "artificial_analysis_intelligence_index": 21.5,
    "gpqa_diamond": 0.812,
    "tau2_telecom": 0.7,
    "aa_lcr": 0.55,
    "aa_omniscience_index": -40.5,
    "aa_omniscience_accuracy": 0.25,
    "gdpval_aa_elo": 681,
    "mmmu_pro": None,
}
FREE = {"artificial_analysis_intelligence_index": 20.5}


def table(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def epoch_rows(file: str) -> list[Row]:
    with (EPOCH / file).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def times(row: Row, columns: list[str], factor: float) -> Row:
    return {**row, **{name: repr(float(row[name]) * factor) for name in columns}}


def renamed(rows: list[Row], old: str, new: str) -> list[Row]:
    return [{(new if name == old else name): cell for name, cell in row.items()} for row in rows]


# --------------------------------------------------------------------------- the files


def gpqa(rows: list[Row]) -> list[Row]:
    """The score under its other name, and one of them a hundredth of itself."""
    first = next(row for row in rows if row[MODEL] == GPQA_FRACTION)
    return renamed(
        [times(row, ["mean_score"], 0.01) if row is first else row for row in rows],
        "mean_score",
        BEST,
    )


def simpleqa(rows: list[Row]) -> list[Row]:
    """Both names, as in Epoch's own file; the other one says something else."""
    return [{**row, BEST: "0.999"} for row in rows]


def livebench_of_epoch(rows: list[Row]) -> list[Row]:
    return [
        times(row, list(AVERAGES.values()), 0.01) if row[MODEL] == EPOCH_FRACTION else row
        for row in rows
    ]


CHANGED: dict[str, Callable[[list[Row]], list[Row]]] = {
    "gpqa_diamond.csv": gpqa,
    "simpleqa_verified.csv": simpleqa,
    LIVEBENCH: livebench_of_epoch,
    # The scores stand in another column than the declared one, which is empty.
    "math_level_5.csv": lambda rows: [
        {**row, "mean_score": "", "pass_rate": row["mean_score"]} for row in rows
    ],
    # A file in percent that is declared in fractions: the lowest of them still lie on the scale.
    "frontiermath.csv": lambda rows: [times(row, ["mean_score"], 100) for row in rows],
}
MISSING = "chess_puzzles.csv"
UNDECLARED = "new_board_external.csv"


def epoch_files() -> dict[str, str]:
    files = {
        path.name: CHANGED.get(path.name, list)(epoch_rows(path.name))
        for path in EPOCH.glob("*.csv")
        if path.name != MISSING
    }
    files[UNDECLARED] = [
        {MODEL: name, "Score": "0.5", "id": f"new-{name}"} for name in (FRACTION, HUNDREDFOLD)
    ]
    return {f"epoch/2026-06-01/{name}": table(rows) for name, rows in files.items()}


def livebench_files() -> dict[str, str]:
    """LiveBench's own files of two releases with Epoch's scores; one task makes a category."""
    scores: dict[str, Row] = {
        row[MODEL]: {name: row[average] for name, average in AVERAGES.items()}
        for row in epoch_rows(LIVEBENCH)
        if row[MODEL] and row["LiveBench Version"]
    }
    right = [{"model": model, **row} for model, row in scores.items()]
    wrong = {FRACTION: 0.01, HUNDREDFOLD: 100}
    old = [times(row, list(AVERAGES), wrong.get(row["model"], 1)) for row in right]
    # One task so badly that a hundredfold of it is still on the scale.
    next(row for row in old if row["model"] == HUNDREDFOLD)["IF"] = "55"
    categories = json.dumps({name: [name] for name in AVERAGES})
    return {
        "livebench/2026-06-01/table_2024_11_25.csv": table(old),
        "livebench/2026-06-01/categories_2024_11_25.json": categories,
        "livebench/2026-06-02/table_2025_04_02.csv": table(right),
        "livebench/2026-06-02/categories_2025_04_02.json": categories,
    }


def evalplus_file() -> dict[str, str]:
    """The whole board in fractions."""
    (path,) = (SNAPSHOTS / "evalplus").glob("*.json")
    board = json.loads(path.read_text())
    for record in board.values():
        record["pass@1"] = {
            name: None if value is None else value / 100 for name, value in record["pass@1"].items()
        }
    return {"evalplus/results_2026-06-01.json": json.dumps(board)}


def llm_stats_file() -> dict[str, str]:
    """A score once more, as a hundredth of itself."""
    (path,) = (SNAPSHOTS / "llm_stats").glob("*.json")
    document = json.loads(path.read_text())
    twice = next(row for row in document["scores"] if row["benchmark_id"] == "drop")
    document["scores"].append({**twice, "score": twice["score"] / 100})
    return {"llm_stats/llm_stats_2026-06-01.json": json.dumps(document)}


def kept_models() -> list[dict[str, Any]]:
    (path,) = (SNAPSHOTS / "artificial_analysis").glob("*.json")
    models = json.loads(path.read_text())["data"]
    return [row for row in models if row["evaluations"]["gpqa"]][:3]


def artificial_analysis_files() -> dict[str, str]:
    def response(version: float, evaluations: dict[str, float | None]) -> str:
        shared = ("id", "name", "slug", "release_date", "model_creator")
        rows = [
            {
                **{name: model[name] for name in shared},
                "evaluations": evaluations,
                "pricing": {"price_1m_input_tokens": 1, "price_1m_output_tokens": 4},
                "performance": {"median_output_tokens_per_second": 100},
            }
            for model in kept_models()
        ]
        page = {"page": 1, "page_size": 200, "total_pages": 1, "has_more": False}
        return json.dumps(
            {"tier": "pro", "intelligence_index_version": version, "pagination": page, "data": rows}
        )

    return {
        "artificial_analysis/pro_2026-08-20.json": response(4.2, PRO),
        "artificial_analysis/free_2026-09-10.json": response(4.3, FREE),
    }


FILES = (
    epoch_files,
    livebench_files,
    evalplus_file,
    llm_stats_file,
    artificial_analysis_files,
)


@pytest.fixture(scope="module")
def odd(shipped, tmp_path_factory) -> Project:
    folder = tmp_path_factory.mktemp("odd")
    for write in FILES:
        for path, text in write().items():
            target: Path = folder / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    project = copy_of_project(folder / "project", shipped.path)
    succeed(project.extract(*(part for name in AS_SHIPPED for part in ("--source", name))))
    succeed(project.extract("--from", str(folder / "files")))
    succeed(project.build())
    return project


def rejected(project: Project, rule: str, condition: str = "true") -> list[tuple]:
    return project.query(
        f"""
        select source_id, field, source_model_name, value_text, explanation, counts_against_source
        from quarantine where rejected_by = '{rule}' and {condition}
        order by all
        """
    )


# ------------------------------------------------------------------------------- scale


def planted(project: Project) -> dict[str, list[tuple]]:
    """Fault -> what stands in quarantine as on another scale, or outside its own."""
    faults = {
        "fraction": f"source_id = 'livebench' and source_model_name = '{FRACTION}'",
        "hundredfold": f"source_id = 'livebench' and source_model_name = '{HUNDREDFOLD}'",
        "fraction in Epoch": f"field like '{LIVEBENCH}:%'",
        "single fraction": "field like 'gpqa_diamond.csv:%'",
        "board in percent": "field like 'frontiermath.csv:%'",
        "board in fractions": "source_id = 'evalplus'",
        "said twice": "source_id = 'llm_stats'",
    }
    condition = "rejected_by in ('off_scale', 'out_of_range') and"
    return {
        fault: project.query(
            f"select rejected_by, value_text from quarantine where {condition} {where}"
        )
        for fault, where in faults.items()
    }


def test_every_score_on_another_scale_is_in_quarantine_and_no_other(odd):
    found = planted(odd)
    categories = len(AVERAGES)
    assert [rule for rule, _ in found["fraction"]] == ["off_scale"] * categories
    # Five lie outside their scale, and the sixth is no better.
    assert sorted(found["hundredfold"])[0] == ("off_scale", "55.0")
    assert [rule for rule, _ in sorted(found["hundredfold"])[1:]] == ["out_of_range"] * 5
    assert [rule for rule, _ in found["fraction in Epoch"]] == ["off_scale"] * categories
    assert [rule for rule, _ in found["single fraction"]] == ["off_scale"]
    percent = epoch_rows("frontiermath.csv")
    assert len(found["board in percent"]) == len(percent)
    assert {rule for rule, _ in found["board in percent"]} == {"off_scale", "out_of_range"}
    board = json.loads(evalplus_file()["evalplus/results_2026-06-01.json"])
    fractions = [v for row in board.values() for v in row["pass@1"].values() if v is not None]
    assert [rule for rule, _ in found["board in fractions"]] == ["off_scale"] * len(fractions)
    ((rule, value),) = found["said twice"]
    assert (rule, float(value) < 0.01) == ("off_scale", True)
    ((total,),) = odd.query(
        "select count(*) from quarantine where rejected_by in ('off_scale', 'out_of_range')"
    )
    assert total == sum(map(len, found.values()))


def test_a_score_on_another_scale_says_so_and_counts_against_its_source(odd):
    (*_, reason, counts) = rejected(odd, "off_scale", f"source_model_name = '{FRACTION}'")[0]
    assert reason == (
        "on another scale than the declared 0.0 to 100.0: all 6 scores of the record lie in the "
        "lowest part of their scales, where hardly any others do"
    )
    assert counts
    ((faults,),) = odd.query("select fault_count from source_health where source_id = 'livebench'")
    assert faults == 2 * len(AVERAGES)


def test_no_right_score_of_another_release_pays_for_a_wrong_one(odd):
    """The right values of the same models stand on the other release, and none is doubted."""
    for name in (FRACTION, HUNDREDFOLD, EPOCH_FRACTION):
        rows = odd.query(
            f"""
            select anomalies.is_flagged, observations.value
            from observations
            left join anomalies using (model_id, benchmark_id)
            where
                observations.source_model_name = '{name}'
                and observations.benchmark_id like 'livebench_%@2025-04-02'
            """
        )
        assert len(rows) == len(AVERAGES)
        assert all(value > 10 for _, value in rows)
        assert not any(flagged for flagged, _ in rows)


# ------------------------------------------------------------------- columns and files


def test_a_score_under_another_name_of_its_column_counts(odd):
    ((count,),) = odd.query(
        """
        select count(*) from observations
        where source_benchmark_name = 'gpqa_diamond.csv:mean_score' and value > .01
        """
    )
    ((shipped,),) = odd.query(
        """
        select count(*) from quarantine
        where field = 'gpqa_diamond.csv:mean_score' and subject = 'score'
        """
    )
    assert count > 100
    unknown_names = len(epoch_rows("gpqa_diamond.csv")) - count - shipped
    # Those whose name waits for a person are in neither.
    assert 0 <= unknown_names < 30
    assert rejected(odd, "missing_column", "field like 'gpqa%'") == []


def test_of_two_names_of_one_column_the_first_counts_once(odd):
    values = odd.query(
        """
        select record_key, value from observations
        where source_benchmark_name = 'simpleqa_verified.csv:mean_score'
        """
    )
    stated = {round(float(row["mean_score"]), 6) for row in epoch_rows("simpleqa_verified.csv")}
    assert len({key for key, _ in values}) == len(values) > 30
    assert {round(value, 6) for _, value in values} <= stated


def test_a_file_that_says_nothing_in_its_score_column_is_a_fault_that_names_both(odd):
    rows = rejected(odd, "missing_column")
    assert len(rows) == len(epoch_rows("math_level_5.csv"))
    assert {(source, *rest) for source, _, _, *rest in rows} == {
        (
            "epoch",
            None,
            "the record has nothing under math_level_5.csv:mean_score or another name of it",
            True,
        )
    }


def test_a_declared_file_that_is_not_there_is_told(odd):
    assert odd.query(
        """
        select source_id, entity, record_key, severity, explanation
        from quarantine where subject = 'file'
        """
    ) == [
        (
            "epoch",
            "results",
            MISSING,
            "warning",
            "nothing of this declared file has been landed",
        )
    ]
    counts = dict(odd.query("select source_id, missing_file_count from source_health"))
    assert counts.pop("epoch") == 1
    assert set(counts.values()) == {0}


def test_a_file_that_nobody_declared_is_told_row_by_row(odd):
    rows = rejected(odd, "unknown_benchmark", "source_id = 'epoch'")
    assert [row[1:3] for row in rows] == [
        (f"{UNDECLARED}:?", name) for name in sorted((FRACTION, HUNDREDFOLD))
    ]


# ---------------------------------------------------------------------------- releases


def test_a_row_of_epochs_livebench_without_a_release_is_rejected(odd):
    rows = rejected(odd, "no_release")
    assert {(source, name) for source, _, name, *_ in rows} == {
        ("epoch", "gpt-5.1-2025-11-13_high")
    }
    assert len(rows) == len(AVERAGES)


def test_one_cell_of_a_release_that_two_sources_state_counts_once(odd):
    cells = odd.query(
        """
        select cells.benchmark_id, cells.source_count
        from intermediate.int_cells as cells
        where
            cells.is_current and cells.scope = 'model'
            and cells.model_id = (
                select any_value(model_id) from main.observations
                where source_model_name = 'gemini-2.0-flash-001' and source_id = 'livebench'
            )
            and cells.benchmark_id like 'livebench_%'
        """,
        "build/warehouse.duckdb",
    )
    sources = dict(cells)
    assert sources["livebench_coding@2024-11-25"] == 2
    assert sources["livebench_coding@2025-04-02"] == 1
    assert len(sources) == len(cells) == 2 * len(AVERAGES)


def test_both_tiers_and_the_retired_shape_of_one_service_are_one_value_each(odd):
    """The newest statement of an evaluation counts, under whatever name and version."""
    for model in kept_models():
        values = odd.query(
            f"""
            select entity, source_benchmark_name, benchmark_id, value, excluded_for
            from observations
            where
                source_id = 'artificial_analysis'
                and record_key = '{model["id"]}'
                and (
                    benchmark_id in ('gpqa_diamond', 'aa_omniscience')
                    or benchmark_id like 'aa_intelligence_index%'
                )
            """
        )
        index = "artificial_analysis_intelligence_index"
        legacy = model["evaluations"]
        passed_over = "newer_value_of_the_record"
        assert sorted(values) == sorted(
            [
                ("legacy_models", "gpqa", "gpqa_diamond", legacy["gpqa"], passed_over),
                ("models", "gpqa_diamond", "gpqa_diamond", 0.812, None),
                ("models", "aa_omniscience_accuracy", "aa_omniscience", 0.25, None),
                ("legacy_models", index, "aa_intelligence_index@4.1", legacy[index], None),
                ("models", index, "aa_intelligence_index@4.3", 20.5, None),
            ]
        )
    assert rejected(odd, "unknown_benchmark", "source_id = 'artificial_analysis'") == []
