"""The ladder: from parsed names to canonical models and decisions.

Rungs, first that decides wins: override, exact_id, canonical, grammar, alias; fuzzy and semantic
only propose. All joins up to `alias` are hash joins over distinct forms.
"""

from __future__ import annotations

import gc
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from matching import candidates as proposing
from matching import identity as ids
from matching import registry as reg
from matching.grammar import GLUE, Identity, Parsed, parse
from matching.model import CanonicalModel, Decision, Name, Override, Resolution
from matching.semantic import SKIPPED, load_encoder
from matching.vocabulary import Vocabulary

SCORES = {"override": 1.0, "exact_id": 1.0, "canonical": 0.99, "grammar": 0.97, "alias": 0.95}
FILL_COST = 0.01
ROLE_RANK = {"registry": 0, "vendor": 1, "evaluator": 2, "host": 3}


@dataclass
class Entry:
    """One name on its way: its parse, its form and the cluster it ended in."""

    name: Name
    parsed: Parsed
    form: ids.Form | None = None
    cluster: int = -1
    linked: bool = False


@dataclass
class Cluster:
    """Names that are one release. `identity` holds every token any of them gives."""

    identity: Identity
    entries: list[Entry] = field(default_factory=list)
    flats: set[str] = field(default_factory=set)
    curated: set[str] = field(default_factory=set)
    model: CanonicalModel | None = None
    opened: bool = True
    rank: int = 3
    anchor_names: Counter[str] = field(default_factory=Counter)
    anchor_flats: set[str] = field(default_factory=set)

    def find_anchors(self) -> None:
        """Note the names of the most trusted role: other names are matched against these."""
        self.rank = min(ROLE_RANK[e.name.role] for e in self.entries)
        for entry in self.entries:
            if ROLE_RANK[entry.name.role] == self.rank:
                self.anchor_names[entry.name.name.lower()] += 1
                self.anchor_flats.add(entry.parsed.flat)


def resolve(
    names: Sequence[Name],
    registry: Sequence[CanonicalModel],
    vocabulary: Vocabulary,
    overrides: Iterable[Override] = (),
    as_of: str | None = None,
    semantic: bool = False,
    embeddings: MutableMapping[str, Sequence[float]] | None = None,
    fuzzy: bool = True,
) -> Resolution:
    """Decide for every distinct (source, org, name) which canonical model it means.

    names: any order, repeats allowed; the result is a function of their set. as_of ('YYYY-MM-DD')
    picks the rows of rolling names that were valid then; by default those without an end count.
    semantic: also rank leftovers by embeddings (skipped with a note where the extra is missing);
    embeddings: vectors of names already seen, kept by the caller. fuzzy=False stops after the
    rungs that decide. Raises ValueError for a role that is not known.
    """
    with _no_collector():
        return _resolve(names, registry, vocabulary, overrides, as_of, semantic, embeddings, fuzzy)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Nothing here makes reference cycles: without the collector time stays linear in names."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _resolve(
    names: Sequence[Name],
    registry: Sequence[CanonicalModel],
    vocabulary: Vocabulary,
    overrides: Iterable[Override],
    as_of: str | None,
    semantic: bool,
    embeddings: MutableMapping[str, Sequence[float]] | None,
    fuzzy: bool,
) -> Resolution:
    entries = _enter(names, registry, vocabulary)
    rules = ids.compile_rules(vocabulary)
    released = {m.model_id: m.released_on for m in registry}
    forms = _make_forms(entries, vocabulary, rules, as_of, released)
    ids.complete([*forms.values(), *(ids.Form(i, owned=True) for i in rules.known)], rules)
    clusters = _cluster(entries)
    _name_models(clusters, registry)
    decisions = _decide(entries, clusters, overrides, as_of)
    notes: list[str] = []
    if fuzzy:
        encoder = load_encoder() if semantic else None
        if semantic and encoder is None:
            notes.append(SKIPPED)
        store = {} if embeddings is None else embeddings
        decisions = proposing.propose(entries, decisions, clusters, encoder, store)
    found = list(decisions.values())
    return Resolution(found, _models(clusters, found, registry), notes)


def _enter(
    names: Sequence[Name], registry: Sequence[CanonicalModel], vocabulary: Vocabulary
) -> list[Entry]:
    """Distinct names in a fixed order, the registry's spellings first."""
    for name in names:
        if name.role not in ROLE_RANK:
            raise ValueError(f"unknown role {name.role!r} of {name.source}: {name.name[:60]!r}")
    distinct = dict.fromkeys(names)
    ordered = sorted(
        distinct,
        key=lambda n: (ROLE_RANK[n.role], n.source, n.name, n.org or "", n.record_id or ""),
    )
    cache: dict[tuple, Parsed] = {}
    entries = []
    for name in [*reg.registry_names(registry), *ordered]:
        key = (name.name, name.source, name.org)
        if key not in cache:
            cache[key] = parse(name.name, name.source, name.org, vocabulary)
        entries.append(Entry(name, cache[key]))
    return entries


