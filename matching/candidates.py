"""Rungs 6 and 7 and the evidence beside a decision: they propose for review and never decide."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from matching import identity as ids
from matching.clustering import Cluster, Entry
from matching.grammar import MAX_LENGTH, Identity
from matching.model import Candidate, Decision, Spelling
from matching.rewriting import Key
from matching.semantic import Encoder, vectors_of
from matching.settings import DEFAULT_MATCHING, MatchingSettings
from matching.vocabulary import squash

#: As many as crosswalk_review has columns for.
CANDIDATES = 3

_WORD = re.compile(r"[a-z]+\d?")

#: Clusters by their numbers, unit vectors by their texts.
Clusters = Mapping[int, Cluster]
Vectors = Mapping[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]


class Proposal(NamedTuple):
    """A model that a name may mean: how alike, found by which rung, slots that contradict it."""

    likeness: float
    method: str
    cluster: Cluster
    conflicts: list[str]


def add_runners_up(
    clusters: Clusters, settings: MatchingSettings = DEFAULT_MATCHING
) -> dict[str, tuple[str, float]]:
    """model_id -> (nearest other model of its family, score in 0..1 it would reach).

    Families are hash groups; within one only the neighbours in token order are compared.
    """
    families: dict[Key, list[Cluster]] = defaultdict(list)
    for cluster in clusters.values():
        i = cluster.identity
        families[(i.provider, i.words, i.base and i.base[0])].append(cluster)
    found = {}
    for members in families.values():
        members.sort(key=lambda c: (repr(c.identity), c.model.model_id))
        for index, cluster in enumerate(members):
            low = max(0, index - settings.sibling_limit // 2)
            near = members[low : index + settings.sibling_limit // 2 + 1]
            scored = [
                (_closeness(cluster.identity, other.identity, settings), other.model.model_id)
                for other in near
                if other is not cluster
            ]
            if scored:
                score, model_id = max(scored, key=lambda s: (s[0], s[1]))
                found[cluster.model.model_id] = (model_id, score)
    return found


def _closeness(a: Identity, b: Identity, settings: MatchingSettings) -> float:
    """What a proposal may score, less a cost per contradiction and per token that one lacks."""
    contradictions = len(ids.conflicts(a, b))
    one_sided = sum(
        1
        for slot in ids.HARD_SLOTS
        if (getattr(a, slot) in (None, ())) != (getattr(b, slot) in (None, ()))
    )
    against = settings.contradiction_cost * contradictions + settings.one_sided_cost * one_sided
    return round(max(0.0, settings.review_score - against), 4)


def propose(
    entries: Sequence[Entry],
    decisions: Mapping[Spelling, Decision],
    clusters: Clusters,
    encoder: Encoder | None,
    cache: MutableMapping[str, Sequence[float]],
    settings: MatchingSettings = DEFAULT_MATCHING,
) -> dict[Spelling, Decision]:
    """Add runners-up to all decisions and candidates to those a person has to look at.

    A name that nobody else shares is offered the
    nearest model without a contradiction; the decision then is `review`.
    """
    runners = add_runners_up(clusters, settings)
    blocks = _blocks(clusters)
    vectors = _vectors(encoder, cache, clusters, entries) if encoder else {}
    result = {key: _with_runner_up(d, runners) for key, d in decisions.items()}
    for entry in entries:
        decision = result.get(entry.name.spelling)
        if decision is None or decision.method == "override":
            continue
        cluster = clusters.get(entry.cluster)
        if decision.status == "auto" and not _alone(cluster):
            continue
        found = _candidates(entry, cluster, blocks, vectors, settings)
        result[entry.name.spelling] = _propose_one(decision, entry, found, settings)
    return _with_models_proposed(decisions, result, runners)


def _with_models_proposed(
    before: Mapping[Spelling, Decision],
    after: dict[Spelling, Decision],
    runners: dict[str, tuple[str, float]],
) -> dict[Spelling, Decision]:
    """Of two names that stand alone and propose each other one opens the model to propose."""
    waiting = {
        key: before[key].model_id
        for key, decision in after.items()
        if decision.status == "review" and before[key].status == "auto"
    }
    gone = set(waiting.values())
    for key in sorted(waiting, key=lambda k: (k[0], k[1], k[2] or "")):
        if after[key].model_id in gone:
            after[key] = _with_runner_up(before[key], runners)
            gone.discard(waiting[key])
    return after


def _with_runner_up(decision: Decision, runners: dict[str, tuple[str, float]]) -> Decision:
    runner = runners.get(decision.model_id or "")
    if runner is None or decision.method == "override":
        return decision
    margin = round(decision.score - runner[1], 4)
    return replace(decision, runner_up_id=runner[0], margin=margin)


def _alone(cluster: Cluster | None) -> bool:
    """A model that one evaluator's or host's name alone has opened, and of which no seed knows."""
    return (
        cluster is not None
        and len(cluster.entries) == 1
        and not cluster.known
        and cluster.entries[0].name.role in ("evaluator", "host")
    )


def _blocks(clusters: Clusters) -> dict[str, list[Cluster]]:
    """Clusters by each of their makers and words."""
    blocks: dict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters.values():
        if cluster.opened:
            for key in _block_keys(cluster.identity):
                blocks[key].append(cluster)
    return blocks


def _block_keys(identity: Identity) -> list[str]:
    base = [identity.base[0]] if identity.base else []
    provider = [f"@{identity.provider}"] if identity.provider and not identity.words else []
    return [*provider, *identity.words, *base]


def _candidates(
    entry: Entry,
    cluster: Cluster | None,
    blocks: Mapping[str, Sequence[Cluster]],
    vectors: Vectors,
    settings: MatchingSettings,
) -> list[Proposal]:
    """The models that a name may mean, best first, at most a handful."""
    near: dict[str, Cluster] = {}
    for key in _block_keys(entry.identity) or _words(entry.name.name):
        for other in blocks.get(key, ())[: settings.block_limit]:
            if other is not cluster:
                near[other.model.model_id] = other
    spellings = {model_id: min(other.flats) for model_id, other in near.items() if other.flats}
    hits = process.extract(
        entry.parsed.flat or squash(entry.name.name[:MAX_LENGTH]),
        spellings,
        scorer=fuzz.ratio,
        limit=3 * CANDIDATES,
        score_cutoff=100 * settings.candidate_floor,
    )
    found = [_proposal(score / 100, "fuzzy", entry, near[model_id]) for _, score, model_id in hits]
    if vectors:
        found += _semantic(entry, list(near.values()), vectors)
    return sorted(found, key=lambda f: (bool(f.conflicts), -f.likeness, f.cluster.model.model_id))


def _proposal(likeness: float, method: str, entry: Entry, cluster: Cluster) -> Proposal:
    return Proposal(likeness, method, cluster, ids.conflicts(entry.identity, cluster.identity))


def _words(text: str) -> list[str]:
    """Block keys of a text that is no model's name: its words, with a number glued to them."""
    return list(dict.fromkeys(_WORD.findall(text[:MAX_LENGTH].lower())))


