"""Every kind of bad record ends in `quarantine` under its rule, and takes no good one with it.

Made-up files of seven sources are landed beside three shipped snapshots and built once. Each file
is a table below: a record as it stands in the file, and the faults that must be found in it. All
that `quarantine` holds of these sources is compared, so that a fault that is lost, found twice or
found where there is none fails; a record without a fault must reach its mart.
"""

import csv
import json
import math
import re
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from .projects import Project, copy_of_project, succeed

SHIPPED = ("aider", "epoch", "evalplus")
SKIPPED = "aider"
SKIPPED_FACTS = "openrouter"

Fault = tuple[str, str | None, str, str | None, str]
"""subject, field, rule, value, reason"""

Case = tuple[Any, list[Fault]]
"""A record as it stands in its file, and its faults."""

# ------------------------------------------------------------------------------- faults

REASONS = {
    "duplicate_record": "another record has the same id and came first",
    "in_the_future": "the day lies after the one on which it was observed",
    "beside_above_ceiling": "another price of the record is above its ceiling",
    "missing_field": "the record says nothing where it must",
    "negative": "the value is below 0",
    "no_model_name": "the record names no model",
    "not_a_day": "the value is no day",
    "not_a_number": "the value is no finite number",
    "not_a_text": "the value is no text",
    "not_positive": "the value is not above 0",
    "rejected_record": "its record was rejected as a whole",
    "unknown_price": "no row of the seed price_fields says what it is a price of",
    "unreadable_fact": "the value is none that the field can have",
    "unknown_benchmark": "no row of the seed benchmark_names maps this name to a benchmark",
    "zero_means_missing": 'an exact 0 in this shape means "not measured"',
}


def of_record(rule: str, field: str, value: str | None = None) -> Fault:
    return "record", field, rule, value, REASONS[rule]


def of_field(rule: str, field: str, value: str, reason: str = "") -> Fault:
    return "field", field, rule, value, reason or REASONS[rule]


def of_score(rule: str, field: str | None, value: str | None, reason: str = "") -> Fault:
    return "score", field, rule, value, reason or REASONS[rule]


def nothing_under(field: str) -> Fault:
    reason = f"the record has nothing under {field} or another name of it"
    return of_score("missing_column", field, None, reason)


def unreadable(reason: str, subject: str = "record") -> Fault:
    return subject, None, "unreadable_record", None, reason


def no_object(found: str) -> str:
    return f"expected an object with fields, found {found}"


class Repeated(dict):
    """An object in which one name stands twice."""

    def __init__(self, name: str, first: Any, last: Any):
        super().__init__({name: first})
        self.pairs = [(name, first), (name, last)]

    def items(self):
        return self.pairs


CONTEXT = "context_window_tokens"
INPUT = "input_price_usd_per_1m"
LONGEST_INPUT = "max_input_tokens"
OUTPUT = "output_price_usd_per_1m"
TIER = "input_cost_per_token_above_200k_tokens"
NINES = "9" * 400

# ------------------------------------------------------------------ the curated registry


def registry(model_id: Any, *faults: Fault, **changes: Any) -> Case:
    """A good row but for `changes`; ... leaves a field out."""
    row = {
        "id": model_id,
        "provider": "acme",
        "display_name": f"Acme {model_id}",
        "context_window": 128000,
        "cost_in_per_1k": 0.002,
        "cost_out_per_1k": 0.008,
        "avg_latency_ms": 500,
        "released_on": "2026-05-01",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not ...}, list(faults)


