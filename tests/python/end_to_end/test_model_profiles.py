"""Every profile has the shape that its schema describes, and every number in it a landed record."""

import json
import math
import random
import statistics
from collections import Counter, defaultdict
from typing import Any

import jsonschema
import pytest

from macros.wide_contract import read_categories

from .projects import ROOT, Project

FOLLOWED = 200
SEED = 6
SCHEMA = ROOT / "models" / "marts" / "profiles" / "model_profile.schema.json"
CATEGORIES = set(read_categories())

# Where a route's record states a fact, and what it is multiplied by: counted here by hand, without
# the parameter seed that the dbt models read.
ROUTE_FIELDS = {
    ("litellm", "input_price_usd_per_1m"): (("input_cost_per_token",), 1e6),
    ("litellm", "output_price_usd_per_1m"): (("output_cost_per_token",), 1e6),
    ("litellm", "context_window_tokens"): (("max_input_tokens",), 1),
    ("models_dev", "input_price_usd_per_1m"): (("cost", "input"), 1),
    ("models_dev", "output_price_usd_per_1m"): (("cost", "output"), 1),
    ("models_dev", "context_window_tokens"): (("limit", "context"), 1),
    ("llm_stats", "input_price_usd_per_1m"): (("input_cents_per_million_tokens",), 0.01),
    ("llm_stats", "output_price_usd_per_1m"): (("output_cents_per_million_tokens",), 0.01),
    ("llm_stats", "context_window_tokens"): (("max_input_tokens",), 1),
    ("static_registry", "input_price_usd_per_1m"): (("cost_in_per_1k",), 1000),
    ("static_registry", "output_price_usd_per_1m"): (("cost_out_per_1k",), 1000),
    ("static_registry", "context_window_tokens"): (("context_window",), 1),
    ("static_registry", "latency_ms"): (("avg_latency_ms",), 1),
    ("artificial_analysis", "input_price_usd_per_1m"): (("pricing", "price_1m_input_tokens"), 1),
    ("artificial_analysis", "output_price_usd_per_1m"): (("pricing", "price_1m_output_tokens"), 1),
    ("artificial_analysis", "latency_ms"): (("median_time_to_first_token_seconds",), 1000),
}
# Field of static_data -> the fact behind it, and by what the fact is divided.
STATIC_FIELDS = {
    "context_window": ("context_window_tokens", 1),
    "cost_in_per_1k": ("input_price_usd_per_1m", 1000),
    "cost_out_per_1k": ("output_price_usd_per_1m", 1000),
    "avg_latency_ms": ("latency_ms", 1),
}


@pytest.fixture(scope="module")
def profiles(shipped) -> dict[str, dict[str, Any]]:
    rows = shipped.query("select model_id, document from model_profiles order by 1")
    return {model: json.loads(document) for model, document in rows}


