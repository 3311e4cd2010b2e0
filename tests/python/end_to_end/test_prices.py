"""Every price that a source states per token is in the mart prices, and none is that it does not.

What must come out is read here from the raw files by hand, without the parameter seeds that the dbt
models read: record by record, and counted by kind for the kinds that were once lost.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.python.upstream import NO_UPSTREAM, UPSTREAM

from .projects import ROOT, Project, copy_of_project, succeed

SNAPSHOTS = ROOT / "extract" / "snapshots"
NEWER = UPSTREAM.parent / f"{UPSTREAM.name}-newer"
#: (kind, service, from how many tokens)
Price = tuple[str, str, int]

LITELLM = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "explicit_cache_read_input_token_cost": "cache_read_explicit",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost_above_12hr": "cache_write_12h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_creation_input_audio_token_cost": "cache_write_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "cache_read_input_image_token_cost": "cache_read_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_video_token": "output_video",
    "citation_cost_per_token": "citation",
}
SERVICES = {"batches": "batch"} | {
    word: word for word in ("flex", "priority", "balanced", "ultrafast", "decisions")
}
MODELS_DEV = {
    "input": "input",
    "output": "output",
    "reasoning": "reasoning",
    "cache_read": "cache_read",
    "cached_input": "cache_read",
    "cache_input": "cache_read",
    "cache_write": "cache_write",
    "cached_write": "cache_write",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
    "citation": "citation",
}
OPENROUTER = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "input_audio_cache": "cache_read_audio",
}
#: What is counted: kinds of price that were lost until the mart was made.
KINDS: dict[str, Callable[[Price, str], bool]] = {
    "above some tokens": lambda price, where: price[2] > 0,
    "batch": lambda price, where: price[1] == "batch",
    "priority": lambda price, where: price[1] == "priority",
    "flex": lambda price, where: price[1] == "flex",
    "fast mode": lambda price, where: price[1] == "fast",
    "off-peak": lambda price, where: price[1] == "off_peak",
    "cache write": lambda price, where: price[0].startswith("cache_write"),
    "reasoning": lambda price, where: price[0] == "reasoning",
    "tiered": lambda price, where: where.startswith("tiered_pricing"),
    "misspelt cache": lambda price, where: bool(re.search(r"cached_|cache_input", where)),
}
#: (records, prices) that state each in the files with which this was written: complete files, of
#: which the shipped snapshots hold all routes but not every field.
COUNTED: dict[str, dict[str, tuple[int, int]]] = {
    "litellm/model_prices_and_context_window_2026-11-29.json": {
        "above some tokens": (378, 1969),
        "batch": (593, 1722),
        "priority": (435, 1537),
        "flex": (312, 987),
        "off-peak": (10, 30),
        "cache write": (584, 1334),
        "reasoning": (84, 93),
        "tiered": (54, 343),
    },
    "models_dev/api_2026-07-02.json": {
        "above some tokens": (190, 626),
        "fast mode": (40, 139),
        "cache write": (763, 830),
        "reasoning": (71, 71),
        "misspelt cache": (16, 21),
    },
    "openrouter/models_2026-08-01.json": {
        "above some tokens": (44, 170),
        "cache write": (58, 105),
        "reasoning": (19, 19),
    },
    "models_dev/api_2026-04-04.json": {
        "above some tokens": (53, 173),
        "cache write": (426, 446),
        "reasoning": (66, 66),
    },
}


# ----------------------------------------------------------------------------- by hand


def prices_of_litellm(record: dict[str, Any]) -> Iterator[tuple[Price, str, Any]]:
    for field, value in record.items():
        name, service, threshold = field, "standard", 0
        if (word := name.rpartition("_")[2]) in SERVICES:
            name, service = name.removesuffix(f"_{word}"), SERVICES[word]
        if found := re.search(r"_above_(\d+)k_tokens$", name):
            name, threshold = name[: found.start()], int(found[1]) * 1000
        if name in LITELLM:
            yield (LITELLM[name], service, threshold), field, value
    for number, tier in enumerate(record.get("tiered_pricing", [])):
        for name, value in tier.items():
            if name in LITELLM:
                where = f"tiered_pricing[{number}].{name}"
                yield (LITELLM[name], "standard", int(tier["range"][0])), where, value
    for name, value in record.get("off_peak_pricing", {}).items():
        if name in LITELLM:
            yield (LITELLM[name], "off_peak", 0), f"off_peak_pricing.{name}", value


def prices_of_models_dev(record: dict[str, Any]) -> Iterator[tuple[Price, str, Any]]:
    cost = record.get("cost") or {}
    blocks = [("cost", "standard", 0, cost)]
    for name, block in cost.items():
        if found := re.fullmatch(r"context_over_(\d+)k", name):
            blocks.append((f"cost.{name}", "standard", int(found[1]) * 1000, block))
    for number, block in enumerate(cost.get("tiers", [])):
        blocks.append((f"cost.tiers[{number}]", "standard", block["tier"]["size"], block))
    for mode, block in (record.get("experimental") or {}).get("modes", {}).items():
        blocks.append((f"experimental.modes.{mode}.cost", mode, 0, block.get("cost", {})))
    for where, service, threshold, block in blocks:
        for name, value in block.items():
            if name in MODELS_DEV:
                yield (MODELS_DEV[name], service, threshold), f"{where}.{name}", value


def prices_of_openrouter(record: dict[str, Any]) -> Iterator[tuple[Price, str, Any]]:
    pricing = record["pricing"]
    blocks = [("pricing", 0, pricing)] + [
        (f"pricing.overrides[{number}]", block["min_prompt_tokens"], block)
        for number, block in enumerate(pricing.get("overrides", []))
    ]
    for where, threshold, block in blocks:
        for name, value in block.items():
            if name in OPENROUTER and float(value) != -1:
                yield (OPENROUTER[name], "standard", threshold), f"{where}.{name}", value


def records_of(source: str, content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if source == "litellm":
        for route, record in content.items():
            if "litellm_provider" in record and route != "sample_spec":
                yield route, record
    elif source == "models_dev":
        for provider, host in content.items():
            for model, record in host["models"].items():
                yield f"{provider}|{model}", record
    else:
        for record in content["data"]:
            yield record["id"], record


READERS = {
    "litellm": (prices_of_litellm, 1e6, "model_prices_and_context_window*.json"),
    "models_dev": (prices_of_models_dev, 1, "api*.json"),
    "openrouter": (prices_of_openrouter, 1e6, "models*.json"),
}


@dataclass(frozen=True)
class Stated:
    """What the newest file of a source states: of each record its prices and where they stand."""

    file: str
    prices: dict[tuple[str, Price], list[tuple[str, float]]]


def stated_in(folder: Path, source: str) -> Stated:
    read, factor, pattern = READERS[source]
    file = max((folder / source).glob(pattern))
    prices: dict[tuple[str, Price], list[tuple[str, float]]] = {}
    for key, record in records_of(source, json.loads(file.read_text())):
        for price, where, value in read(record):
            if value is not None:
                said = prices.setdefault((key, price), [])
                said.append((where, float(value) * factor))
    return Stated(f"{source}/{file.name}", prices)


# ------------------------------------------------------------------------------ builds


def build_newer(target: Path, shipped: Project) -> Project:
    """A project with newer files of the sources of prices landed, built up to the prices."""
    project = copy_of_project(target, shipped.path)
    sources = [word for source in READERS for word in ("--source", source)]
    succeed(project.extract("--from", str(NEWER), *sources))
    succeed(project.build("--select", "+prices"))
    return project


@pytest.fixture(scope="module", params=["shipped", "complete", "newer"])
def landed(request, shipped, tmp_path_factory) -> tuple[Path, Project]:
    """A folder of raw files, and the project built of them."""
    if request.param == "shipped":
        return SNAPSHOTS, shipped
    if request.param == "complete":
        return UPSTREAM, request.getfixturevalue("real")
    if not NEWER.is_dir():
        pytest.skip(NO_UPSTREAM)
    return NEWER, build_newer(tmp_path_factory.mktemp("newer") / "project", shipped)


def query(project: Project, sql: str) -> list[tuple]:
    return project.query(sql, "build/warehouse.duckdb")


def sources_in(folder: Path) -> list[str]:
    return [source for source in READERS if (folder / source).is_dir()]


# ------------------------------------------------------------------------------- tests


def shown_in(project: Project, source: str) -> dict[tuple[str, Price], tuple[str, float]]:
    """The rows of the mart for a source: the field and the price of each."""
    return {
        (key, (kind, service, threshold)): (field, value)
        for key, kind, service, threshold, field, value in query(
            project,
            f"""
            select
                record_key, price_kind, service, threshold_tokens, stated_field, price_usd_per_1m
            from prices
            where source_id = '{source}'
            """,
        )
    }


def rejected_in(project: Project, source: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Records that are rejected as a whole, and fields of others that are."""
    rows = query(
        project,
        f"""
        select record_key, field, subject from intermediate.int_field_checks
        inner join parameters.validation_rules on rule_id = rejected_by
        where source_id = '{source}' and subject in ('record', 'field') and is_newest
        """,
    )
    records = {key for key, _, subject in rows if subject == "record"}
    return records, {(key, field) for key, field, _ in rows}


