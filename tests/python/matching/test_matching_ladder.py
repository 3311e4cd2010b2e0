"""The rungs, the evidence beside a decision, and who may open a model."""

from __future__ import annotations

import pytest
from matching_support import decide, make_name

from matching import CanonicalModel, Name, Override, load_registry, registry_from_rows, resolve


def by_name(resolution):
    return {d.source_model_name: d for d in resolution.decisions}


def test_rungs_are_named_by_the_evidence_that_decided(vocabulary, small_registry):
    decisions = decide(
        vocabulary,
        ("aider", "gpt-4o-2024-08-06"),
        ("aider", "GPT 4o 2024 08 06"),
        ("epoch_src:hle", "GPT-4o (August 2024)"),
        registry=small_registry,
    )
    assert {d.model_id for d in decisions} == {"gpt-4o-2024-08-06"}
    assert [d.method for d in decisions] == ["exact_id", "canonical", "grammar"]
    assert all(d.status == "auto" and d.score >= 0.9 and d.margin >= 0.05 for d in decisions)


def test_alias_rows_are_named_as_such(vocabulary):
    first, second = decide(
        vocabulary,
        ("models_dev:openai", "gpt-5.1-chat-latest", "openai"),
        ("livebench", "gpt-5.1-instant"),
    )
    assert first.model_id == second.model_id
    assert second.method == "alias"


def test_an_override_wins_over_everything(vocabulary, small_registry):
    names = [Name("aider", "gpt-4o-2024-08-06"), Name("aider", "deepseek v3")]
    overrides = [
        Override("aider", "gpt-4o-2024-08-06", "deepseek-v3", reason="a test"),
        Override("aider", "deepseek v3", None, reason="never"),
    ]
    found = by_name(resolve(names, small_registry, vocabulary, overrides))
    assert found["gpt-4o-2024-08-06"].model_id == "deepseek-v3"
    assert found["gpt-4o-2024-08-06"].method == "override"
    assert (found["deepseek v3"].status, found["deepseek v3"].model_id) == ("rejected", None)


def test_a_name_that_is_never_to_match_says_nothing_of_others(vocabulary):
    names = [Name("epoch", "phi-1_5"), Name("epoch", "phi-1.5-web (1.3B)")]
    never = [Override("epoch", "phi-1.5-web (1.3B)", None, reason="other data")]
    (free,) = resolve(names, [], vocabulary).models
    (model,) = resolve(names, [], vocabulary, never).models
    assert (free.display_name, free.model_id) == ("phi-1.5-web (1.3B)", "phi-1.5-1.3b")
    assert (model.display_name, model.model_id) == ("phi-1_5", "phi-1.5")


def test_an_override_counts_only_while_it_is_valid(vocabulary, small_registry):
    names = [Name("aider", "gpt-4o-2024-08-06")]
    ended = [Override("aider", "gpt-4o-2024-08-06", None, valid_to="2025-01-01")]
    resolution = resolve(names, small_registry, vocabulary, ended)
    assert resolution.decisions[0].status == "auto"
    then = resolve(names, small_registry, vocabulary, ended, as_of="2024-12-01")
    assert then.decisions[0].status == "rejected"


@pytest.mark.parametrize(
    ("spellings", "shown"),
    [
        ([("epoch", "QWEN-CHAT 14B (0-shot)"), ("aider", "qwen-14b-chat")], "QWEN-CHAT 14B"),
        ([("epoch", "Gopher (280B)"), ("epoch", "gopher-280b")], "Gopher (280B)"),
        ([("epoch", "grok-3-beta_low"), ("epoch", "grok-3-beta_high")], "grok-3-beta"),
    ],
)
def test_a_discovered_model_is_not_shown_by_a_setting(vocabulary, spellings, shown):
    names = [make_name(spelling, vocabulary) for spelling in spellings]
    (model,) = resolve(names, [], vocabulary).models
    assert model.display_name == shown


def test_rolling_names_follow_the_dated_rows(vocabulary):
    spellings = [
        ("litellm", "mistral/mistral-large-latest"),
        ("models_dev:mistral", "mistral-large-2402", "mistral"),
        ("models_dev:mistral", "mistral-large-2411", "mistral"),
        ("models_dev:mistral", "mistral-large-2512", "mistral"),
    ]

    def meaning(as_of):
        latest, *_ = decide(vocabulary, *spellings, as_of=as_of)
        return latest.model_id

    assert meaning("2024-05-01") == "mistral-large-2402"
    assert meaning("2025-03-01") == "mistral-large-2411"
    assert meaning(None) == "mistral-large-2512"


