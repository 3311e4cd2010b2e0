"""Canonical models of clusters: who opens one, and how it is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from matching.clustering import ROLE_RANK, Cluster, Entry
from matching.grammar import Identity
from matching.model import CanonicalModel, ModelTokens
from matching.tokens import GLUE


def name_models(clusters: dict[int, Cluster], registry: Sequence[CanonicalModel]) -> None:
    """Give every cluster its canonical model, in order of who may open one."""
    known = {m.model_id: m for m in registry}
    taken: set[str] = set(known)
    for number in sorted(clusters, key=lambda n: (clusters[n].rank, n)):
        cluster = clusters[number]
        opener = _opener(cluster)
        if cluster.curated:
            model = known[min(cluster.curated)]
        else:
            cluster.opened = cluster.rank < ROLE_RANK["host"] or _confident(opener)
            slug = _slug(opener.parsed.pieces, _no_part_of_id(cluster))
            model_id = _free_id(slug, opener, cluster, taken)
            model = CanonicalModel(
                model_id=model_id,
                provider=cluster.identity.provider,
                display_name=_display(cluster, opener) or model_id,
                first_seen_source=opener.name.source,
                first_seen_at=min(
                    (e.name.first_seen_at for e in cluster.entries if e.name.first_seen_at),
                    default=None,
                ),
            )
            taken.add(model_id)
        cluster.model = _with_line(model, cluster, opener)


def own_model(entry: Entry) -> CanonicalModel:
    """The model that a name is where nothing else is known of it: a person said that it is one."""
    kinds = {"rolling"} if entry.parsed.identity.rolling else set()
    model = CanonicalModel(
        model_id=_slug(entry.parsed.pieces, {"mode", *kinds}),
        provider=entry.parsed.identity.provider,
        display_name=entry.name.name,
        first_seen_source=entry.name.source,
        first_seen_at=entry.name.first_seen_at,
    )
    return _with_line(model, Cluster(entry.parsed.identity), entry)


def _opener(cluster: Cluster) -> Entry:
    if len(cluster.entries) == 1:
        return cluster.entries[0]
    return min(cluster.entries, key=lambda e: _opener_key(e, cluster))


def _opener_key(entry: Entry, cluster: Cluster) -> tuple[int, int, bool, int, str, str]:
    """Vendor's spelling first; of those the one that says most, in the plainest way."""
    identity = entry.parsed.identity
    missing = sum(
        1
        for s in ("date", "size", "tune", "revision", "base")
        if getattr(cluster.identity, s) and not getattr(identity, s)
    )
    # A day of listing says nothing more of a release.
    missing += bool(identity.date and identity.date.listing)
    return (
        ROLE_RANK[entry.name.role],
        missing,
        " " in entry.name.name,
        len(entry.name.name),
        entry.name.name,
        entry.name.source,
    )


def _no_part_of_id(cluster: Cluster) -> set[str]:
    """Kinds of tokens that an id leaves out: they tell this release from no other.

    A mode that is no release of its own, a day that only a listing gives, and '-latest' where the
    name stands for one release for good.
    """
    kinds = set()
    if cluster.identity.tune != "thinking":
        kinds.add("mode")
    if not any(writes_date(e) for e in cluster.entries):
        kinds.add("date")
    if not cluster.identity.rolling:
        kinds.add("rolling")
    return kinds


def writes_date(entry: Entry) -> bool:
    """Whether a name gives a date of its release, and not the day of a listing."""
    date = entry.parsed.identity.date
    return date is not None and not date.listing


def _confident(entry: Entry) -> bool:
    """A host's name opens a model when its family is known or it names a maker and a number."""
    identity = entry.parsed.identity
    numbered = bool(identity.generation or identity.size or identity.revision)
    return entry.parsed.family_known or numbered or bool(identity.provider)


def _slug(pieces: tuple[tuple[str, str], ...], leave_out: Collection[str]) -> str:
    parts = [raw for kind, raw in pieces if kind not in leave_out]
    text = "-".join(parts).replace(f"-{GLUE}", "")
    return re.sub(r"[^\w.]+", "-", text).strip("-.") or "unnamed"


def _free_id(slug: str, opener: Entry, cluster: Cluster, taken: set[str]) -> str:
    """The slug, or with the maker and then a number where another model has it."""
    options = [slug, f"{cluster.identity.provider or opener.name.source}-{slug}"]
    for option in options:
        if option not in taken:
            return option
    number = 2
    while f"{options[1]}-{number}" in taken:
        number += 1
    return f"{options[1]}-{number}"


def _display(cluster: Cluster, opener: Entry) -> str:
    """The shortest name with spaces, else the opener's; '' where that names a setting."""
    spaced = [e for e in cluster.entries if " " in e.name.name and not e.parsed.variant]
    best = min(spaced, key=lambda e: (len(e.name.name), e.name.name), default=opener)
    return "" if best.parsed.variant else _without_remark(best)


def _without_remark(entry: Entry) -> str:
    """The name without brackets at its end that set no model apart: '(0-shot)', '(free)'."""
    name = entry.name.name.strip()
    found = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", name)
    if not found or any(raw in found[2].lower() for _, raw in entry.parsed.pieces):
        return name
    return found[1]


def _with_line(model: CanonicalModel, cluster: Cluster, opener: Entry) -> CanonicalModel:
    """Add the tokens, and the line: the tokens without date, revision, stage, tune, route words."""
    left_out = ("date", "version", "stage", "tune", "rolling", "experts", "context", "mode")
    line = _slug(opener.parsed.pieces, left_out)
    provider = model.provider or cluster.identity.provider
    return replace(model, line_id=line, provider=provider, tokens=_tokens(cluster.identity))


def _tokens(identity: Identity) -> ModelTokens:
    base, base_generation = identity.base or (None, None)
    return ModelTokens(
        words=identity.words,
        generation=identity.generation,
        tier=identity.tier,
        domain=identity.domain,
        stage=identity.stage,
        size=identity.size,
        base=base,
        base_generation=base_generation,
        tune=identity.tune,
    )