def _make_forms(
    entries: list[Entry],
    vocabulary: Vocabulary,
    rules: ids.Rules,
    as_of: str | None,
    released: dict[str, str | None],
) -> dict[tuple, ids.Form]:
    """Distinct (identity, way of writing); aliases are applied once per form."""
    forms: dict[tuple, ids.Form] = {}
    for entry in entries:
        if entry.parsed.problem:
            continue
        rule = vocabulary.source_rule(entry.name.source)
        own_id = (entry.name.record_id or "") == f"registry:{entry.name.name}"
        parsed = entry.parsed
        reader = "vendor" if parsed.hub_style else rule.untuned
        owned = entry.name.role == "vendor" or own_id
        key = (
            parsed.identity,
            reader,
            owned,
            rule.hub or parsed.hub_style,
            own_id,
            parsed.mode_inline,
            parsed.speed,
        )
        form = forms.get(key)
        if form is None:
            form = ids.form_of(parsed, owned, reader, rule.hub, own_id)
            form.identity, changed = ids.apply_aliases(form.identity, rules, as_of)
            if changed:
                form.rules.append("alias")
            if own_id:
                form.released = ids.iso_date(released.get(entry.name.name))
            forms[key] = form
        if rule.catalogue == "releases":
            form.lists.add(entry.name.source)
        elif rule.catalogue:
            form.rows.add(entry.name.source)
        entry.form = form
    return forms


def _cluster(entries: list[Entry]) -> dict[int, Cluster]:
    """Join names by identity key, then by spelling, then by record; contradictions veto."""
    clusters: dict[int, Cluster] = {}
    by_key: dict[Identity, int] = {}
    for entry in entries:
        if entry.form is None:
            continue
        number = by_key.setdefault(entry.form.identity, len(by_key))
        if number not in clusters:
            clusters[number] = Cluster(entry.form.identity)
        if entry.name.role == "registry":
            clusters[number].curated.add(entry.name.record_id or "")
        thinking = entry.form.identity.tune == "thinking"
        clusters[number].flats.add(entry.parsed.flat + " thinking" * thinking)
        entry.cluster = number
    parent = {number: number for number in clusters}
    _join_spellings(clusters, parent)
    _join_records(entries, clusters, parent)
    for entry in entries:
        if entry.cluster >= 0:
            entry.cluster = _root(parent, entry.cluster)
    for cluster in clusters.values():
        cluster.entries = []
    for entry in entries:
        if entry.cluster >= 0:
            clusters[entry.cluster].entries.append(entry)
    found = {n: c for n, c in clusters.items() if c.entries}
    for cluster in found.values():
        cluster.find_anchors()
    return found


def _root(parent: dict[int, int], number: int) -> int:
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


def _merge(clusters: dict[int, Cluster], parent: dict[int, int], a: int, b: int) -> None:
    """Merge two clusters into the one with the smaller number (the earlier name)."""
    keep, gone = min(a, b), max(a, b)
    parent[gone] = keep
    left, right = clusters[keep], clusters[gone]
    filled = {
        slot: getattr(right.identity, slot)
        for slot in Identity._fields
        if getattr(left.identity, slot) in (None, ()) and getattr(right.identity, slot)
    }
    left.identity = left.identity._replace(**filled)
    left.flats |= right.flats
    left.curated |= right.curated


def _join_spellings(clusters: dict[int, Cluster], parent: dict[int, int]) -> None:
    """Rung `canonical`: equal spelling without punctuation, unless makers or tunes differ.

    'LFM2-2.6B' and 'lfm2-2-6b' are cut into different numbers, so numbers cannot veto here.
    """
    seen: dict[str, list[int]] = defaultdict(list)
    for number in sorted(clusters):
        for flat in sorted(clusters[number].flats):
            for other in seen[flat]:
                a, b = _root(parent, number), _root(parent, other)
                if a == b:
                    break
                veto = set(ids.conflicts(clusters[a].identity, clusters[b].identity))
                if veto <= {"generation", "size", "words", "base", "tier"}:
                    _merge(clusters, parent, a, b)
                    break
            else:
                seen[flat].append(number)


