"""How a model was made of another one and tuned: modes, bases, hosts' fast copies, tunes."""

from __future__ import annotations

from matching.dates import Date
from matching.grammar import Identity
from matching.identity import Form
from matching.passes.grouping import Given, groups, is_listed_apart, known_values
from matching.rewriting import bare_meaning, mode_key


def settle_modes(group: list[Form], given: Given) -> None:
    """Make a thinking mode a tune where it is a release of its own; else it is no identity.

    It is one where a seed or a weights repository says so, or where one catalogue lists both.
    """
    if not any(form.identity.mode for form in group):
        return
    separate = {
        mode_key(form.identity)
        for form in group
        if form.hub and form.mode_inline and form.identity.mode == "thinking"
    }
    for release in groups(group, lambda i: (i.provider, i.date)):
        inline = {c for f in release if f.mode_inline and f.identity.mode for c in f.lists}
        plain = {c for f in release if not f.identity.mode for c in f.lists}
        if inline & plain:
            separate.add(mode_key(release[0].identity))
    for form in group:
        i = form.identity
        keys = {mode_key(reading) for reading in (i, _loose(i), i._replace(date=None))}
        if i.mode and (keys & separate or keys & given.rules.modes):
            tune = "thinking" if i.mode == "thinking" else (i.tune or "instruct")
            form.set("tune", tune, note=False)
        form.set("mode", None, note=False)


def _loose(i: Identity) -> Identity:
    """The identity with a vague date: 'Jul 2025' for a rule row spelled '2507'."""
    date = i.date
    return i._replace(date=Date(date.year, date.month, None) if date and date.year else date)


def fill_base(group: list[Form], _: Given) -> None:
    """Fill in the base, or its generation, where only one is known."""
    bases = known_values(group, "base")
    full = [base for base in bases if base[1]]
    is_one = len({base[0] for base in bases}) == 1 and len(full) <= 1
    if is_one and group[0].identity.words and not is_listed_apart(group, "base"):
        value = full[0] if full else bases[0]
        for form in group:
            if form.identity.base != value:
                form.set("base", value)


def drop_speeds(group: list[Form], _: Given) -> None:
    """Take a host's word for a fast copy out of the tier where the plain name is known.

    Without a size in the name, the maker itself must have the plain name.
    """
    tiers = {form.identity.tier for form in group}
    made = {form.identity.tier for form in group if form.owned}
    owned = {word for tier in made for word in tier}
    for form in group:
        extra = set(form.speed) - owned
        rest = tuple(word for word in form.identity.tier if word not in extra)
        if extra and rest in (tiers if form.identity.size else made):
            form.set("tier", rest, note=False)
            form.dropped = "-".join(sorted(extra))


def settle_tunes(group: list[Form], given: Given) -> None:
    """Give every name the tune it means where it was written."""
    identity = group[0].identity
    meaning = bare_meaning(identity, given.rules)
    is_chat_apart = _chat_apart(group)
    explicit = {_tune(f, meaning, is_chat_apart) for f in group if f.identity.tune}
    product = "instruct" in explicit and not any(_sized_base(f) for f in group)
    for form in group:
        tune = _tune(form, meaning, is_chat_apart)
        if tune is None or (tune == "base" and not meaning and not identity.size):
            tune = _untuned(form, meaning, explicit, product)
        elif tune == "instruct" and meaning == "one":
            tune = None
        if tune != form.identity.tune:
            form.set("tune", tune, note=form.identity.tune is None)


def _sized_base(form: Form) -> bool:
    """A research table's bare name with a size: the table speaks of base weights."""
    bare = form.identity.tune is None and form.reader == "vendor" and not form.hub
    return bare and form.identity.size is not None and "size" not in form.filled


def _tune(form: Form, meaning: str, is_chat_apart: bool) -> str | None:
    """'chat' is a tune of open weights and a product elsewhere.

    is_chat_apart: one catalogue has a release for chat and one to instruct ('mpt-7b').
    """
    tune = form.identity.tune
    if tune == "chat" and not is_chat_apart and (meaning or form.identity.size):
        return "instruct"
    return tune


def _chat_apart(group: list[Form]) -> bool:
    """Whether one catalogue lists '-chat' and '-instruct' of equal tokens."""
    chat, instruct = (
        {c for f in group if f.identity.tune == tune for c in f.lists}
        for tune in ("chat", "instruct")
    )
    return bool(chat & instruct)


def _untuned(form: Form, meaning: str, explicit: set[str | None], product: bool) -> str | None:
    """The tune of a name without a tune word.

    meaning: the maker's convention; explicit: tunes that other names of the group spell out;
    product: a name without a size is the product that people use, the tuned model.
    """
    if meaning == "one" or (not meaning and not form.identity.size):
        return None
    if meaning == "base" and not explicit - {"base", None}:
        # Nobody names a tuned one: whoever serves the bare name serves the only weights there are.
        return "base"
    if form.reader == "chat" or form.dropped or meaning == "instruct":
        return "instruct" if meaning or explicit else None
    if meaning == "base":
        return "instruct" if product and "size" in form.filled else "base"
    if explicit == {"base"}:
        return "instruct"
    if explicit == {"instruct"} and form.owned:
        return None
    if "instruct" in explicit:
        form.doubt = "tune missing"
        return "instruct"
    return None