def _vectors(
    encoder: Encoder,
    cache: MutableMapping[str, Sequence[float]],
    clusters: Clusters,
    entries: Sequence[Entry],
) -> Vectors:
    """Unit vectors by text, for model names and for names that stand alone."""
    texts = {_shown(c) for c in clusters.values()}
    texts |= {
        e.name.name for e in entries if not clusters.get(e.cluster) or _alone(clusters[e.cluster])
    }
    found = vectors_of(texts, encoder, cache)
    return {text: np.array(vector, dtype=float) for text, vector in found.items()}


def _shown(cluster: Cluster) -> str:
    return cluster.model.display_name or cluster.model.model_id


def _semantic(entry: Entry, near: Sequence[Cluster], vectors: Vectors) -> list[Proposal]:
    """The models whose names mean most nearly the same; vectors are of length 1."""
    own = vectors.get(entry.name.name)
    known = [cluster for cluster in near if _shown(cluster) in vectors]
    if own is None or not known:
        return []
    products = np.stack([vectors[_shown(cluster)] for cluster in known]) * own
    # Added up from the left: a matrix product would round otherwise on another machine.
    likeness = products.cumsum(axis=1)[:, -1].tolist()
    best = sorted(zip(likeness, known, strict=True), key=lambda pair: -pair[0])
    return [_proposal(score, "semantic", entry, c) for score, c in best[: 3 * CANDIDATES]]


