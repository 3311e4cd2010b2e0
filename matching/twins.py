"""Pairs of models that may be one release: splits that no rule mends and no review would show.

A pair differs only in what a source may leave out, or is spelled (or meant, where the extra is
installed) nearly alike with the same numbers. Whether days, prices and scores let it be one release
is for the reader of the pairs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from itertools import combinations
from typing import NamedTuple

from rapidfuzz import fuzz

from matching import identity as ids
from matching.clustering import Cluster
from matching.dates import merge_dates, ordinal, precision
from matching.grammar import Identity
from matching.model import Twins
from matching.rewriting import Key
from matching.semantic import Encoder, vectors_of
from matching.settings import DEFAULT_MATCHING, MatchingSettings

#: Tokens that a source may leave out of a name.
_LEFT_OUT = frozenset(
    ("provider", "date", "tune", "stage", "revision", "size", "active", "base", "context", "tier")
)

#: Slots that one spelling may cut into others than another does.
_CUT = frozenset(("words", "generation", "revision", "domain", "tier", "base"))


class _Side(NamedTuple):
    """One model of a pair: tokens as written by any of its names, and its spelling."""

    model_id: str
    identity: Identity
    is_tune_written: bool
    is_firm: bool
    letters: str
    numbers: str


def find_twins(
    clusters: Iterable[Cluster],
    speeds: frozenset[str],
    encoder: Encoder | None = None,
    cache: MutableMapping[str, Sequence[float]] | None = None,
    settings: MatchingSettings = DEFAULT_MATCHING,
) -> list[Twins]:
    """Pairs of opened models that may be one release, in the order of their ids.

    speeds: words that are a tier of the maker or a host's fast copy. encoder: texts to unit
    vectors, None without the extra; cache: vectors already known, completed in place.
    """
    sides = sorted(_side(c) for c in clusters if c.opened)
    found = {(t.model_id, t.other_model_id): t for t in _alike(sides, encoder, cache, settings)}
    found |= {(t.model_id, t.other_model_id): t for t in _by_tokens(sides, speeds, settings)}
    return [found[pair] for pair in sorted(found)]


def _side(cluster: Cluster) -> _Side:
    model_id = cluster.model.model_id
    return _Side(
        model_id=model_id,
        identity=cluster.identity,
        is_tune_written=any(e.parsed.identity.tune for e in cluster.entries),
        is_firm=any(e.known_form.owned or e.known_form.fixed for e in cluster.entries),
        letters=re.sub(r"[^a-z]", "", model_id.lower()),
        # '0.3' and '3', '2.5' and '25' are one number written in two ways.
        numbers=re.sub(r"\b0+|\D", "", re.sub(r"(?<=\d)\.(?=\d)|[^\d.]", " ", model_id)),
    )


def _by_tokens(
    sides: list[_Side], speeds: frozenset[str], settings: MatchingSettings
) -> Iterator[Twins]:
    """Pairs of equal words, number and domain, of which one lacks a token that the other has.

    A name that several models of its line could stand for is that line's, and no twin of one.
    """
    groups: dict[Key, list[_Side]] = defaultdict(list)
    for side in sides:
        i = side.identity
        tier = tuple(t for t in i.tier if t not in speeds)
        if i.words or i.generation:
            groups[(i.words, i.generation, tier, i.domain)].append(side)
    for group in groups.values():
        pairs = [
            (a, b, slots)
            for a, b in combinations(group, 2)
            if (slots := _left_out(a, b, settings.twin_window_days)) is not None
        ]
        partners = Counter(
            (side.model_id, slots)
            for a, b, slots in pairs
            for side in (a, b)
            if any(getattr(side.identity, slot) in (None, ()) for slot in slots)
        )
        for a, b, slots in pairs:
            if max(partners[(a.model_id, slots)], partners[(b.model_id, slots)]) < 2:
                yield Twins(a.model_id, b.model_id, "tokens", 1.0, slots)


def _left_out(a: _Side, b: _Side, window: int) -> tuple[str, ...] | None:
    """The slots that one of two lacks or writes less exactly; None where they contradict."""
    found = []
    for slot in ids.HARD_SLOTS:
        x, y = getattr(a.identity, slot), getattr(b.identity, slot)
        if x == y:
            continue
        if "thinking" in (x, y):
            return None
        one_sided = x in (None, ()) or y in (None, ())
        if slot == "tune" and "base" in (x, y) and (a.is_tune_written or b.is_tune_written):
            return None
        if not (one_sided and slot in _LEFT_OUT) and not _is_near(a, b, slot, window):
            return None
        found.append(slot)
    return tuple(found)


def _is_near(a: _Side, b: _Side, slot: str, window: int) -> bool:
    """Whether two values of a slot may be one: days nearby, tunes that nobody wrote."""
    x, y = getattr(a.identity, slot), getattr(b.identity, slot)
    if slot == "date":
        if precision(x) < 2 or precision(y) < 2 or not (x.year and y.year):
            return merge_dates(x, y) is not None
        return abs(ordinal(x) - ordinal(y)) <= window
    if slot == "tune":
        return not (a.is_tune_written or b.is_tune_written)
    if slot == "tier":
        # The groups left speed words out: these are two hosts' words for a fast copy.
        return True
    return slot == "base" and x[0] == y[0] and None in (x[1], y[1])


def _alike(
    sides: list[_Side],
    encoder: Encoder | None,
    cache: MutableMapping[str, Sequence[float]] | None,
    settings: MatchingSettings,
) -> Iterator[Twins]:
    """Pairs of one maker and the same numbers whose spellings or meanings are nearly alike."""
    blocks: dict[str, list[_Side]] = defaultdict(list)
    for side in sides:
        if side.numbers:
            blocks[side.numbers].append(side)
    pairs = [
        (a, b)
        for block in blocks.values()
        for a, b in combinations(block, 2)
        if _may_be_cut_differently(a, b)
    ]
    texts = {side.model_id for pair in pairs for side in pair}
    vectors = vectors_of(texts, encoder, {} if cache is None else cache) if encoder else {}
    for a, b in pairs:
        spelled = fuzz.ratio(a.letters, b.letters) / 100
        meant = 0.0
        if vectors:
            dot = zip(vectors[a.model_id], vectors[b.model_id], strict=True)
            meant = sum(x * y for x, y in dot)
        if spelled >= settings.twin_floor:
            yield Twins(a.model_id, b.model_id, "spelling", round(spelled, 4))
        elif meant >= settings.twin_floor:
            yield Twins(a.model_id, b.model_id, "meaning", round(meant, 4))


def _may_be_cut_differently(a: _Side, b: _Side) -> bool:
    """Whether two identities differ in how words and numbers were cut, and in no stated token."""
    one, other = a.identity, b.identity
    if a.letters == b.letters:
        # A maker read in two ways is the likeliest reason for two ids spelled the same.
        one, other = one._replace(provider=None), other._replace(provider=None)
    if None not in (one.provider, other.provider) and one.provider != other.provider:
        return False
    for slot in ids.conflicts(one, other):
        # A word that one has and the other has not is no other way of cutting.
        if slot not in _CUT or (slot in ("tier", "domain") and a.letters != b.letters):
            return False
    return True