def _join_records(
    entries: list[Entry], clusters: dict[int, Cluster], parent: dict[int, int]
) -> None:
    """Names of one record are one model, unless a hard token says otherwise.

    A registry record joins whole clusters; elsewhere only the record's own names move, because
    'GPT-4o' may be one snapshot in one record and another in the next.
    """
    records: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.cluster >= 0 and entry.name.record_id:
            group = entry.name.source.split("_")[0].split(":")[0]
            records[(group, entry.name.record_id)].append(entry)
    for key in sorted(records, key=lambda k: (k[0] != reg.SOURCE, k)):
        curated = key[0] == reg.SOURCE
        members = sorted(records[key], key=_says_most)
        for other in members[1:]:
            a, b = _root(parent, members[0].cluster), _root(parent, other.cluster)
            if a != b and _may_link(members[0], other, clusters[a], clusters[b]):
                if curated:
                    _merge(clusters, parent, a, b)
                else:
                    other.cluster = a
                other.linked = True


def _says_most(entry: Entry) -> tuple:
    identity = entry.parsed.identity
    given = sum(1 for slot in ids.HARD_SLOTS if getattr(identity, slot))
    return (
        ROLE_RANK[entry.name.role],
        identity.rolling,
        -given,
        entry.name.source,
        entry.name.name,
    )


def _may_link(first: Entry, other: Entry, a: Cluster, b: Cluster) -> bool:
    """One record links names whose tokens differ in presence, or in words only.

    A tune that was only inferred from the source's way of writing does not veto.
    """
    curated = "registry" in (first.name.role, other.name.role)
    if curated and a.curated and b.curated and a.curated != b.curated:
        return False
    veto = set(ids.conflicts(first.form.identity, other.form.identity))
    if not (first.parsed.identity.tune and other.parsed.identity.tune):
        veto.discard("tune")
    if not (first.parsed.identity.date and other.parsed.identity.date):
        veto.discard("date")
    return not veto & {"provider", "size", "date", "revision", "generation", "tune", "active"}


def _name_models(clusters: dict[int, Cluster], registry: Sequence[CanonicalModel]) -> None:
    """Give every cluster its canonical model, in order of who may open one."""
    known = {m.model_id: m for m in registry}
    taken: set[str] = set(known)
    for number in sorted(clusters, key=lambda n: (clusters[n].rank, n)):
        cluster = clusters[number]
        opener = min(cluster.entries, key=lambda e: _opener_key(e, cluster))
        if opener.name.role == "registry":
            model = known[opener.name.record_id.removeprefix("registry:")]
        else:
            cluster.opened = cluster.rank < ROLE_RANK["host"] or _confident(opener)
            left_out = () if cluster.identity.tune == "thinking" else ("mode",)
            model_id = _free_id(_slug(opener.parsed.pieces, left_out), opener, cluster, taken)
            model = CanonicalModel(
                model_id=model_id,
                provider=cluster.identity.provider,
                display_name=_display(cluster, opener),
                first_seen_source=opener.name.source,
                first_seen_at=min(
                    (e.name.first_seen_at for e in cluster.entries if e.name.first_seen_at),
                    default=None,
                ),
            )
            taken.add(model_id)
        cluster.model = _with_line(model, cluster, opener)


def _opener_key(entry: Entry, cluster: Cluster) -> tuple:
    """Vendor's spelling first; of those the one that says most, in the plainest way."""
    identity = entry.parsed.identity
    missing = sum(
        1
        for s in ("date", "size", "tune", "revision", "base")
        if getattr(cluster.identity, s) and not getattr(identity, s)
    )
    return (
        ROLE_RANK[entry.name.role],
        missing,
        " " in entry.name.name,
        len(entry.name.name),
        entry.name.name,
        entry.name.source,
    )


def _confident(entry: Entry) -> bool:
    """A host's name opens a model when its family is known or it names a maker and a number."""
    identity = entry.parsed.identity
    numbered = bool(identity.generation or identity.size or identity.revision)
    return entry.parsed.family_known or numbered or bool(identity.provider)


def _slug(pieces: tuple[tuple[str, str], ...], leave_out: tuple[str, ...]) -> str:
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
    spaced = [e for e in cluster.entries if " " in e.name.name and not e.parsed.variant]
    best = min(spaced, key=lambda e: (len(e.name.name), e.name.name), default=opener)
    return best.name.name.strip()


def _with_line(model: CanonicalModel, cluster: Cluster, opener: Entry) -> CanonicalModel:
    """Add the line: the model's tokens without date, revision, stage, tune and route words."""
    left_out = ("date", "version", "stage", "tune", "rolling", "experts", "context", "mode")
    line = _slug(opener.parsed.pieces, left_out)
    return replace(model, line_id=line, provider=model.provider or cluster.identity.provider)


