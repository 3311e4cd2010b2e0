"""Reading a seed's file: text, header and cells, with the line on which each row begins."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from parameters.declaration import Seed

#: Longer values are cut in messages.
SHOWN = 40


_QUOTED = re.compile(r'"[^"]*"')
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Row:
    """One row of a seed: the line on which it begins and its cells by column, text as written."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a seed, and what would be right.

    `line`, `key`, `column` and `value` are None where the fault is not of one row or cell.
    """

    path: str
    allowed: str
    line: int | None = None
    key: str | None = None
    column: str | None = None
    value: str | None = None
    what: str | None = None

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        row = f" ({self.key})" if self.key else ""
        column = f" {self.column}:" if self.column else ""
        what = self.what or ("empty" if not self.value else f"'{_cut(self.value)}'")
        return f"{place}{row}:{column} {what}; allowed: {self.allowed}"


def _cut(text: str) -> str:
    text = " ".join(text.split()) or repr(text)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def fault_of(seed: Seed, row: Row, column: str | None, allowed: str, what: str = "") -> Fault:
    """A fault of one row of a seed, or of one cell of it."""
    return Fault(
        path=str(seed.path),
        line=row.line,
        key=", ".join(_cut(row.cells[c]) if row.cells[c] else "-" for c in seed.key),
        column=column,
        value=row.cells[column] if column else None,
        what=what or None,
        allowed=allowed,
    )


def read_rows(seed: Seed) -> tuple[list[Row], list[Fault]]:
    """Read a seed's file. Without a header as declared there are faults and no rows."""
    path = str(seed.path)
    try:
        text = seed.path.read_bytes().decode("utf-8-sig")
    except OSError:
        return [], [Fault(path, "the file of a declared seed", what="it is not there")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what = f"byte {error.start} is no UTF-8"
        return [], [Fault(path, "text in UTF-8", line=line, what=what)]
    if not text.strip():
        header = ",".join(seed.types)
        return [], [Fault(path, f"the header {_cut(header)} and rows", what="the file is empty")]
    if line := _other_line_end(text):
        what = "the line ends otherwise than the first"
        return [], [Fault(path, "one kind of line end in a file", line=line, what=what)]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader)
        if faults := _header_faults(seed, header):
            return [], faults
        return _rows(seed, reader, header)
    except csv.Error as error:
        what = f"no CSV from here on ({error})"
        return [], [Fault(path, "comma-separated cells", line=reader.line_num, what=what)]


def _other_line_end(text: str) -> int:
    """The first row's line that ends otherwise than the header does, 0 if all end alike.

    DuckDB reads a file of either kind, and stops at a mixture; breaks in quoted cells are text.
    """
    plain = _QUOTED.sub(lambda match: _BREAK.sub(lambda end: "x" * len(end[0]), match[0]), text)
    ends = list(_BREAK.finditer(plain))
    other = next((end for end in ends if end[0] != ends[0][0]), None)
    return len(_BREAK.findall(text[: other.end()])) if other else 0


def _header_faults(seed: Seed, header: Sequence[str]) -> list[Fault]:
    path, columns = str(seed.path), ", ".join(seed.types)
    wrong = [(f"column {_cut(c)} is missing", c) for c in seed.types if c not in header]
    wrong += [(f"column '{_cut(c)}' is unknown", c) for c in header if c not in seed.types]
    wrong += [(f"column {c} stands there twice", c) for c in set(header) if header.count(c) > 1]
    return [Fault(path, f"the columns {columns}", line=1, what=what) for what, _ in wrong]


def _rows(seed: Seed, reader, header: Sequence[str]) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            rows.append(Row(line, dict(zip(header, cells, strict=True))))
        elif cells or len(header) == 1:
            what = f"the row has {len(cells)} cells"
            allowed = f"{len(header)} cells, one for each column"
            faults.append(Fault(str(seed.path), allowed, line=line, what=what))
        line = reader.line_num + 1
    return rows, faults
