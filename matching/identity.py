"""Completed identities: the form of a name, and when two of them contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from matching.dates import Date, merge_dates, precision
from matching.grammar import Identity

HARD_SLOTS = (
    "provider",
    "words",
    "generation",
    "tier",
    "domain",
    "size",
    "active",
    "base",
    "tune",
    "stage",
    "revision",
    "context",
    "date",
    "rolling",
)

#: Words, generation, tier and domain.
Core = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class FormKey(NamedTuple):
    """What sets one form apart from others before it is completed; the fields are those of `Form`.

    Names that agree in all of these are completed alike.
    """

    identity: Identity
    reader: str
    owned: bool
    hub: bool
    registry: bool
    mode_inline: bool
    speed: tuple[str, ...]


@dataclass
class Form:
    """One distinct parse with the way its sources write.

    identity: the tokens, completed in place
    reader: what a name without a tune word means there ('chat', 'vendor' or unknown)
    owned: a registry id or a vendor-owned spelling
    fixed: an undated name that stands for one release for good (weights repository, registry id)
    hub: the spelling of a weights repository
    lists, rows: catalogues of releases, and of variants, that have it as an entry
    filled: slots completed from other names
    rules: rewrite rules applied
    doubt: why the decision needs a human, or ''
    registry: an id of the registry
    short: its date is written without year, month or day
    released: the registry's release date of an undated id
    stated: (source, organisation, release day stated there) of the names written so
    speed: words that are a tier or a host's fast copy
    dropped: those of them that turned out to be the latter
    unnumbered: a first generation whose number was left out, so its spelling joins nothing
    """

    identity: Identity
    reader: str = ""
    owned: bool = False
    lists: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    fixed: bool = False
    hub: bool = False
    mode_inline: bool = False
    filled: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    doubt: str = ""
    registry: bool = False
    short: bool = False
    released: Date | None = None
    stated: set[tuple[str, str | None, int]] = field(default_factory=set)
    speed: tuple[str, ...] = ()
    dropped: str = ""
    unnumbered: bool = False

    def set(self, slot: str, value: Any, note: bool = True) -> None:
        """Put a value into a slot and remember that it was not in the name."""
        self.identity = self.identity._replace(**{slot: value})
        if note:
            self.filled.append(slot)


def core_key(i: Identity) -> Core:
    """The tokens that every spelling must share before anything may be filled."""
    return (i.words, i.generation, i.tier, i.domain)


def conflicts(a: Identity, b: Identity) -> list[str]:
    """Slots on which two completed identities contradict each other; a missing value does not."""
    found = []
    for slot in HARD_SLOTS:
        x, y = getattr(a, slot), getattr(b, slot)
        if x == y or (None in (x, y) and "thinking" not in (x, y)):
            continue
        if slot == "date" and merge_dates(x, y):
            continue
        if slot == "base" and x[0] == y[0] and None in (x[1], y[1]):
            continue
        found.append(slot)
    return found


def form_of(key: FormKey) -> Form:
    """A new form of the names that are written so."""
    date = key.identity.date
    return Form(
        **key._asdict(),
        fixed=key.hub or key.registry,
        short=date is not None and precision(date) < 3,
    )
