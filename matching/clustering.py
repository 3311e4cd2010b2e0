"""Joining names into clusters: by identity, by spelling, by record; contradictions veto."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from matching import identity as ids
from matching import registry as reg
from matching.grammar import Identity, Parsed
from matching.model import ROLES, CanonicalModel, Name

ROLE_RANK = {role: rank for rank, role in enumerate(ROLES)}


@dataclass
class Entry:
    """One name on its way: its parse, its form and the cluster it ended in.

    What is no name of a model has neither form nor cluster.
    """

    name: Name
    parsed: Parsed
    form: ids.Form | None = None
    cluster: int = -1
    linked: bool = False

    @property
    def known_form(self) -> ids.Form:
        """The form of a name that stands in a cluster; ValueError for what is no model's name."""
        if self.form is None:
            raise ValueError(f"{self.name.name!r} is no name of a model")
        return self.form

    @property
    def identity(self) -> Identity:
        """The tokens as completed; of what is no model's name those that were read."""
        return self.form.identity if self.form else self.parsed.identity


@dataclass
class Cluster:
    """Names that are one release.

    identity: every token that any of them gives; known: a row of matching_known_releases says that
    there is such a release; model: there from `name_models` on.
    """

    identity: Identity
    model: CanonicalModel = field(init=False)
    entries: list[Entry] = field(default_factory=list)
    flats: set[str] = field(default_factory=set)
    curated: set[str] = field(default_factory=set)
    opened: bool = True
    rank: int = 3
    anchor_names: Counter[str] = field(default_factory=Counter)
    anchor_flats: set[str] = field(default_factory=set)
    listed: bool = False
    known: bool = False

    def find_anchors(self) -> None:
        """Note the names of the most trusted role: other names are matched against these."""
        self.rank = min(ROLE_RANK[e.name.role] for e in self.entries)
        self.listed = self.rank <= ROLE_RANK["vendor"] or any(
            e.known_form.lists or e.known_form.fixed for e in self.entries
        )
        for entry in self.entries:
            if ROLE_RANK[entry.name.role] == self.rank:
                self.anchor_names[entry.name.name.lower()] += 1
                self.anchor_flats.add(entry.parsed.flat)


def cluster_names(
    entries: list[Entry], known: AbstractSet[Identity] = frozenset()
) -> dict[int, Cluster]:
    """Join names by identity key, then by spelling, then by record; contradictions veto.

    known: identities of releases that exist whoever names them.
    """
    clusters: dict[int, Cluster] = {}
    by_key: dict[Identity, int] = {}
    for entry in entries:
        if entry.form is None:
            continue
        number = by_key.setdefault(entry.form.identity, len(by_key))
        if number not in clusters:
            clusters[number] = Cluster(entry.form.identity, known=entry.form.identity in known)
        curated = reg.registry_id(entry.name)
        if curated is not None:
            clusters[number].curated.add(curated)
        thinking = entry.form.identity.tune == "thinking"
        if not entry.form.unnumbered:
            clusters[number].flats.add(entry.parsed.flat + " thinking" * thinking)
        entry.cluster = number
    _take_registry_spellings(entries)
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


def _take_registry_spellings(entries: list[Entry]) -> None:
    """A name spelled as the registry shows a model is that model, whatever tune rules fill in.

    Only slots that the spelling leaves open are settled so: its own tokens, dates among them,
    must agree with the model's.
    """
    shown: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    own: dict[str, Entry] = {}
    for entry in entries:
        curated = reg.registry_id(entry.name)
        if curated is not None and entry.form is not None:
            shown[(entry.form.identity.provider, entry.parsed.flat)].add(curated)
            if curated == entry.name.name:
                own[curated] = entry
    for entry in entries:
        if entry.form is None or entry.form.hub:
            continue
        found = shown.get((entry.form.identity.provider, entry.parsed.flat), set())
        target = own.get(next(iter(found))) if len(found) == 1 else None
        if target is None or target.cluster == entry.cluster or entry.parsed.identity.tune:
            continue
        if "thinking" in (entry.identity.tune, target.identity.tune):
            continue
        settled = {"tune", "size", "active"}
        if _differing(entry.identity, target.identity) <= settled:
            entry.cluster = target.cluster


