"""A file to JSON records: decode, split along the entity's path, make canonical, key.

Nothing is renamed or cleaned here. Names that this module adds to a record begin with an
underscore: captured names (`_route`), and `_error`, `_row`, `_value`, `_cells` where a record
cannot be read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TextIO

import yaml

from extract.catalog import Entity, Step
from extract.faults import TOO_DEEP, ParseError, not_json, not_utf8
from extract.large import (
    HELD,
    Data,
    Large,
    LargeList,
    LargeObject,
    LargeRows,
    OnDisk,
    Reader,
    Row,
    look_through,
    read_json,
    size_of,
    whole,
)

ENVELOPE_LIMIT = 2_000
"""Top-level fields beside the records stay with the load up to this length (characters of JSON)."""

PROSE_LIMIT = 200
"""A top-level text longer than this is prose, and is skipped."""

MAX_CELL = 16_000_000
"""Longest CSV cell, in characters."""

# A number that a float cannot hold travels as text behind this mark and is written back as it was.
# The mark is drawn anew by each process and never stored, so that no file can hold it.
_RAW = f"number {secrets.token_hex(16)}:"
_RAW_IN_JSON = re.compile(f'"{_RAW}(-?[0-9][0-9.eE+-]*)"')
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """A CSV: its header, and each row's line number (1-based, where the row ends) and cells."""

    header: list[str]
    rows: Iterable[Row]


class Repeating(dict[str, Any]):
    """A JSON object in which a name stood more than once: the last value counts, `earlier` holds
    those before it that differ, as (name, value)."""

    earlier: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Document:
    """A decoded file; `repeated`: names that stood twice in one object."""

    value: Any
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """One record: its fields, its canonical JSON and the SHA-256 of that."""

    fields: dict[str, Any]
    text: str
    hash: str


@dataclass
class Split:
    """What one file holds of one entity, beside the records."""

    count: int = 0
    envelope: dict[str, Any] = field(default_factory=dict)
    skipped: int = 0
    errors: int = 0


OBJECT, LIST = (dict, LargeObject), (list, LargeList)

_EMPTY = "the file is empty: download it again or remove it"
_IS_WEB_PAGE = "holds a web page, not data: check the address and download it again"


def decode(data: Data, form: str, may_lack_line_end: bool = False) -> Document:
    """Decode UTF-8 (with or without BOM) as `json`, `csv` or `yaml`.

    JSON numbers keep every digit, NaN and Infinity become strings; YAML scalars and CSV cells are
    strings. A CSV whose last line has no end was cut off, unless its source is known to write such
    files. The records of a large JSON or CSV stay in it and are read when they are asked for; what
    is wrong with it is found now. Raises ParseError.
    """
    if size_of(data) > HELD and form != "yaml":
        return _decode_large(data, form, may_lack_line_end)
    if isinstance(data, OnDisk):
        with data.open() as file:
            data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(error.start) from None
    if not text.strip():
        raise ParseError(_EMPTY)
    if _WEB_PAGE.match(text):
        raise ParseError(_IS_WEB_PAGE)
    if form == "csv":
        return _decode_csv(text, may_lack_line_end)
    return {"json": _decode_json, "yaml": _decode_yaml}[form](text)


def _decode_large(data: Data, form: str, may_lack_line_end: bool) -> Document:
    outline = look_through(data)
    if not outline.length:
        raise ParseError(_EMPTY)
    if _WEB_PAGE.match(outline.beginning):
        raise ParseError(_IS_WEB_PAGE)
    if form == "csv":
        rows = LargeRows(data, _csv_rows)
        ends = _first_and_last(rows.with_header())
        return _table(*ends, rows, outline.last, may_lack_line_end)
    repeated: list[str] = []
    value = read_json(Reader(data, outline.length, _decoder(repeated), repeated))
    return Document(value, tuple(repeated))


def _decoder(repeated: list[str]) -> json.JSONDecoder:
    """Decodes JSON as `decode` says; notes names that stand twice in an object in `repeated`."""

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(name for name, _ in pairs)
        repeated.extend(sorted(name for name, count in counts.items() if count > 1))
        repeating = Repeating(found)
        repeating.earlier = tuple((n, value) for n, value in pairs if value != found[n])
        return repeating

    return json.JSONDecoder(
        object_pairs_hook=to_object,
        parse_float=_read_float,
        parse_int=_read_int,
        parse_constant=str,
    )


