"""Bytes of a file to JSON records: decode, split along the entity's path, make canonical, key.

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
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from extract.catalog import Entity, Step

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
_SURROGATE = re.compile("[\ud800-\udfff]")
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)


class ParseError(Exception):
    """A file is not what the catalog says it is; the text says what, where, and what to do."""


@dataclass(frozen=True)
class Table:
    """A CSV: its header, and each row's line number (1-based, where the row ends) and cells."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


class Repeating(dict):
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
    """What one file holds of one entity."""

    records: list[Record] = field(default_factory=list)
    envelope: dict[str, Any] = field(default_factory=dict)
    skipped: int = 0
    errors: int = 0


def decode(data: bytes, form: str, may_lack_line_end: bool = False) -> Document:
    """Decode UTF-8 bytes (with or without BOM) as `json`, `csv` or `yaml`.

    JSON numbers keep every digit, NaN and Infinity become strings; YAML scalars and CSV cells are
    strings. A CSV whose last line has no end was cut off, unless its source is known to write such
    files. Raises ParseError.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(
            f"not UTF-8 text at byte {error.start + 1}: save it as UTF-8 or download it again"
        ) from None
    if not text.strip():
        raise ParseError("the file is empty: download it again or remove it")
    if _WEB_PAGE.match(text):
        raise ParseError("holds a web page, not data: check the address and download it again")
    if form == "csv":
        return _decode_csv(text, may_lack_line_end)
    return {"json": _decode_json, "yaml": _decode_yaml}[form](text)


def _decode_json(text: str) -> Document:
    repeated: list[str] = []

    def to_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(name for name, _ in pairs)
        repeated.extend(sorted(name for name, count in counts.items() if count > 1))
        repeating = Repeating(found)
        repeating.earlier = tuple((n, value) for n, value in pairs if value != found[n])
        return repeating

    try:
        value = json.loads(
            text,
            object_pairs_hook=to_object,
            parse_float=_read_float,
            parse_int=_read_int,
            parse_constant=str,
        )
    except json.JSONDecodeError as error:
        early = " (the file ends too early)" if error.pos >= len(text.rstrip()) else ""
        raise ParseError(
            f"not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}{early}: "
            "download it again"
        ) from None
    except RecursionError:
        raise ParseError("nested too deeply to be read: check the file") from None
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
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise ParseError(
            f"not valid CSV at line {reader.line_num}: {error}: download it again"
        ) from None
    header = rows[0][1]
    for name in header:
        if header.count(name) > 1:
            raise ParseError(f"line 1: the column '{name}' stands twice in the header: rename one")
    is_short = len(rows[-1][1]) < len(header)
    if not text.endswith(("\n", "\r")) and (is_short or not may_lack_line_end):
        raise ParseError(
            f"line {rows[-1][0]}, the last, has no line end and may be cut off: download it again, "
            "or end the line if it is whole"
        )
    return Document(Table(header, rows[1:]))


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
        raise ParseError("nested too deeply to be read: check the file") from None


def split(
    entity: Entity, file_name: str, document: Document, other_roots: frozenset[str] = frozenset()
) -> Split | None:
    """Take the records of `entity` out of a decoded file; None when `when`/`unless` rule it out.

    `other_roots` are top-level fields that belong to other entities of the source. Raises
    ParseError for a file of another shape; a single bad record lands with `_error` instead.
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
    found = [_with_captured(fields, captured) for fields in raw if entity.takes(fields)]
    _check_shape(entity, document.value, found)
    _check_columns(entity, file_name, document.value)
    for fields in found:
        record = make_record(fields)
        result.errors += "_error" in record.fields
        result.records.append(record)
    result.envelope = _storable(result.envelope)
    # Names that repeat outside of the records have none to carry their error.
    result.errors = max(result.errors, len(document.repeated))
    return result


def _applies(entity: Entity, value: Any) -> bool:
    names = value if isinstance(value, dict) else {}
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
        yield captured, value, ""
        return
    step, rest = steps[0], steps[1:]
    problem = _misfit(step, value)
    if problem:
        if inside:
            yield captured, value, problem
        elif not (optional and step.kind == "field" and isinstance(value, dict)):
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
        return "" if isinstance(value, list) else f"expected a list, found {_kind(value)}"
    if not isinstance(value, dict):
        return f"expected an object, found {_kind(value)}"
    if step.kind == "field" and step.name not in value:
        names = ", ".join(repr(n) for n in list(value)[:4]) or "nothing"
        return f"no field '{step.name}' (found {names})"
    return ""


def _sort_out_siblings(
    entity: Entity, value: Any, other_roots: frozenset[str], result: Split
) -> None:
    """Keep small top-level fields beside the records as the envelope; count others as skipped."""
    for depth, step in enumerate(entity.records):
        if step.kind != "field" or not isinstance(value, dict):
            return
        for name, item in value.items():
            if name == step.name or (depth == 0 and name in other_roots):
                continue
            limit = PROSE_LIMIT if isinstance(item, str) else ENVELOPE_LIMIT
            if depth == 0 and len(canonical(item)) <= limit:
                result.envelope[name] = item
            else:
                result.skipped += 1
        value = value.get(step.name)


def _check_shape(entity: Entity, value: Any, found: list[dict[str, Any]]) -> None:
    """Refuse a file without records, or whose records are all of another kind."""
    missing = [n for n in entity.require if isinstance(value, Table) and n not in value.header]
    if missing:
        names = ", ".join(repr(n) for n in value.header[:4])
        raise ParseError(f"line 1: no column '{missing[0]}' (found {names}): check the file")
    if not found:
        if entity.optional:
            return
        raise ParseError(f"holds no {entity.name}: download it again or remove it")
    good = [fields for fields in found if "_error" not in fields]
    if not good:
        raise ParseError(f"none of its {entity.name} can be read: {found[0]['_error']}")
    for name in entity.require:
        if not any(_has_field(fields, name) for fields in good):
            raise ParseError(
                f"another shape than expected, none of its {len(good)} {entity.name} has the field "
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
    return json.loads(_SURROGATE.sub("\ufffd", json.dumps(fields, ensure_ascii=False)))


def canonical(value: Any) -> str:
    """Canonical JSON of a decoded value: sorted names, no spaces, numbers as they were written."""
    text = _dump(value)
    return _RAW_IN_JSON.sub(r"\1", text) if _RAW in text else text


def _dump(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except RecursionError:
        raise ParseError("nested too deeply to be read: check the file") from None


def key_records(entity: Entity, records: Sequence[Record]) -> dict[str, Record]:
    """Key the records of one load; identical ones count once, a key that repeats gets #2, #3.

    The order of the records does not matter: repeats are numbered in the order of their hashes.
    """
    by_key: dict[str, dict[str, Record]] = {}
    for record in records:
        by_key.setdefault(_key_of(entity, record), {})[record.hash] = record
    keyed: dict[str, Record] = {}
    for key, same in sorted(by_key.items()):
        number = 1
        for position, record_hash in enumerate(sorted(same)):
            name = key
            while position and (name in by_key or name in keyed):
                number += 1
                name = f"{key}#{number}"
            keyed[name] = same[record_hash]
    return keyed


def _key_of(entity: Entity, record: Record) -> str:
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
        list: "a list",
        str: "text",
        bool: "true or false",
        Table: "a table",
    }
    if value is None:
        return "null"
    return names.get(type(value), "a number")
