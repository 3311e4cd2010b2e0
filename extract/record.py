"""Maintainers' tool: write the shipped snapshots from a folder of upstream files, or live.

`python -m extract.record --from DIR [--source ID ...]` records, per source, what `snapshot: keep:`
in sources.yml lists: facts and figures in the source's own shape, cut to the fields (and rows) that
are read later, one record per line. The same input gives the same bytes. With --live the sources'
addresses are read, into a folder of today's date, and what was recorded of them before goes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from console import Parser, run, say, visible
from extract.__main__ import SNAPSHOTS
from extract.catalog import DEFAULT_PATH, CatalogError, Entity, Source, Step, read_catalog
from extract.faults import ParseError
from extract.files import FetchError, SourceFile
from extract.folder import read_folder
from extract.landing import Clock, utc_now
from extract.live.reading import Reader
from extract.parse import Table, canonical, decode, split


def main(
    arguments: Sequence[str] | None = None,
    *,
    catalog: Path = DEFAULT_PATH,
    environment: Mapping[str, str] = os.environ,
    clock: Clock = utc_now,
) -> int:
    """Record the chosen sources; 0 all well, 1 a source cannot be read, 2 wrong usage."""
    options = Parser(prog="python -m extract.record", description=__doc__)
    where = options.add_mutually_exclusive_group(required=True)
    where.add_argument("--from", dest="folder", type=Path, metavar="DIR")
    where.add_argument("--live", action="store_true")
    options.add_argument("--source", action="append", default=[], dest="names", metavar="ID")
    options.add_argument("--to", type=Path, default=SNAPSHOTS, metavar="DIR")
    chosen = options.parse_args(arguments)
    try:
        declared = read_catalog(catalog)
    except CatalogError as error:
        say(f"error: {error}")
        return 1
    known = [source.id for source in declared.sources]
    for name in chosen.names:
        if name not in known:
            options.error(f"unknown source '{name}' (known: {', '.join(known)})")
    reader = Reader(declared.fetching, clock, None, environment)
    status = 0
    for source in declared.sources:
        if not source.snapshot.keep or source.id not in (chosen.names or known):
            continue
        try:
            if chosen.live:
                _record_live(source, reader, chosen.to)
            else:
                _record_folder(source, chosen.folder, chosen.to)
        except (FetchError, ParseError) as error:
            say(f"error: {error}")
            status = 1
    return status


def _record_folder(source: Source, folder: Path, to: Path) -> None:
    if (folder / source.id).is_dir():
        tell_written(record_files(source, read_folder(source, folder / source.id).files, to))


def _record_live(source: Source, reader: Reader, to: Path) -> None:
    """Record what a source shows now; its earlier recordings go once the new one is written."""
    if reason := reader.reason_to_skip(source):
        say(f"{source.id}: {reason}")
        return
    try:
        files = reader.read(source).files
    except FetchError as error:
        raise FetchError(f"{source.id}: {error}") from None
    dated = [replace(f, location=f"{f.observed_at:%F}/{f.name}") for f in files]
    written = record_files(source, dated, to)
    tell_written(written)
    if not written:
        say(f"{source.id}: nothing of what is live now is recorded, what was there stays")
        return
    kept = {to / name for name, _ in written}
    if source.snapshot.rows:
        kept.add(to / source.id / source.snapshot.rows.file)
    for path in sorted((to / source.id).rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path not in kept:
            path.unlink()
            print(visible(f"{path.relative_to(to)}: removed"))


def tell_written(written: Sequence[tuple[str, int]]) -> None:
    """Print a line per file: its path below the snapshots, and its size."""
    for path, size in written:
        print(visible(f"{path}: {size:,} bytes"))


def record_files(source: Source, files: Sequence[SourceFile], to: Path) -> list[tuple[str, int]]:
    """Write the snapshot of one source from its files to `to`/<id>/<location>.

    Returns (path below `to`, bytes) of each file written; none if there is nothing to keep, or the
    list of rows to keep is missing. Nothing is written where a file cannot be read: ParseError.
    """
    wanted = rows_to_keep(source, to)
    if source.snapshot.rows and wanted is None:
        return []
    texts: dict[str, str] = {}
    for file in files:
        if source.snapshot.only and file.name not in source.snapshot.only:
            continue
        try:
            texts[file.location] = cut_file(source, file, wanted)
        except ParseError as error:
            raise ParseError(f"{source.id}: {file.location}: {error}") from error
        if ".." in Path(file.location).parts:
            raise ParseError(f"{source.id}: {file.location}: leads out of its folder")
    for location, text in texts.items():
        if text:
            path = to / source.id / location
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return [(f"{source.id}/{at}", len(text.encode())) for at, text in texts.items() if text]


def rows_to_keep(source: Source, to: Path) -> frozenset[str] | None:
    """The ids listed for a snapshot that is cut by rows; None where there is no list."""
    cut = source.snapshot.rows
    if cut is None or not (to / source.id / cut.file).is_file():
        return None
    with (to / source.id / cut.file).open(encoding="utf-8-sig", newline="") as lines:
        return frozenset(row[cut.column] for row in csv.DictReader(lines))


def cut_file(source: Source, file: SourceFile, wanted: frozenset[str] | None) -> str:
    """The text of a file cut to what the catalog keeps; empty if nothing of it is kept."""
    kept = source.snapshot.keep
    parts: list[tuple[Entity, Any]] = []
    envelope: dict[str, Any] = {}
    roots = frozenset(e.records[0].name for e in source.entities if e.records)
    for entity in source.entities:
        if not entity.reads(file.name):
            continue
        document = decode(file.data, entity.format, entity.may_lack_line_end)
        found = split(entity, file.name, document, lambda record: None, roots)
        if found is None or not found.count or entity.name not in kept:
            continue
        beside = source.snapshot.envelope
        envelope |= {name: item for name, item in found.envelope.items() if name in beside}
        if isinstance(document.value, Table):
            return cut_table(document.value, kept[entity.name])
        value = _cut(document.value, entity.records, entity, kept[entity.name], wanted, source)
        parts.append((entity, value))
    if not parts:
        return ""
    if parts[0][0].format == "yaml":
        return "".join(f"- {canonical(record)}\n" for record in parts[0][1])
    value = parts[0][1]
    if isinstance(value, dict):
        value = envelope | {name: item for _, part in parts for name, item in part.items()}
    return _layout(value, [entity.records for entity, _ in parts]) + "\n"


def cut_table(table: Table, keep: Sequence[str]) -> str:
    """A CSV of the kept columns in their own order; rows that do not fit the header are dropped."""
    places = [i for i, name in enumerate(table.header) if name in keep]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([table.header[i] for i in places])
    for _, cells in table.rows:
        if len(cells) == len(table.header):
            writer.writerow([cells[i] for i in places])
    return out.getvalue()


def _cut(
    value: Any,
    steps: Sequence[Step],
    entity: Entity,
    keep: Sequence[str],
    wanted: frozenset[str] | None,
    source: Source,
) -> Any:
    """The value cut along the path to its records; None for a record that is not kept."""
    if not steps:
        if not isinstance(value, dict) or not value or not entity.takes(value):
            return None
        rows = source.snapshot.rows
        if rows and str(value.get(rows.field)) not in (wanted or ()):
            return None
        return pick(value, keep)
    step, rest = steps[0], (steps[1:], entity, keep, wanted, source)
    if step.kind == "field":
        return {step.name: _cut(value[step.name], *rest)}
    if step.kind == "each":
        return [item for item in (_cut(item, *rest) for item in value) if item is not None]
    cut = {name: _cut(item, *rest) for name, item in value.items() if name not in entity.omit}
    return {name: item for name, item in cut.items() if item is not None}


def pick(record: dict[str, Any], keep: Sequence[str]) -> dict[str, Any]:
    """The kept fields of a record; `a.b` = b inside a, `a*` = all that begin with a."""
    picked: dict[str, Any] = {}
    for name in keep:
        if "*" in name:
            picked |= {field: record[field] for field in record if fnmatchcase(field, name)}
            continue
        outer, _, inner = name.partition(".")
        if name in record:
            picked[name] = record[name]
        elif inner and isinstance(record.get(outer), dict) and inner in record[outer]:
            picked.setdefault(outer, {})[inner] = record[outer][inner]
    return picked


def _layout(value: Any, paths: Sequence[Sequence[Step]]) -> str:
    """JSON with a line break wherever a path to the records goes on, so one record per line."""
    paths = [path for path in paths if path]
    if not paths:
        return canonical(value)
    if isinstance(value, list):
        items = [_layout(item, [path[1:] for path in paths]) for item in value]
        return "[\n" + ",\n".join(items) + "\n]"
    items = []
    for name, item in value.items():
        below = [p[1:] for p in paths if p[0].kind == "capture" or p[0].name == name]
        items.append(f"{json.dumps(name, ensure_ascii=False)}:{_layout(item, below)}")
    return "{\n" + ",\n".join(items) + "\n}"


if __name__ == "__main__":
    sys.exit(run(main, "extract.record"))