def test_one_sided_date_needs_exactly_one_dated_release(vocabulary):
    undated, dated = decide(
        vocabulary, ("aider", "kestrel-3-pro"), ("litellm", "kestrel-3-pro-2025-05-01")
    )
    assert undated.model_id == dated.model_id
    assert "date" in undated.tokens_missing
    several = decide(
        vocabulary,
        ("aider", "kestrel-3-pro"),
        ("litellm", "kestrel-3-pro-2025-05-01"),
        ("litellm", "kestrel-3-pro-2025-09-01"),
    )
    assert len({d.model_id for d in several}) == 3


def test_a_name_nobody_knew_becomes_a_new_model(vocabulary, small_registry):
    names = [
        Name(
            "models_dev:openai", "gpt-9-aurora", "openai", role="vendor", first_seen_at="2027-02-01"
        ),
        Name("aider", "GPT-9 Aurora", first_seen_at="2027-02-05"),
    ]
    resolution = resolve(names, small_registry, vocabulary)
    model = next(m for m in resolution.models if m.model_id == "gpt-9-aurora")
    assert model.first_seen_source == "models_dev:openai"
    assert model.first_seen_at == "2027-02-01"
    assert {d.model_id for d in resolution.decisions} == {"gpt-9-aurora"}


def test_the_vendor_spelling_names_the_model(vocabulary):
    vendor, host = decide(
        vocabulary,
        ("anthropic", "claude-opus-4-5-20251101", "anthropic"),
        ("litellm", "vertex_ai/claude-opus-4-5@20251101"),
    )
    assert vendor.model_id == host.model_id == "claude-opus-4-5-20251101"
    assert vendor.line_id == "claude-opus-4-5"


def test_a_host_word_without_a_family_opens_nothing(vocabulary):
    (decision,) = decide(vocabulary, ("litellm", "somehost/balanced", "somehost"))
    assert (decision.status, decision.model_id) == ("unmatched", None)


def test_records_link_their_names_but_not_against_a_hard_token(vocabulary):
    names = [
        Name("openrouter", "venice/uncensored:free", "venice", "r1"),
        Name("openrouter_name", "Venice: Dolphin Mistral 24B", "venice", "r1"),
        Name("openrouter", "openai/gpt-4o-2024-05-13", "openai", "r2"),
        Name("openrouter_name", "OpenAI: GPT-4o (2024-08-06)", "openai", "r2"),
    ]
    found = by_name(resolve(names, [], vocabulary))
    assert found["venice/uncensored:free"].model_id == found["Venice: Dolphin Mistral 24B"].model_id
    assert (
        found["openai/gpt-4o-2024-05-13"].model_id != found["OpenAI: GPT-4o (2024-08-06)"].model_id
    )


def test_a_record_does_not_drag_other_names_along(vocabulary):
    names = [
        Name("board", "gpt-4o", "OpenAI", "r1"),
        Name("board", "GPT-4o (Nov 2024)", "OpenAI", "r1"),
        Name("aider", "gpt-4o"),
        Name("aider", "gpt-4o-2024-05-13"),
        Name("aider", "gpt-4o-2024-11-20"),
    ]
    found = {
        (d.source, d.source_model_name): d.model_id
        for d in resolve(names, [], vocabulary).decisions
    }
    assert found["board", "gpt-4o"] == found["aider", "gpt-4o-2024-11-20"]
    assert found["aider", "gpt-4o"] != found["aider", "gpt-4o-2024-11-20"]


def test_fuzzy_only_proposes_and_lists_why_not(vocabulary):
    vendor, typo = decide(
        vocabulary,
        ("models_dev:mistral", "magistral-medium-2506", "mistral"),
        ("aider", "Magistral Medium 1.1 2507"),
    )
    assert vendor.status == "auto"
    assert typo.method not in ("fuzzy", "semantic") or typo.status == "review"
    (system,) = decide(vocabulary, ("aider", "o3 (high) + gpt-4.1"))
    assert system.status == "unmatched"
    assert len(system.candidates) <= 3


def test_a_missing_semantic_extra_is_one_note_and_changes_nothing(vocabulary, monkeypatch):
    names = [Name("aider", "gpt-4o"), Name("livebench", "gpt-4o-mini")]
    monkeypatch.setattr("matching.ladder.load_encoder", lambda: None)
    plain = resolve(names, [], vocabulary)
    asked = resolve(names, [], vocabulary, semantic=True)
    assert plain.decisions == asked.decisions
    assert (len(plain.notes), len(asked.notes)) == (0, 1)