def accepted_of(project: Project, source: str, stated: Stated) -> dict[tuple[str, Price], Any]:
    """What a file states, without what was rejected with a reason."""
    records, fields = rejected_in(project, source)
    return {
        (key, price): said
        for (key, price), said in stated.prices.items()
        if key not in records
        and (key, f"{price[0]}_price_usd_per_1m") not in fields
        and any((key, where) not in fields for where, _ in said)
    }


def test_every_stated_price_is_in_the_mart_or_in_quarantine(landed):
    folder, project = landed
    for source in sources_in(folder):
        stated = stated_in(folder, source)
        accepted, shown = accepted_of(project, source, stated), shown_in(project, source)
        lost = accepted.keys() - shown
        assert not lost, (stated.file, len(lost), sorted(lost)[:5])
        invented = shown.keys() - stated.prices
        assert not invented, (stated.file, len(invented), sorted(invented)[:5])
        for where, (_, value) in shown.items():
            numbers = [number for _, number in stated.prices[where]]
            assert value in [pytest.approx(n, rel=1e-9, abs=5.1e-7) for n in numbers], where


def test_kinds_of_price_that_were_lost_are_counted_on_both_sides(landed):
    folder, project = landed
    for source in sources_in(folder):
        stated = stated_in(folder, source)
        accepted, shown = accepted_of(project, source, stated), shown_in(project, source)
        for kind, is_of in KINDS.items():
            by_hand = {
                where for where, said in stated.prices.items() if is_of(where[1], said[0][0])
            }
            found = {where for where, (field, _) in shown.items() if is_of(where[1], field)}
            assert len(by_hand & accepted.keys()) == len(found), (stated.file, kind)
            if stated.file in COUNTED:
                records = len({key for key, _ in by_hand})
                expected = COUNTED[stated.file].get(kind, (0, 0))
                assert (records, len(by_hand)) == expected, (stated.file, kind)


