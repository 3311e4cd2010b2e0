"""How large a model is, and what its size tells of it: sizes, active parameters, context."""

from __future__ import annotations

from collections.abc import Iterable

from matching.identity import Form
from matching.passes.grouping import (
    Given,
    all_but,
    fill_missing,
    groups,
    is_firm,
    is_listed_apart,
    known_values,
)

_RELEASE = all_but("size", "active", "tune", "context", "revision", "mode")


def fill_dated_size(line: list[Form], _: Given) -> None:
    """Fill in the only size of each dated release, unless its undated line comes without one."""
    if _sizes_apart(form for form in line if _is_undated(form)):
        return
    for release in groups((form for form in line if form.identity.date), _RELEASE):
        sizes = known_values(release, "size")
        if len(sizes) == 1 and not is_listed_apart(release, "size", variants=True):
            fill_missing(release, "size", sizes[0])


def round_sizes(line: list[Form], _: Given) -> None:
    """Write sizes that differ by a tenth at most as the finest of them."""
    sizes = known_values(line, "size")
    if not line[0].identity.tier or len(sizes) < 2:
        return
    numbers = {s: float(s[:-1]) for s in sizes if s[:-1].replace(".", "", 1).isdigit()}
    if len(numbers) == len(sizes) and max(numbers.values()) <= 1.1 * min(numbers.values()):
        finest = max(sizes, key=lambda s: (len(s), s))
        for form in line:
            if form.identity.size:
                form.set("size", finest, note=False)


def fill_size(line: list[Form], _: Given) -> None:
    """Fill in the only size of a line, except in '-latest' names: the next may have another."""
    sizes = known_values(line, "size")
    if len(sizes) == 1 and not _sizes_apart(line):
        fill_missing((form for form in line if not form.identity.rolling), "size", sizes[0])


def _is_undated(form: Form) -> bool:
    return form.identity.date is None and form.identity.revision is None


def _sizes_apart(forms: Iterable[Form]) -> bool:
    """Whether the maker or one catalogue has the line with and without a size."""
    group = list(forms)
    owned = {form.identity.size is None for form in group if form.owned}
    return owned == {True, False} or is_listed_apart(group, "size", variants=True)


def fill_named_by_size(group: list[Form], _: Given) -> None:
    """Fill in the generation and tier of the only model with so many active parameters.

    Whoever makes or lists models writes what it means; where they are not heard, whoever writes
    both.
    """
    if not (group[0].identity.size and group[0].identity.active):
        return
    full = [form for form in group if form.identity.generation and form.identity.tier]
    firm = [form for form in group if is_firm(form)] or full
    named = {(form.identity.generation, form.identity.tier) for form in firm}
    for form in group:
        i = form.identity
        meant = [
            (generation, tier)
            for generation, tier in named
            if i.generation in ((), generation) and i.tier in ((), tier)
        ]
        if len(meant) == 1 and (i.generation, i.tier) not in named:
            for slot, value in zip(("generation", "tier"), meant[0], strict=True):
                if getattr(i, slot) != value:
                    form.set(slot, value)


def fill_active(group: list[Form], _: Given) -> None:
    """Fill in the active parameters, unless one catalogue lists the model with and without."""
    active = known_values(group, "active")
    if len(active) == 1 and not is_listed_apart(group, "active"):
        fill_missing(group, "active", active[0])


def fill_context(group: list[Form], _: Given) -> None:
    """Fill in the only context length, unless the maker uses the bare name too."""
    lengths = known_values(group, "context")
    is_bare = any(form.owned and form.identity.context is None for form in group)
    if len(lengths) == 1 and not is_bare and not is_listed_apart(group, "context"):
        fill_missing(group, "context", lengths[0])
