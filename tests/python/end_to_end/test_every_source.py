"""Every source through the same door: nothing that was landed is lost on the way to the marts.

Sources that ship no snapshot are landed from made-up files in their own shape
(`tests/python/fixtures/upstream`), and where the real files lie beside this checkout, from those
as well.
What must come out is counted here from the landed JSON, without the dbt models that read it.
"""

import csv
import itertools
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.python.upstream import UPSTREAM

from .projects import ROOT, Project
from .stated_facts import FIGURES, READERS, statements

COUNTED_BY_HAND = UPSTREAM.parent / "design" / "tables" / "benchmark_names.csv"

DECLARED = {
    source["id"]: source
    for source in yaml.safe_load((ROOT / "extract" / "sources.yml").read_text())["sources"]
}
SCORED = (
    "aider",
    "artificial_analysis",
    "bigcodebench",
    "epoch",
    "eqbench_creative",
    "evalplus",
    "livebench",
    "livecodebench",
    "llm_stats",
    "open_llm_leaderboard",
    "trun",
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ------------------------------------------------------------------------------- builds


def query(project: Project, sql: str) -> list[tuple]:
    """Ask the working database of a build, which holds the intermediate tables, too."""
    return project.query(sql, "build/warehouse.duckdb")


@pytest.fixture(params=["everything", "real"])
def built(request) -> Project:
    return request.getfixturevalue(request.param)


# -------------------------------------------------------------------- what must come out

ACME_1 = "acme-1-20260501"
MINI = "acme-1-mini"

# (source, record, model, benchmark) -> value on the scale 0-1
GOOD = {
    ("artificial_analysis", "…0001", ACME_1, "aa_coding_index@4.1"): 0.4,
    ("artificial_analysis", "…0001", ACME_1, "aa_intelligence_index@4.1"): 0.505,
    # 0 is a measured 0 in the current shape.
    ("artificial_analysis", "…0002", MINI, "aa_intelligence_index@4.1"): 0,
    ("bigcodebench", "Acme-1", ACME_1, "bigcodebench_complete"): 0.605,
    ("bigcodebench", "Acme-1", ACME_1, "bigcodebench_instruct"): 0.505,
    ("bigcodebench", "Acme-1-Mini", MINI, "bigcodebench_complete"): 0.4,
    # 16.5 of 20; the * is no part of the name.
    ("eqbench_creative", "*acme-1", ACME_1, "eqbench_creative_v3"): 0.825,
    ("eqbench_creative", "acme-1-mini", MINI, "eqbench_creative_v3"): 0.6,
    # The means of (60, 80), (90, 70.5) and (50, 40).
    ("livebench", "2026_06_01|acme-1", ACME_1, "livebench_coding@2026-06-01"): 0.7,
    ("livebench", "2026_06_01|acme-1", ACME_1, "livebench_math@2026-06-01"): 0.8025,
    ("livebench", "2026_06_01|acme-1-mini", MINI, "livebench_coding@2026-06-01"): 0.45,
    # The means of (100, 50, 0) and (20, 10).
    ("livecodebench", "Acme-1", ACME_1, "livecodebench"): 0.5,
    ("livecodebench", "Acme-1-Mini", MINI, "livecodebench"): 0.15,
    ("open_llm_leaderboard", "acme/acme-1-1b", "acme-1-1b", "arc_challenge"): 0,
    # The same line twice is one record, another line of the same name (#2) a second one.
    **{
        ("open_llm_leaderboard", f"acme/{key}", key.split("#")[0], benchmark): value
        for key, values in {
            "acme-1-7b": (0.6, 0.8, 0.55, 0.55),
            "acme-1-3b": (0.45, 0.7, 0.4, 0.45),
            "acme-1-3b#2": (0.49, 0.7, 0.44, 0.45),
        }.items()
        for benchmark, value in zip(
            ("arc_challenge", "hellaswag", "mmlu", "truthfulqa"), values, strict=True
        )
    },
}

# (source, model's name, source's benchmark name, rule, reason)
NULL = "expected an object with fields, found null"
RAGGED = "line 4 has 3 cells, the header has 6"
NOT_MAPPED = "no row of the seed benchmark_names maps this name to a benchmark"
BAD = {
    ("artificial_analysis", None, None, "unreadable_record", NULL),
    (
        "artificial_analysis",
        "Acme 1 Mini",
        "artificial_analysis_omniscience_index",
        "unknown_benchmark",
        NOT_MAPPED,
    ),
    (
        "bigcodebench",
        "Acme-1-Nano",
        None,
        "unreadable_record",
        'the record holds no object "pass@1"',
    ),
    (
        "eqbench_creative",
        "acme-1-nano",
        "creative_writing_score",
        "out_of_range",
        "outside the declared scale 0.0 to 20.0",
    ),
    ("livebench", "acme-1", "Juggling", "unknown_benchmark", NOT_MAPPED),
    ("livebench", "acme-1-mini", "Juggling", "unknown_benchmark", NOT_MAPPED),
    ("livebench", "acme-1-mini", "Mathematics", "unreadable_record", "1 of 2 tasks have a number"),
    ("livebench", "acme-1-nano", "Coding", "unreadable_record", RAGGED),
    ("livebench", "acme-1-nano", "Juggling", "unreadable_record", RAGGED),
    ("livebench", "acme-1-nano", "Mathematics", "unreadable_record", RAGGED),
    ("livecodebench", None, "pass@1", "unreadable_record", NULL),
    ("livecodebench", None, "pass@1", "unreadable_record", NULL.replace("null", "text")),
    (
        "open_llm_leaderboard",
        "acme/acme-1-1b",
        "HellaSwag(10-shot)",
        "not_a_number",
        "the value is no finite number",
    ),
    (
        "open_llm_leaderboard",
        "acme/acme-1-1b",
        "MMLU(5-shot)",
        "not_a_number",
        "the value is no finite number",
    ),
    (
        "open_llm_leaderboard",
        "acme/acme-1-1b",
        "TruthfulQA(0-shot)",
        "out_of_range",
        "outside the declared scale 0.0 to 100.0",
    ),
}

# route -> (model, input price, output price, what is generated is text)
ROUTES = {
    "acme/acme-1": (ACME_1, 2, 8, True),
    "acme/acme-1-mini": (MINI, 0.5, 1, True),
    "acme/acme-1-mini:free": (MINI, 0, 0, True),
    # A router is no model, and its price of -1 is none.
    "acme/pick-for-me": (None, None, None, False),
    "acme/acme-1-sketch": (None, 1, 40, False),
}


def test_every_source_is_landed_and_says_under_which_terms(everything):
    rows = query(
        everything,
        "select source_id, status, licence, attribution, homepage, last_error from sources",
    )
    assert {row[0]: row[1:] for row in rows} == {
        name: ("landed", source["licence"], source["attribution"], source["homepage"], None)
        for name, source in DECLARED.items()
    }
    assert len(rows) == 15


def test_good_rows_are_observations(everything):
    rows = query(
        everything,
        """
        select
            source_id,
            replace(record_key, '00000000-0000-4000-8000-00000000', '…') as record_key,
            model_id, benchmark_id, value_0_1
        from intermediate.int_observations
        where starts_with(model_id, 'acme-') and is_current
        """,
    )
    assert {row[:4]: pytest.approx(row[4]) for row in rows} == GOOD
    assert len(rows) == len(GOOD)


def test_bad_rows_are_in_quarantine_under_the_right_rule(everything):
    rows = query(
        everything,
        """
        select source_id, source_model_name, field, rejected_by, explanation
        from quarantine
        where
            observed_on = date '2026-06-01' and subject = 'score'
            -- So many rows of the made-up table are bad that its source as a whole is skipped.
            and rejected_by != 'source_below_threshold'
        """,
    )
    assert set(rows) == BAD
    assert len(rows) == len(BAD)


def test_routes_keep_prices_and_routers_are_no_models(everything):
    rows = query(
        everything,
        """
        select
            route, model_id, input_price_usd_per_1m, output_price_usd_per_1m, is_text_generation
        from deployments
        where source_id = 'openrouter'
        """,
    )
    assert {row[0]: row[1:] for row in rows} == ROUTES
    assert not query(everything, "select 1 from models where model_id like '%pick-for-me%'")


def test_pages_of_one_answer_are_one_complete_listing(everything):
    loads = everything.query(
        """
        select completeness, file_count, record_count, error_count from loads
        where source = 'artificial_analysis' and entity = 'models'
        """,
        "landing.duckdb",
    )
    assert loads == [("yes", 2, 3, 1)]


def test_a_pair_of_models_scores_no_model(built):
    pairs = query(
        built,
        r"""
        select source_id, source_model_name, status, model_id from crosswalk
        where regexp_matches(source_model_name, '\S\s+\+\s+\S')
        """,
    )
    assert ("aider", "o3 (high) + gpt-4.1", "unmatched", None) in pairs
    assert {(status, model) for _, _, status, model in pairs} == {("unmatched", None)}
    assert not query(
        built, "select 1 from intermediate.int_observations where source_model_name like '% + %'"
    )


# ------------------------------------------------------------ what contradicts what


def test_disagreements_that_people_found_by_hand_are_found(real):
    (gpt_5,) = query(
        real,
        """
        select
            first_source_id, first_value_0_1, second_source_id, second_value_0_1,
            round(z, 3), first_url is not null
        from score_disagreements
        where model_id = 'gpt-5-2025-08-07' and benchmark_id = 'gpqa_diamond'
        """,
    )
    # .037 apart with errors of .01 each.
    assert gpt_5 == ("llm_stats", 0.857, "trun", 0.894, 2.616, True)

    prices = query(
        real,
        """
        select first_source_id, first_route, second_source_id, comparison_kind, seller_id
        from price_disagreements
        where model_id = 'deepseek-r1'
        """,
    )
    fireworks = "fireworks_ai/accounts/fireworks/models/deepseek-r1"
    assert ("litellm", fireworks, "llm_stats", "one_seller", "fireworks") in prices
    hyperbolic = "hyperbolic/deepseek-ai/DeepSeek-R1"
    assert ("litellm", hyperbolic, None, "market", "hyperbolic") in prices
    # A price that no model has ever had is no price to compare: it is rejected.
    assert query(
        real,
        """
        select rejected_by, explanation from quarantine
        where record_key = 'azure_ai/jais-30b-chat' and field = 'input_price_usd_per_1m'
        """,
    ) == [("above_ceiling", "3200.0 is above the ceiling of 250.0")]


def test_repeats_inside_a_source_that_differ_are_disagreements(real):
    """Every pair of llm-stats' records on one benchmark more than .03 apart, found here again."""
    records = query(
        real,
        """
        select record_key, model_id, variant, benchmark_id, value_0_1
        from intermediate.int_observations
        where source_id = 'llm_stats' and is_current
        order by record_key
        """,
    )
    apart = {
        (first[0], second[0])
        for first, second in itertools.combinations(records, 2)
        if first[1:4] == second[1:4] and abs(first[4] - second[4]) > 0.03
    }
    assert len(apart) >= 5
    found = query(
        real,
        """
        select first_record_key, second_record_key from score_disagreements
        where first_source_id = 'llm_stats' and second_source_id = 'llm_stats'
        """,
    )
    assert apart <= set(found)


# ------------------------------------------------- every number, counted on both sides

Cell = tuple[str, str, str]  # entity, record, source's benchmark name
Records = dict[str, dict[str, dict[str, Any]]]  # entity -> record key -> record


def landed(project: Project, source: str) -> Records:
    """The newest version of every record that is not gone."""
    rows = project.query(
        f"""
        select entity, record_key, record from records
        where source = '{source}'
        order by observed_at, landed_at
        """,
        "landing.duckdb",
    )
    newest: dict[tuple[str, str], str | None] = {(entity, key): text for entity, key, text in rows}
    found: Records = defaultdict(dict)
    for (entity, key), text in newest.items():
        if text is not None:
            found[entity][key] = json.loads(text)
    return found


def number(value: Any) -> float | None:
    """What a cell says if it says a number: 0.5, '0.5' or '94.6%'."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(str(value).strip().removesuffix("%"))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def cells_by_name(records: Records, entity: str, name: str, value: str) -> Iterator:
    """Records of one value each: two fields hold the benchmark's name and the value."""
    for key, record in records[entity].items():
        yield (entity, key, record.get(name)), record.get(value)


def cells_by_column(records: Records, entity: str, columns: list[str]) -> Iterator:
    for key, record in records[entity].items():
        for column in columns:
            yield (entity, key, column), record.get(column)


def cells_of_object(records: Records, entity: str, field: str, prefix: str = "") -> Iterator:
    """Records of which one field is an object: benchmark's name -> value."""
    for key, record in records[entity].items():
        if isinstance(record.get(field), dict):
            for name, value in record[field].items():
                yield (entity, key, prefix + name), value


def cells_of_aider(records: Records) -> Iterator:
    """Both boards; a row run on about as many cases as the board has counts as its benchmark."""
    for entity, fits in (("edit", range(100, 200)), ("polyglot", range(200, 10_000))):
        for key, record in records[entity].items():
            other = "" if int(record.get("test_cases") or 0) in fits else ":other_cases"
            yield (entity, key, f"{entity}:pass_rate_2{other}"), record.get("pass_rate_2")


def cells_of_epoch(records: Records) -> Iterator:
    columns = defaultdict(list)
    for row in rows_of(ROOT / "seeds" / "benchmarks" / "epoch_columns.csv"):
        columns[row["source_file"]].append(row["score_column"])
    for key, record in records["results"].items():
        for column in columns[record["_file"]]:
            yield ("results", key, f"{record['_file']}:{column}"), record.get(column)


def cells_of_livebench(records: Records) -> Iterator:
    """One number per category of which a task has one: the mean over those that have."""
    tasks = defaultdict(list)
    for record in records["categories"].values():
        tasks[record["_release"], record["_category"]].append(record["_task"])
    for key, record in records["results"].items():
        for (release, category), names in tasks.items():
            if release == record["_release"]:
                yield ("results", key, category), mean(record.get(name) for name in names)


def cells_of_livecodebench(records: Records) -> Iterator:
    """One number per model: the mean over its questions."""
    values = defaultdict(list)
    for key, record in records["performances"].items():
        values[record.get("model") or key].append(record.get("pass@1"))
    for name, found in values.items():
        yield ("performances", name, "pass@1"), mean(found)


def mean(values) -> float | None:
    numbers = [n for n in map(number, values) if n is not None]
    return math.fsum(numbers) / len(numbers) if numbers else None


def cells_of_artificial_analysis(records: Records) -> Iterator:
    for entity in ("legacy_models", "models"):
        yield from cells_of_object(records, entity, "evaluations")


def cells_of_trun(records: Records) -> Iterator:
    yield from cells_by_name(records, "report_scores", "benchmark_name", "score")
    for cell, value in cells_of_object(records, "scores", "benchmarks"):
        yield cell, value.get("score")


OPEN_LLM_COLUMNS = ["ARC(25-shot)", "HellaSwag(10-shot)", "MMLU(5-shot)", "TruthfulQA(0-shot)"]
CELLS: dict[str, Callable[[Records], Iterator]] = {
    "aider": cells_of_aider,
    "artificial_analysis": cells_of_artificial_analysis,
    "bigcodebench": lambda r: cells_of_object(r, "results", "pass@1", "pass@1."),
    "epoch": cells_of_epoch,
    "eqbench_creative": lambda r: cells_by_column(r, "results", ["creative_writing_score"]),
    "evalplus": lambda r: cells_of_object(r, "results", "pass@1", "pass@1."),
    "livebench": cells_of_livebench,
    "livecodebench": cells_of_livecodebench,
    "llm_stats": lambda r: cells_by_name(r, "scores", "benchmark_id", "score"),
    "open_llm_leaderboard": lambda r: cells_by_column(r, "results", OPEN_LLM_COLUMNS),
    "trun": cells_of_trun,
}

# Where a score can be: it counts, a rule rejected it, or nobody knows for certain whose it is.
PLACES = {
    "counts": """
        select entity, record_key, source_benchmark_name, value
        from intermediate.int_observations
        where source_id = $source and is_current
    """,
    "is rejected": r"""
        select
            entity, record_key, field as source_benchmark_name,
            try_cast(rtrim(trim(value_text), '%') as double) as value
        from main.quarantine
        where
            source_id = $source and subject = 'score'
            and rejected_by != 'source_below_threshold' and isfinite(value)
    """,
    "is nobody's": """
        select entity, record_key, source_benchmark_name, value
        from intermediate.int_scores_validated as scores
        where source_id = $source and rejected_by is null and is_current and exists (
            from intermediate.int_crosswalk as crosswalk
            where
                crosswalk.source_id = scores.source_id
                and crosswalk.source_model_name = scores.source_model_name
                and crosswalk.org is not distinct from scores.org
                and (crosswalk.status != 'auto' or crosswalk.model_id is null)
        )
    """,
}


@pytest.mark.parametrize("source", SCORED)
def test_every_number_counts_or_says_why_not(built, source):
    written = {}
    for cell, value in CELLS[source](landed(built, source)):
        assert cell not in written, f"two numbers in {cell}"
        if number(value) is not None:
            written[cell] = number(value)
    found: dict[Cell, float] = {}
    for place, sql in PLACES.items():
        for *cell, value in query(built, sql.replace("$source", f"'{source}'")):
            assert tuple(cell) not in found, f"{cell} {place} and is elsewhere, too"
            found[tuple(cell)] = value
    assert written, "the source holds no number at all"
    assert sorted(written.keys() - found.keys()) == [], "lost on the way"
    assert sorted(found.keys() - written.keys()) == [], "nobody wrote it"
    changed = [c for c in written if not math.isclose(written[c], found[c], abs_tol=1e-9)]
    assert changed == []


# ------------------------------------------- every stated fact, counted on both sides


@pytest.mark.parametrize(("source", "entity"), READERS)
def test_every_stated_ability_is_a_row_or_says_why_not(built, source, entity):
    """What records state of what models can do is in capability_statements, value for value."""
    rejected = {
        key
        for (key,) in query(
            built,
            f"""
            select record_key from main.quarantine
            where source_id = '{source}' and entity = '{entity}' and subject = 'record'
            """,
        )
    }
    written = dict(statements(landed(built, source)[entity], READERS[source, entity]))
    found = {}
    for key, attribute, text, value in query(
        built,
        f"""
        select record_key, attribute, value_text, value_number
        from main.capability_statements
        where source_id = '{source}' and entity = '{entity}'
        """,
    ):
        if attribute in READERS[source, entity]:
            lists = attribute in ("reasoning_efforts", "reasoning_controls")
            found[key, attribute] = frozenset(text.split(", ")) if lists else text or value
    assert written, "the source states nothing at all"
    lost = {cell for cell in written.keys() - found.keys() if cell[0] not in rejected}
    assert sorted(lost) == []
    assert sorted(found.keys() - written.keys()) == [], "nobody wrote it"
    # Licences have names of their own here (seed licences).
    assert [c for c in found if c[1] != "licence" and found[c] != written[c]] == []


@pytest.mark.parametrize(("source", "entity"), FIGURES)
def test_every_stated_figure_is_in_its_route_or_says_why_not(built, source, entity):
    """Each source writes units and unknowns its own way: all come out in USD, tokens and ms."""
    of_entity = f"source_id = '{source}' and entity = '{entity}'"
    rejected = set(
        query(
            built,
            f"""
            select record_key, case when subject = 'field' then field end from main.quarantine
            where {of_entity} and subject in ('record', 'field')
            """,
        )
    )
    written = {
        cell: value
        for cell, value in statements(landed(built, source)[entity], FIGURES[source, entity])
        if cell not in rejected and (cell[0], None) not in rejected
    }
    if (source, entity) == ("artificial_analysis", "models") and not written:
        pytest.skip("no files of this shape are landed here")
    columns = ", ".join(FIGURES[source, entity])
    found = {
        (key, column): value
        for key, *values in query(
            built,
            f"select record_key, {columns} from intermediate.int_deployments "
            f"where is_current and {of_entity}",
        )
        for column, value in zip(FIGURES[source, entity], values, strict=True)
        if value is not None
    }
    assert written, "the source states nothing at all"
    assert sorted(written.keys() - found.keys()) == [], "lost on the way"
    assert sorted(found.keys() - written.keys()) == [], "nobody wrote it"
    assert [c for c in found if not math.isclose(found[c], written[c], rel_tol=1e-9)] == []


def test_facts_that_were_once_lost_are_there_in_numbers(built):
    """At least so many records of the shipped snapshots state what nothing read before."""
    counts = dict(
        query(
            built,
            """
            select source_id || ' ' || attribute, count(*) from main.capability_statements
            group by all
            """,
        )
    )
    at_least = {
        "litellm has_reasoning": 1800,
        "litellm has_image_input": 2150,
        "litellm has_tool_calling": 2900,
        "litellm max_input_tokens": 3600,
        "litellm reasoning_efforts": 400,
        "models_dev has_tool_calling": 4100,
        "models_dev has_image_input": 4100,
        "models_dev knowledge_cutoff_on": 1900,
        "models_dev max_input_tokens": 700,
        "models_dev status": 59,
        "llm_stats licence": 169,
        "llm_stats parameter_count": 109,
    }
    assert {name: counts.get(name, 0) for name, bound in at_least.items()} == {
        name: max(counts.get(name, 0), bound) for name, bound in at_least.items()
    }


# -------------------------------------------------------------------------- the real files


def name_in_warehouse(row: dict[str, str]) -> tuple[str, str]:
    """(source, source's benchmark name) of a row of the table that was counted by hand."""
    source, column, file = row["source_id"], row["source_name_or_column"], row["file"]
    if source == "epoch":
        column = f"{file}:{column}"
    elif source == "aider":
        column = f"{file.split('_')[0]}:{column}"
    elif source == "livecodebench":
        column = "pass@1"
    return source, column.removeprefix("evaluations.").split(" = ")[0]


@pytest.mark.skipif(not COUNTED_BY_HAND.exists(), reason="nobody's own count of them is here")
def test_real_files_give_as_many_rows_as_were_counted_by_hand(real):
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(COUNTED_BY_HAND):
        counted[name_in_warehouse(row)] += int(row["rows"])
    for (source, name), rows in counted.items():
        if source == "open_llm_leaderboard":
            # Of both files' rows 14 repeat another one in all cells and land once; 70 of the older
            # file are of models that stand in the newer one, whose rows take their place.
            assert rows == 1400, name
            counted[source, name] = 1400 - 14 - 70
    found = {
        (source, name): rows
        for source, name, rows in query(
            real,
            """
            select source_id, source_benchmark_name, count(*)
            from intermediate.int_scores_validated
            where value is not null and is_current
            group by all
            """,
        )
    }
    differing = {
        key: (rows, found.get(key, 0)) for key, rows in counted.items() if rows != found.get(key, 0)
    }
    assert differing == {}


def test_every_real_file_is_landed_or_said_to_be_undeclared(real):
    landed_files = {
        f"{source}/{file}"
        for source, location in real.query(
            # Records that a shipped file had brought land no second time.
            "select source, location from loads where status in ('landed', 'unchanged')",
            "landing.duckdb",
        )
        for file in location.split(", ")
    }
    printed = (real.path / "printed.txt").read_text()
    undeclared = tuple(re.findall(r"^not declared  (.+)$", printed, re.MULTILINE))
    lost = [
        name
        for path in sorted(UPSTREAM.rglob("*"))
        if path.is_file()
        and (name := path.relative_to(UPSTREAM).as_posix()) not in landed_files
        # The registry is this project's own, and is read from a folder only if it is asked for.
        and not name.startswith(("static_registry/", *undeclared))
    ]
    assert lost == []
