"""Decide which names from different sources are the same model, and show why."""

from matching.grammar import Identity, Parsed, parse
from matching.ladder import resolve
from matching.model import (
    RULE_VERSION,
    Candidate,
    CanonicalModel,
    Decision,
    ModelTokens,
    Name,
    Override,
    Resolution,
    Twins,
)
from matching.registry import load_registry, registry_from_rows
from matching.vocabulary import Vocabulary, build_vocabulary, load_vocabulary

__all__ = [
    "RULE_VERSION",
    "Candidate",
    "CanonicalModel",
    "Decision",
    "Identity",
    "ModelTokens",
    "Name",
    "Override",
    "Parsed",
    "Resolution",
    "Twins",
    "Vocabulary",
    "build_vocabulary",
    "load_registry",
    "load_vocabulary",
    "parse",
    "registry_from_rows",
    "resolve",
]
