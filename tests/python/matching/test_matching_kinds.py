"""Kinds of names that people reported: efforts, marks of runs, resellers' words, rolling names."""

from __future__ import annotations

import pytest

from matching import Name, parse, resolve

HOSTED = [
    Name("litellm", "gpt-5.6-sol", "openai", role="vendor"),
    Name("litellm", "gpt-5.1-codex", "openai", role="vendor"),
    Name("litellm", "gpt-5.1-codex-max", "openai", role="vendor"),
    Name("litellm", "o4-mini-2025-04-16", "openai", role="vendor"),
    Name("litellm", "gpt-4", "openai", role="vendor"),
    Name("models_dev", "minimax-m2.5", "minimax", role="vendor"),
    Name("models_dev", "kimi-k3", "moonshotai", role="vendor"),
    Name("models_dev", "glm-5.3", "zai", role="vendor"),
    Name("models_dev", "command-a-03-2025", "cohere", role="vendor"),
    Name("models_dev", "claude-3-opus-20240229", "anthropic", role="vendor"),
    Name("models_dev", "deepseek-v4-flash", "deepseek", role="vendor"),
    Name("models_dev", "qwen-max-2025-01-25", "alibaba", role="vendor"),
    Name("models_dev", "mistral-large-2512", "mistral", role="vendor"),
]


def decided(vocabulary, *names):
    """Source name -> (model id, variant, status) beside what makers serve."""
    found = resolve([*HOSTED, *names], [], vocabulary).decisions
    wanted = {(n.source, n.name) for n in names}
    return {
        d.source_model_name: (d.model_id, d.variant, d.status)
        for d in found
        if (d.source, d.source_model_name) in wanted
    }


@pytest.mark.parametrize(
    ("name", "source", "org", "role", "model_id", "variant"),
    [
        ("gpt-5.6-sol-max", "livebench", None, "evaluator", "gpt-5.6-sol", "max"),
        ("gpt-5.1-codex-max", "livebench", None, "evaluator", "gpt-5.1-codex-max", ""),
        ("qwen2.5-max", "epoch", "Alibaba", "evaluator", "qwen-max-2025-01-25", ""),
        (
            "o4-mini-2025-04-16-medium",
            "livebench",
            None,
            "evaluator",
            "o4-mini-2025-04-16",
            "medium",
        ),
        ("gpt-5.6-sol-pre-release_high", "epoch", "OpenAI", "evaluator", "gpt-5.6-sol", "high"),
        ("command-a-03-2025-quality", "aider", None, "evaluator", "command-a-03-2025", ""),
        ("claude-3-opus (Mar 2024)", "evalplus", None, "evaluator", "claude-3-opus-20240229", ""),
        ("GPT-4 (May 2023)", "evalplus", None, "evaluator", "gpt-4", ""),
        ("coding-kimi-k3", "models_dev", "aihubmix", "host", "kimi-k3", ""),
        ("cc-glm-5.3", "models_dev", "aihubmix", "host", "glm-5.3", ""),
        ("minimax-m25", "models_dev", "venice", "host", "minimax-m2.5", ""),
        ("databricks/system.ai.kimi-k3", "litellm", "databricks", "host", "kimi-k3", ""),
        ("databricks/databricks-glm-5-3", "litellm", "databricks", "host", "glm-5.3", ""),
        (
            "fireworks_ai/accounts/fireworks/routers/spot-deepseek-v4-flash",
            "litellm",
            "fireworks_ai",
            "host",
            "deepseek-v4-flash",
            "",
        ),
        ("fireworks_ai/kimi-k3-fast", "litellm", "fireworks_ai", "host", "kimi-k3", ""),
        ("codex-auto-review", "x", "openai", "evaluator", "codex-auto-review", ""),
    ],
)
def test_what_is_no_part_of_a_name_is_read_as_what_it_is(
    vocabulary, name, source, org, role, model_id, variant
):
    found = decided(vocabulary, Name(source, name, org, role=role))
    assert found[name] == (model_id, variant, "auto")


