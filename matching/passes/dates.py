"""When a release came out: ways of writing its date, and names that leave it out."""

from __future__ import annotations

from collections import defaultdict

from matching.dates import Date, merge_dates, ordinal, precision
from matching.identity import Form
from matching.passes.grouping import Given, fill_missing, known_values
from matching.settings import MatchingSettings


def unify_dates(group: list[Form], given: Given) -> None:
    """Write one release's date in one way: as the finest of those that agree."""
    dates = known_values(group, "date")
    if not dates:
        return
    owned = {d for f in group if f.owned and (d := f.identity.date) and precision(d) == 3}
    mapping = _dates_of_names(dates, owned, given.settings)
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


def fill_dates(group: list[Form], given: Given) -> None:
    """Fill in the date of the only release that the undated name can be.

    Where a weights repository or the registry has the undated name too, that name is one release
    for good: the releases listed there with a date are others, and later ones. One that its source
    says came out at another time than the undated name is not what that means.
    """
    dates = known_values(group, "date")
    undated = [form for form in group if form.identity.date is None]
    if group[0].identity.rolling or not dates or not undated:
        return
    others = _other_releases(group, undated)
    left = [date for date in dates if date not in others]
    released = [form.released for form in undated if form.released]
    if len(left) > 1 and released:
        left = [date for date in left if merge_dates(date, released[0]._replace(day=None))]
    apart = _released_apart(group, undated, given.settings.release_apart_days)
    if len(left) == 1 and left[0] not in apart and _is_first(left[0], others):
        fill_missing(undated, "date", left[0])


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


def _is_first(date: Date, others: set[Date]) -> bool:
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
