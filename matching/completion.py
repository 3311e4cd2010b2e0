"""Completing identities: what one spelling leaves out is filled from the others, or not at all.

Every step groups the distinct forms by a hash of their other tokens, so the cost is linear in
the number of names. A slot is filled only where exactly one value is known for equal tokens.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import itemgetter

from matching.dates import Date, merge_dates, ordinal, precision
from matching.grammar import Identity
from matching.identity import Form, core_key
from matching.rewriting import Rules, apply_aliases, bare_meaning, mode_key
from matching.settings import DEFAULT_MATCHING, MatchingSettings

_DOTLESS = re.compile(r"^([a-z]\d)(\d)$")


def complete(
    forms: list[Form], rules: Rules, settings: MatchingSettings = DEFAULT_MATCHING
) -> None:
    """Fill the slots of all forms in place; the result does not depend on their order."""
    _fill_provider(forms)
    _fill_words(forms)
    _expand_words(forms)
    for family in _groups(forms, itemgetter(Identity._fields.index("words"))):
        _complete_family(family, rules, settings)


def _complete_family(forms: list[Form], rules: Rules, settings: MatchingSettings) -> None:
    """The steps among names of equal words; a slot that no name has needs no step."""
    has = {
        slot
        for position, slot in enumerate(Identity._fields)
        if any(form.identity[position] for form in forms)
    }
    if "generation" in has:
        _expand_generations(forms, rules)
    if "revision" in has:
        _unify_versions(forms)
    if "date" in has:
        _unify_dates(forms, settings)
    if "mode" in has:
        _settle_modes(forms, rules)
    if "base" in has:
        _fill_base(forms)
    if any(form.speed for form in forms):
        _drop_speeds(forms)
    if "size" in has:
        _fill_sizes(forms)
    if "active" in has:
        _fill_named_by_size(forms)
        _fill_plain(forms, "active", lambda i: (i.provider, *core_key(i), i.size, i.base))
    if "context" in has:
        _fill_context(forms)
    _settle_tunes(forms, rules)
    if "revision" in has:
        _fill_revisions(forms)
    if any(form.identity.date for form in forms):
        _fill_dates(forms, settings)


def _groups(forms: Iterable[Form], key: Callable[[Identity], tuple]) -> list[list[Form]]:
    found: dict[tuple, list[Form]] = defaultdict(list)
    for form in forms:
        found[key(form.identity)].append(form)
    return list(found.values())


def _values(group: list[Form], slot: str) -> list:
    found = {getattr(f.identity, slot) for f in group} - {None}
    return sorted(found, key=repr)


def _fill_plain(forms: list[Form], slot: str, key: Callable[[Identity], tuple]) -> None:
    """Fill a missing value where exactly one is known for the key."""
    for group in _groups(forms, key):
        values = _values(group, slot)
        apart = _listed_apart(group, slot, variants=slot in ("size", "revision"))
        if len(values) == 1 and not apart:
            for form in group:
                if getattr(form.identity, slot) is None:
                    form.set(slot, values[0])


def _fill_provider(forms: list[Form]) -> None:
    """A name without a maker belongs to the only maker of a model of that name."""
    for group in _groups(forms, lambda i: (*core_key(i), i.base and i.base[0], i.size)):
        values = _values(group, "provider")
        if len(values) == 1 and group[0].identity.words:
            for form in group:
                if form.identity.provider is None:
                    form.set("provider", values[0])
    for group in _groups(forms, core_key):
        values = _values(group, "provider")
        if len(values) == 1 and group[0].identity.words:
            for form in group:
                if form.identity.provider is None:
                    form.set("provider", values[0])


def _fill_words(forms: list[Form]) -> None:
    """A name that is only its maker's ('stepfun-3.5-flash') means the maker's one family."""
    key = _without("words", "base", "tune", "date", "context", "active", "mode", "revision")
    for group in _groups((f for f in forms if f.identity.generation), key):
        words = {f.identity.words for f in group} - {()}
        bare = [f for f in group if not f.identity.words]
        if len(words) == 1 and bare and not any(f.owned or f.hub for f in bare):
            for form in bare:
                form.set("words", next(iter(words)))


def _expand_words(forms: list[Form]) -> None:
    """'minimax-m25' is m2.5 where a model of that name is known."""
    known = {(form.identity.provider, form.identity.words) for form in forms}
    for form in forms:
        words = tuple(sorted(_DOTLESS.sub(r"\1.\2", word) for word in form.identity.words))
        if words != form.identity.words and (form.identity.provider, words) in known:
            form.set("words", words, note=False)
            form.rules.append("dropped dot")


def _expand_generations(forms: list[Form], rules: Rules) -> None:
    """'claude-35' is 3.5 where a 3.5 of equal tokens is known; a first generation is unnamed."""
    key = _without("generation", "base", "tune", "date", "context", "active", "mode", "revision")
    for group in _groups(forms, lambda i: key(i._replace(size=None, stage=()))):
        known = {f.identity.generation for f in group}
        for form in group:
            short = form.identity.generation
            if len(short) == 1 and len(short[0]) == 2 and short[0].isdigit():
                spelled = (f"{short[0][0]}.{short[0][1]}",)
                if spelled in known:
                    form.set("generation", spelled, note=False)
                    form.rules.append("short generation")
                    form.identity, _ = apply_aliases(form.identity, rules, None)
            elif short == ("1",):
                form.set("generation", (), note=False)
                form.unnumbered = True


def _unify_versions(forms: list[Form]) -> None:
    """'nano-v2-12b' is 'nano-12b-v2': one number of one model in front of or behind its size."""
    key = _without("generation", "revision", "tune", "date", "context", "active", "mode", "base")
    for group in _groups((f for f in forms if f.identity.size), key):
        behind = {f.identity.revision for f in group if not f.identity.generation} - {None}
        for form in group:
            number = form.identity.generation
            if len(number) == 1 and number[0] in behind and form.identity.revision is None:
                form.set("generation", (), note=False)
                form.set("revision", number[0], note=False)


def _unify_dates(forms: list[Form], settings: MatchingSettings) -> None:
    """Write one release's date in one way: '0806', 'Aug 2024' and '2024-08-06' are one date."""
    for group in _groups(forms, lambda i: (i.provider, *core_key(i), i.size, i.stage)):
        dates = sorted({f.identity.date for f in group if f.identity.date}, key=repr)
        if not dates:
            continue
        owned = {f.identity.date for f in group if f.owned and _full(f)} - {None}
        mapping = _dates_of_names(dates, owned, settings)
        for form in group:
            if form.identity.date:
                form.set("date", mapping[form.identity.date], note=False)