REGISTRY = [
    registry("acme-1"),
    registry("acme-2", context_window=0, cost_in_per_1k="NA", cost_out_per_1k="", tags="none"),
    registry("acme-3", cost_in_per_1k="0.002", released_on="2026-05", capabilities=["coding"]),
    registry("""acme's "4"; drop table models"""),
    # Another spelling of a model that is there, which counts for what the first does not state.
    registry("acme_2", context_window=64000, cost_in_per_1k=0.001),
    # Required fields.
    registry(..., of_record("missing_field", "model_id")),
    registry("  ", of_record("missing_field", "model_id")),
    registry("NA", of_record("missing_field", "model_id", "NA")),
    registry(17, of_record("not_a_text", "model_id", "17")),
    registry(["acme-10"], of_record("not_a_text", "model_id", '["acme-10"]')),
    registry("acme-11", of_record("missing_field", "provider_name", "NA"), provider="NA"),
    registry("acme-12", of_record("missing_field", "provider_name"), provider=...),
    registry("acme-13", of_record("missing_field", "display_name"), display_name=""),
    registry("acme-14", of_record("missing_field", "display_name"), display_name=None),
    registry("acme-15", of_record("not_a_text", "display_name", "true"), display_name=True),
    registry("acme-16", of_record("not_a_text", "provider_name", '{"a":1}'), provider={"a": 1}),
    # No records at all.
    (None, [unreadable(no_object("null"))]),
    ("acme-18", [unreadable(no_object("text"))]),
    ([], [unreadable(no_object("a list"))]),
    registry("acme-19", of_record("duplicate_record", "model_id", "acme-19")),
    registry("Acme-19"),
    # One of two counts; where one is broken, the other does, whichever comes first.
    registry("acme-20", of_record("duplicate_record", "model_id", "acme-20")),
    registry("acme-20", of_record("duplicate_record", "model_id", "acme-20"), provider="emca"),
    *(
        case
        for number in (21, 22, 23, 24)
        for case in (
            registry(f"acme-{number}"),
            registry(f"acme-{number}", of_record("missing_field", "display_name"), display_name=""),
        )
    ),
    # Fields that are wrong leave the rest of their record.
    registry("acme-31", of_field("not_a_number", CONTEXT, "a lot"), context_window="a lot"),
    registry("acme-32", of_field("not_positive", CONTEXT, "-128000"), context_window=-128000),
    registry("acme-33", of_field("not_a_number", CONTEXT, NINES), context_window=int(NINES)),
    registry("acme-34", of_field("negative", INPUT, "-0.002"), cost_in_per_1k=-0.002),
    registry(
        "acme-35",
        # 8 USD per 1M, written into a field per 1k: its neighbour is doubtful, too.
        of_field("beside_above_ceiling", INPUT, "0.002"),
        of_field("above_ceiling", OUTPUT, "8.5", "8500.0 is above the ceiling of 1000.0"),
        cost_out_per_1k=8.5,
    ),
    registry("acme-36", of_field("not_a_number", INPUT, "NaN"), cost_in_per_1k=math.nan),
    registry("acme-37", of_field("not_a_number", INPUT, "Infinity"), cost_in_per_1k=math.inf),
    registry("acme-38", of_field("not_a_number", INPUT, "-Infinity"), cost_in_per_1k=-math.inf),
    registry("acme-39", of_field("not_a_number", INPUT, "true"), cost_in_per_1k=True),
    registry("acme-40", of_field("not_a_number", INPUT, "[0.002]"), cost_in_per_1k=[0.002]),
    registry("acme-41", of_field("negative", "latency_ms", "-1"), avg_latency_ms=-1),
    registry(
        "acme-42", of_field("not_a_day", "released_on", "2026-02-30"), released_on="2026-02-30"
    ),
    registry("acme-43", of_field("not_a_day", "released_on", "infinity"), released_on="infinity"),
    registry(
        "acme-44", of_field("in_the_future", "released_on", "2126-01-01"), released_on="2126-01-01"
    ),
    registry(
        "acme-45",
        of_field("negative", INPUT, "-1"),
        of_field("negative", OUTPUT, "-2"),
        of_field("not_a_day", "released_on", "soon"),
        cost_in_per_1k=-1,
        cost_out_per_1k=-2,
        released_on="soon",
    ),
]

# ------------------------------------------------------------------- prices and lengths


def litellm(*faults: Fault, **changes: Any) -> Case:
    return {"litellm_provider": "acme", "mode": "chat", **changes}, list(faults)


def above(ceiling: float, stated: float) -> str:
    return f"{stated} is above the ceiling of {ceiling}"


AGAIN = "the name stands again further down, where another value counts"