def _decide(
    entries: list[Entry],
    clusters: dict[int, Cluster],
    overrides: Iterable[Override],
    as_of: str | None,
) -> dict[tuple, Decision]:
    """One decision per distinct (source, name, org), registry spellings left out."""
    human = _override_index(overrides, as_of)
    lines = {c.model.model_id: c.model.line_id for c in clusters.values()}
    decisions: dict[tuple, Decision] = {}
    for entry in entries:
        if (
            entry.name.source == reg.SOURCE
            and entry.name.role == "registry"
            and ((entry.name.record_id or "").startswith("registry:"))
        ):
            continue
        key = (entry.name.source, entry.name.name, entry.name.org)
        override = human.get((entry.name.source, entry.name.name))
        if override is not None:
            decisions[key] = _overridden(entry, override, lines)
        elif key not in decisions:
            decisions[key] = _ranked(entry, clusters)
    return decisions


def _override_index(overrides: Iterable[Override], as_of: str | None) -> dict:
    found = {}
    for row in overrides:
        started = not row.valid_from or not as_of or row.valid_from <= as_of
        running = not row.valid_to or (as_of is not None and as_of <= row.valid_to)
        if started and running:
            found[(row.source, row.name)] = row
    return found


def _overridden(entry: Entry, override: Override, lines: dict[str, str | None]) -> Decision:
    return Decision(
        source=entry.name.source,
        source_model_name=entry.name.name,
        org=entry.name.org,
        record_id=entry.name.record_id,
        model_id=override.model_id,
        line_id=lines.get(override.model_id or ""),
        variant=entry.parsed.variant,
        deployment=entry.parsed.deployment,
        method="override",
        score=1.0,
        runner_up_id=None,
        margin=1.0,
        tokens_agree=(),
        tokens_missing=(),
        tokens_conflict=(),
        status="auto" if override.model_id else "rejected",
    )


def _ranked(entry: Entry, clusters: dict[int, Cluster]) -> Decision:
    """The decision of the rungs before fuzzy."""
    cluster = clusters.get(entry.cluster)
    if cluster is None or not cluster.opened:
        return _decision(entry, None, "", 0.0, "unmatched")
    method = _method(entry, cluster)
    filled = sorted(set(entry.form.filled))
    score = round(SCORES[method] - FILL_COST * len(filled), 4)
    status = "auto" if score >= 0.9 and not entry.form.doubt else "review"
    if entry.form.doubt:
        score = min(score, 0.85)
    return _decision(entry, cluster, method, score, status)


def _method(entry: Entry, cluster: Cluster) -> str:
    """The first rung whose evidence holds between the name and its model's anchors."""
    name = entry.name.name.lower()
    model = cluster.model
    if name in (model.model_id.lower(), (model.api_alias or "").lower()):
        return "exact_id"
    own = ROLE_RANK[entry.name.role] == cluster.rank
    if cluster.anchor_names[name] > own:
        return "exact_id"
    if entry.parsed.flat in cluster.anchor_flats:
        return "canonical"
    return "alias" if entry.form.rules or entry.linked else "grammar"


def _decision(
    entry: Entry, cluster: Cluster | None, method: str, score: float, status: str
) -> Decision:
    agree: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    if cluster is not None:
        pairs = [
            (slot, mine)
            for slot, mine, known in zip(
                Identity._fields, entry.parsed.identity, cluster.identity, strict=True
            )
            if known
        ]
        agree = tuple(slot for slot, mine in pairs if mine)
        missing = tuple(slot for slot, mine in pairs if not mine)
    return Decision(
        source=entry.name.source,
        source_model_name=entry.name.name,
        org=entry.name.org,
        record_id=entry.name.record_id,
        model_id=cluster.model.model_id if cluster else None,
        line_id=cluster.model.line_id if cluster else None,
        variant=_variant(entry),
        deployment=entry.parsed.deployment,
        method=method,
        score=score,
        runner_up_id=None,
        margin=score,
        tokens_agree=agree,
        tokens_missing=missing,
        tokens_conflict=(),
        status=status,
    )


def _variant(entry: Entry) -> str:
    """The parsed variant, with a host's fast copy named and a separate thinking release not."""
    variant, form = entry.parsed.variant, entry.form
    if form is None:
        return variant
    if form.identity.tune == "thinking":
        variant = variant.removeprefix("thinking").strip("-")
    return "-".join(p for p in (variant, form.dropped) if p)


def _models(
    clusters: dict[int, Cluster], decisions: list[Decision], registry: Sequence[CanonicalModel]
) -> list[CanonicalModel]:
    used = {d.model_id for d in decisions if d.model_id} | {m.model_id for m in registry}
    found = {c.model.model_id: c.model for c in clusters.values() if c.model.model_id in used}
    return sorted(found.values(), key=lambda m: m.model_id)