def test_the_semantic_rung_only_proposes_and_keeps_its_vectors(vocabulary, monkeypatch):
    calls = []

    def encode(texts):
        calls.extend(texts)
        return [[1.0, 0.0] for _ in texts]

    monkeypatch.setattr("matching.ladder.load_encoder", lambda: encode)
    names = [
        Name("models_dev:mistral", "kestrel-pro-2506-x1", "mistral", role="vendor"),
        Name("aider", "Kestrel Pro (a made up remark) x1"),
        Name("aider", "o3 (high) + gpt-4.1"),
    ]
    kept: dict = {}
    first = resolve(names, [], vocabulary, semantic=True, embeddings=kept)
    seen = len(calls)
    second = resolve(names, [], vocabulary, semantic=True, embeddings=kept)
    assert seen == len(calls) == len(kept)
    assert first.decisions == second.decisions
    assert {d.status for d in first.decisions if d.method == "semantic"} <= {"review"}


def test_registry_rows_of_odd_shape_are_left_out(tmp_path):
    rows = [{"id": "a"}, {"id": "a", "provider": "again"}, {"id": ""}, {"provider": "none"}]
    assert registry_from_rows(rows) == [CanonicalModel("a", first_seen_source="registry")]
    path = tmp_path / "models.json"
    path.write_text('[{"id": "b", "display_name": "B 1", "released_on": "2025-01-01"}]')
    assert load_registry(path)[0].display_name == "B 1"


def test_names_of_the_registry_source_itself_are_decided_like_others(vocabulary, small_registry):
    names = [
        Name("static_registry", "deepseek-v3", "deepseek", role="registry"),
        Name("static_registry", "osprey-1-nano", "osprey", role="registry"),
    ]
    found = by_name(resolve(names, small_registry, vocabulary))
    assert found["deepseek-v3"].model_id == "deepseek-v3"
    assert found["osprey-1-nano"].model_id == "osprey-1-nano"


def test_lines_lie_above_releases(vocabulary):
    spellings = [
        ("models_dev:openai", "gpt-4o-2024-08-06", "openai"),
        ("huggingface", "deepseek-ai/DeepSeek-V3-0324", "deepseek-ai"),
        ("huggingface", "Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen"),
        ("models_dev:google", "gemini-1.5-pro-002", "google"),
        ("models_dev:google", "gemini-2.5-pro-preview-05-06", "google"),
    ]
    lines = [d.line_id for d in decide(vocabulary, *spellings)]
    assert lines == ["gpt-4o", "deepseek-v3", "qwen3-235b-a22b", "gemini-1.5-pro", "gemini-2.5-pro"]


def test_a_model_carries_the_tokens_of_its_names(vocabulary, small_registry):
    spellings = [
        ("models_dev:openai", "gpt-4o-mini-2024-07-18", "openai"),
        ("models_dev:google", "gemini-2.5-flash-lite-preview-06-17", "google"),
        ("huggingface", "deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "deepseek-ai"),
        ("aider", "deepseek v3"),
    ]
    names = [make_name(s, vocabulary) for s in spellings]
    resolution = resolve(names, small_registry, vocabulary)
    tokens = {m.model_id: m.tokens for m in resolution.models}
    models = [d.model_id for d in resolution.decisions]
    mini, lite, distilled, registered = (
        tokens[next(m for m in models if m.startswith(start))]
        for start in ("gpt-4o-mini", "gemini", "deepseek-r1", "deepseek-v3")
    )
    assert (mini.words, mini.generation, mini.tier) == (("gpt",), ("4o",), ("mini",))
    assert mini.size is None
    assert (lite.generation, lite.tier, lite.stage) == (("2.5",), ("flash", "lite"), ("preview",))
    assert (distilled.base, distilled.size) == ("llama", "70b")
    assert registered.generation == ("3",)


def test_an_unlisted_bare_name_of_a_preview_is_a_question(vocabulary):
    preview, bare = decide(
        vocabulary,
        ("models_dev:google", "osprey-3-pro-preview", "google"),
        ("aider", "Osprey 3 Pro"),
    )
    assert (bare.model_id, bare.status) == (preview.model_id, "review")
    assert bare.candidates[0].model_id == preview.model_id
    assert "stage" in bare.candidates[0].reason
    assert bare.score < 0.9


def test_a_system_lists_the_models_it_may_mean(vocabulary):
    system, *_ = decide(
        vocabulary, ("aider", "o3 (high) + gpt-4.1"), ("aider", "gpt-4.1"), ("aider", "o3")
    )
    assert system.status == "unmatched"
    assert {c.model_id for c in system.candidates} >= {"gpt-4.1"}
    assert all(c.reason for c in system.candidates)


def test_a_name_of_two_records_belongs_to_neither(vocabulary):
    names = [
        Name("llm_stats", "gpt-4o-2024-05-13", "openai", "a"),
        Name("llm_stats_name", "GPT-4o", "openai", "a"),
        Name("llm_stats", "gpt-4o-2024-08-06", "openai", "b"),
        Name("llm_stats_name", "GPT-4o", "openai", "b"),
    ]
    found = by_name(resolve(names, [], vocabulary))
    assert len({d.model_id for d in found.values()}) == 3