def _dates_of_names(
    dates: list[Date], owned: set[Date], settings: MatchingSettings
) -> dict[Date, Date | None]:
    """Each date's canonical form, months in brackets among them."""
    plain = sorted({d._replace(aside=False) for d in dates}, key=repr)
    mapping = _date_mapping(plain, owned, settings.listing_window_days)
    window = settings.aside_window_days
    asides = (d for d in dates if d.aside)
    return mapping | {d: _of_that_month(d._replace(aside=False), mapping, window) for d in asides}


def _date_mapping(dates: list[Date], owned: set[Date], window: int) -> dict[Date, Date | None]:
    """Each date's canonical form: a vaguer date joins the only finer one it agrees with.

    owned: full dates the maker itself writes; where there is one, others near it are listings.
    """
    if len(owned) == 1:
        dates = [d._replace(listing=True) if _relisted(d, owned, window) else d for d in dates]
    strong = [d for d in dates if not d.listing]
    chosen: dict[Date, Date | None] = {}
    for date in sorted(strong, key=lambda d: (-precision(d), repr(d))):
        finer = sorted({c for c in chosen.values() if c and merge_dates(c, date)}, key=repr)
        if len(finer) == 1:
            merged = merge_dates(finer[0], date)
            for key, value in chosen.items():
                if value == finer[0]:
                    chosen[key] = merged
            chosen[date] = merged
        else:
            chosen[date] = date._replace(alt=None) if precision(date) == 3 else date
    for date in dates:
        if date.listing:
            chosen[date] = _listing_date(date, [c for c in chosen.values() if c], window)
    return chosen | {d._replace(listing=False): c for d, c in chosen.items() if d.listing}


