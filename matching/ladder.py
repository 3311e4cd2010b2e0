"""The ladder: from parsed names to canonical models and decisions.

Rungs, first that decides wins: override, exact_id, canonical, grammar, alias; fuzzy and semantic
only propose. All joins up to `alias` are hash joins over distinct forms.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager

from matching import candidates as proposing
from matching import identity as ids
from matching import registry as reg
from matching.clustering import (
    ROLE_RANK,
    Cluster,
    Entry,
    cluster_names,
    follow_aliases,
    stage_twins,
)
from matching.completion import complete
from matching.dates import iso_date, ordinal
from matching.grammar import Identity, Parsed, parse
from matching.model import CanonicalModel, Decision, Name, Override, Resolution, Spelling, Twins
from matching.naming import name_models, own_model, writes_date
from matching.rewriting import Key, Rules, apply_aliases, compile_rules
from matching.semantic import SKIPPED, load_encoder
from matching.settings import DEFAULT_MATCHING, MatchingSettings
from matching.twins import find_twins
from matching.variants import read_efforts
from matching.vocabulary import SourceRule, Vocabulary


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


@_no_collector()
def resolve(
    names: Sequence[Name],
    registry: Sequence[CanonicalModel],
    vocabulary: Vocabulary,
    overrides: Iterable[Override] = (),
    as_of: str | None = None,
    semantic: bool = False,
    embeddings: MutableMapping[str, Sequence[float]] | None = None,
    fuzzy: bool = True,
    settings: MatchingSettings = DEFAULT_MATCHING,
) -> Resolution:
    """Decide for every distinct (source, org, name) which canonical model it means.

    names: any order, repeats allowed; the result is a function of their set. as_of ('YYYY-MM-DD')
    picks the rows of rolling names that were valid then; by default those without an end count.
    semantic: also rank leftovers by embeddings (skipped with a note where the extra is missing);
    embeddings: vectors of names already seen, kept by the caller. fuzzy=False stops after the
    rungs that decide; settings: the ladder's numbers. Raises ValueError for a role that is not
    known.
    """
    human = _override_index(overrides, as_of)
    asked = _enter(names, registry, vocabulary)
    # A name that a person has decided tells nothing of others.
    entries = [e for e in asked if (e.name.source, e.name.name) not in human]
    rules = compile_rules(vocabulary)
    released = {m.model_id: m.released_on for m in registry}
    forms = _make_forms(entries, vocabulary, rules, as_of, released)
    seeded = [ids.Form(identity, owned=True) for identity in rules.known]
    complete([*forms, *seeded], rules, settings)
    clusters = cluster_names(entries, {form.identity for form in seeded})
    follow_aliases(entries, clusters)
    name_models(clusters, registry)
    for cluster in clusters.values():
        cluster.opened = cluster.opened and not _moves_with_time(cluster, rules)
    stages = stage_twins(clusters)
    decisions = _decide(asked, clusters, stages, human, settings)
    notes: list[str] = []
    twins: list[Twins] = []
    if fuzzy:
        encoder = load_encoder() if semantic else None
        if semantic and encoder is None:
            notes.append(SKIPPED)
        store = {} if embeddings is None else embeddings
        decisions = proposing.propose(entries, decisions, clusters, encoder, store, settings)
        certain = {d.model_id for d in decisions.values() if d.status == "auto"}
        known = [c for c in clusters.values() if c.model.model_id in certain]
        twins = find_twins(known, rules.speeds, encoder, store, settings)
    found = list(decisions.values())
    models = _models(clusters, found, registry, _kept_apart(asked, human))
    return Resolution(found, models, twins, notes)


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
        key=lambda n: (
            ROLE_RANK[n.role],
            *(n.source, n.name, n.org or "", n.record_id or ""),
            *(n.efforts, n.alias_of or "", n.released_on or ""),
        ),
    )
    cache: dict[Key, Parsed] = {}
    entries = []
    for name in [*reg.registry_names(registry), *ordered]:
        key = (name.name, name.source, name.org, name.role)
        if key not in cache:
            cache[key] = parse(name.name, name.source, name.org, vocabulary, name.role)
        entries.append(Entry(name, cache[key]))
    return read_efforts(entries, vocabulary, compile_rules(vocabulary))


def _make_forms(
    entries: list[Entry],
    vocabulary: Vocabulary,
    rules: Rules,
    as_of: str | None,
    released: dict[str, str | None],
) -> list[ids.Form]:
    """The forms of all entries; aliases are applied once per form."""
    forms: dict[ids.FormKey, ids.Form] = {}
    fullest = _fullest_of_records(entries)
    for entry in entries:
        if entry.parsed.problem:
            continue
        rule = vocabulary.source_rule(entry.name.source)
        key = _form_key(entry, rule)
        form = forms.get(key)
        if form is None:
            form = ids.form_of(key)
            form.identity, changed = apply_aliases(form.identity, rules, as_of)
            if changed:
                form.rules.append("alias")
            if key.registry:
                form.released = iso_date(released.get(entry.name.name))
            forms[key] = form
        entry.form = form
        day = iso_date(entry.name.released_on)
        if day:
            form.stated.add((entry.name.source, entry.name.org, ordinal(day)))
        record = (entry.name.source, entry.name.record_id or "")
        if fullest.get(record, 0) > _tokens_given(entry):
            continue
        if rule.catalogue == "releases":
            form.lists.add(entry.name.source)
        elif rule.catalogue:
            form.rows.add(entry.name.source)
    return list(forms.values())


def _form_key(entry: Entry, rule: SourceRule) -> ids.FormKey:
    parsed = entry.parsed
    own_id = reg.registry_id(entry.name) == entry.name.name
    return ids.FormKey(
        identity=parsed.identity,
        reader="vendor" if parsed.hub_style else rule.untuned,
        owned=entry.name.role == "vendor" or own_id,
        hub=rule.hub or parsed.hub_style,
        registry=own_id,
        mode_inline=parsed.mode_inline,
        speed=parsed.speed,
    )


def _fullest_of_records(entries: list[Entry]) -> dict[tuple[str, str], int]:
    """Tokens of the name that says most in each record: as a catalogue's entry it counts alone."""
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.name.record_id:
            record = (entry.name.source, entry.name.record_id)
            found[record] = max(found.get(record, 0), _tokens_given(entry))
    return found


