"""What one cell of a seed may hold: its type, its bounds, the words that there are."""

import json
import math
import re
from collections.abc import Iterator
from datetime import date

from parameters.declaration import Bound, Domain, Seed
from parameters.reading import Fault, Row, fault_of

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: Forms of text in words.
FORMS = {
    "day": "a day (YYYY-MM-DD)",
    "json_object": "a JSON object of columns and values",
    "regular_expression": "a regular expression",
}
#: What DuckDB's integer holds.
LARGEST = 2**31 - 1
COMPARISONS = {
    "at_least": ("from {} on", lambda value, bound: value >= bound),
    "above": ("above {}", lambda value, bound: value > bound),
    "at_most": ("up to {}", lambda value, bound: value <= bound),
    "below": ("below {}", lambda value, bound: value < bound),
}


def cell_faults(seed: Seed, row: Row) -> Iterator[Fault]:
    """Find what is wrong with the cells of one row, looking at no other row."""
    for column, domain in seed.domains.items():
        if column == "value" and seed.rows:
            group, name = (row.cells[c] for c in seed.key)
            domain = seed.rows.get(group, {}).get(name, domain)
        allowed = _allowed(seed, row, column, domain)
        if allowed is not None:
            yield fault_of(seed, row, column, allowed)


def _allowed(seed: Seed, row: Row, column: str, domain: Domain) -> str | None:
    """Say what a cell may hold, where it does not."""
    text = row.cells[column]
    if not text:
        return None if may_be_empty(domain, row) else _described(seed.types[column], domain)
    if text != text.strip():
        return "no space before or after"
    value = _typed(text, seed.types[column], domain)
    if value is None or not _is_known(text, domain):
        return _described(seed.types[column], domain)
    for word, (_, holds) in COMPARISONS.items():
        bound = getattr(domain, word)
        if bound is not None and not _keeps(value, bound, holds, seed, row):
            return _described(seed.types[column], domain, row)
    return None


def may_be_empty(domain: Domain, row: Row) -> bool:
    """Whether a column may be empty in this row."""
    if isinstance(domain.optional, bool):
        return domain.optional
    return all(
        bool(row.cells[other]) == (when == "filled")
        if isinstance(when, str)
        else row.cells[other] in when
        for other, when in domain.optional.items()
    )


def _typed(text: str, kind: str, domain: Domain) -> float | str | None:
    """The value to compare, None where the text is not of the type or form."""
    if kind in ("double", "integer"):
        if not (WHOLE if kind == "integer" else NUMBER).fullmatch(text):
            return None
        number = float(text)
        too_large = kind == "integer" and abs(number) > LARGEST
        is_part = domain.whole and number != math.floor(number) if math.isfinite(number) else True
        return None if too_large or is_part else number
    if kind == "date" or domain.form == "day":
        return text if is_day(text) else None
    if kind == "boolean":
        return text if text.lower() in ("true", "false") else None
    if domain.form == "regular_expression":
        return text if _compiles(text) else None
    if domain.form == "json_object":
        return text if _is_object(text) else None
    return text


def is_day(text: str) -> bool:
    """Whether a text is a day that there is, as YYYY-MM-DD."""
    try:
        return bool(DAY.fullmatch(text)) and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _is_object(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found)


def _is_known(text: str, domain: Domain) -> bool:
    if not domain.one_of:
        return True
    parts = text.split(domain.split_at) if domain.split_at else [text]
    return all(part in domain.one_of for part in parts)


def _keeps(value: float | str, bound: Bound, holds, seed: Seed, row: Row) -> bool:
    """Compare with a number, or with another cell of the row, which has its own faults."""
    if not isinstance(bound, str):
        return holds(value, bound)
    other = _typed(row.cells[bound], seed.types[bound], seed.domains[bound])
    return other is None or type(other) is not type(value) or holds(value, other)


def _described(kind: str, domain: Domain, row: Row | None = None) -> str:
    """What is allowed, in words."""
    if domain.one_of:
        several = f", several with {domain.split_at} between" if domain.split_at else ""
        return ", ".join(domain.one_of) + several
    if domain.in_:
        return f"a value of {domain.in_}"
    nouns = {"double": "a number", "integer": "a whole number", "date": FORMS["day"]}
    noun = nouns.get(kind, "a text that is not empty")
    noun = "a whole number" if domain.whole else noun
    noun = "true or false" if kind == "boolean" else noun
    noun = FORMS.get(domain.form or "", noun)
    bounds = [
        words.format(_bound(bound, row))
        for word, (words, _) in COMPARISONS.items()
        if (bound := getattr(domain, word)) is not None
    ]
    return " ".join([noun, ", ".join(bounds)]).strip()


def _bound(bound: Bound, row: Row | None) -> str:
    if not isinstance(bound, str):
        return f"{bound:g}"
    return f"{bound} ({row.cells[bound]})" if row and row.cells[bound] else bound