def _decode_json(text: str) -> Document:
    repeated: list[str] = []
    try:
        value = _decoder(repeated).decode(text)
    except json.JSONDecodeError as error:
        is_early = error.pos >= len(text.rstrip())
        raise not_json(error.lineno, error.colno, error.msg, is_early) from None
    except RecursionError:
        raise ParseError(TOO_DEEP) from None
    return Document(value, tuple(repeated))


def _read_float(text: str) -> float | str:
    """A float where it says exactly what was written, else the text itself, marked."""
    value = float(text)
    short = len(text) <= 16 and "e" not in text and "E" not in text
    if short or (abs(value) != float("inf") and Decimal(repr(value)) == Decimal(text)):
        return value
    return _RAW + text


def _read_int(text: str) -> int | str:
    return int(text) if len(text) < 4_000 else _RAW + text


def _decode_csv(text: str, may_lack_line_end: bool) -> Document:
    rows = list(_csv_rows(io.StringIO(text, newline="")))
    return _table(*_first_and_last(iter(rows)), rows[1:], text[-1], may_lack_line_end)


def _csv_rows(lines: TextIO) -> Iterator[Row]:
    """The rows that are not empty; raises ParseError."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise ParseError(
            f"not valid CSV at line {reader.line_num}: {error}: download it again"
        ) from None


def _first_and_last(rows: Iterator[Row]) -> tuple[Row, Row]:
    first = next(rows)
    (last,) = deque(chain([first], rows), maxlen=1)
    return first, last


def _table(
    first: Row, last: Row, rows: Iterable[Row], end: str, may_lack_line_end: bool
) -> Document:
    """A table, its header and the end of its last row checked; `end`: the text's last character."""
    _, header = first
    for name in header:
        if header.count(name) > 1:
            raise ParseError(f"line 1: the column '{name}' stands twice in the header: rename one")
    line, cells = last
    if end not in "\n\r" and (len(cells) < len(header) or not may_lack_line_end):
        raise ParseError(
            f"line {line}, the last, has no line end and may be cut off: download it again, "
            "or end the line if it is whole"
        )
    return Document(Table(header, rows))