def test_every_field_that_looks_like_a_price_is_declared(landed):
    _, project = landed
    unknown = query(
        project,
        """
        select distinct source_id, field from intermediate.int_field_checks
        where rejected_by = 'unknown_price'
        """,
    )
    assert not unknown


def test_one_price_is_never_stated_twice_and_differently(landed):
    """Of two fields for one price the first counts: no other may say something else unnoticed."""
    folder, _ = landed
    for source in sources_in(folder):
        stated = stated_in(folder, source)
        different = {
            where: said
            for where, said in stated.prices.items()
            if max(n for _, n in said) != pytest.approx(min(n for _, n in said), rel=1e-6)
        }
        assert not different, stated.file


def test_one_price_of_a_record_that_breaks_its_ceiling_takes_all_others_with_it(shipped):
    """500 USD for input and 2,000 for output: watsonx states them per token of another unit."""
    record = "watsonx/core42/jais-13b-chat"
    rejected = shipped.query(
        f"select field, rejected_by from quarantine where record_key = '{record}' order by field"
    )
    assert rejected == [
        ("input_price_usd_per_1m", "above_ceiling"),
        ("output_price_usd_per_1m", "above_ceiling"),
    ]
    assert not shipped.query(f"select 1 from prices where record_key = '{record}'")
    (model,) = shipped.query(
        "select blended_price_usd_per_1m, lowest_blended_price_usd_per_1m from models"
        " where model_id = 'jais-13b-chat'"
    )
    assert model == (None, None)


def test_a_route_of_tiers_only_has_its_first_tier_as_its_price(shipped):
    stated = json.loads(
        (SNAPSHOTS / "litellm/model_prices_and_context_window_2026-11-23.json").read_text()
    )
    only_tiers = {
        route: record["tiered_pricing"]
        for route, record in stated.items()
        if "tiered_pricing" in record and "input_cost_per_token" not in record
        if "input_cost_per_token" in record["tiered_pricing"][0]
    }
    assert len(only_tiers) == 49
    shown = {
        route: prices
        for route, *prices in shipped.query(
            "select route, input_price_usd_per_1m, output_price_usd_per_1m from deployments"
            " where source_id = 'litellm'"
        )
    }
    for route, (first, *_) in only_tiers.items():
        asked = [first["input_cost_per_token"] * 1e6, first["output_cost_per_token"] * 1e6]
        assert shown[route] == pytest.approx(asked, abs=5.1e-7), route