# Name, record and how many of the 8 fields of a route count for its source: those that are stated,
# and all of a record that cannot be read. A name may stand twice.
LITELLM = [
    ("acme/acme-1", litellm(input_cost_per_token=2e-06, max_input_tokens=128000), 4),
    ("free/acme-1", litellm(input_cost_per_token=0, max_input_tokens=0, max_tokens=8), 3),
    ("short/acme-1", litellm(max_tokens=4096), 3),
    (
        "a/acme-1",
        litellm(of_field("negative", INPUT, "-0.000002"), input_cost_per_token=-0.000002),
        3,
    ),
    ("b/acme-1", litellm(of_field("not_a_number", INPUT, "NaN"), input_cost_per_token="NaN"), 3),
    ("c/acme-1", litellm(of_field("not_a_number", INPUT, "NaN"), input_cost_per_token=math.nan), 3),
    (
        "d/acme-1",
        litellm(of_field("not_a_number", OUTPUT, "-Infinity"), output_cost_per_token=-math.inf),
        3,
    ),
    (
        "e/acme-1",
        litellm(of_field("not_a_number", OUTPUT, "1e999"), output_cost_per_token="bare 1e999"),
        3,
    ),
    ("f/acme-1", litellm(of_field("not_a_number", INPUT, "free"), input_cost_per_token="free"), 3),
    (
        "g/acme-1",
        # 2 USD per token: 2 million per 1M.
        litellm(
            of_field("above_ceiling", INPUT, "2", above(250.0, 2000000.0)), input_cost_per_token=2
        ),
        3,
    ),
    (
        "h/acme-1",
        # One figure in two fields: its second reading counts against nobody.
        litellm(
            of_field("not_positive", CONTEXT, "-5"),
            of_field("unreadable_fact", LONGEST_INPUT, "-5"),
            max_input_tokens=-5,
        ),
        3,
    ),
    ("i/acme-1", litellm(of_field("not_positive", CONTEXT, "-6"), max_tokens=-6), 3),
    (
        "j/acme-1",
        litellm(
            of_field("above_ceiling", CONTEXT, str(10**30), above(1e8, "1e+30")),
            of_field("unreadable_fact", LONGEST_INPUT, str(10**30)),
            max_input_tokens=10**30,
        ),
        3,
    ),
    (
        "k/acme-1",
        litellm(
            of_field("not_a_day", "deprecated_on", "2026-13-01"), deprecation_date="2026-13-01"
        ),
        3,
    ),
    ("l/acme-1", litellm(deprecation_date="2126-01-01"), 3),
    (
        "m/acme-1",
        litellm(of_record("not_a_text", "host", '["acme"]'), litellm_provider=["acme"]),
        2,
    ),
    # Which of the two prices is the slip?
    (
        "q/acme-1",
        litellm(
            of_field("beside_above_ceiling", INPUT, "0.0001"),
            of_field("above_ceiling", OUTPUT, "0.0015", above(1000.0, 1500.0)),
            input_cost_per_token=0.0001,
            output_cost_per_token=0.0015,
        ),
        4,
    ),
    (
        "r/acme-1",
        litellm(
            of_field("above_ceiling", INPUT, "0.0003", above(250.0, 300.0)),
            of_field("beside_above_ceiling", OUTPUT, "0"),
            input_cost_per_token=0.0003,
            output_cost_per_token=0,
        ),
        4,
    ),
    # A slip in one tier makes the plain price doubtful, too.
    (
        "t/acme-1",
        litellm(
            of_field("above_ceiling", TIER, "0.0003", above(250.0, 300.0)),
            of_field("beside_above_ceiling", INPUT, "0.000002"),
            input_cost_per_token=0.000002,
            input_cost_per_token_above_200k_tokens=0.0003,
        ),
        4,
    ),
    # Nobody has said what it is for: it is told, and its neighbour counts.
    (
        "u/acme-1",
        litellm(
            of_field("unknown_price", "input_cost_per_token_on_mondays", "0.5"),
            input_cost_per_token=0.000002,
            input_cost_per_token_on_mondays=0.5,
        ),
        4,
    ),
    ("s/acme-1", litellm(of_record("missing_field", "host"), litellm_provider=" "), 2),
    ("n/acme-1", (None, [unreadable(no_object("null"))]), 8),
    ("""o'/"acme-1".$*""", litellm(input_cost_per_token=3e-06), 3),
    ("p/acme-1", ({"litellm_provider": "first"}, [unreadable(AGAIN)]), 8),
    ("p/acme-1", litellm(input_cost_per_token=4e-06), 3),
]


def openrouter(route: Any, *faults: Fault, **changes: Any) -> Case:
    record = {
        "id": route,
        "name": "Acme: Acme 1",
        "context_length": 128000,
        "architecture": {"output_modalities": ["text"]},
        "pricing": {"prompt": "0.000002", "completion": "0.000008"},
        **changes,
    }
    return {name: value for name, value in record.items() if value is not ...}, list(faults)


OPENROUTER = [
    openrouter("acme/acme-1"),
    # A router's price is none; its modalities are no list.
    openrouter("acme/router", pricing={"prompt": "-1", "completion": "-1"}),
    openrouter("acme/acme-1:text", architecture={"output_modalities": "text"}),
    openrouter(..., of_record("missing_field", "route")),
    openrouter("acme/acme-1:twice", of_record("duplicate_record", "route", "acme/acme-1:twice")),
    openrouter(
        "acme/acme-1:twice",
        of_record("duplicate_record", "route", "acme/acme-1:twice"),
        name="Acme: Acme-1",
    ),
    openrouter(
        "acme/acme-1:negative",
        of_field("negative", INPUT, "-0.000002"),
        pricing={"prompt": "-0.000002", "completion": "0.000008"},
    ),
    openrouter(
        "acme/acme-1:prose",
        of_field("not_a_number", OUTPUT, "$8"),
        pricing={"prompt": "0.000002", "completion": "$8"},
    ),
    openrouter("acme/acme-1:prices", of_field("unknown_price", "pricing", "free"), pricing="free"),
    (None, [unreadable(no_object("null"))]),
]

