"""Maintainers' tool: write the shipped snapshots from a folder of upstream files.

`python -m extract.record --from DIR [--source ID ...]` records, per source, what `snapshot: keep:`
in sources.yml lists: facts and figures in the source's own shape, cut to the fields (and rows) that
are read later, one record per line. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from console import Parser, run, say, visible
from extract.__main__ import SNAPSHOTS
from extract.catalog import DEFAULT_PATH, CatalogError, Entity, Source, Step, load_catalog
from extract.faults import ParseError
from extract.files import FetchError, SourceFile
from extract.folder import read_folder
from extract.parse import Table, canonical, decode, split


def main(arguments: Sequence[str] | None = None) -> int:
    """Record the chosen sources; 0 all well, 1 a file cannot be read, 2 wrong usage."""
    options = Parser(prog="python -m extract.record", description=__doc__)
    options.add_argument("--from", dest="folder", type=Path, required=True, metavar="DIR")
    options.add_argument("--source", action="append", default=[], dest="names", metavar="ID")
    options.add_argument("--to", type=Path, default=SNAPSHOTS, metavar="DIR")
    chosen = options.parse_args(arguments)
    try:
        sources = {source.id: source for source in load_catalog(DEFAULT_PATH)}
        for name in chosen.names:
            if name not in sources:
                options.error(f"unknown source '{name}' (known: {', '.join(sources)})")
        for source in sources.values():
            if source.snapshot.keep and source.id in (chosen.names or sources):
                for path, size in record_source(source, chosen.folder, chosen.to):
                    print(visible(f"{path}: {size:,} bytes"))
    except (CatalogError, FetchError, ParseError) as error:
        say(f"error: {error}")
        return 1
    return 0


def record_source(source: Source, folder: Path, to: Path) -> list[tuple[str, int]]:
    """Write the snapshot of one source from `folder`/<id> to `to`/<id>.

    Returns (path below `to`, bytes) of each file written; none if there is nothing to read, or the
    list of rows to keep is missing. Raises FetchError and ParseError.
    """
    wanted = rows_to_keep(source, to)
    if not (folder / source.id).is_dir() or (source.snapshot.rows and wanted is None):
        return []
    written = []
    for file in read_folder(source, folder / source.id).files:
        if source.snapshot.only and file.name not in source.snapshot.only:
            continue
        try:
            text = cut_file(source, file, wanted)
        except ParseError as error:
            raise ParseError(f"{source.id}: {file.location}: {error}") from error
        if text:
            if ".." in Path(file.location).parts:
                raise ParseError(f"{source.id}: {file.location}: leads out of its folder")
            path = to / source.id / file.location
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            written.append((f"{source.id}/{file.location}", len(text.encode())))
    return written


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
