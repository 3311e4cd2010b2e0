"""Every wrong match that users of other tools reported, and the traps seen in real files."""

from __future__ import annotations

import pytest
from matching_support import decide, merged

from matching import CanonicalModel, Name, parse, resolve

APART = [
    (
        "sonar_reasoning_is_not_sonar",
        ("litellm", "perplexity/sonar-reasoning"),
        ("litellm", "perplexity/sonar"),
    ),
    (
        "served_weights_are_not_the_base",
        ("epoch_version", "open-mixtral-8x22b"),
        ("huggingface", "mistralai/Mixtral-8x22B-v0.1", "mistralai"),
    ),
    (
        "latest_is_not_the_first_undated_row",
        ("litellm", "mistral/mistral-large-latest"),
        ("epoch_src:mmlu", "Mistral Large (2402)"),
    ),
    (
        "latest_is_not_the_undated_name",
        ("litellm", "mistral/mistral-large-latest"),
        ("epoch_display", "Mistral Large", "Mistral AI"),
    ),
    (
        "haiku_is_not_opus",
        ("litellm", "claude-haiku-4-5-20251001"),
        ("litellm", "claude-opus-4-5-20251101"),
    ),
    (
        "opus_4_7_is_not_opus_4",
        ("openrouter", "anthropic/claude-opus-4.7", "anthropic"),
        ("litellm", "claude-opus-4-20250514"),
    ),
    (
        "gpt_4_is_not_gpt_4_1_mini",
        ("models_dev:openai", "gpt-4", "openai"),
        ("models_dev:openai", "gpt-4.1-mini", "openai"),
    ),
    (
        "gpt_4_is_not_gpt_4o",
        ("models_dev:openrouter", "openai/gpt-4", "openrouter"),
        ("models_dev:openrouter", "openai/gpt-4o", "openrouter"),
    ),
    (
        "v4_pro_is_not_an_r1_distill",
        ("litellm", "novita/deepseek/deepseek-v4-pro", "novita"),
        ("litellm", "novita/deepseek/deepseek-r1-0528-qwen3-8b", "novita"),
    ),
    (
        "command_a_plus_is_not_command_a",
        ("models_dev:cohere", "command-a-plus-05-2026", "cohere"),
        ("models_dev:cohere", "command-a-03-2025", "cohere"),
    ),
    (
        "distill_is_not_its_base",
        ("huggingface", "deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "deepseek-ai"),
        ("huggingface", "meta-llama/Llama-3.3-70B-Instruct", "meta-llama"),
    ),
    (
        "distill_is_not_its_teacher",
        ("huggingface", "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "deepseek-ai"),
        ("huggingface", "deepseek-ai/DeepSeek-R1", "deepseek-ai"),
    ),
    (
        "base_is_not_instruct",
        ("epoch_version", "Llama-3.1-405B", "Meta AI"),
        ("epoch_version", "Llama-3.1-405B-Instruct", "Meta AI"),
    ),
    (
        "max_is_not_its_preview",
        ("models_dev:alibaba", "qwen3-max", "alibaba"),
        ("models_dev:alibaba", "qwen3-max-preview", "alibaba"),
    ),
    (
        "exp_is_not_the_release",
        ("litellm", "deepinfra/deepseek-ai/DeepSeek-V3.2"),
        ("litellm", "novita/deepseek/deepseek-v3.2-exp"),
    ),
    (
        "flash_lite_is_not_flash",
        ("litellm", "gemini/gemini-2.5-flash-lite"),
        ("litellm", "gemini/gemini-2.5-flash"),
    ),
    (
        "another_size",
        ("litellm", "groq/llama-3.1-8b-instant"),
        ("litellm", "together_ai/meta-llama/Meta-Llama-3.1-70B-Instruct"),
    ),
    (
        "a_dated_flash_is_not_the_8b_of_that_day",
        ("epoch", "gemini-1.5-flash-8b-001", "Google DeepMind"),
        ("epoch", "gemini-1.5-flash-001", "Google DeepMind"),
    ),
    (
        "a_month_of_flash_is_not_the_8b",
        ("epoch", "gemini-1.5-flash-8b-001", "Google DeepMind"),
        ("artificial_analysis", "Gemini 1.5 Flash (May '24)", "Google"),
    ),
    (
        "the_first_claude_is_not_claude_2_1",
        ("litellm", "anthropic.claude-v1", "bedrock"),
        ("litellm", "anthropic.claude-v2:1", "bedrock"),
    ),
    (
        "mixtral_is_not_mistral",
        ("litellm", "deepinfra/mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ("litellm", "together_ai/mistralai/Mistral-7B-Instruct-v0.1"),
    ),
    (
        "third_party_tune_is_not_the_model",
        ("huggingface", "nex-agi/DeepSeek-V3.1-Nex-N1", "nex-agi"),
        ("huggingface", "deepseek-ai/DeepSeek-V3.1", "deepseek-ai"),
    ),
]

TOGETHER = [
    ("vendor_prefix", ("litellm", "azure_ai/grok-4.3"), ("litellm", "xai/grok-4.3")),
    (
        "region_and_route_version",
        ("litellm", "us.anthropic.claude-opus-4-5-20251101-v1:0"),
        ("litellm", "claude-opus-4-5-20251101"),
    ),
    (
        "month_of_launch",
        ("evalplus", "claude-3-sonnet (Mar 2024)"),
        ("trun", "claude-3-sonnet-20240229"),
    ),
    (
        "served_weights",
        ("epoch_version", "open-mixtral-8x22b"),
        ("huggingface", "mistralai/Mixtral-8x22B-Instruct-v0.1", "mistralai"),
    ),
    (
        "at_date",
        ("models_dev:google-vertex-anthropic", "claude-sonnet-4@20250514", "google-vertex"),
        ("litellm", "anthropic.claude-sonnet-4-20250514-v1:0"),
    ),
    (
        "free_route",
        ("models_dev:openrouter", "openai/gpt-oss-20b:free", "openrouter"),
        ("huggingface", "openai/gpt-oss-20b", "openai"),
    ),
    (
        "word_order",
        ("livebench", "claude-4-opus-20250514-base"),
        ("litellm", "claude-opus-4-20250514"),
    ),
    (
        "dots_dashes_and_p",
        ("litellm", "fireworks_ai/accounts/fireworks/models/kimi-k2p5"),
        ("epoch_version", "kimi-k2.5"),
    ),
    (
        "effort_suffix",
        ("epoch_version", "gpt-5.4-mini-2026-03-17_high"),
        ("models_dev:openai", "gpt-5.4-mini-2026-03-17", "openai"),
    ),
    ("effort_word", ("livebench", "o3-mini-2025-01-31-high"), ("aider", "o3-mini (high)")),
    ("short_date", ("epoch_version", "grok-4-0709_high"), ("litellm", "xai/grok-4")),
    (
        "month_name",
        ("epoch_src:hle", "GPT-4o (November 2024)"),
        ("epoch_version", "gpt-4o-2024-11-20"),
    ),
    (
        "version_for_date",
        ("epoch_src:hle", "Mistral Medium 3"),
        ("epoch_version", "mistral-medium-2505"),
    ),
    (
        "preview_word_order",
        ("epoch_src:mmlu", "GPT-4 Turbo (1106 preview)"),
        ("aider", "gpt-4-1106-preview"),
    ),
    (
        "ambiguous_numbers",
        ("huggingface", "LiquidAI/LFM2-2.6B", "LiquidAI"),
        ("models_dev:openrouter", "liquid/lfm-2.2-6b", "openrouter"),
    ),
    (
        "runner_tag",
        ("aider", "qwen2.5-coder:7b-instruct-q8_0"),
        ("huggingface", "Qwen/Qwen2.5-Coder-7B-Instruct", "Qwen"),
    ),
    (
        "experts_and_quantisation",
        ("epoch_version", "Llama-4-Maverick-17B-128E-Instruct-FP8"),
        ("aider", "Llama 4 Maverick"),
    ),
    (
        "route_version_is_the_release",
        ("litellm", "bedrock/us-east-1/anthropic.claude-v2:1", "bedrock"),
        ("epoch", "claude-2.1", "Anthropic"),
    ),
    (
        "route_version_of_a_first_release",
        ("litellm", "anthropic.claude-instant-v1", "bedrock"),
        ("epoch", "claude-instant-1", "Anthropic"),
    ),
    (
        "maker_is_the_family_word",
        ("litellm", "us.deepseek.r1-v1:0", "bedrock"),
        ("epoch", "deepseek-r1", "DeepSeek"),
    ),
    ("maker_renamed", ("openrouter", "z-ai/glm-4.6", "z-ai"), ("litellm", "zai-org/GLM-4.6")),
]

FALSE_FRIENDS = [
    ["gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18"],
    [
        "deepseek-ai/DeepSeek-V3",
        "deepseek-ai/DeepSeek-V3-0324",
        "deepseek-ai/DeepSeek-V3.1",
        "deepseek-ai/DeepSeek-V3.2",
        "deepseek-ai/DeepSeek-R1",
        "deepseek-ai/DeepSeek-R1-0528",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
        "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B",
    ],
    ["Claude 3.5 Sonnet (Jun 2024)", "Claude 3.5 Sonnet (Oct 2024)", "claude-3-opus-20240229"],
    ["command-a-03-2025", "command-a-plus-05-2026", "command-r-03-2024", "command-r-plus-04-2024"],
    ["qwen3-max-2025-09-23", "qwen3-max-preview", "qwen3-max-thinking"],
    ["mistral-large-2402", "mistral-large-2407", "mistral-large-2411", "mistral-large-2512"],
    ["o1", "o1-preview", "o1-mini", "o1-pro", "o3", "o3-mini", "o3-pro", "o4-mini"],
    ["gpt-5", "gpt-5-chat", "gpt-5-codex", "gpt-5-mini", "gpt-5-pro", "gpt-5.1", "gpt-5.1-codex"],
    [
        "gemini-2.5-pro",
        "gemini-2.5-pro-preview-05-06",
        "gemini-2.5-pro-preview-06-05",
        "gemini-2.5-flash",
        "gemini-2.5-flash-lite",
        "gemini-2.5-flash-preview-05-20",
    ],
    [
        "Qwen3-235B-A22B",
        "Qwen3-235B-A22B-Instruct-2507",
        "Qwen3-235B-A22B-Thinking-2507",
        "Qwen3-30B-A3B",
        "Qwen3-Next-80B-A3B-Instruct",
        "QwQ-32B",
        "QwQ-32B-Preview",
    ],
    ["minimax-m1", "minimax-m2", "minimax-m2-1", "MiniMax-M2.5", "kimi-k2", "kimi-k2-5"],
    ["grok-3", "grok-3-mini", "grok-3-fast", "grok-4", "grok-4-fast", "grok-code-fast-1"],
    ["Llama-3.1-70B-Instruct", "Llama-3.1-Nemotron-70B-Instruct", "Llama-3.3-70B-Instruct"],
]


@pytest.mark.parametrize(("a", "b"), [c[1:] for c in APART], ids=[c[0] for c in APART])
def test_two_models_stay_apart(vocabulary, a, b):
    first, second = decide(vocabulary, a, b)
    assert not merged(first, second), (first.model_id, second.model_id)


@pytest.mark.parametrize(("a", "b"), [c[1:] for c in TOGETHER], ids=[c[0] for c in TOGETHER])
def test_two_spellings_are_one_model(vocabulary, a, b):
    first, second = decide(vocabulary, a, b)
    assert merged(first, second), (first, second)


@pytest.mark.parametrize("names", FALSE_FRIENDS, ids=lambda names: names[0])
def test_no_two_false_friends_share_a_model(vocabulary, names):
    decisions = decide(vocabulary, *(("epoch_version", n) for n in names))
    models = [d.model_id for d in decisions]
    assert len(set(models)) == len(names), list(zip(names, models, strict=True))


def test_effort_rows_keep_their_variants(vocabulary):
    efforts = ["high", "medium", "low", "minimal"]
    decisions = decide(vocabulary, *(("epoch_version", f"gpt-5-2025-08-07_{e}") for e in efforts))
    assert len({d.model_id for d in decisions}) == 1
    assert [d.variant for d in decisions] == efforts


@pytest.mark.parametrize("name", ["gpt-5.1-codex-max", "gpt-5.3-codex", "o3-pro"])
def test_an_effort_after_a_domain_or_tier_is_the_variant(vocabulary, name):
    plain, high = decide(vocabulary, ("models_dev", name), ("models_dev", name + "-high"))
    assert (high.model_id, high.variant) == (name, "high")
    assert plain.model_id == high.model_id


def test_the_org_of_a_hosts_name_is_never_its_maker(vocabulary):
    hosts = ["azure-cognitive-services", "helicone", "jiekou", "alibaba-cn", "drun", "deepinfra"]
    texts = ["o1", "o3", "public/deepseek-r1", "qwen-mt-plus", "made-up-7b", "codex-mini-latest"]
    names = [Name("models_dev", text, host, role="host") for host in hosts for text in texts]
    names += [Name("litellm", f"{n.org}/{n.name}", n.org, role="host") for n in names]
    resolution = resolve(names, [], vocabulary)
    makers = {m.provider for m in resolution.models}
    assert makers == {"openai", "deepseek", None}
    for text in ("o1", "o3", "public/deepseek-r1", "qwen-mt-plus"):
        found = {d.model_id for d in resolution.decisions if d.source_model_name.endswith(text)}
        assert len(found) == 1, found


def test_the_registrys_display_name_is_exact_before_any_tune_rule(vocabulary):
    model = CanonicalModel(
        "llama-4-maverick-17b-128e-instruct", provider="meta", display_name="Llama 4 Maverick"
    )
    names = [
        ("aider", "Llama 4 Maverick"),
        ("artificial_analysis", "Llama 4 Maverick", "Meta"),
        ("bigcodebench", "Llama-4-Maverick"),
        ("llm_stats", "llama-4-maverick", "meta"),
        ("models_dev:kilo", "meta-llama/llama-4-maverick", "kilo"),
        ("openrouter", "meta-llama/Llama-4-Maverick-17B-128E-Instruct", "meta-llama"),
    ]
    decisions = decide(vocabulary, *names, registry=[model])
    assert {(d.model_id, d.status) for d in decisions} == {(model.model_id, "auto")}


def test_names_of_one_record_are_one_entry_of_a_catalogue(vocabulary):
    texts = ["meta-llama/llama-4-scout", "meta-llama/llama-4-scout-17b-16e-instruct"]
    names = [Name("openrouter", text, "meta-llama", texts[0], role="host") for text in texts]
    names.append(Name("artificial_analysis", "Llama 4 Scout", "Meta"))
    assert len({d.model_id for d in resolve(names, [], vocabulary).decisions}) == 1


@pytest.mark.parametrize(
    ("name", "model_id"),
    [
        ("kimi-k2-thinking-turbo", "kimi-k2-thinking"),
        ("kimi-thinking-preview", "kimi-thinking-preview"),
        ("Gemini 3 Deep Think", "gemini-3-deepthink"),
        ("Gemini 3 Deep Think\u00b2", "gemini-3-deepthink"),
    ],
)
def test_a_thinking_word_that_names_the_model_stays(vocabulary, name, model_id):
    (decision,) = decide(vocabulary, ("epoch", name))
    assert (decision.model_id, decision.variant) == (model_id, "")


def test_no_model_is_a_bare_family(vocabulary):
    (decision,) = decide(vocabulary, ("models_dev:deepseek", "deepseek-reasoner", "deepseek"))
    assert (decision.model_id, decision.status) == (None, "unmatched")


@pytest.mark.parametrize(
    ("source", "name", "variant"),
    [
        ("epoch", "Mixtral (8x7B 32K seqlen)", ""),
        ("epoch", "Claude Opus 4.6 (120K, High)", "high"),
        ("livebench", "claude-opus-4-5-20251101-thinking-64k-high", "high"),
        ("livebench", "claude-opus-4-5-20251101-thinking-64k", "thinking-64k"),
    ],
)
def test_an_effort_is_one_variant_and_a_length_none(vocabulary, source, name, variant):
    (decision,) = decide(vocabulary, (source, name))
    assert decision.variant == variant


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("gpt-j-6b", "eleutherai"),
        ("gpt-neox-20b", "eleutherai"),
        ("GPT-Neo 2.7B", "eleutherai"),
        ("cerebras-gpt-13b", "cerebras"),
        ("cerebras/Cerebras-GPT-13B", "cerebras"),
        ("gpt-4o", "openai"),
    ],
)
def test_two_words_name_the_maker_before_either(vocabulary, name, provider):
    assert parse(name, "litellm", None, vocabulary).identity.provider == provider


def test_a_system_of_two_models_is_no_model(vocabulary):
    (decision,) = decide(vocabulary, ("aider", "o3 (high) + gpt-4.1"))
    assert (decision.status, decision.model_id) == ("unmatched", None)
    (router,) = decide(vocabulary, ("litellm", "openrouter/auto", "openrouter"))
    assert router.status == "unmatched"


def test_the_deployment_is_kept_beside_the_model(vocabulary):
    (decision,) = decide(vocabulary, ("litellm", "azure/eu/gpt-4o-2024-08-06", "azure"))
    assert decision.model_id == "gpt-4o-2024-08-06"
    assert decision.deployment == "azure eu"