BELOW_FLOOR = "2e-06 is not free and below the floor of 0.0001"
MODELS_DEV = [
    ("1", ({"id": "acme-1", "cost": {"input": 2, "output": 8}, "limit": {"context": 128000}}, [])),
    (
        "2",
        (
            # A price per token: this file states prices per 1M.
            {"id": "acme-1", "modalities": {"output": {"text": True}}, "cost": {"input": 0.000002}},
            [of_field("below_floor", INPUT, "0.000002", BELOW_FLOOR)],
        ),
    ),
    ("3", ({"name": "Acme 1"}, [of_record("missing_field", "route")])),
    (
        "4",
        (
            {"id": "acme-1", "cost": {"input": 2000, "output": math.nan}},
            [
                of_field("above_ceiling", INPUT, "2000", above(250.0, 2000.0)),
                of_field("not_a_number", OUTPUT, "NaN"),
            ],
        ),
    ),
    (
        "5",
        (
            {"id": "acme-1", "release_date": "2126-01"},
            [of_field("in_the_future", "released_on", "2126-01")],
        ),
    ),
    ("6", ("acme-1", [unreadable(no_object("text"))])),
    # Which of the two releases is meant?
    (
        "7",
        (
            {"id": "acme-1", "limit": Repeated("context", 1, 2)},
            [unreadable("the name 'context' stands in it with two values")],
        ),
    ),
]

# ------------------------------------------------------------------------------- scores

NOT_ON_SCALE = "outside the declared scale "
NO_BENCHMARKS = 'the record holds no object "benchmarks"'
TRUN_SCALE = NOT_ON_SCALE + "0.0 to 100.0"


def trun(score: Any, *faults: Fault, date: Any = "2026-05-10") -> tuple[Any, list[Fault]]:
    return {"score": score, "date": date}, list(faults)


# Benchmark -> what stands there.
SCORES = {
    "mmlu": trun(67),
    "gsm8k": trun("94.6%"),
    "humaneval": trun(0),
    "hellaswag": trun(100, date="2026-06-01"),
    "AIME 2025": trun(50, date=None),
    "BFCL": trun(100.5, of_score("out_of_range", "BFCL", "100.5", TRUN_SCALE)),
    "GPQA Diamond": trun(-1, of_score("out_of_range", "GPQA Diamond", "-1", TRUN_SCALE)),
    "GRIND": trun(math.nan, of_score("not_a_number", "GRIND", "NaN")),
    "Humanity's Last Exam": trun(
        math.inf, of_score("not_a_number", "Humanity's Last Exam", "Infinity")
    ),
    "MATH-500": trun("good", of_score("not_a_number", "MATH-500", "good")),
    "MMLU": trun([67], of_score("not_a_number", "MMLU", "[67]")),
    "MMLU Pro (Nonthinking)": trun(
        {"of": 100}, of_score("not_a_number", "MMLU Pro (Nonthinking)", '{"of":100}')
    ),
    "MT-Bench": trun(True, of_score("not_a_number", "MT-Bench", "true")),
    "SWE Bench": trun(None, nothing_under("SWE Bench")),
    "arc_challenge": (67, [nothing_under("arc_challenge")]),
    "truthfulqa": trun(
        50,
        of_score(
            "evaluated_after_observed",
            "truthfulqa",
            "50",
            "dated 2026-06-02, after it was observed",
        ),
        date="2026-06-02",
    ),
    "winogrande": trun(
        50,
        of_score("not_a_day", "winogrande", "50", 'dated "2026-02-30", which is no day'),
        date="2026-02-30",
    ),
    """$."we.ird"'s[*]""": trun(50, of_score("unknown_benchmark", """$."we.ird"'s[*]""", "50")),
}
TRUN = [
    (
        "acme-1",
        (
            {"benchmarks": {name: score for name, (score, _) in SCORES.items()}},
            [fault for _, faults in SCORES.values() for fault in faults],
        ),
    ),
    ("acme-2", ({"benchmarks": [67]}, [unreadable(NO_BENCHMARKS, "score")])),
    ("acme-3", ({"benchmarks": {}}, [unreadable(NO_BENCHMARKS, "score")])),
    ("acme-4", (None, [unreadable(no_object("null"), "score")])),
    (" ", ({"benchmarks": {"mmlu": {"score": 1}}}, [of_score("no_model_name", "mmlu", "1")])),
]


def llm_stats(model_id: Any, benchmark_id: Any, *faults: Fault, **changes: Any) -> Case:
    row = {"model_id": model_id, "benchmark_id": benchmark_id, "score": 0.5, **changes}
    return row, list(faults)