def _propose_one(
    decision: Decision, entry: Entry, found: Sequence[Proposal], settings: MatchingSettings
) -> Decision:
    """Turn the best candidate without a contradiction into a proposal; list the others."""
    unique: dict[str, Proposal] = {}
    for item in found:
        unique.setdefault(item.cluster.model.model_id, item)
    listed = tuple(
        Candidate(model_id, round(item.likeness, 4), _reason(entry, item))
        for model_id, item in list(unique.items())[:CANDIDATES]
    )
    best = next(iter(unique.values()), None)
    if decision.status == "auto" and best is not None and _is_usable(best, entry, settings):
        model = best.cluster.model
        return replace(
            decision,
            model_id=model.model_id,
            line_id=model.line_id,
            method=best.method,
            score=min(round(best.likeness, 4), settings.review_score),
            status="review",
            candidates=listed,
            runner_up_id=listed[1].model_id if len(listed) > 1 else None,
            margin=round(best.likeness - (listed[1].score if len(listed) > 1 else 0), 4),
        )
    if decision.status == "auto":
        return decision
    against = tuple(best.conflicts) if best is not None else ()
    return replace(decision, candidates=_with_proposal(decision, listed), tokens_conflict=against)


def _with_proposal(decision: Decision, listed: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The model an earlier rung proposes stands first, with what the name leaves open."""
    if decision.model_id is None:
        return listed
    missing = ", ".join(decision.tokens_missing) or "the tune"
    proposal = Candidate(decision.model_id, decision.score, f"{missing} not in the name")
    others = [c for c in listed if c.model_id != decision.model_id]
    return (proposal, *others)[:CANDIDATES]


def _is_usable(best: Proposal, entry: Entry, settings: MatchingSettings) -> bool:
    """Whether a candidate may take the place of the model that the name alone has opened."""
    floor = {"fuzzy": settings.fuzzy_floor, "semantic": settings.semantic_floor}[best.method]
    is_alike = not best.conflicts and best.likeness >= floor
    return is_alike and _said_less(entry.identity, best.cluster.identity)


def _said_less(a: Identity, b: Identity) -> bool:
    """Two names may be one model when they differ only in tokens that one of them leaves out."""
    return all(
        getattr(a, slot) == getattr(b, slot)
        for slot in ("words", "generation", "tier", "domain", "size", "context", "rolling")
    )


def _reason(entry: Entry, proposal: Proposal) -> str:
    if entry.parsed.problem:
        return entry.parsed.problem
    a, b, against = entry.identity, proposal.cluster.identity, proposal.conflicts
    if against:
        parts = [f"{s} {_show(getattr(a, s))} is not {_show(getattr(b, s))}" for s in against]
        return "; ".join(parts)
    missing = [s for s in ids.HARD_SLOTS if getattr(b, s) and not getattr(a, s)]
    extra = [s for s in ids.HARD_SLOTS if getattr(a, s) and not getattr(b, s)]
    parts = [f"{s} not in the name" for s in missing] + [f"{s} only in the name" for s in extra]
    return "; ".join(parts) or "only the spelling is alike"


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return "-".join(str(v) for v in value if v not in (None, False)) or "none"
    return str(value)