def _decode_yaml(text: str) -> Document:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        # An alias may stand for a whole tree, and a few lines of them for gigabytes.
        if "*" in text and any(
            isinstance(e, yaml.AliasEvent) for e in yaml.parse(text, Loader=loader)
        ):
            raise ParseError("uses YAML aliases (*name), which are not read: write the values out")
        return Document(yaml.load(text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise ParseError(f"not valid YAML{where}: {problem}: download it again") from None
    except RecursionError:
        raise ParseError(TOO_DEEP) from None


def split(
    entity: Entity,
    file_name: str,
    document: Document,
    take: Callable[[Record], object],
    other_roots: frozenset[str] = frozenset(),
) -> Split | None:
    """Give the records of `entity` in a decoded file to `take`; None when `when`/`unless` rule the
    file out.

    `other_roots` are top-level fields that belong to other entities of the source. Raises
    ParseError for a file of another shape, maybe after some records were taken; a single bad record
    lands with `_error` instead.
    """
    if not _applies(entity, document.value):
        return None
    result = Split()
    if document.repeated:
        result.envelope["_repeated_names"] = list(document.repeated[:20])
    captured = _captured_from_name(entity, file_name)
    if isinstance(document.value, Table):
        raw = _table_records(document.value)
    else:
        _sort_out_siblings(entity, document.value, other_roots, result)
        raw = _path_records(entity, document, result)
    shape = _Shape(lacking=list(entity.require))
    for fields in raw:
        if not entity.takes(fields):
            continue
        fields = _with_captured(fields, captured)
        shape.see(fields)
        record = make_record(fields)
        result.errors += "_error" in record.fields
        result.count += 1
        take(record)
    _check_shape(entity, document.value, shape)
    _check_columns(entity, file_name, document.value)
    result.envelope = _storable(result.envelope)
    # Names that repeat outside of the records have none to carry their error.
    result.errors = max(result.errors, len(document.repeated))
    return result


@dataclass
class _Shape:
    """What the records of a file look like: how many there are, how many can be read, what is wrong
    with the first, and which required fields no good one has had so far."""

    lacking: list[str]
    count: int = 0
    good: int = 0
    first_error: str = ""

    def see(self, fields: dict[str, Any]) -> None:
        """Look at one more record."""
        self.count += 1
        if "_error" in fields:
            self.first_error = self.first_error if self.count > 1 else fields["_error"]
            return
        self.good += 1
        if self.lacking:
            self.lacking = [name for name in self.lacking if not _has_field(fields, name)]


def _applies(entity: Entity, value: Any) -> bool:
    names = value if isinstance(value, OBJECT) else ()
    if entity.when and not any(name in names for name in entity.when):
        return False
    return not any(name in names for name in entity.unless)


def _captured_from_name(entity: Entity, file_name: str) -> dict[str, str]:
    pattern = entity.file_pattern()
    if pattern is None:
        return {}
    match = pattern.fullmatch(file_name)
    if match is None:
        raise ParseError(f"the name does not fit '{entity.file_name}': rename the file")
    return {f"_{name}": value for name, value in match.groupdict().items()}


def _with_captured(fields: dict[str, Any], captured: dict[str, str]) -> dict[str, Any]:
    clash = sorted(fields.keys() & captured.keys())
    if clash:
        fields = {**fields, "_error": f"the record's own field '{clash[0]}' gave way to a captured"}
    return {**fields, **captured}


def _table_records(table: Table) -> Iterator[dict[str, Any]]:
    width = len(table.header)
    for number, (line, cells) in enumerate(table.rows, start=1):
        if len(cells) == width:
            yield dict(zip(table.header, cells, strict=True))
        else:
            # Nobody can say which cell is missing, so only the first one keeps its column.
            yield {
                table.header[0]: cells[0],
                "_error": f"line {line} has {len(cells)} cells, the header has {width}",
                "_row": number,
                "_cells": cells,
            }


def _path_records(entity: Entity, document: Document, result: Split) -> Iterator[dict[str, Any]]:
    found = _walk(document.value, entity.records, {}, entity.optional)
    for row, (captured, item, problem) in enumerate(found, start=1):
        names = [v for v in captured.values() if v in entity.omit]
        if names:
            result.skipped += 1
        elif problem:
            yield {**captured, "_error": problem, "_row": row, "_value": item}
        elif entity.value and not isinstance(item, dict | list | None):
            yield {**captured, f"_{entity.value}": item}
        elif not entity.value and item == {}:
            # Nothing is said in it: a name that waits for its record.
            result.skipped += 1
        elif not entity.value and isinstance(item, dict):
            name = _repeated_name(item) if document.repeated else ""
            doubt = {"_error": f"the name '{name}' stands in it with two values"} if name else {}
            yield _with_captured({**item, **doubt}, captured)
        else:
            wanted = "a plain value" if entity.value else "an object with fields"
            problem = f"expected {wanted}, found {_kind(item)}"
            yield {**captured, "_error": problem, "_row": row, "_value": item}


def _repeated_name(value: Any) -> str:
    """A name that stands with two values in an object of a record, or an empty text."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Repeating) and item.earlier:
            return item.earlier[0][0]
        if isinstance(item, dict | list):
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return ""


_Found = tuple[dict[str, str], Any, str]


def _walk(
    value: Any,
    steps: Sequence[Step],
    captured: dict[str, str],
    optional: bool,
    inside: bool = False,
) -> Iterator[_Found]:
    """Yield (captured names, item, problem) along the path; `inside` is set below the first list or
    object of records, where a wrong shape is one bad record instead of a bad file."""
    if not steps:
        yield captured, whole(value), ""
        return
    step, rest = steps[0], steps[1:]
    problem = _misfit(step, value)
    if problem:
        if inside:
            yield captured, whole(value), problem
        elif not (optional and step.kind == "field" and isinstance(value, OBJECT)):
            raise ParseError(f"another shape than expected, {problem}: check the file")
    elif step.kind == "field":
        yield from _walk(value[step.name], rest, captured, optional, inside)
    elif step.kind == "each":
        for item in value:
            yield from _walk(item, rest, captured, optional, True)
    else:
        for name, item in getattr(value, "earlier", ()):
            problem = "the name stands again further down, where another value counts"
            yield {**captured, f"_{step.name}": name}, item, problem
        for name, item in value.items():
            yield from _walk(item, rest, {**captured, f"_{step.name}": name}, optional, True)


def _misfit(step: Step, value: Any) -> str:
    if step.kind == "each":
        return "" if isinstance(value, LIST) else f"expected a list, found {_kind(value)}"
    if not isinstance(value, OBJECT):
        return f"expected an object, found {_kind(value)}"
    if step.kind == "field" and step.name not in value:
        names = ", ".join(repr(n) for n in islice(value, 4)) or "nothing"
        return f"no field '{step.name}' (found {names})"
    return ""


def _sort_out_siblings(
    entity: Entity, value: Any, other_roots: frozenset[str], result: Split
) -> None:
    """Keep small top-level fields beside the records as the envelope; count others as skipped."""
    for depth, step in enumerate(entity.records):
        if step.kind != "field" or not isinstance(value, OBJECT):
            return
        for name, item in value.items():
            if name == step.name or (depth == 0 and name in other_roots):
                continue
            limit = PROSE_LIMIT if isinstance(item, str) else ENVELOPE_LIMIT
            is_held = not isinstance(item, Large) or item.size <= HELD
            if depth == 0 and is_held and len(canonical(whole(item))) <= limit:
                result.envelope[name] = whole(item)
            else:
                result.skipped += 1
        value = value.get(step.name)


def _check_shape(entity: Entity, value: Any, shape: _Shape) -> None:
    """Refuse a file without records, or whose records are all of another kind."""
    missing = [n for n in entity.require if isinstance(value, Table) and n not in value.header]
    if missing:
        names = ", ".join(repr(n) for n in value.header[:4])
        raise ParseError(f"line 1: no column '{missing[0]}' (found {names}): check the file")
    if not shape.count:
        if entity.optional:
            return
        raise ParseError(f"holds no {entity.name}: download it again or remove it")
    if not shape.good:
        raise ParseError(f"none of its {entity.name} can be read: {shape.first_error}")
    for name in shape.lacking:
        raise ParseError(
            f"another shape than expected, none of its {shape.good} {entity.name} has the field "
            f"'{name}': check that the file is right"
        )


def _check_columns(entity: Entity, file_name: str, value: Any) -> None:
    """Refuse a table that lacks a column which is declared of it, under all names it may go by."""
    if not isinstance(value, Table):
        return
    for names in entity.columns.get(file_name, ()):
        if not any(name in value.header for name in names):
            raise ParseError(
                f"line 1: no column '{names[0]}'"
                + "".join(f", nor '{name}'" for name in names[1:])
                + f" (found {', '.join(repr(n) for n in value.header[:6])}): check whether it "
                "was renamed"
            )


def _has_field(fields: Any, name: str) -> bool:
    """Whether an object has a field; `a.b` is b inside a."""
    outer, _, inner = name.partition(".")
    return isinstance(fields, dict) and (
        name in fields or bool(inner and _has_field(fields.get(outer), inner))
    )


def make_record(fields: dict[str, Any]) -> Record:
    """The record with its canonical JSON (sorted names, no spaces, UTF-8) and SHA-256."""
    text = canonical(fields)
    if _SURROGATE.search(text):
        fields = _storable(fields)
        fields["_error"] = "half a UTF-16 surrogate pair was replaced by U+FFFD"
        text = canonical(fields)
    return Record(fields, text, hashlib.sha256(text.encode()).hexdigest())


def _storable(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with U+FFFD for half a UTF-16 pair, which is no character to any database."""
    text = _SURROGATE.sub("\ufffd", json.dumps(fields, ensure_ascii=False))
    storable: dict[str, Any] = json.loads(text)
    return storable


def canonical(value: Any) -> str:
    """Canonical JSON of a decoded value: sorted names, no spaces, numbers as they were written."""
    text = _dump(value)
    return _RAW_IN_JSON.sub(r"\1", text) if _RAW in text else text


def _dump(value: Any) -> str:
    try:
        return _CANONICAL.encode(value)
    except RecursionError:
        raise ParseError(TOO_DEEP) from None


def key_of(entity: Entity, record: Record) -> str:
    """The key of a record as declared, else its hash; other records may have the same."""
    for names in (entity.key, *entity.key_or):
        parts = [_key_part(record.fields.get(name)) for name in names]
        if len(parts) == 1 and parts[0]:
            return parts[0]
        if all(parts):
            return "|".join(p.replace("\\", "\\\\").replace("|", "\\|") for p in parts)
    return f"sha256:{record.hash}"


def _key_part(value: Any) -> str:
    if isinstance(value, str):
        return value.removeprefix(_RAW) if value.strip() else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return json.dumps(value)
    return ""


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        Repeating: "an object",
        LargeObject: "an object",
        list: "a list",
        LargeList: "a list",
        str: "text",
        bool: "true or false",
        Table: "a table",
    }
    if value is None:
        return "null"
    return names.get(type(value), "a number")
