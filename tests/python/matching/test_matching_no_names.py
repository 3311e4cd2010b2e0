"""Texts that are no name of a model: they open none, and two of them are never one."""

from __future__ import annotations

import pytest
from matching_support import REGISTRY, decide, merged

from matching import load_registry

NOTHING = ["null", "NaN", "None", "n/a", "N.A.", "-", "nil", "undefined", "true", "False", "TBD"]
NO_WORD = ["7b", "--7b", "\N{COLLISION SYMBOL}7b", "†† 7b", "null 7b", "n/a (high)", "3.5", "Large"]
CODE = [
    "'; drop table models; --",
    "Robert'); DROP TABLE students;-- 7b",
    "<script>alert(1)</script> 7b",
    "=cmd|'/c calc'!A0 7b",
    "@SUM(1+1)",
    "#REF!",
    "{{7*7}}",
    "${jndi:ldap://x/7b}",
    "../../etc/passwd",
    "..\\windows\\7b",
]


@pytest.mark.parametrize("source", ["aider", "litellm", "huggingface", "openrouter"])
def test_they_open_no_model_and_say_why(vocabulary, source):
    names = [(source, text, org) for text in (*NOTHING, *NO_WORD, *CODE) for org in ("", "openai")]
    for decision in decide(vocabulary, *names, registry=load_registry(REGISTRY)):
        # A size or a tier of a maker's is a question for a person, not a name.
        if decision.source_model_name == "Large" and decision.org:
            continue
        assert (decision.model_id, decision.status) == (None, "unmatched"), decision
        assert decision.reason


def test_two_that_share_a_size_are_not_one(vocabulary):
    decisions = decide(vocabulary, *[("aider", text) for text in (*NO_WORD, *CODE)])
    assert not any(merged(a, b) for a in decisions for b in decisions)


@pytest.mark.parametrize(
    "text",
    [
        "Code-33B",
        "Coder Large",
        "codex-mini-2025-05-16",
        "minimax-01",
        "v0-1.5-lg",
        "@cf/meta/llama-3-8b-instruct",
        "DeepSeek-V3.2 (Thinking; Novita)",
        "o1-2024-12-17 (temperature=1, reasoning=high)",
        "Dolphin 2.9.2 Mixtral 8x22B \N{DOLPHIN}",
        "anthropic--claude-4.5-sonnet",
        "bedrock/*/1-month-commitment/cohere.command-text-v14",
        "null-pointer-7b",
        "Na'vi-7b",
    ],
)
def test_odd_names_of_models_stay_models(vocabulary, text):
    (decision,) = decide(vocabulary, ("aider", text))
    assert (bool(decision.model_id), decision.status, decision.reason) == (True, "auto", "")


def test_a_word_for_nothing_is_a_row_of_the_seed(vocabulary):
    assert {"null", "nan", "na", "undefined"} <= vocabulary.nothing
    assert not vocabulary.nothing & vocabulary.words.keys()