def _of_that_month(month: Date, mapping: dict[Date, Date | None], window: int) -> Date | None:
    """The release that a month in brackets means: one of that month, or of the days before it."""
    found = mapping[month]
    if found is None or found != month:
        return found
    start = ordinal(month._replace(day=1))
    near = {
        known
        for known in mapping.values()
        if known and precision(known) == 3 and 0 < start - ordinal(known) <= window
    }
    return near.pop() if len(near) == 1 else found


def _relisted(date: Date, owned: set[Date], window: int) -> bool:
    """Whether a full date that the maker does not write lies near the one it does."""
    if date in owned or precision(date) < 3:
        return False
    return abs(ordinal(date) - ordinal(next(iter(owned)))) <= window


def _listing_date(listing: Date, known: list[Date], window: int) -> Date | None:
    """A day of listing means the release near it; without any date it is the best there is."""
    if not known:
        return listing._replace(listing=False)
    listed = ordinal(listing)
    near = {k for k in known if abs(ordinal(k, listing.year) - listed) <= window}
    return min(near, key=lambda k: abs(ordinal(k, listing.year) - listed)) if near else None


def _settle_modes(forms: list[Form], rules: Rules) -> None:
    """A thinking mode is a release of its own where a seed or a weights repository says so."""
    separate = set(rules.modes)
    for form in forms:
        i = form.identity
        if form.hub and form.mode_inline and i.mode == "thinking":
            separate.add(mode_key(i))
    for group in _groups(forms, lambda i: (i.provider, *mode_key(i))):
        inline = {c for f in group if f.mode_inline and f.identity.mode for c in f.lists}
        plain = {c for f in group if not f.identity.mode for c in f.lists}
        if inline & plain:
            separate.add(mode_key(group[0].identity))
    for form in forms:
        i = form.identity
        readings = (i, _loose(i), i._replace(date=None))
        if i.mode and any(mode_key(r) in separate for r in readings):
            tune = "thinking" if i.mode == "thinking" else (i.tune or "instruct")
            form.set("tune", tune, note=False)
        form.set("mode", None, note=False)


def _loose(i: Identity) -> Identity:
    """The identity with a vague date: 'Jul 2025' for a rule row spelled '2507'."""
    date = i.date
    return i._replace(date=Date(date.year, date.month, None) if date and date.year else date)


def _fill_base(forms: list[Form]) -> None:
    """'Hermes 4 70B' is built on the only base known for a Hermes 4 of that size."""
    key = _without("base", "tune", "revision", "date", "context", "active", "mode", "rolling")
    for group in _groups(forms, key):
        bases = _values(group, "base")
        words = {b[0] for b in bases}
        full = [b for b in bases if b[1]]
        if len(words) == 1 and len(full) <= 1 and group[0].identity.words:
            if _listed_apart(group, "base"):
                continue
            value = full[0] if full else bases[0]
            for form in group:
                if form.identity.base != value:
                    form.set("base", value)


def _listed_apart(group: list[Form], slot: str, variants: bool = False) -> bool:
    """Whether one catalogue has entries with and without the slot: then they are two models."""
    with_slot: set[str] = set()
    without: set[str] = set()
    for form in group:
        found = form.lists | form.rows if variants else form.lists
        (without if getattr(form.identity, slot) is None else with_slot).update(found)
    return bool(with_slot & without)


def _without(*slots: str) -> Callable[[Identity], tuple]:
    return itemgetter(*(n for n, s in enumerate(Identity._fields) if s not in slots))


