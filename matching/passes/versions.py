"""Numbers of a family and of its revisions."""

from __future__ import annotations

from matching.identity import Form
from matching.passes.grouping import (
    Given,
    fill_missing,
    is_firm,
    is_listed_apart,
    known_values,
)
from matching.rewriting import apply_aliases

_SHORT_GENERATION = "short generation"


def dot_generations(group: list[Form], _: Given) -> None:
    """Write '35' as '3.5' where that generation is known."""
    known = {form.identity.generation for form in group}
    for form in group:
        short = form.identity.generation
        if len(short) == 1 and len(short[0]) == 2 and short[0].isdigit():
            spelled = (f"{short[0][0]}.{short[0][1]}",)
            if spelled in known:
                form.set("generation", spelled, note=False)
                form.rules.append(_SHORT_GENERATION)


def rewrite_dotted(group: list[Form], given: Given) -> None:
    """Apply the vocabulary's rows to names whose generation has just been spelled out."""
    for form in group:
        if _SHORT_GENERATION in form.rules:
            form.identity, _ = apply_aliases(form.identity, given.rules, None)


def unnumber_first(group: list[Form], _: Given) -> None:
    """Leave out the number of a first generation; its spelling then joins nothing."""
    for form in group:
        if form.identity.generation == ("1",):
            form.set("generation", (), note=False)
            form.unnumbered = True


def move_versions(group: list[Form], _: Given) -> None:
    """Read a number in front of the size as the revision that others write behind it."""
    if not group[0].identity.size:
        return
    behind = {form.identity.revision for form in group if not form.identity.generation} - {None}
    for form in group:
        number = form.identity.generation
        if len(number) == 1 and number[0] in behind and form.identity.revision is None:
            form.set("generation", (), note=False)
            form.set("revision", number[0], note=False)


def spell_revisions(group: list[Form], _: Given) -> None:
    """Write '3' as '0.3' where that is known, and '3' to nobody but hosts."""
    known = set(known_values(group, "revision"))
    firm = {form.identity.revision for form in group if is_firm(form)}
    for form in group:
        short = form.identity.revision or ""
        if f"0.{short}" in known and short not in firm:
            form.set("revision", f"0.{short}", note=False)
            form.rules.append("short version")


def fill_first_revision(group: list[Form], _: Given) -> None:
    """Fill in revision 1 where it is one of those known."""
    if "1" in known_values(group, "revision"):
        fill_missing(group, "revision", "1")


def fill_revision(group: list[Form], _: Given) -> None:
    """Fill in the only revision, unless one catalogue lists the model with and without it."""
    revisions = known_values(group, "revision")
    if len(revisions) == 1 and not is_listed_apart(group, "revision", variants=True):
        fill_missing(group, "revision", revisions[0])