EARLY = "dated 2026-03-31, but the model came out on 2026-05-01, the record says"
LLM_STATS = {
    "models": [
        ({"model_id": "acme-1", "organization_id": "acme", "release_date": "2026-05-01"}, []),
        (
            # Its score must not be held to a day that was rejected.
            {"model_id": "acme-2", "organization_id": "acme", "release_date": "2126-01-01"},
            [of_field("in_the_future", "released_on", "2126-01-01")],
        ),
        ({"organization_id": "acme"}, [of_record("missing_field", "source_model_name")]),
    ],
    "scores": [
        llm_stats("acme-1", "mmlu"),
        llm_stats("acme-2", "mmlu", verification_date="2026-05-20"),
        llm_stats("acme-1", "gpqa", verification_date="2026-04-01"),
        llm_stats(
            "acme-1",
            "drop",
            of_score("evaluated_before_release", "drop", "0.5", EARLY),
            verification_date="2026-03-31",
        ),
        # Two values for one benchmark are no fault of either: score_disagreements compares them.
        llm_stats("acme-1", "hle"),
        llm_stats("acme-1", "hle", score=0.6),
        llm_stats(
            "acme-1",
            "math",
            of_score("out_of_range", "math", "50", NOT_ON_SCALE + "0.0 to 1.0"),
            score=50,
        ),
        llm_stats(
            "acme-1", 'no.such "thing"', of_score("unknown_benchmark", 'no.such "thing"', "0.5")
        ),
        llm_stats("acme-1", None, of_score("unknown_benchmark", None, "0.5")),
        llm_stats(None, "mmlu", of_score("no_model_name", "mmlu", "0.5")),
        (None, [unreadable(no_object("null"), "score")]),
    ],
    "provider_models": [
        (
            {
                "model_id": "acme-1",
                "provider_id": "acme",
                "input_cents_per_million_tokens": 200,
                "output_cents_per_million_tokens": 800,
            },
            [],
        ),
        (
            {"model_id": "acme-1", "provider_id": "b", "input_cents_per_million_tokens": -200},
            [of_field("negative", INPUT, "-200")],
        ),
        ({"model_id": "acme-1"}, [of_record("missing_field", "host")]),
    ],
    "benchmarks": [({"benchmark_id": "mmlu", "name": "MMLU"}, [])],
}


def legacy(record_id: str, *faults: Fault, **changes: Any) -> Case:
    record = {
        "id": record_id,
        "name": "Acme 1",
        "slug": "acme-1",
        "model_creator": {"name": "Acme"},
        "evaluations": {"gpqa": 0.5},
        "pricing": {"price_1m_input_tokens": 2, "price_1m_output_tokens": 0},
        "median_output_tokens_per_second": 100,
        **changes,
    }
    return record, list(faults)


ZERO = of_score("zero_means_missing", "hle", "0")
TWICE = [
    of_record("duplicate_record", "record_id", "7"),
    of_score("rejected_record", "gpqa", "0.5"),
]
ARTIFICIAL_ANALYSIS = [
    legacy("1", ZERO, evaluations={"gpqa": 0.5, "hle": 0, "mmlu_pro": None}),
    legacy(
        "2", unreadable('expected an object "evaluations", found array', "score"), evaluations=[1]
    ),
    legacy(
        "3", of_score("not_a_number", "gpqa", "NaN"), evaluations={"gpqa": math.nan, "hle": 0.1}
    ),
    legacy(
        "4",
        of_field("above_ceiling", "tokens_per_second", "20001", above(20000.0, 20001.0)),
        median_output_tokens_per_second=20001,
    ),
    # Once as a record of facts, once as one of scores.
    (None, [unreadable(no_object("null")), unreadable(no_object("null"), "score")]),
    legacy("6", evaluations=None),
    legacy("7", *TWICE),
    legacy("7", *TWICE, median_output_tokens_per_second=101),
]

# ---------------------------------------------------------------------- files and build

Named = list[tuple[str, Case]]

RECORDS: dict[tuple[str, str], list[Case]] = {
    ("static_registry", "models"): REGISTRY,
    ("litellm", "routes"): [case for _, case, _ in LITELLM],
    ("openrouter", "models"): OPENROUTER,
    ("models_dev", "models"): [case for _, case in MODELS_DEV],
    ("trun", "scores"): [case for _, case in TRUN],
    **{("llm_stats", entity): cases for entity, cases in LLM_STATS.items()},
    ("artificial_analysis", "legacy_models"): ARTIFICIAL_ANALYSIS,
}
MADE_UP = sorted({source for source, _ in RECORDS})


def numbered(source: str, entity: str) -> list[Any]:
    """The records as written: each object says which case it is."""
    return [
        {**record, "case": case} if isinstance(record, dict) else record
        for case, (record, _) in enumerate(RECORDS[source, entity])
    ]


