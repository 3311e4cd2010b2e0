"""Dates in names: every way of writing them, read as far as they go."""

from __future__ import annotations

import re
from calendar import month_name
from datetime import date as day_of
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_LONG_MONTHS = frozenset([*(name.lower() for name in month_name[1:]), "sept"])

#: Year, month and day, as far as they are known.
Reading = tuple[int | None, int, int | None]


class Date(NamedTuple):
    """A date as far as the name gives it; `alt` is the other reading of '08-24'.

    listing: the day of a listing near the release; aside: a month in brackets behind the name,
    which says when the release came out and may miss the one in its id by a few days.
    """

    year: int | None
    month: int
    day: int | None
    alt: Reading | None = None
    listing: bool = False
    aside: bool = False


_YMD = r"20\d\d[-_./ ]?(?:0[1-9]|1[0-2])[-_./ ]?(?:0[1-9]|[12]\d|3[01])"

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

# Alone at the end of a name; 'may', 'march' and 'april' are words of their own, too.
_WORD = "january|february|june|july|august|september|october|november|december"

_DATES = re.compile(
    rf"(?<![\d.])(?P<ymd>{_YMD})(?!\d)"
    r"|(?<![\d.])(?P<ym>20[12]\d[-_/]?(?:0[1-9]|1[0-2]))(?![\d])"
    r"|(?<![\d.])(?P<my>(?:0[1-9]|1[0-2])[-_/ ]20[12]\d)(?!\d)"
    rf"|(?<![a-z])(?P<mon>{_MONTH}[ .,_-]*'? ?(?:[0-3]\d[ ,]+)?(?:20)?[12]\d)(?![\d.]|[bkm]\b)"
    r"|(?<![\d.])(?P<mmdd>(?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01]))(?![\d.]|-?\d|[bkm])"
    r"|(?<=\()(?P<msyy>[1-9]/2[3-9])(?=\))"
    rf"|(?<=[-_ ])(?P<word>{_WORD})$"
    r"|(?<![\d.])(?P<yysmm>2[3-9]/(?:0[1-9]|1[0-2]))(?!\d)"
    r"|(?<![\d.])(?P<yydmm>2[3-9]\.(?:0[1-9]|1[0-2]))(?![\d.])"
    r"|(?<![\da-z.])(?P<four>\d{4})(?![\d.]|[bkme]\b)"
)


def read_dates(text: str, listing_dates: bool) -> tuple[str, list[tuple[Date, str]]]:
    """Replace each date by a placeholder ' dated<index>x '; returns the text and (date, spelling).

    listing_dates: an eight-digit date is the day of a listing.
    """
    found: list[tuple[Date, str]] = []

    def replace(match: re.Match[str]) -> str:
        date = _read_date(match, listing_dates)
        if date is None:
            return match.group()
        if match.lastgroup in ("mon", "msyy") and date.day is None and _in_brackets(match):
            date = date._replace(aside=True)
        found.append((date, match.group()))
        return f" dated{len(found) - 1}x "

    return _DATES.sub(replace, text), found


def _in_brackets(match: re.Match[str]) -> bool:
    """Whether a date is all that stands in a pair of brackets."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    return before.endswith("(") and after.startswith(")")


def _read_date(match: re.Match[str], listing_dates: bool) -> Date | None:
    """The date of a match, or None where the digits are none after all."""
    kind, text = match.lastgroup, match.group()
    digits = re.sub(r"\D", "", text)
    if kind == "ymd":
        listing = listing_dates and len(text) == 8
        return Date(int(digits[:4]), int(digits[4:6]), int(digits[6:]), listing=listing)
    if kind == "ym":
        return Date(int(digits[:4]), int(digits[4:]), None)
    if kind == "my":
        return Date(int(digits[2:]), int(digits[:2]), None)
    if kind == "mon":
        return _month_date(text, digits)
    if kind == "mmdd":
        first, second = int(digits[:2]), int(digits[2:])
        other = (2000 + second, first, None) if 23 <= second <= 29 else None
        return Date(None, first, second, other)
    if kind == "word":
        return Date(None, MONTHS.index(text[:3]) + 1, None)
    if kind == "msyy":
        return Date(2000 + int(digits[1:]), int(digits[0]), None)
    if kind in ("yysmm", "yydmm"):
        return Date(2000 + int(digits[:2]), int(digits[2:]), None)
    return _four_digits(digits)


def _month_date(text: str, digits: str) -> Date | None:
    month = MONTHS.index(text[:3]) + 1
    word = re.split(r"[^a-z]", text, maxsplit=1)[0]
    if word not in MONTHS and word not in _LONG_MONTHS:
        return None
    year = int(digits[-2:]) + 2000
    day = int(digits[:-4]) if len(digits) >= 5 and digits[-4:-2] == "20" else None
    return Date(year, month, day)


def _four_digits(digits: str) -> Date | None:
    first, second = int(digits[:2]), int(digits[2:])
    if 23 <= first <= 29 and 1 <= second <= 12:
        return Date(2000 + first, second, None)
    if 1 <= first <= 12 and 1 <= second <= 31:
        return Date(
            None, first, second, (2000 + second, first, None) if second in (24, 25, 26) else None
        )
    return None


def merge_dates(a: Date, b: Date) -> Date | None:
    """The common date of two readings, or None where they contradict each other."""
    merged = [both for x in _readings(a) for y in _readings(b) if (both := _merge(x, y))]
    if not merged:
        return None
    return max(merged, key=precision)._replace(listing=a.listing and b.listing)


def _merge(a: Reading, b: Reading) -> Date | None:
    """What two readings say together, or None where they contradict each other."""
    if any(None not in pair and pair[0] != pair[1] for pair in zip(a, b, strict=True)):
        return None
    year, month, day = a
    return Date(b[0] if year is None else year, month, b[2] if day is None else day)


def _readings(date: Date) -> list[Reading]:
    first = (date.year, date.month, date.day)
    return [first, date.alt] if date.alt else [first]


def precision(date: Date) -> int:
    """How many of year, month and day are known."""
    return sum(v is not None for v in (date.year, date.month, date.day))


def ordinal(date: Date, year: int | None = None) -> int:
    """Days since year 1; a missing day is the middle of the month."""
    try:
        return day_of(date.year or year or 2000, date.month, date.day or 15).toordinal()
    except ValueError:
        return day_of(date.year or year or 2000, date.month, 28).toordinal()


def iso_date(text: str | None) -> Date | None:
    """'2024-12-26' as a Date; None for anything else."""
    parts = (text or "")[:10].split("-")
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return None
    return Date(int(parts[0]), int(parts[1]), int(parts[2]))
