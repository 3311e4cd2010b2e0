"""What must hold for any name, not only for those somebody thought of."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matching_support import REGISTRY, SEEDS, decide

from matching import Name, build_vocabulary, load_registry, load_vocabulary, parse, resolve
from matching.rewriting import compile_rules

VOCABULARY = load_vocabulary(SEEDS)
SOURCES = ["litellm", "models_dev:openrouter", "epoch_version", "aider", "huggingface", "unknown"]
FAMILIES = ["gpt", "claude", "gemini", "llama", "qwen", "grok", "nemotron", "zephyrion"]
VERSIONS = ["2", "3", "3.1", "4.5", "5"]
TIERS = ["", "mini", "pro", "flash", "large"]
SIZES = ["", "12b", "70b", "405b"]
DOMAINS = ["", "coder", "vision", "math"]

quick = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def model_parts(draw) -> list[str]:
    parts = [
        draw(st.sampled_from(FAMILIES)),
        draw(st.sampled_from(VERSIONS)),
        draw(st.sampled_from(TIERS)),
        draw(st.sampled_from(SIZES)),
        draw(st.sampled_from(DOMAINS)),
    ]
    return [p for p in parts if p]


@quick
@given(st.text(max_size=400), st.sampled_from(SOURCES), st.none() | st.text(max_size=30))
def test_parsing_never_raises(text, source, org):
    parse(text, source, org, VOCABULARY)


@quick
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_resolving_never_raises_and_answers_every_name(texts):
    names = [Name(SOURCES[i % len(SOURCES)], text) for i, text in enumerate(texts)]
    resolution = resolve(names, [], VOCABULARY)
    assert {(d.source, d.source_model_name) for d in resolution.decisions} == {
        (n.source, n.name) for n in names
    }


@quick
@given(model_parts(), st.sampled_from(["-", " ", "_"]))
def test_case_and_separators_do_not_change_identity(parts, separator):
    plain = parse("-".join(parts), "litellm", None, VOCABULARY).identity
    other = parse(separator.join(parts).upper(), "litellm", None, VOCABULARY).identity
    assert other == plain


@quick
@given(
    model_parts(),
    st.sampled_from(
        [
            "azure/",
            "deepinfra/",
            "bedrock/us-east-1/",
            "openrouter/",
            "ollama/",
            "fireworks_ai/accounts/fireworks/models/",
            "us.",
            "cloudflare/@cf/",
        ]
    ),
)
def test_host_prefixes_do_not_change_identity(parts, prefix):
    name = "-".join(parts)
    plain = parse(name, "litellm", None, VOCABULARY).identity
    assert parse(prefix + name, "litellm", None, VOCABULARY).identity == plain


@quick
@given(
    model_parts(),
    st.sampled_from(
        [
            " (high)",
            "_low",
            "-xhigh",
            " (16K)",
            "_32K",
            "-fp8",
            "-awq",
            " (bf16)",
            ":free",
            "-high-effort",
            " [minimal]",
        ]
    ),
)
def test_effort_budget_quantisation_and_route_never_change_the_model(parts, tail):
    name = "-".join(parts)
    plain, decorated = decide(VOCABULARY, ("litellm", name), ("litellm", name + tail))
    assert plain.model_id == decorated.model_id


@pytest.mark.skipif(not REGISTRY.exists(), reason="the registry snapshot is not in place")
def test_an_effort_behind_a_registry_id_is_its_variant():
    models = load_registry(REGISTRY)
    names = [("models_dev:openrouter", f"{m.model_id}-high") for m in models]
    decisions = decide(VOCABULARY, *names, registry=models)
    found = [(d.model_id, d.variant) for d in decisions]
    assert found == [(m.model_id, "high") for m in models]


@quick
@given(st.lists(model_parts(), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_answer_is_a_function_of_the_set_of_names(many, random):
    names = [Name(SOURCES[i % len(SOURCES)], "-".join(parts)) for i, parts in enumerate(many)]
    shuffled = [*names, *names[:3]]
    random.shuffle(shuffled)

    def answers(given_names):
        found = resolve(given_names, [], VOCABULARY).decisions
        return {(d.source, d.source_model_name): (d.model_id, d.status, d.score) for d in found}

    assert answers(names) == answers(shuffled)


@quick
@given(model_parts(), st.integers(0, 4), st.data())
def test_a_hard_token_conflict_never_merges(parts, position, data):
    position %= len(parts)
    choices = next(c for c in (FAMILIES, VERSIONS, TIERS, SIZES, DOMAINS) if parts[position] in c)
    other = data.draw(st.sampled_from([c for c in choices if c and c != parts[position]]))
    changed = [*parts[:position], other, *parts[position + 1 :]]
    a, b = decide(VOCABULARY, ("litellm", "-".join(parts)), ("epoch_version", "-".join(changed)))
    assert a.model_id is None or a.model_id != b.model_id


@quick
@given(model_parts(), model_parts())
def test_merging_is_symmetric(first, second):
    spellings = [("litellm", "-".join(first)), ("aider", " ".join(second))]
    a, b = decide(VOCABULARY, *spellings)
    d, c = decide(VOCABULARY, *reversed(spellings))
    assert (a.model_id == b.model_id) == (c.model_id == d.model_id)


@pytest.mark.parametrize("role", ["", "reseller"])
def test_an_unknown_role_is_an_error(role):
    with pytest.raises(ValueError, match="unknown role"):
        resolve([Name("x", "gpt-4", role=role)], [], VOCABULARY)


def test_order_of_the_vocabulary_decides_nothing():
    rows = {seed: list(found) for seed, found in VOCABULARY.rows.items()}
    with (Path(__file__).parent / "labelled_names.csv").open(encoding="utf-8") as file:
        names = [Name(r["source"], r["name"], r["org"] or None) for r in csv.DictReader(file)]
    kept = resolve(names, load_registry(REGISTRY), VOCABULARY)
    for order in (reversed, lambda found: sorted(found, key=lambda row: list(row.values()))):
        turned = build_vocabulary({seed: list(order(found)) for seed, found in rows.items()})
        assert resolve(names, load_registry(REGISTRY), turned) == kept


def test_rows_that_contradict_each_other_are_an_error():
    rows = {seed: list(found) for seed, found in VOCABULARY.rows.items()}
    rows["matching_tunes"].append({"name": "Llama", "bare_means": "one", "note": ""})
    with pytest.raises(ValueError, match=r"'Llama' means 'one', but an earlier row .* 'base'"):
        compile_rules(build_vocabulary(rows))