def _drop_speeds(forms: list[Form]) -> None:
    """'-turbo' on open weights whose maker has no such tier is a host's fast copy of them.

    Without a size in the name they are told by this that the maker itself has the plain name.
    """
    key = _without("tier", "tune", "date", "revision", "context", "active", "mode", "rolling")
    for group in _groups(forms, key):
        tiers = {f.identity.tier for f in group}
        owned = {t for f in group if f.owned for t in f.identity.tier}
        made = {f.identity.tier for f in group if f.owned}
        for form in group:
            extra = set(form.speed) - owned
            rest = tuple(t for t in form.identity.tier if t not in extra)
            if extra and rest in (tiers if form.identity.size else made):
                form.set("tier", rest, note=False)
                form.dropped = "-".join(sorted(extra))


def _fill_sizes(forms: list[Form]) -> None:
    """A name without a size is the only size known; not where both names are listed.

    The unsized release then counts as one of the line's sizes, for dated names as well.
    """
    line = _without("size", "active", "tune", "context", "revision", "mode", "date", "rolling")
    lines = defaultdict(list)
    for form in forms:
        lines[line(form.identity)].append(form)
    twins = {key for key, group in lines.items() if _sizes_apart(filter(_undated, group))}
    dated = [f for f in forms if f.identity.date and line(f.identity) not in twins]
    _fill_plain(dated, "size", _without("size", "active", "tune", "context", "revision", "mode"))
    for group in _groups(forms, line):
        _round_sizes(group)
        values = _values(group, "size")
        if len(values) == 1 and not _sizes_apart(group):
            for form in group:
                if form.identity.size is None and not form.identity.rolling:
                    form.set("size", values[0])


def _fill_named_by_size(forms: list[Form]) -> None:
    """'nemotron-120b-a12b' is the only Nemotron of that size and so many active parameters.

    A host may leave out number and tier; whoever makes or lists models writes what it means, and
    where they are not heard whoever writes both.
    """
    sized = (f for f in forms if f.identity.size and f.identity.active)
    for group in _groups(
        sized,
        _without(
            "generation", "tier", "tune", "date", "context", "mode", "revision", "stage", "rolling"
        ),
    ):
        full = [f for f in group if f.identity.generation and f.identity.tier]
        firm = [f for f in group if _is_firm(f)] or full
        named = {(f.identity.generation, f.identity.tier) for f in firm}
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


def _is_firm(form: Form) -> bool:
    return form.owned or form.fixed or bool(form.lists or form.rows)


def _undated(form: Form) -> bool:
    return form.identity.date is None and form.identity.revision is None


def _sizes_apart(forms: Iterable[Form]) -> bool:
    """Whether the maker or one catalogue has the line with and without a size."""
    group = list(forms)
    owned = {f.identity.size is None for f in group if f.owned}
    return owned == {True, False} or _listed_apart(group, "size", True)


def _round_sizes(group: list[Form]) -> None:
    """Where a tier names the size, '7b' and '7.4b' are one size written with other precision."""
    sizes = _values(group, "size")
    if not group[0].identity.tier or len(sizes) < 2:
        return
    numbers = {s: float(s[:-1]) for s in sizes if s[:-1].replace(".", "", 1).isdigit()}
    if len(numbers) == len(sizes) and max(numbers.values()) <= 1.1 * min(numbers.values()):
        finest = max(sizes, key=lambda s: (len(s), s))
        for form in group:
            if form.identity.size:
                form.set("size", finest, note=False)


def _fill_context(forms: list[Form]) -> None:
    """'Phi-3-mini' is the only context length known, unless the maker uses the bare name too."""
    for group in _groups(forms, _without("context", "tune", "date", "revision", "mode", "active")):
        values = _values(group, "context")
        bare = any(f.owned and f.identity.context is None for f in group)
        if len(values) == 1 and not bare and not _listed_apart(group, "context"):
            for form in group:
                if form.identity.context is None:
                    form.set("context", values[0])


