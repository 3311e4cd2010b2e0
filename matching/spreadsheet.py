"""Cells of a CSV that a spreadsheet takes for text: a name such as '=cmd()' must not be obeyed.

As OWASP advises, a text that begins like a formula gets an apostrophe in front. `restored` takes it
off again, so that nothing is lost; numbers stay numbers.
"""

from __future__ import annotations

import re

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    """The text as a cell; apostrophes before such a sign get one more, to be told apart."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def restored(cell: str) -> str:
    """The text of a cell that `guarded` wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
