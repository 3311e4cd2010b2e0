"""The last rung with the real sentence embeddings; skipped where the extra is not installed."""

from __future__ import annotations

import math

import pytest

from matching import Name, resolve
from matching.semantic import load_encoder

pytest.importorskip("sentence_transformers", reason="the extra 'semantic' is not installed")


@pytest.fixture(scope="module")
def encode():
    encoder = load_encoder()
    if encoder is None:
        pytest.skip("the packaged embedding model is not installed")
    return encoder


def test_embeddings_are_unit_vectors_that_know_spellings(encode):
    first, same, other = ([float(x) for x in row] for row in encode(["gpt 4o", "GPT-4o", "cake"]))
    assert math.isclose(sum(x * x for x in first), 1.0, abs_tol=1e-4)
    near = sum(x * y for x, y in zip(first, same, strict=True))
    far = sum(x * y for x, y in zip(first, other, strict=True))
    assert near > far


def test_embeddings_propose_and_never_decide(encode, vocabulary):
    names = [
        Name("epoch", "granite-3.3-8b-instruct"),
        Name("litellm", "a granite of eight billion, third and a bit", role="host"),
        Name("litellm", "who knows", role="host"),
    ]
    plain = resolve(names, [], vocabulary)
    ranked = resolve(names, [], vocabulary, semantic=True)
    decided = {d.source_model_name: d.model_id for d in plain.decisions if d.status == "auto"}
    still = {d.source_model_name: d.model_id for d in ranked.decisions if d.status == "auto"}
    assert decided == still
    assert ranked.notes == []