def _settle_tunes(forms: list[Form], rules: Rules) -> None:
    """Give every name the tune it means where it was written."""
    key = _without("tune", "date", "revision", "context", "mode", "rolling")
    for group in _groups(forms, key):
        identity = group[0].identity
        meaning = bare_meaning(identity, rules)
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


def _fill_revisions(forms: list[Form]) -> None:
    """A name without a revision is the only one known, or the first where 'v1' is one of them."""
    key = _without("revision", "date", "mode")
    for group in _groups(forms, key):
        _spell_revisions(group)
        first = "1" in _values(group, "revision")
        for form in group:
            if first and form.identity.revision is None:
                form.set("revision", "1")
    _fill_plain(forms, "revision", key)


def _spell_revisions(group: list[Form]) -> None:
    """'instruct-v3' is v0.3 where that is known, and v3 to nobody but hosts."""
    known = set(_values(group, "revision"))
    firm = {f.identity.revision for f in group if _is_firm(f)}
    for form in group:
        short = form.identity.revision or ""
        if f"0.{short}" in known and short not in firm:
            form.set("revision", f"0.{short}", note=False)
            form.rules.append("short version")


def _fill_dates(forms: list[Form], settings: MatchingSettings) -> None:
    """An undated name means the only dated release of equal tokens.

    Where a weights repository or the registry has the undated name too, that name is one release
    for good: the releases listed there with a date are others, and later ones. One that its source
    says came out at another time than the undated name is not what that means.
    """
    for group in _groups(forms, _without("date", "mode")):
        dates = _values(group, "date")
        undated = [f for f in group if f.identity.date is None]
        if group[0].identity.rolling or not dates or not undated:
            continue
        others = _other_releases(group, undated)
        left = [d for d in dates if d not in others]
        released = [f.released for f in undated if f.released]
        if len(left) > 1 and released:
            left = [d for d in left if merge_dates(d, released[0]._replace(day=None))]
        apart = _released_apart(group, undated, settings.release_apart_days)
        if len(left) == 1 and left[0] not in apart and _first(left[0], others):
            for form in undated:
                form.set("date", left[0])


def _other_releases(group: list[Form], undated: list[Form]) -> set[Date]:
    """Dates of releases that the undated name cannot be."""
    others = _rows_apart(group)
    if any(f.fixed for f in undated):
        twins = any(f.registry for f in undated)
        for form in group:
            listed = (form.fixed or form.owned) and form.short
            if form.identity.date and (listed or (twins and form.registry)):
                others.add(form.identity.date)
    return others


def _first(date: Date, others: set[Date]) -> bool:
    """Whether a date lies before all others; a missing year is taken from those that have one."""
    years = [d.year for d in (date, *others) if d.year]
    year = max(years, default=None)
    return all(ordinal(date, year) < ordinal(other, year) for other in others)


def _rows_apart(group: list[Form]) -> set[Date]:
    """Short dates that a catalogue lists beside the undated name: those are other releases."""
    bare = {c for f in group if f.identity.date is None for c in f.lists | f.rows}
    return {
        f.identity.date for f in group if f.identity.date and f.short and bare & (f.lists | f.rows)
    }


def _released_apart(group: list[Form], undated: list[Form], window: int) -> set[Date]:
    """Dates to which one source and organisation gives another day than to the undated name.

    Other hosts' days may be those on which they began to serve a model.
    """
    bare = {stated for form in undated for stated in form.stated}
    days: dict[Date, set[tuple[str, str | None, int]]] = defaultdict(set)
    for form in group:
        if form.identity.date:
            days[form.identity.date] |= form.stated
    found = set()
    for date, stated in days.items():
        gaps = [abs(x[-1] - y[-1]) for x in stated for y in bare if x[:-1] == y[:-1]]
        if gaps and min(gaps) > window:
            found.add(date)
    return found


def _full(form: Form) -> bool:
    date = form.identity.date
    return date is None or precision(date) == 3