@pytest.fixture(scope="module")
def landed(shipped) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(source, entity, record, load) -> the record as it was landed."""
    rows = shipped.query(
        "select source, entity, record_key, load_id, record from records", "landing.duckdb"
    )
    return {key: json.loads(record) for *key, record in rows for key in [tuple(key)]}


def test_every_profile_has_the_described_shape(profiles):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    wrong = [
        f"{model}: {error.json_path} {error.message}"
        for model, document in profiles.items()
        for error in validator.iter_errors(document)
    ]
    assert wrong == []


def test_the_schema_refuses_what_is_no_profile(profiles):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    document = profiles["gpt-4o"]
    assert validator.is_valid(document)
    for spoiled in (
        {key: value for key, value in document.items() if key != "static_data"},
        document | {"another": 1},
        document | {"model_id": None},
        document | {"static_data": document["static_data"] | {"context_window": "128k"}},
        document
        | {"performance_metadata": document["performance_metadata"] | {"speed_tier": "quick"}},
    ):
        assert not validator.is_valid(spoiled)


def test_every_model_has_a_profile_and_the_file_beside_holds_the_same(shipped, profiles):
    models = {model for (model,) in shipped.query("select model_id from models")}
    assert set(profiles) == models
    written = json.loads((shipped.path / "enhanced_models.json").read_text())
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert [document["model_id"] for document in written if not validator.is_valid(document)] == []
    build = {document["extensions"].pop("build_id") for document in written}
    assert build == {build_id for (build_id,) in shipped.query("select build_id from build")}
    version = {document["extensions"].pop("schema_version") for document in written}
    assert version == {row[0] for row in shipped.query("select schema_version from build")}
    assert written == [profiles[model] for model in sorted(profiles)]


def test_profiles_say_what_the_marts_say(shipped, profiles):
    for category, model, score, confidence, rank in shipped.query(
        "select category, model_id, score, confidence, rank from rankings"
    ):
        document = profiles[model]
        assert set(document["category_scores"]) == CATEGORIES
        shown = document["category_scores"][category]
        assert (shown["score"], shown["confidence"]) == (score, confidence), (model, category)
        assert document["extensions"]["categories"][category]["rank"] == rank
    doubted = 0
    for category, model, benchmark, kept in shipped.query(
        """
        select distinct category, model_id, benchmark_id, round(kept_share, 6)
        from score_contributions where scoring_method = 'capability' and layer_id != 'expected'
        """
    ):
        # The mart's own rounding may push a share over the middle between two sixth decimals.
        shown = profiles[model]["extensions"]["kept_shares"][category][benchmark]
        assert shown == pytest.approx(kept, abs=1.1e-6)
        doubted += kept < 1
    assert doubted > 100
    for model, overall in shipped.query("select model_id, overall_rank from rankings_wide"):
        assert profiles[model]["performance_metadata"]["overall_rank"] == overall


def test_best_and_worst_are_those_of_the_highest_and_lowest_percentile(shipped, profiles):
    ranked = Counter(
        category for (category,) in shipped.query("select category from rankings where is_ranked")
    )
    percentiles = defaultdict(dict)
    for category, model, rank in shipped.query(
        "select category, model_id, rank from rankings where is_ranked"
    ):
        percentiles[model][category] = (ranked[category] - rank) / (ranked[category] - 1)
    for model, document in profiles.items():
        found = document["performance_metadata"]
        order = sorted(percentiles[model], key=lambda c: (-percentiles[model][c], c))
        if len(order) < 2:
            assert (found["best_at"], found["worst_at"]) == (order, []), model
        else:
            assert found["worst_at"] == order[-1:], model
            assert found["best_at"] == order[:-1][:2], model


def tier(figure: float | None, labels: list[tuple[float, str]]) -> str | None:
    if figure is None:
        return None
    return next(label for at_least, label in labels if figure >= at_least)


def test_tiers_follow_price_and_speed(shipped, profiles):
    seen = set()
    for model, price, speed in shipped.query(
        "select model_id, blended_price_usd_per_1m, tokens_per_second from models"
    ):
        found = profiles[model]["performance_metadata"]
        share = None
        if price:
            share = 1 - min(max(math.log(price / 0.05) / math.log(20 / 0.05), 0), 1)
        expected = tier(share, [(0.66, "high"), (0.33, "medium"), (0, "low")])
        assert found["cost_efficiency"] == expected, (model, price)
        expected = tier(speed, [(120, "fast"), (50, "medium"), (0, "slow")])
        assert found["speed_tier"] == expected, (model, speed)
        seen |= {found["cost_efficiency"], found["speed_tier"]}
    assert seen == {"high", "medium", "low", "fast", "slow", None}


# ----------------------------------------------------------- back to the landed records


def scores_of(profiles) -> list[tuple[str, str, str]]:
    return [
        (model, category, benchmark)
        for model, document in profiles.items()
        for category, shown in document["category_scores"].items()
        for benchmark in shown["contributing_scores"]
    ]


def facts_of(profiles) -> list[tuple[str, str]]:
    return [
        (model, field)
        for model, document in profiles.items()
        for field in STATIC_FIELDS
        if document["static_data"][field] is not None
    ]


def as_written(source: str, record: dict[str, Any], field: str) -> float:
    """The number that a landed record states under a benchmark's name in its source."""
    if source == "epoch":
        return float(record[field.split(":", 1)[1]])
    if source == "aider":
        return float(record["pass_rate_2"])
    if source == "llm_stats":
        assert record["benchmark_id"] == field
        return float(record["score"])
    if source == "artificial_analysis":
        return float(record["evaluations"][field])
    if source == "evalplus":
        return float(record["pass@1"][field.removeprefix("pass@1.")])
    assert source == "trun"
    if "benchmarks" in record:
        return float(record["benchmarks"][field]["score"])
    assert record["benchmark_name"] == field
    return float(record["score"].rstrip("%"))