def text_of(value: Any) -> str:
    """JSON in which a name may stand twice and a number may be larger than any in Python."""
    if isinstance(value, dict):
        return object_of([(name, text_of(item)) for name, item in value.items()])
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    return re.sub(r'^"bare (.+)"$', r"\1", json.dumps(value))


def object_of(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in pairs) + "}"


def file_of_names(source: str, entity: str, names: list[str]) -> str:
    texts = map(text_of, numbered(source, entity))
    return object_of(list(zip(names, texts, strict=True)))


def files() -> dict[str, str]:
    """Path -> text of every made-up file. Those of the last three lines cannot be read."""
    lists = {entity: numbered("llm_stats", entity) for entity in LLM_STATS}
    models_dev = file_of_names("models_dev", "models", [name for name, _ in MODELS_DEV])
    return {
        "static_registry/2026-11-23/models.json": text_of(numbered("static_registry", "models")),
        "litellm/model_prices_and_context_window_2026-06-01.json": file_of_names(
            "litellm", "routes", [name for name, _, _ in LITELLM]
        ),
        "openrouter/models_2026-06-01.json": text_of({"data": numbered("openrouter", "models")}),
        "models_dev/api_2026-06-01.json": f'{{"acme": {{"models": {models_dev}}}}}',
        "trun/trun_2026-06-01.json": file_of_names("trun", "scores", [name for name, _ in TRUN]),
        "llm_stats/llm_stats_2026-06-01.json": text_of(lists),
        "artificial_analysis/legacy_2026-06-01.json": text_of(
            {"data": numbered("artificial_analysis", "legacy_models")}
        ),
        "bigcodebench/results_2026-06-01.json": "",
        "evalplus/results_2026-06-01.json": "[]",
        "livecodebench/performances_generation_2026-06-01.json": "Service unavailable",
    }