def _tokens_given(entry: Entry) -> int:
    return sum(1 for slot in ids.HARD_SLOTS if getattr(entry.parsed.identity, slot))


def _decide(
    entries: list[Entry],
    clusters: dict[int, Cluster],
    stages: dict[int, Cluster],
    human: dict[tuple[str, str], Override],
    settings: MatchingSettings,
) -> dict[Spelling, Decision]:
    """One decision per distinct (source, name, org), registry spellings left out."""
    lines = {c.model.model_id: c.model.line_id for c in clusters.values()}
    decisions: dict[Spelling, Decision] = {}
    for entry in entries:
        if reg.registry_id(entry.name) is not None:
            continue
        key = entry.name.spelling
        override = human.get((entry.name.source, entry.name.name))
        if override is not None:
            decisions[key] = _overridden(entry, override, lines, own_model(entry).model_id)
        elif key not in decisions:
            decisions[key] = _ranked(entry, clusters, stages, settings)
    return decisions


def _override_index(
    overrides: Iterable[Override], as_of: str | None
) -> dict[tuple[str, str], Override]:
    found = {}
    for row in overrides:
        started = not row.valid_from or not as_of or row.valid_from <= as_of
        running = not row.valid_to or (as_of is not None and as_of <= row.valid_to)
        if started and running:
            found[(row.source, row.name)] = row
    return found


