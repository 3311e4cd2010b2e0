"""Pairs of models that may be one release are listed for a person; pairs that cannot are not."""

from __future__ import annotations

import pytest

from matching import Name, Override, resolve


def host(name, org="somehost"):
    return Name("litellm", name, org, role="host")


def evaluator(name, org=None, **stated):
    return Name("epoch", name, org, **stated)


def twins(vocabulary, *names, **options):
    """(first id, other id) -> (found by, tokens missing)."""
    found = resolve(names, [], vocabulary, **options).twins
    return {(t.model_id, t.other_model_id): (t.found_by, t.tokens_missing) for t in found}


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        ("glm-5.2", "glm-5.2-preview", ("tokens", ("stage",))),
        ("glm-5", "glm-5-turbo", ("tokens", ("tier",))),
        ("palmyra-x-004", "palmyra-x4", ("spelling", ())),
        ("l3.1-70b-euryale-v2.2", "l31-70b-euryale-v2.2", ("spelling", ())),
    ],
)
def test_what_a_source_may_leave_out_or_spell_otherwise_makes_possible_twins(
    vocabulary, one, other, evidence
):
    assert twins(vocabulary, evaluator(one), evaluator(other)) == {(one, other): evidence}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5", "gpt-5-mini"),
        ("qwen3-32b", "qwen3-14b"),
        ("glm-4.6", "glm-4.5"),
        ("qwen2.5-7b-instruct", "qwen2.5-vl-7b-instruct"),
        ("claude-opus-4-5-20251101", "claude-opus-4-1-20250805"),
        ("falcon-7b", "falcon-7b-instruct"),
        ("qwen3-4b-2507", "qwen3-4b-thinking-2507"),
    ],
)
def test_what_tells_two_models_apart_makes_no_twins(vocabulary, one, other):
    assert twins(vocabulary, evaluator(one), evaluator(other)) == {}


def test_days_of_one_release_that_differ_a_little_make_twins(vocabulary):
    near = twins(vocabulary, evaluator("glm-5-2026-01-10"), evaluator("glm-5-2026-02-01"))
    assert near == {("glm-5-2026-01-10", "glm-5-2026-02-01"): ("tokens", ("date",))}
    assert not twins(vocabulary, evaluator("glm-5-2026-01-10"), evaluator("glm-5-2026-06-01"))


def test_a_line_of_several_models_is_no_twin_of_one(vocabulary):
    """'gpt-4o' could be any of three, which no person can decide."""
    names = ("gpt-4o", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20")
    assert twins(vocabulary, *(evaluator(n) for n in names)) == {}


def test_twins_do_not_depend_on_the_order_of_names(vocabulary):
    names = [evaluator(n) for n in ("glm-5.2", "glm-5.2-preview", "palmyra-x4", "palmyra-x-004")]
    assert twins(vocabulary, *names) == twins(vocabulary, *reversed(names))
    assert len(twins(vocabulary, *names)) == 2


def test_meaning_proposes_twins_that_spelling_does_not(vocabulary, monkeypatch):
    vectors = {"zeta-writer-7": [1.0, 0.0], "zeta-author-7": [0.96, 0.28], "zeta-coder-7": [0, 1.0]}
    monkeypatch.setattr("matching.ladder.load_encoder", lambda: lambda texts: None)
    monkeypatch.setattr(
        "matching.ladder.proposing.propose", lambda entries, decisions, *_: decisions
    )
    names = [evaluator(name, "zeta") for name in vectors]
    found = twins(vocabulary, *names, semantic=True, embeddings=vectors)
    assert found == {("zeta-author-7", "zeta-writer-7"): ("meaning", ())}


def test_a_person_keeps_a_name_apart_or_joins_it(vocabulary):
    """An override may say which of two a name is, itself included."""
    names = [evaluator("glm-5.2"), evaluator("glm-5.2-preview"), host("glm-5.2-preview")]
    for model_id in ("glm-5.2", "glm-5.2-preview"):
        decided = resolve(names, [], vocabulary, [Override("epoch", "glm-5.2-preview", model_id)])
        (found,) = (d for d in decided.decisions if d.method == "override")
        assert (found.model_id, found.status) == (model_id, "auto")
        assert model_id in {m.model_id for m in decided.models}
    alone = resolve(
        [evaluator("zeta-writer-7")],
        [],
        vocabulary,
        [Override("epoch", "zeta-writer-7", "zeta-writer-7")],
    )
    assert [m.model_id for m in alone.models] == ["zeta-writer-7"]


def test_an_override_to_a_model_that_nobody_names_makes_none(vocabulary):
    decided = resolve(
        [evaluator("glm-5.2")], [], vocabulary, [Override("epoch", "glm-5.2", "glm-5.9")]
    )
    assert decided.models == []


def test_two_names_that_propose_each_other_leave_one_model_to_propose(vocabulary, monkeypatch):
    monkeypatch.setattr(
        "matching.ladder.load_encoder", lambda: lambda texts: [[1.0, 0.0] for _ in texts]
    )
    names = [
        Name("models_dev", name, "poe", role="host", released_on=day)
        for name, day in (
            ("openai/gpt-4-classic", "2024-03-25"),
            ("openai/gpt-4-classic-0314", "2023-08-26"),
        )
    ]
    apart = resolve(names, [], vocabulary).decisions
    assert {d.status for d in apart} == {"auto"}
    found = resolve(names, [], vocabulary, semantic=True, embeddings={})
    certain = [d.model_id for d in found.decisions if d.status == "auto"]
    proposed = [d.model_id for d in found.decisions if d.method == "semantic"]
    assert len(certain) == 1
    assert certain == proposed == [m.model_id for m in found.models]
