"""Short ways to resolve a few names in a test."""

from __future__ import annotations

from pathlib import Path

from matching import Decision, Name, Vocabulary, resolve

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT / "seeds" / "matching"
REGISTRY = ROOT / "extract" / "snapshots" / "static_registry" / "models.json"

Spelling = tuple[str, str] | tuple[str, str, str]


def make_name(spelling: Spelling, vocabulary: Vocabulary) -> Name:
    source, text, *org = spelling
    role = vocabulary.source_rule(source).role
    return Name(source, text, org[0] if org and org[0] else None, role=role)


def decide(vocabulary: Vocabulary, *spellings: Spelling, registry=(), **options) -> list[Decision]:
    """The decisions in the order of the spellings."""
    names = [make_name(s, vocabulary) for s in spellings]
    resolution = resolve(names, list(registry), vocabulary, **options)
    found = {(d.source, d.source_model_name, d.org): d for d in resolution.decisions}
    return [found[(n.source, n.name, n.org)] for n in names]


def merged(a: Decision, b: Decision) -> bool:
    """Whether two names ended on one model for sure."""
    return bool(a.model_id) and a.model_id == b.model_id and {a.status, b.status} == {"auto"}
