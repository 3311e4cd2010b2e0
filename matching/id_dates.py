"""The date in the id of a model: the ways in which it can be read."""

from __future__ import annotations

from typing import NamedTuple

from matching.dates import precision, read_dates


class IdDate(NamedTuple):
    """One reading of a date, as far as it goes; reading 1 is the likelier one."""

    reading: int
    year: int | None
    month: int
    day: int | None


def read_id_dates(model_id: str) -> list[IdDate]:
    """Return how the date in an id can be read; none where there is no date in it.

    'o1-2024-12-17' has one reading and 'grok-2-1212' one without a year; '1124' is the 24th of
    November or November 2024, and '2506' has no day. Of several dates the fullest is read.
    """
    _, dates = read_dates(model_id.lower(), listing_dates=False)
    if not dates:
        return []
    date = max((date for date, _ in dates), key=precision)
    readings = [(date.year, date.month, date.day), *([date.alt] if date.alt else [])]
    return [IdDate(number, *parts) for number, parts in enumerate(readings, start=1)]
