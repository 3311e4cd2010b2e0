"""What one name can't tell by itself: whether its last word is a tier or a reasoning effort."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from matching.clustering import Entry
from matching.grammar import Identity, parse
from matching.identity import core_key
from matching.rewriting import Key, Rules
from matching.vocabulary import Vocabulary


def read_efforts(entries: list[Entry], vocabulary: Vocabulary, rules: Rules) -> list[Entry]:
    """Read the last 'max' of an evaluator's name as an effort where it can be nothing else.

    'gpt-5.6-sol-max' is gpt-5.6-sol at the effort max where that model is known by its own name,
    nobody who makes or serves models lists one with the longer name, no row of the vocabulary
    speaks of it, and the sources that say which efforts the model offers name this one. Linear in
    names.
    """
    if not any(entry.parsed.last_tier for entry in entries):
        return entries
    known: set[Key] = set()
    products: set[Key] = set(rules.named)
    offered: dict[Key, set[str]] = defaultdict(set)
    for entry in entries:
        key = _model_key(entry.parsed.identity)
        if not entry.parsed.last_tier:
            known.add(key)
        elif entry.name.role != "evaluator":
            products.add(key)
        offered[key].update(entry.name.efforts)
    return [_read_effort(entry, known, products, offered, vocabulary) for entry in entries]


def _read_effort(
    entry: Entry,
    known: set[Key],
    products: set[Key],
    offered: dict[Key, set[str]],
    vocabulary: Vocabulary,
) -> Entry:
    word, name = entry.parsed.last_tier, entry.name
    if not word or name.role != "evaluator" or _model_key(entry.parsed.identity) in products:
        return entry
    parsed = parse(name.name, name.source, name.org, vocabulary, name.role, ends_in_effort=True)
    base = _model_key(parsed.identity)
    if base not in known or (offered.get(base) and word not in offered[base]):
        return entry
    return replace(entry, parsed=parsed)


def _model_key(identity: Identity) -> Key:
    return (*core_key(identity), identity.size)
