"""Forms of equal tokens, and what is known of a slot among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
from typing import Any, NamedTuple

from matching.grammar import Identity
from matching.identity import Form
from matching.rewriting import Rules
from matching.settings import MatchingSettings

#: What forms have in common: those of one key are settled together.
Key = Callable[[Identity], Hashable]


class Given(NamedTuple):
    """What every pass may ask besides the forms: the vocabulary's rows and the ladder's numbers."""

    rules: Rules
    settings: MatchingSettings


def alike_in(*slots: str) -> Key:
    """The key of forms that agree in these slots."""
    return itemgetter(*(Identity._fields.index(slot) for slot in slots))


def all_but(*slots: str) -> Key:
    """The key of forms that agree in every slot except these."""
    left_out = {Identity._fields.index(slot) for slot in slots}
    return itemgetter(*(n for n in range(len(Identity._fields)) if n not in left_out))


def groups(forms: Iterable[Form], key: Key) -> list[list[Form]]:
    """Forms by key, in the order in which the keys are met; linear in forms."""
    found: dict[Hashable, list[Form]] = defaultdict(list)
    for form in forms:
        found[key(form.identity)].append(form)
    return list(found.values())


def known_values(group: Iterable[Form], slot: str) -> list[Any]:
    """The distinct values of a slot in a fixed order, without the missing one."""
    found = {getattr(form.identity, slot) for form in group} - {None}
    return sorted(found, key=repr)


def fill_missing(group: Iterable[Form], slot: str, value: object) -> None:
    """Put a value into a slot wherever it is missing."""
    for form in group:
        if getattr(form.identity, slot) is None:
            form.set(slot, value)


def is_listed_apart(group: Iterable[Form], slot: str, variants: bool = False) -> bool:
    """Whether one catalogue has entries with and without the slot: then they are two models.

    variants: catalogues that list one release several times count as well.
    """
    with_slot: set[str] = set()
    without: set[str] = set()
    for form in group:
        found = form.lists | form.rows if variants else form.lists
        (without if getattr(form.identity, slot) is None else with_slot).update(found)
    return bool(with_slot & without)


def is_firm(form: Form) -> bool:
    """Whether a maker, a weights repository or a catalogue writes so, and not a host alone."""
    return form.owned or form.fixed or bool(form.lists or form.rows)
