"""Completing identities: what one spelling leaves out is filled from the others, or not at all.

A pass groups the distinct forms by a hash of the tokens that they must share and settles each group
by itself, so the cost is linear in the number of names. `NAME_PASSES` run over all names and settle
their words; `FAMILY_PASSES` run among names of equal words. Each stands on what those before it
have settled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matching.grammar import Identity
from matching.identity import Form, core_key
from matching.passes import dates, sizes, tunes, versions, words
from matching.passes.grouping import Given, Key, alike_in, all_but, groups
from matching.rewriting import Rules
from matching.settings import DEFAULT_MATCHING, MatchingSettings


@dataclass(frozen=True)
class Pass:
    """One step of the completion.

    why: what it says of names, with an example; among: the key of forms that it settles together;
    needs: without a form that has each of these it changes nothing; fills: all that it may change;
    settle: how it is done. What is needed and filled are slots of an identity or fields of a form;
    that a form remembers which slots were filled, and by which rules, goes without saying.
    """

    why: str
    among: Key
    needs: tuple[str, ...]
    fills: tuple[str, ...]
    settle: Callable[[list[Form], Given], None]


#: Tokens that say nothing of who made a model and of which family it is.
_ASIDE = ("base", "tune", "date", "context", "active", "mode", "revision")

_LINE = all_but("size", "active", "tune", "context", "revision", "mode", "date", "rolling")

NAME_PASSES = (
    Pass(
        why="A name without a maker belongs to the only maker of a model of that name, base and "
        "size.",
        among=lambda i: (*core_key(i), i.base and i.base[0], i.size),
        needs=("provider", "words"),
        fills=("provider",),
        settle=words.fill_maker,
    ),
    Pass(
        why="A name without a maker belongs to the only maker of a model of that name.",
        among=core_key,
        needs=("provider", "words"),
        fills=("provider",),
        settle=words.fill_maker,
    ),
    Pass(
        why="A name that is only its maker's ('stepfun-3.5-flash') means the maker's one family.",
        among=all_but("words", *_ASIDE),
        needs=("words", "generation"),
        fills=("words",),
        settle=words.fill_words,
    ),
    Pass(
        why="'minimax-m25' is m2.5 where the maker has a model of that name.",
        among=alike_in("provider"),
        needs=("words",),
        fills=("words",),
        settle=words.dot_words,
    ),
)

FAMILY_PASSES = (
    Pass(
        why="'claude-35' is 3.5 where a 3.5 of equal tokens is known.",
        among=all_but("generation", "size", "stage", *_ASIDE),
        needs=("generation",),
        fills=("generation",),
        settle=versions.dot_generations,
    ),
    Pass(
        why="A row of the vocabulary speaks of 'claude-3.5', and so of 'claude-35' as well.",
        among=alike_in("generation"),
        needs=("generation",),
        fills=Identity._fields,
        settle=versions.rewrite_dotted,
    ),
    Pass(
        why="The first generation of a family goes without its number: 'mixtral' is mixtral-1.",
        among=alike_in("generation"),
        needs=("generation",),
        fills=("generation", "unnumbered"),
        settle=versions.unnumber_first,
    ),
    Pass(
        why="'nano-v2-12b' is 'nano-12b-v2': one number of one model before or behind its size.",
        among=all_but("generation", *_ASIDE),
        needs=("generation", "size", "revision"),
        fills=("generation", "revision"),
        settle=versions.move_versions,
    ),
    Pass(
        why="'0806', 'Aug 2024' and '2024-08-06' are one date of one release.",
        among=alike_in("provider", "words", "generation", "tier", "domain", "size", "stage"),
        needs=("date",),
        fills=("date",),
        settle=dates.unify_dates,
    ),
    Pass(
        why="A thinking mode is a setting, unless it is known as a release of its own.",
        among=alike_in("words", "generation", "tier", "domain", "size", "base"),
        needs=("mode",),
        fills=("mode", "tune"),
        settle=tunes.settle_modes,
    ),
    Pass(
        why="'Hermes 4 70B' is built on the only base known for a Hermes 4 of that size.",
        among=all_but("rolling", *_ASIDE),
        needs=("base", "words"),
        fills=("base",),
        settle=tunes.fill_base,
    ),
    Pass(
        why="'-turbo' on open weights whose maker has no such tier is a host's fast copy of them.",
        among=all_but("tier", "tune", "date", "revision", "context", "active", "mode", "rolling"),
        needs=("tier", "speed"),
        fills=("tier", "dropped"),
        settle=tunes.drop_speeds,
    ),
    Pass(
        why="A dated name without a size is the only size of that date.",
        among=_LINE,
        needs=("size", "date"),
        fills=("size",),
        settle=sizes.fill_dated_size,
    ),
    Pass(
        why="Where a tier names the size, '7b' and '7.4b' are one size, rounded or not.",
        among=_LINE,
        needs=("size", "tier"),
        fills=("size",),
        settle=sizes.round_sizes,
    ),
    Pass(
        why="A name without a size is the line's only one; not where both names are listed.",
        among=_LINE,
        needs=("size",),
        fills=("size",),
        settle=sizes.fill_size,
    ),
    Pass(
        why="'nemotron-120b-a12b' is the only Nemotron of that size and so many active parameters: "
        "a host may leave out number and tier.",
        among=all_but(
            *("generation", "tier", "tune", "date", "context"),
            *("mode", "revision", "stage", "rolling"),
        ),
        needs=("size", "active"),
        fills=("generation", "tier"),
        settle=sizes.fill_named_by_size,
    ),
    Pass(
        why="'qwen3-30b' is the 30b with 3b active parameters where no other one is known.",
        among=alike_in("provider", "words", "generation", "tier", "domain", "size", "base"),
        needs=("active",),
        fills=("active",),
        settle=sizes.fill_active,
    ),
    Pass(
        why="'phi-3-mini' is the only context length known of it.",
        among=all_but("context", "tune", "date", "revision", "mode", "active"),
        needs=("context",),
        fills=("context",),
        settle=sizes.fill_context,
    ),
    Pass(
        why="A name without a tune word means what its maker or its source means by one: the "
        "weights as trained, or the model that people talk to.",
        among=all_but("tune", "date", "revision", "context", "mode", "rolling"),
        needs=(),
        fills=("tune", "doubt"),
        settle=tunes.settle_tunes,
    ),
    Pass(
        why="'instruct-v3' is v0.3 where that is known.",
        among=all_but("revision", "date", "mode"),
        needs=("revision",),
        fills=("revision",),
        settle=versions.spell_revisions,
    ),
    Pass(
        why="A name without a revision is the first where 'v1' is one of them.",
        among=all_but("revision", "date", "mode"),
        needs=("revision",),
        fills=("revision",),
        settle=versions.fill_first_revision,
    ),
    Pass(
        why="A name without a revision is the only one known.",
        among=all_but("revision", "date", "mode"),
        needs=("revision",),
        fills=("revision",),
        settle=versions.fill_revision,
    ),
    Pass(
        why="An undated name means the only dated release of equal tokens.",
        among=all_but("date", "mode"),
        needs=("date",),
        fills=("date",),
        settle=dates.fill_dates,
    ),
)


def complete(
    forms: list[Form], rules: Rules, settings: MatchingSettings = DEFAULT_MATCHING
) -> None:
    """Fill the slots of all forms in place; the result does not depend on their order."""
    given = Given(rules, settings)
    run(NAME_PASSES, forms, given)
    for family in groups(forms, alike_in("words")):
        run(FAMILY_PASSES, family, given)


def run(passes: Sequence[Pass], forms: list[Form], given: Given) -> None:
    """Run passes one after another; one that lacks what it needs is left out."""
    for step in passes:
        if all(has(forms, need) for need in step.needs):
            for group in groups(forms, step.among):
                step.settle(group, given)


def has(forms: list[Form], need: str) -> bool:
    """Whether any form has a slot of its identity, or a field of its own, that is not empty."""
    if need in Identity._fields:
        position = Identity._fields.index(need)
        return any(form.identity[position] for form in forms)
    return any(getattr(form, need) for form in forms)