def write(folder: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def options(sources) -> list[str]:
    return [part for source in sources for part in ("--source", source)]


def set_threshold(project: Project, source: str, threshold: float) -> None:
    path = project.path / "seeds" / "sources" / "source_layers.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    (row,) = [row for row in rows if row["source_id"] == source]
    row["min_data_quality"] = str(threshold)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def bad(shipped, tmp_path_factory) -> Project:
    """The project with the files above and three snapshots landed, and built once."""
    folder = tmp_path_factory.mktemp("bad")
    project = copy_of_project(folder / "project", shipped.path)
    set_threshold(project, SKIPPED, 0.999)
    for source in MADE_UP:
        set_threshold(project, source, 0.999 if source == SKIPPED_FACTS else 0)
    succeed(project.extract(*options(SHIPPED)))
    write(folder / "files", files())
    sources = [path.split("/")[0] for path in files()]
    landed = project.extract("--from", str(folder / "files"), *options(sources))
    assert landed.returncode == 1, landed.stdout + landed.stderr
    # Next day's answer of a source that has landed before is an empty list.
    write(folder / "next", {"openrouter/models_2026-06-02.json": '{"data": []}'})
    emptied = project.extract("--from", str(folder / "next"), "--source", "openrouter")
    assert emptied.returncode == 1, emptied.stdout + emptied.stderr
    succeed(project.build())
    return project


def keys(project: Project) -> dict[tuple[str, str, int], str]:
    """(source, entity, case) -> the key under which its record landed."""
    others = {
        (source, entity, json.dumps(record)): case
        for (source, entity), cases in RECORDS.items()
        for case, (record, _) in enumerate(cases)
        if not isinstance(record, dict)
    }
    found = {}
    for source, entity, key, text in project.query(
        f"select source, entity, record_key, record from records where source in {tuple(MADE_UP)}",
        "landing.duckdb",
    ):
        record = json.loads(text)
        value = record if "case" in record else record["_value"]
        case = value["case"] if isinstance(value, dict) else None
        if case is None:
            case = others[source, entity, json.dumps(value)]
        assert (source, entity, case) not in found
        found[source, entity, case] = key
    return found


# ------------------------------------------------------------------------------- tests


@pytest.mark.parametrize(("source", "entity"), RECORDS)
def test_every_fault_is_in_quarantine_once_and_nothing_else_is(bad, source, entity):
    key = keys(bad)
    expected = [
        (key[source, entity, case], *fault)
        for case, (_, faults) in enumerate(RECORDS[source, entity])
        for fault in faults
    ]
    # Of two records with one id the one whose key comes first counts.
    counts = {
        min(pair)[0]
        for pair in combinations((row for row in expected if row[3] == "duplicate_record"), 2)
        if pair[0][4] == pair[1][4]
    }
    expected = [row for row in expected if row[0] not in counts]
    # The made-up scores of one model do not fit each other, and some sources get a file that
    # cannot be read: neither is at issue here.
    found = bad.query(
        f"""
        select record_key, subject, field, rejected_by, value_text, explanation
        from quarantine
        where
            source_id = '{source}' and entity = '{entity}' and subject not in ('cell', 'file')
        """
    )
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_quarantine_names_the_load_that_brought_the_record(bad):
    loads = dict(
        bad.query("select load_id, (source, entity, status)::varchar from loads", "landing.duckdb")
    )
    rows = bad.query(
        """
        select
            load_id,
            (
                source_id, entity, if(rejected_by = 'failed_load', 'failed', 'landed')
            )::varchar
        from quarantine
        where rejected_by != 'missing_file'
        """
    )
    assert len(rows) > 100
    assert [row for row in rows if loads.get(row[0]) != row[1]] == []
    failed = bad.query("select source_id from quarantine where rejected_by = 'failed_load'")
    assert len(failed) >= 4


def test_a_file_that_cannot_be_read_leaves_the_others_and_what_landed_before(bad):
    found = bad.query(
        """
        select source_id, status, last_error from sources where last_error is not null
        """
    )
    nothing, earlier = "failed_nothing_landed", "failed"
    assert {source: (status, error) for source, status, error in found} == {
        "bigcodebench": (
            nothing,
            "bigcodebench: results_2026-06-01.json: the file is empty: download it again or "
            "remove it",
        ),
        "evalplus": (
            earlier,
            "evalplus: results_2026-06-01.json: another shape than expected, expected an object, "
            "found a list: check the file",
        ),
        "livecodebench": (
            nothing,
            "livecodebench: performances_generation_2026-06-01.json: not valid JSON at line 1, "
            "column 1: Expecting value: download it again",
        ),
        "openrouter": (
            earlier,
            "openrouter: models_2026-06-02.json: holds no models: download it again or remove it",
        ),
    }
    for table, source in (("observations", "evalplus"), ("deployments", "openrouter")):
        assert bad.query(f"select 1 from {table} where source_id = '{source}' limit 1")


def test_good_rows_of_the_registry_are_models_and_lose_no_more_than_their_faults(bad):
    good = [
        (record["id"], {fault[1] for fault in faults})
        for record, faults in REGISTRY
        if isinstance(record, dict) and all(fault[0] == "field" for fault in faults)
    ]
    stated = {
        CONTEXT: 128000,
        INPUT: 2,
        OUTPUT: 8,
        "latency_ms": 500,
        "released_on": date(2026, 5, 1),
    }
    rows = bad.query(f"select model_id, {', '.join(stated)} from models where is_in_registry")
    expected = {
        model: tuple(None if name in lost else value for name, value in stated.items())
        for model, lost in good
    }
    # The one row of two spellings: what the first does not state the other one does.
    del expected["acme_2"]
    expected["acme-2"] = (64000, 1, 8, 500, date(2026, 5, 1))
    # One of the two records with this id counts.
    expected["acme-20"] = tuple(stated.values())
    assert {model: facts for model, *facts in rows} == {m: list(f) for m, f in expected.items()}


def test_good_routes_are_deployments_and_lose_no_more_than_their_faults(bad):
    found = bad.query(
        f"""
        select source_id, route, {INPUT}, {OUTPUT}, {CONTEXT}, deprecated_on is not null
        from deployments
        where source_id in ('litellm', 'openrouter') and model_id = 'acme-1'
        """
    )
    openrouter = (2, 8, 128000, False)
    expected = {
        "litellm": {
            "acme/acme-1": (2, None, 128000, False),
            "free/acme-1": (0, None, None, False),
            "short/acme-1": (None, None, 4096, False),
            **dict.fromkeys(
                [f"{host}/acme-1" for host in "abcdefghijkqrt"], (None, None, None, False)
            ),
            "l/acme-1": (None, None, None, True),
            "u/acme-1": (2, None, None, False),
            """o'/"acme-1".$*""": (3, None, None, False),
            "p/acme-1": (4, None, None, False),
        },
        "openrouter": {
            "acme/acme-1": openrouter,
            "acme/acme-1:text": openrouter,
            "acme/acme-1:twice": openrouter,
            "acme/acme-1:negative": (None, 8, 128000, False),
            "acme/acme-1:prose": (2, None, 128000, False),
            "acme/acme-1:prices": (None, None, 128000, False),
        },
    }
    assert sorted(found) == sorted(
        (source, route, *facts)
        for source, routes in expected.items()
        for route, facts in routes.items()
    )
    (router,) = bad.query(
        f"select model_id, {INPUT}, is_text_generation from deployments where route = 'acme/router'"
    )
    assert router == (None, None, False)
    others = bad.query(
        f"""
        select source_id, record_key, {INPUT}, {OUTPUT}, tokens_per_second
        from deployments
        where source_id in ('artificial_analysis', 'llm_stats', 'models_dev')
        """
    )
    twice = {row[1] for row in others if row[1].startswith("7")}
    assert len(twice) == 1
    assert sorted(row for row in others if row[1] not in twice) == [
        # The legacy shape writes 0 for a price that is unknown.
        ("artificial_analysis", "1", 2, None, 100),
        ("artificial_analysis", "2", 2, None, 100),
        ("artificial_analysis", "3", 2, None, 100),
        ("artificial_analysis", "4", 2, None, None),
        ("artificial_analysis", "6", 2, None, 100),
        ("llm_stats", "acme-1|acme", 2, 8, None),
        ("llm_stats", "acme-1|b", None, None, None),
        ("models_dev", "acme|1", 2, 8, None),
        ("models_dev", "acme|2", None, None, None),
        ("models_dev", "acme|4", None, None, None),
        ("models_dev", "acme|5", None, None, None),
    ]


def test_good_scores_are_observations(bad):
    found = bad.query(
        """
        select source_id, model_id, source_benchmark_name, value, date_basis
        from observations
        where source_id in ('artificial_analysis', 'llm_stats', 'trun')
        """
    )
    assert sorted(found) == [
        *[("artificial_analysis", "acme-1", "gpqa", 0.5, "observed")] * 3,
        ("artificial_analysis", "acme-1", "hle", 0.1, "observed"),
        ("llm_stats", "acme-1", "gpqa", 0.5, "evaluated"),
        ("llm_stats", "acme-1", "hle", 0.5, "observed"),
        ("llm_stats", "acme-1", "hle", 0.6, "observed"),
        ("llm_stats", "acme-1", "mmlu", 0.5, "observed"),
        ("llm_stats", "acme-2", "mmlu", 0.5, "evaluated"),
        ("trun", "acme-1", "AIME 2025", 50, "observed"),
        ("trun", "acme-1", "gsm8k", 94.6, "evaluated"),
        ("trun", "acme-1", "hellaswag", 100, "evaluated"),
        ("trun", "acme-1", "humaneval", 0, "evaluated"),
        ("trun", "acme-1", "mmlu", 67, "evaluated"),
    ]


def test_faults_lower_the_quality_of_their_source_by_their_share(bad):
    """litellm: of the fields counted in its table 35 are wrong, 8 of each record that cannot be
    read. trun: 5 scores are good, 12 of acme-1 are faults and so are the 4 records after it; the
    benchmark that nobody maps is no fault. openrouter: the second of its two loads failed."""
    found = {
        source: tuple(row)
        for source, *row in bad.query(
            """
            select
                source_id, checked_count, fault_count, success_rate, accepted_share, matched_share,
                data_quality
            from source_health
            """
        )
    }
    checked = sum(count for *_, count in LITELLM)
    assert (checked, found["litellm"]) == (88, (88, 35, 1, 0.602273, 1, 0.602273))
    assert found["trun"] == (21, 16, 1, 0.238095, 1, 0.238095)
    # One of two attempts, beside nine that are assumed to have succeeded.
    assert found["openrouter"][2] == 0.909091
    assert found["openrouter"][5] == pytest.approx(found["openrouter"][3] * 10 / 11, abs=1e-6)


def test_a_source_below_its_threshold_is_skipped_for_scoring_and_says_so(bad):
    ((is_skipped, status, quality, evidence),) = bad.query(
        f"""
        select is_skipped, status, data_quality, evidence_share
        from source_health where source_id = '{SKIPPED}'
        """
    )
    assert 0.5 < quality < 0.999
    assert (is_skipped, evidence) == (True, 0)
    assert status == "skipped"

    passed_over = bad.query(
        f"""
        select record_key, source_benchmark_name, excluded_for, is_in_cell
        from observations where source_id = '{SKIPPED}'
        """
    )
    assert len(passed_over) > 100
    assert {row[2:] for row in passed_over} == {("source_below_threshold", False)}
    quarantined = bad.query(
        f"""
        select record_key, field from quarantine
        where source_id = '{SKIPPED}' and rejected_by = 'source_below_threshold'
        """
    )
    assert sorted(quarantined) == sorted(row[:2] for row in passed_over)

    scoring = {row[0] for row in bad.query("select distinct source_id from score_contributions")}
    assert SKIPPED not in scoring
    assert bad.query(f"from source_health where is_skipped and source_id = '{SKIPPED_FACTS}'")
    assert bad.query(
        f"from deployments where source_id = '{SKIPPED_FACTS}' and model_id is not null"
    )
    facts = {row[0] or "" for row in bad.query("select distinct source_id from model_facts")}
    assert not any(SKIPPED_FACTS in named for named in facts)
    assert any("litellm" in named for named in facts)
    assert {"epoch", "llm_stats", "trun"} <= scoring
