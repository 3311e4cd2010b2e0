"""Whose model it is and of which family: makers and words."""

from __future__ import annotations

import re

from matching.identity import Form
from matching.passes.grouping import Given, fill_missing, known_values

_DOTLESS = re.compile(r"^([a-z]\d)(\d)$")


def fill_maker(group: list[Form], _: Given) -> None:
    """Fill in the maker where only one is known; a name without words could be anybody's."""
    makers = known_values(group, "provider")
    if len(makers) == 1 and group[0].identity.words:
        fill_missing(group, "provider", makers[0])


def fill_words(group: list[Form], _: Given) -> None:
    """Fill in the family's words, unless a maker or a weights repository uses the bare name.

    Without a number there is too little to know the model by.
    """
    if not group[0].identity.generation:
        return
    words = {form.identity.words for form in group} - {()}
    bare = [form for form in group if not form.identity.words]
    if len(words) == 1 and bare and not any(form.owned or form.hub for form in bare):
        for form in bare:
            form.set("words", next(iter(words)))


def dot_words(group: list[Form], _: Given) -> None:
    """Write a dot between two digits behind a letter where the maker has a model of that name."""
    known = {form.identity.words for form in group}
    for form in group:
        words = tuple(sorted(_DOTLESS.sub(r"\1.\2", word) for word in form.identity.words))
        if words != form.identity.words and words in known:
            form.set("words", words, note=False)
            form.rules.append("dropped dot")