def test_the_two_prices_of_a_model_are_a_pair_that_one_record_states(shipped):
    """No medians of input and of output apart: of a route, the pair is that of deployments."""
    rows = shipped.query(
        """
        with facts as (
            select
                model_id,
                count(distinct (origin, source_id, record_key)) as record_count,
                any_value(origin) as origin,
                any_value(source_id) as source_id,
                any_value(record_key) as record_key,
                max(value_number) filter (where attribute like 'input%') as input_price,
                max(value_number) filter (where attribute like 'output%') as output_price
            from model_facts
            where attribute like '%_price_usd_per_1m'
            group by model_id
        )
        select
            facts.model_id, facts.origin, facts.record_count,
            facts.input_price is not distinct from nullif(deployments.input_price_usd_per_1m, 0)
            and facts.output_price
            is not distinct from nullif(deployments.output_price_usd_per_1m, 0),
            deployments.model_id = facts.model_id and deployments.host_id = models.price_host_id
        from facts
        inner join models using (model_id)
        left join deployments using (source_id, record_key)
        """
    )
    assert {origin for _, origin, *_ in rows} == {
        "registry", "vendor_route", "host_median", "lone_host",
    }  # fmt: skip
    for model, origin, records, is_pair, is_of_host in rows:
        assert records == 1, model
        assert (is_pair and is_of_host) or origin == "registry", model


def test_a_price_of_one_host_only_is_marked_as_such(shipped):
    rows = shipped.query(
        """
        select
            models.price_origin,
            count(distinct deployments.host_id)
        from models
        inner join deployments using (model_id)
        where
            models.price_origin in ('lone_host', 'host_median')
            and not deployments.is_deprecated and not deployments.is_free
            and least(deployments.input_price_usd_per_1m, deployments.output_price_usd_per_1m) > 0
            and models.output_price_usd_per_1m is not null
            and deployments.origin = 'host_median'
        group by models.model_id, models.price_origin
        """
    )
    assert {count for origin, count in rows if origin == "lone_host"} == {1}
    assert min(count for origin, count in rows if origin == "host_median") == 2


def test_the_lowest_price_is_live_paid_for_and_undisputed(shipped):
    """A hundredth of the price (evroc's Voxtral) is listed and is not the lowest."""
    listed = shipped.query(
        "select first_host_id, first_input_price_usd_per_1m, ratio > 100 from price_disagreements"
        " where model_id = 'voxtral-small-2507' and comparison_kind = 'market'"
    )
    assert ("evroc", 0.00236, True) in listed
    rows = shipped.query(
        """
        select
            models.model_id, models.lowest_blended_price_usd_per_1m,
            min(deployments.blended_price_usd_per_1m), max(deployments.price_rank),
            bool_or(
                deployments.is_free or deployments.is_deprecated or deployments.is_price_disputed
            ),
            bool_or(deployments.host_id = models.lowest_price_host_id)
        from models
        left join deployments
            on deployments.model_id = models.model_id and deployments.price_rank = 1
        group by all
        """
    )
    assert sum(low is not None for _, low, *_ in rows) > 1000
    for model, low, cheapest, rank, is_wrong, is_host in rows:
        # The vendor's price and the dust below it of one converted from another unit.
        assert (low is None) == (cheapest is None), model
        assert low is None or cheapest <= low <= cheapest * 1.0002, model
        assert (rank, is_wrong, is_host) == ((1, False, True) if low else (None,) * 3), model
    assert {row[0]: row[1] for row in rows}["voxtral-small-2507"] >= 0.1
    disputed = shipped.query(
        """
        select count(*), count(deployments.price_rank)
        from deployments
        semi join price_disagreements
            on price_disagreements.first_source_id = deployments.source_id
            and price_disagreements.first_record_key = deployments.record_key
        """
    )
    assert disputed[0][0] > 100
    assert disputed[0][1] == 0


def test_hosts_have_one_id_and_free_routes_are_marked(shipped):
    spellings = shipped.query(
        "select host_id, list(distinct host order by host) from deployments"
        " where host_id in ('azure', 'bedrock', 'fireworks') group by 1 order by 1"
    )
    assert [host for host, _ in spellings] == ["azure", "bedrock", "fireworks"]
    assert all(len(names) >= 3 for _, names in spellings)
    ((zero, free, ranked),) = shipped.query(
        """
        select
            count(*) filter (where greatest(input_price_usd_per_1m, output_price_usd_per_1m) = 0),
            count(*) filter (where is_free),
            count(price_rank) filter (where is_free)
        from deployments
        """
    )
    assert zero == free == 590
    assert ranked == 0


def test_the_cheapest_hosts_of_a_model_are_found_as_the_readme_says(shipped):
    query = next(
        block
        for block in re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        if "price_rank" in block
    )
    hosts = shipped.query(query)
    assert len(hosts) == 5
    prices = [price for _, price in hosts]
    assert prices == sorted(prices)
    ((low, host),) = shipped.query(
        "select lowest_blended_price_usd_per_1m, lowest_price_host_id from models"
        " where model_id = 'deepseek-r1'"
    )
    assert hosts[0] == (host, low)
