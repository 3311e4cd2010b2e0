"""Cells of a CSV that a spreadsheet takes for text: a name such as '=cmd()' must not be obeyed.

As OWASP advises, a text that begins like a formula gets an apostrophe in front. `restored` takes it
off again, so that nothing is lost; numbers stay numbers. A path such as '@cf/meta/llama-3-8b' stays
as it is: names and slashes alone call nothing, and other programs look names up by their spelling.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_HARMLESS = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|@[\w-]+(/[\w.:-]+)+")


def guarded(text: str) -> str:
    """The text as a cell; apostrophes before such a sign get one more, to be told apart."""
    if _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def restored(cell: str) -> str:
    """The text of a cell that `guarded` wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def csv_line(texts: Sequence[str]) -> str:
    """One line of CSV that holds these texts, guarded, with the line feed at its end."""
    buffer = io.StringIO()
    # Before Python 3.13 a carriage return is quoted only where lines end in one.
    csv.writer(buffer, lineterminator="\r\n").writerow([guarded(text) for text in texts])
    return buffer.getvalue().removesuffix("\r\n") + "\n"
