"""What can be wrong with a file, as one line each."""

from __future__ import annotations

TOO_DEEP = "nested too deeply to be read: check the file"


class ParseError(Exception):
    """A file is not what the catalog says it is; the text says what, where, and what to do."""


def not_utf8(at: int) -> ParseError:
    """The byte `at` (from 0) is the first that is no UTF-8."""
    return ParseError(f"not UTF-8 text at byte {at + 1}: save it as UTF-8 or download it again")


def not_json(line: int, column: int, what: str, ends_early: bool) -> ParseError:
    """What the JSON reader says of a place, both counted from 1."""
    early = " (the file ends too early)" if ends_early else ""
    return ParseError(
        f"not valid JSON at line {line}, column {column}: {what}{early}: download it again"
    )