def test_an_effort_must_be_one_that_the_model_offers(vocabulary):
    """Sources that say which efforts a model offers decide whether 'max' is one of them."""
    name = Name("livebench", "glm-5.3-max")
    offers = Name("openrouter", "z-ai/glm-5.3", "z-ai", efforts=("low", "high"))
    assert decided(vocabulary, name)[name.name][:2] == ("glm-5.3", "max")
    assert decided(vocabulary, name, offers)[name.name][:2] == ("glm-5.3-max", "")
    offers = Name("openrouter", "z-ai/glm-5.3", "z-ai", efforts=("high", "max"))
    assert decided(vocabulary, name, offers)[name.name][:2] == ("glm-5.3", "max")


@pytest.mark.parametrize(
    "name",
    ["grok-latest", "openai/gpt-chat-latest", "~anthropic/claude-opus-5", "claude-opus-latest"],
)
def test_a_name_that_moves_with_time_is_no_model_of_its_own(vocabulary, name):
    assert decided(vocabulary, Name("openrouter", name))[name] == (None, "", "review")


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("mistral-large-latest", "mistral-large-2512"),
        ("chatgpt-4o-latest", "chatgpt-4o-latest"),
        ("chatgpt-4o-latest (2025-03-29)", "chatgpt-4o-latest-2025-03-29"),
    ],
)
def test_a_rolling_name_that_a_row_or_a_date_pins_is_a_release(vocabulary, name, model_id):
    assert decided(vocabulary, Name("aider", name))[name] == (model_id, "", "auto")


@pytest.mark.parametrize(
    ("name", "org"),
    [
        ("together-ai-21.1b-41b", "together_ai"),
        ("together-ai-up-to-4b", "together_ai"),
        ("azure/container", "azure"),
        ("openai/container", "openai"),
    ],
)
def test_brackets_of_prices_and_tools_are_no_models(vocabulary, name, org):
    assert parse(name, "litellm", org, vocabulary, "host").problem


@pytest.mark.parametrize(
    ("name", "org", "word"),
    [
        ("codestral/codestral-2405", "codestral", "codestral"),
        ("gigachat/GigaChat-2-Max", "gigachat", "gigachat"),
        ("v0/v0-1.5-md", "v0", "v0"),
        ("cerebras/Cerebras-GPT-13B", "cerebras", "cerebras"),
    ],
)
def test_a_maker_that_serves_its_own_family_keeps_its_word(vocabulary, name, org, word):
    parsed = parse(name, "litellm", org, vocabulary, "host")
    assert not parsed.problem
    assert any(raw == word for _, raw in parsed.pieces) or parsed.identity.provider == word


def test_a_name_that_its_source_calls_another_is_that_model_for_the_time_being(vocabulary):
    """The alias moves, what is spelled like it elsewhere does not."""
    alias = Name("litellm", "kimi-latest", "moonshot", role="host", alias_of="moonshot/kimi-k3")
    route = Name("litellm", "moonshot/kimi-k3", "moonshot", role="host")
    other = Name("openrouter", "kimi-latest", "moonshotai")
    found = decided(vocabulary, alias, route, other)
    assert found["moonshot/kimi-k3"][0] == "kimi-k3"
    decisions = resolve([*HOSTED, alias, route, other], [], vocabulary).decisions
    by_source = {d.source: d for d in decisions if d.source_model_name == "kimi-latest"}
    assert (by_source["litellm"].model_id, by_source["litellm"].method) == ("kimi-k3", "alias")
    assert by_source["openrouter"].status == "review"


def test_a_day_of_listing_pins_no_rolling_name(vocabulary):
    names = [
        Name("openrouter", text, "openai", record_id="openai/gpt-chat-latest")
        for text in ("openai/gpt-chat-latest", "openai/gpt-chat-latest-20260505")
    ]
    for name, found in decided(vocabulary, *names).items():
        assert found[0] is None, name


def test_an_alias_of_what_nobody_serves_waits_for_a_person(vocabulary):
    alias = Name("litellm", "kimi-latest", "moonshot", role="host", alias_of="moonshot/kimi-k9")
    assert decided(vocabulary, alias)["kimi-latest"] == (None, "", "review")