def test_scores_lead_back_to_their_records(shipped, profiles, landed):
    """A measured cell is the mean over its sources by quality, a source the mean of its records."""
    scales = {
        (source, name): (low, high)
        for source, name, low, high in shipped.query(
            "select source_id, source_benchmark_name, scale_min, scale_max"
            " from parameters.benchmark_names"
        )
    }
    quality = dict(
        shipped.query("select evidence_kind, quality from parameters.evidence_kinds order by 1")
    )
    kinds = {
        tuple(key): kind
        for *key, kind in shipped.query(
            "select source_id, entity, record_key, source_benchmark_name, evidence_kind"
            " from observations"
        )
    }
    layers = Counter()
    merged = 0
    everything = scores_of(profiles)
    # Half of them by chance, half from cells that several records were merged into.
    several = [
        key
        for key in everything
        if len(profiles[key[0]]["extensions"]["contributing_records"][key[1]][key[2]]) > 1
    ]
    chance = random.Random(SEED)
    for model, category, benchmark in chance.sample(everything, FOLLOWED // 2) + chance.sample(
        several, FOLLOWED // 2
    ):
        where = (model, category, benchmark)
        document = profiles[model]
        shown = document["category_scores"][category]["contributing_scores"][benchmark]
        sources = document["extensions"]["contributing_records"][category][benchmark]
        values, weights = [], []
        for said in sources:
            numbers, evidence = [], []
            for reference in said["records"]:
                key = (said["source"], reference["entity"], reference["record_key"])
                record = landed[(*key, reference["load_id"])]
                written = as_written(said["source"], record, reference["field"])
                assert written == pytest.approx(reference["value"], abs=1e-9), where
                low, high = scales[said["source"], reference["field"]]
                numbers.append((written - low) / (high - low))
                evidence.append(quality[kinds[(*key, reference["field"])]])
            value = statistics.fmean(numbers)
            assert 100 * value == pytest.approx(said["score"], abs=1e-5), where
            values.append(value)
            weights.append(max(evidence))
        cell = math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)
        assert 100 * cell == pytest.approx(shown["score"], abs=1e-5), where
        layers[shown["source"]] += 1
        merged += len(sources) > 1
    assert merged >= FOLLOWED // 2
    assert set(layers) == {"benchmarks", "analytics"}


def stated(source: str, record: dict[str, Any], attribute: str) -> float | None:
    path, factor = ROUTE_FIELDS[source, attribute]
    # A route of tiers only asks what its first tier asks.
    value: Any = {**record.get("tiered_pricing", [{}])[0], **record}
    for step in path:
        value = (value or {}).get(step)
    return None if value in (None, 0, "0", "NA", "") else float(value) * factor


def routes_of(project: Project) -> dict[str, list[tuple[str, str, str]]]:
    """model -> its live routes at hosts that did not make it."""
    routes = defaultdict(list)
    for model, *key in project.query(
        "select model_id, source_id, entity, record_key from deployments"
        " where origin = 'host_median' and not is_deprecated and model_id is not null"
    ):
        routes[model].append(tuple(key))
    return routes


def test_facts_lead_back_to_their_records(shipped, profiles, landed):
    routes = routes_of(shipped)
    newest = {key[:3]: record for key, record in landed.items()}
    origins = Counter()
    for model, field in random.Random(SEED).sample(facts_of(profiles), FOLLOWED):
        document = profiles[model]
        attribute, divisor = STATIC_FIELDS[field]
        fact = document["extensions"]["facts"][attribute]
        # A price is that of one route; what else hosts say is the median over them.
        if fact["origin"] == "host_median" and fact["load_id"] is None:
            said = [stated(key[0], newest[key], attribute) for key in routes[model]]
            # Of contexts the one that a host states, of prices the middle of two.
            median = statistics.median_low if field == "context_window" else statistics.median
            value = median(number for number in said if number is not None)
        else:
            ((record,),) = [
                [record]
                for key, record in landed.items()
                if key[0] == fact["source"]
                and key[2] == fact["record_key"]
                and key[3] == fact["load_id"]
            ]
            value = stated(fact["source"], record, attribute)
        shown = document["static_data"][field]
        assert shown == pytest.approx(value / divisor, rel=1e-5, abs=1e-6), (model, field)
        origins[fact["origin"]] += 1
    assert {"registry", "vendor_route", "host_median", "lone_host"} <= set(origins)
