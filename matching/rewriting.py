"""Seed rows spelled as names, compiled and applied: aliases, version dates, conventions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from matching.dates import Date
from matching.grammar import Identity, parse
from matching.identity import Core, core_key
from matching.vocabulary import Vocabulary

ANY_GENERATION = ("*",)

#: Tokens of an identity, by which rows are found.
Key = tuple[object, ...]


class Alias(NamedTuple):
    """A row that rewrites one identity to another, and the days on which it holds ('': always)."""

    source: Identity
    target: Identity
    valid_from: str
    valid_to: str


@dataclass
class Rules:
    """Seed rows that are spelled as names, compiled to identities.

    tunes: core -> meaning of a name without a tune word; aliases: core and more -> rows in their
    order; modes: keys of identities whose thinking release is separate; known: releases
    that exist; named: core and size of every name that an alias row speaks of; rolling: the cores
    of rolling names that stand for one release for good.
    """

    tunes: dict[Key, str] = field(default_factory=dict)
    aliases: dict[Key, list[Alias]] = field(default_factory=dict)
    modes: set[Key] = field(default_factory=set)
    known: list[Identity] = field(default_factory=list)
    named: set[Key] = field(default_factory=set)
    rolling: set[Core] = field(default_factory=set)
    speeds: frozenset[str] = frozenset()


@lru_cache(maxsize=8)
def compile_rules(vocabulary: Vocabulary) -> Rules:
    """Parse the seed rows that are spelled as names; linear in rows, once per vocabulary.

    Raises ValueError where two rows of matching_tunes are read as one name and contradict.
    """
    speeds = {value for kind, value in vocabulary.words.values() if kind == "speed"}
    rules = Rules(speeds=frozenset(speeds))
    for row in vocabulary.rows["matching_tunes"]:
        _add_tune(rules, _read(row["name"], vocabulary), row)
    for row in vocabulary.rows["matching_aliases"]:
        source, target = _read(row["name"], vocabulary), _read(row["same_as"], vocabulary)
        _add_alias(rules, source, target, row["valid_from"], row["valid_to"])
    unnamed: set[str] = set()
    for row in vocabulary.rows["matching_version_dates"]:
        version = _read(f"{row['name']} {row['version']}", vocabulary)
        dated = _read(f"{row['name']}-{row['date']}", vocabulary)
        both = version._replace(date=dated.date)
        _add_alias(rules, version, both, "", "")
        _add_alias(rules, dated, both, "", "")
        if row["version"] == "1":
            unnamed.add(row["name"])
    for row in vocabulary.rows["matching_mode_releases"]:
        i = _read(row["name"], vocabulary)
        rules.modes.add(mode_key(i))
    rules.known = [_read(r["name"], vocabulary) for r in vocabulary.rows["matching_known_releases"]]
    for row in vocabulary.rows["matching_version_dates"]:
        if row["name"] in unnamed:
            rules.known.append(_read(f"{row['name']}-{row['date']}", vocabulary))
    return rules


def _read(name: str, vocabulary: Vocabulary) -> Identity:
    return parse(name, "", None, vocabulary).identity


def _add_tune(rules: Rules, i: Identity, row: dict[str, str]) -> None:
    generation = {(): ANY_GENERATION, ("1",): ()}.get(i.generation, i.generation)
    core = (i.provider, i.words, generation, i.tier, i.domain)
    # Spellings of one name may repeat each other; the order of rows must not decide between two.
    if rules.tunes.setdefault(core, row["bare_means"]) != row["bare_means"]:
        raise ValueError(
            f"matching_tunes: {row['name']!r} means {row['bare_means']!r}, but an earlier row that "
            f"is read as the same name means {rules.tunes[core]!r}"
        )


def _add_alias(rules: Rules, source: Identity, target: Identity, start: str, end: str) -> None:
    rules.aliases.setdefault(_alias_key(source), []).append(Alias(source, target, start, end))
    rules.named |= {(*core_key(i), i.size) for i in (source, target)}
    if target.rolling:
        rules.rolling.add(core_key(target))


def _alias_key(i: Identity) -> Key:
    date = i.date and i.date._replace(alt=None, aside=False)
    return (*core_key(i), i.stage, i.revision, date, i.rolling)


def mode_key(i: Identity) -> Key:
    """The tokens that a separate thinking release shares with its plain one."""
    return (*core_key(i), i.size, i.base, i.date)


def apply_aliases(identity: Identity, rules: Rules, as_of: str | None) -> tuple[Identity, bool]:
    """Rewrite an identity by the first alias row that fits and is valid; at most three times."""
    changed = False
    for _ in range(3):
        target = _alias_of(identity, rules, as_of)
        if target is None and identity.date and identity.date.alt:
            other = identity._replace(date=Date(*identity.date.alt))
            target = _alias_of(other, rules, as_of)
        if target is None or target == identity:
            break
        identity, changed = target, True
    return identity, changed


def _alias_of(identity: Identity, rules: Rules, as_of: str | None) -> Identity | None:
    for source, target, start, end in rules.aliases.get(_alias_key(identity), ()):
        if as_of and ((start and as_of < start) or (end and as_of > end)):
            continue
        if not as_of and end:
            continue
        if not _fits(source, identity, rules.speeds):
            continue
        return _rewrite(identity, source, target)
    return None


def _fits(source: Identity, identity: Identity, speeds: frozenset[str]) -> bool:
    """Every slot the alias row names agrees; the provider may be unknown on one side.

    A row for 'turbo' is not about a sized name: there it may be a host's fast copy.
    """
    if identity.size and not source.size and speeds & set(source.tier):
        return False
    if source.provider and identity.provider and source.provider != identity.provider:
        return False
    same = all(
        getattr(source, slot) in (None, getattr(identity, slot))
        for slot in ("size", "tune", "context")
    )
    base = source.base is None or identity.base is None or source.base == identity.base
    return same and base


def _rewrite(identity: Identity, source: Identity, target: Identity) -> Identity:
    """Replace the slots in which the alias row's two sides differ."""
    changes = {
        slot: getattr(target, slot)
        for slot in Identity._fields
        if getattr(source, slot) != getattr(target, slot)
        and not (getattr(target, slot) is None and slot in ("size", "tune", "active", "base"))
    }
    for slot in ("size", "tune", "active"):
        if slot in changes and getattr(source, slot) is None and getattr(identity, slot):
            del changes[slot]
    return identity._replace(**changes)


def bare_meaning(i: Identity, rules: Rules) -> str:
    """What a name of this family without a tune word means by its maker's convention."""
    for domain in (i.domain, ()):
        for tier in (i.tier, ()):
            for generation in (i.generation, ANY_GENERATION):
                found = rules.tunes.get((i.provider, i.words, generation, tier, domain))
                if found:
                    return found
    return ""