def _differing(a: Identity, b: Identity) -> set[str]:
    return {slot for slot in Identity._fields if getattr(a, slot) != getattr(b, slot)}


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

    'LFM2-2.6B' and 'lfm2-2-6b' are cut into different numbers, 'stable-code' and 'stablecode' into
    different words, so neither can veto here.
    """
    seen: dict[str, list[int]] = defaultdict(list)
    for number in sorted(clusters):
        for flat in sorted(clusters[number].flats):
            for other in seen[flat]:
                a, b = _root(parent, number), _root(parent, other)
                if a == b:
                    break
                veto = set(ids.conflicts(clusters[a].identity, clusters[b].identity))
                if veto <= {"generation", "size", "words", "base", "tier", "domain"}:
                    _merge(clusters, parent, a, b)
                    break
            else:
                seen[flat].append(number)


def _join_records(
    entries: list[Entry], clusters: dict[int, Cluster], parent: dict[int, int]
) -> None:
    """Names of one record are one model, unless a hard token says otherwise.

    A registry record joins whole clusters; elsewhere only the record's own names move, because
    'GPT-4o' may be one snapshot in one record and another in the next. A name that stands in
    several records of its source says nothing about any of them.
    """
    records: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    shared = Counter(entry.name.spelling for entry in entries)
    for entry in entries:
        if entry.cluster >= 0 and entry.name.record_id:
            records[_record_key(entry.name)].append(entry)
    for key in sorted(records, key=lambda k: (k[0] != reg.SOURCE, k)):
        curated = key[0] == reg.SOURCE
        members = sorted(records[key], key=_says_most)
        for other in members[1:]:
            a, b = _root(parent, members[0].cluster), _root(parent, other.cluster)
            if a != b and _may_link(members[0], other, clusters[a], clusters[b]):
                if shared[other.name.spelling] > 1 and not curated:
                    continue
                if curated:
                    _merge(clusters, parent, a, b)
                else:
                    other.cluster = a
                other.linked = True


def _record_key(name: Name) -> tuple[str, str]:
    """An id with a namespace ('or:openai/o3') is global, another one belongs to its source."""
    record = name.record_id or ""
    if ":" in record:
        return (reg.SOURCE if reg.registry_id(name) is not None else "", record)
    return (name.source.split("_")[0].split(":")[0], record)


def _says_most(entry: Entry) -> tuple[int, bool, int, str, str]:
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
    curated = reg.registry_id(first.name) is not None
    if curated and a.curated and b.curated and a.curated != b.curated:
        return False
    veto = set(ids.conflicts(first.identity, other.identity))
    if not (first.parsed.identity.tune and other.parsed.identity.tune):
        veto.discard("tune")
    if not (first.parsed.identity.date and other.parsed.identity.date):
        veto.discard("date")
    if _is_later_release(first.parsed.identity, other.parsed.identity):
        return False
    return not veto & {"provider", "size", "date", "revision", "generation", "tune", "active"}


def _is_later_release(a: Identity, b: Identity) -> bool:
    """Whether one is a preview without a date and the other has a date and is no preview.

    Epoch shows 'Gemini 3 Deep Think (2/26)' beside the id of the preview before it.
    """
    dated = (a.date is not None, b.date is not None)
    return a.stage != b.stage and dated == (not a.stage, not b.stage) and any(dated)


def follow_aliases(entries: list[Entry], clusters: dict[int, Cluster]) -> None:
    """A name that its source says stands for another of its names is what that one is.

    Only the name itself moves: what it stands for changes with time, so that it says nothing of
    names spelled like it elsewhere.
    """
    named: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.cluster >= 0 and not entry.name.alias_of:
            for text in (entry.name.name, entry.name.record_id):
                if text:
                    named.setdefault((entry.name.source, text), entry)
    for entry in entries:
        target = named.get((entry.name.source, entry.name.alias_of or ""))
        if target is None or target.cluster == entry.cluster:
            continue
        if entry.cluster in clusters:
            members = clusters[entry.cluster].entries
            members.remove(entry)
            if not members:
                del clusters[entry.cluster]
        entry.cluster, entry.form, entry.linked = target.cluster, target.form, True
        clusters[target.cluster].entries.append(entry)


def stage_twins(clusters: dict[int, Cluster]) -> dict[int, Cluster]:
    """Models no catalogue lists -> the one listed 'preview', 'exp' or 'beta' of equal tokens.

    Whether 'Gemini 3 Flash' means its preview is a question for a person.
    """
    listed: dict[Identity, list[Cluster]] = defaultdict(list)
    for cluster in clusters.values():
        if cluster.listed and cluster.identity.stage:
            listed[cluster.identity._replace(stage=(), date=None)].append(cluster)
    found = {}
    for number, cluster in clusters.items():
        identity = cluster.identity
        if not cluster.listed and identity.generation and not identity.stage:
            twins = listed[identity._replace(date=None)] if identity.date is None else []
            if len(twins) == 1:
                found[number] = twins[0]
    return found