def _overridden(
    entry: Entry, override: Override, lines: dict[str, str | None], own_id: str
) -> Decision:
    """What a person decided; the runner-up is the model that the name alone would have been."""
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
        runner_up_id=None if entry.parsed.problem else own_id,
        margin=1.0,
        tokens_agree=(),
        tokens_missing=(),
        tokens_conflict=(),
        status="auto" if override.model_id else "rejected",
    )


def _ranked(
    entry: Entry,
    clusters: dict[int, Cluster],
    stages: dict[int, Cluster],
    settings: MatchingSettings,
) -> Decision:
    """The decision of the rungs before fuzzy."""
    cluster = clusters.get(entry.cluster)
    if cluster is None or not cluster.opened:
        moves = cluster is not None and cluster.identity.rolling
        return _decision(entry, None, "", 0.0, "review" if moves else "unmatched")
    if entry.cluster in stages:
        return _decision(entry, stages[entry.cluster], "grammar", settings.review_score, "review")
    method = _method(entry, cluster)
    cost = settings.fill_cost * len(set(entry.known_form.filled))
    score = max(settings.auto_score, round(_score_of(method, settings) - cost, 4))
    status = "auto"
    if entry.known_form.doubt:
        score, status = settings.review_score, "review"
    return _decision(entry, cluster, method, score, status)


def _moves_with_time(cluster: Cluster, rules: Rules) -> bool:
    """A rolling name that no row, no source and no date pins to a release is none of its own."""
    identity = cluster.identity
    # A day of listing pins nothing: what is listed moves on.
    dated = identity.date and any(writes_date(entry) for entry in cluster.entries)
    pinned = cluster.curated or dated or ids.core_key(identity) in rules.rolling
    return identity.rolling and not pinned


def _score_of(method: str, settings: MatchingSettings) -> float:
    return {
        "exact_id": 1.0,
        "canonical": settings.canonical_score,
        "grammar": settings.grammar_score,
        "alias": settings.alias_score,
    }[method]


def _method(entry: Entry, cluster: Cluster) -> str:
    """The first rung whose evidence holds between the name and its model's anchors."""
    name = entry.name.name.lower()
    model = cluster.model
    if name in (model.model_id.lower(), (model.api_alias or "").lower()):
        return "exact_id"
    if entry.parsed.identity.rolling and not cluster.identity.rolling:
        return "alias"
    own = ROLE_RANK[entry.name.role] == cluster.rank
    if cluster.anchor_names[name] > own:
        return "exact_id"
    if entry.parsed.flat in cluster.anchor_flats:
        return "canonical"
    return "alias" if entry.known_form.rules or entry.linked else "grammar"


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
        reason=entry.parsed.problem,
    )


def _variant(entry: Entry) -> str:
    """The parsed variant, with a host's fast copy named and a separate thinking release not."""
    variant, form = entry.parsed.variant, entry.form
    if form is None:
        return variant
    if form.identity.tune == "thinking":
        variant = variant.removeprefix("thinking").strip("-")
    return "-".join(p for p in (variant, form.dropped) if p)


def _kept_apart(asked: list[Entry], human: dict[tuple[str, str], Override]) -> list[CanonicalModel]:
    """Models of names of which a person decided that they are what they are called."""
    found = []
    for entry in asked:
        override = human.get((entry.name.source, entry.name.name))
        if override is not None and override.model_id and not entry.parsed.problem:
            model = own_model(entry)
            if model.model_id == override.model_id:
                found.append(model)
    return found


def _models(
    clusters: dict[int, Cluster],
    decisions: list[Decision],
    registry: Sequence[CanonicalModel],
    kept_apart: list[CanonicalModel],
) -> list[CanonicalModel]:
    used = {d.model_id for d in decisions if d.model_id} | {m.model_id for m in registry}
    found = {m.model_id: m for m in [*kept_apart, *registry]}
    found |= {c.model.model_id: c.model for c in clusters.values() if c.model.model_id in used}
    return sorted(found.values(), key=lambda m: m.model_id)
