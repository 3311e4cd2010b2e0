"""The catalog of sources: reads `sources.yml` and checks every entry.

The vocabulary is documented in `sources.yml` itself. Everything else in this package works from the
dataclasses below and knows no source by name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

DEFAULT_PATH = Path(__file__).with_name("sources.yml")
ROOT = Path(__file__).parents[1]
"""Where paths in `sources.yml` start."""

LAYERS = ("static", "benchmarks", "analytics")
FORMATS = ("json", "csv", "yaml")
COMPLETENESS = ("yes", "file", "page", "release")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CAPTURE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class CatalogError(Exception):
    """An entry of `sources.yml` is missing, misspelt or contradictory; the text is one line."""


@dataclass(frozen=True)
class Step:
    """One step of a record path: into a field (`field`), through a list (`each`), or through an
    object's values (`capture`, whose `name` becomes `_name` in the record)."""

    kind: str
    name: str = ""


@dataclass(frozen=True)
class Entity:
    """One kind of record of a source: how its files are recognised, split and keyed."""

    name: str
    files: tuple[str, ...]
    format: str
    records: tuple[Step, ...]
    key: tuple[str, ...]
    complete: str
    key_or: tuple[tuple[str, ...], ...] = ()
    require: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    optional: bool = False
    file_name: str = ""
    value: str = ""
    not_files: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    may_lack_line_end: bool = False
    columns: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def reads(self, file_name: str) -> bool:
        """Whether this entity is read from files of this name."""
        return any(fnmatchcase(file_name, glob) for glob in self.files) and not any(
            fnmatchcase(file_name, glob) for glob in self.not_files
        )

    def takes(self, fields: Mapping[str, Any]) -> bool:
        """Whether a record with these fields is one of this entity."""
        return all(name in fields for name in self.having) and not any(
            name in fields for name in self.lacking
        )

    def file_pattern(self) -> re.Pattern[str] | None:
        """The file name pattern with one named group per capture, or None."""
        if not self.file_name:
            return None
        parts = _CAPTURE.split(self.file_name)
        groups = (f"(?P<{p}>.+)" if i % 2 else re.escape(p) for i, p in enumerate(parts))
        return re.compile("".join(groups))


@dataclass(frozen=True)
class LiveUrl:
    """An address to fetch, and the name its answer gets as a file."""

    url: str
    file: str


@dataclass(frozen=True)
class Live:
    """How a source is read live; `none` says why it cannot be. Sizes in MB of 10^6 bytes."""

    none: str = ""
    urls: tuple[LiveUrl, ...] = ()
    max_mb: float = 50
    unpack: str = ""
    max_members: int = 500
    max_unpacked_mb: float = 500
    index: str = ""
    releases: tuple[str, ...] = ()
    tries: int = 5


@dataclass(frozen=True)
class RowCut:
    """Records to keep in a snapshot: their `field` is listed in `column` of the CSV `file`."""

    file: str
    column: str
    field: str


@dataclass(frozen=True)
class Snapshot:
    """What the shipped recording of a source holds; `keep`: entity and the fields recorded."""

    observed_on: date | None = None
    rows: RowCut | None = None
    only: tuple[str, ...] = ()
    envelope: tuple[str, ...] = ()
    keep: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Source:
    """One source: where it comes from, under which terms, and its entities."""

    id: str
    name: str
    layer: str
    homepage: str
    licence: str
    attribution: str
    ttl_hours: int
    live: Live
    entities: tuple[Entity, ...]
    auth_env: str = ""
    archives: tuple[str, ...] = ()
    snapshot: Snapshot = Snapshot()


class _Fields:
    """The fields of one mapping of the catalog, taken one by one: what is left is unknown."""

    def __init__(self, raw: Any, where: str):
        if not isinstance(raw, dict):
            raise CatalogError(f"{where}: expected fields with values, found {_shown(raw)}")
        self.raw = dict(raw)
        self.where = where

    def take(self, name: str, read: Callable[[Any, str], Any], default: Any = ...) -> Any:
        """Read and remove one field; `default` stands in for a missing one, else it is required."""
        if name not in self.raw:
            if default is ...:
                raise CatalogError(f"{self.where}: the field '{name}' is missing")
            return default
        return read(self.raw.pop(name), f"{self.where}, {name}")

    def done(self) -> None:
        """Refuse fields that nobody asked for: they are misspelt."""
        if self.raw:
            names = ", ".join(f"'{n}'" for n in self.raw)
            raise CatalogError(f"{self.where}: unknown field {names}")


def load_catalog(path: Path = DEFAULT_PATH) -> tuple[Source, ...]:
    """Read and check `sources.yml`; raises CatalogError with one line that names the entry."""
    try:
        # Every scalar is read as text: `yes`, 2026_01_08 and dates must stay what they are.
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path.name}: cannot be read ({type(error).__name__})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise CatalogError(f"{path.name}: not valid YAML{where}") from error
    top = _Fields(raw, path.name)
    entries = top.take("sources", _list_of(lambda item, where: item))
    top.done()
    sources = tuple(_source(e, f"{path.name}, source {i}") for i, e in enumerate(entries, start=1))
    _refuse_repeats([s.id for s in sources], f"{path.name}: source id")
    return sources


def _source(raw: Any, where: str) -> Source:
    fields = _Fields(raw, where)
    source_id = fields.take("id", _identifier)
    fields.where = where = f"source '{source_id}'"
    source = Source(
        id=source_id,
        name=fields.take("name", _text),
        layer=fields.take("layer", _one_of(LAYERS)),
        homepage=fields.take("homepage", _text),
        licence=fields.take("licence", _text),
        attribution=fields.take("attribution", _text),
        ttl_hours=fields.take("ttl_hours", _positive_int),
        live=fields.take("live", _live),
        entities=tuple(fields.take("entities", _list_of(_entity))),
        auth_env=fields.take("auth_env", _text, ""),
        archives=tuple(fields.take("archives", _list_of(_text), ())),
        snapshot=fields.take("snapshot", _snapshot, Snapshot()),
    )
    fields.done()
    names = [e.name for e in source.entities]
    _refuse_repeats(names, f"{where}: entity")
    for name, _ in source.snapshot.keep:
        if name not in names:
            raise CatalogError(f"{where}, snapshot, keep: there is no entity '{name}'")
    return source


def _entity(raw: Any, where: str) -> Entity:
    fields = _Fields(raw, where)
    name = fields.take("entity", _identifier)
    fields.where = where = f"{where} '{name}'"
    form = fields.take("format", _one_of(FORMATS))
    key_or = tuple(fields.take("key_or", _list_of(_fields_list), ()))
    key = tuple(fields.take("key", _fields_list))
    default_require = () if key_or else tuple(k for k in key if not k.startswith("_"))
    entity = Entity(
        name=name,
        files=tuple(fields.take("files", _list_of(_text))),
        format=form,
        records=fields.take("records", _path, ()),
        key=key,
        complete=fields.take("complete", _one_of(COMPLETENESS)),
        key_or=key_or,
        require=tuple(fields.take("require", _fields_list, default_require)),
        omit=tuple(fields.take("omit", _list_of(_text), ())),
        when=tuple(fields.take("when", _list_of(_text), ())),
        unless=tuple(fields.take("unless", _list_of(_text), ())),
        optional=fields.take("optional", _boolean, False),
        file_name=fields.take("file_name", _text, ""),
        value=fields.take("value", _identifier, ""),
        not_files=tuple(fields.take("not_files", _list_of(_text), ())),
        having=tuple(fields.take("having", _fields_list, ())),
        lacking=tuple(fields.take("lacking", _fields_list, ())),
        may_lack_line_end=fields.take("may_lack_line_end", _boolean, False),
        columns=fields.take("columns", _declared_columns, {}),
    )
    fields.done()
    _check_entity(entity, where)
    return entity


def _declared_columns(raw: Any, where: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """File name -> of each column that it must have the names it may go by, from a CSV file."""
    fields = _Fields(raw, where)
    path = ROOT / fields.take("listed_in", _text)
    file = fields.take("file", _text)
    any_of = fields.take("any_of", _fields_list)
    fields.done()
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            lacking = [n for n in (file, *any_of) if n not in (rows.fieldnames or ())]
            if lacking:
                raise CatalogError(f"{where}: {path.name} has no column '{lacking[0]}'")
            listed: dict[str, tuple[tuple[str, ...], ...]] = {}
            for row in rows:
                names = ";".join(row[name] or "" for name in any_of).split(";")
                listed[row[file]] = (*listed.get(row[file], ()), tuple(n for n in names if n))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError(f"{where}: {path.name} cannot be read ({error})") from error
    return listed


def _check_entity(entity: Entity, where: str) -> None:
    if entity.format == "csv" and entity.records:
        raise CatalogError(f"{where}: a CSV needs no 'records', each row is one")
    if entity.format != "csv" and not any(s.kind != "field" for s in entity.records):
        raise CatalogError(
            f"{where}, records: no list or object to take records from (data[], {{name}})"
        )
    captured = [s.name for s in entity.records if s.kind == "capture"]
    captured += _CAPTURE.findall(entity.file_name) + ([entity.value] if entity.value else [])
    _refuse_repeats(captured, f"{where}: captured name")
    for name in (n for names in (entity.key, *entity.key_or) for n in names):
        if name.startswith("_") and name[1:] not in captured:
            raise CatalogError(f"{where}, key: nothing captures '{name}'")
    if entity.complete == "file" and (entity.key[0] != "_file" or "file" not in captured):
        raise CatalogError(f"{where}: 'complete: file' needs the file's name, captured, in its key")
    if entity.value and set(entity.require):
        raise CatalogError(f"{where}: plain values ('value') have no fields to require")


def _path(raw: Any, where: str) -> tuple[Step, ...]:
    """`data[]` -> field data, each; `{provider}.models.{model}` -> capture, field, capture."""
    steps: list[Step] = []
    for part in _text(raw, where).split("."):
        base, each = (part[:-2], True) if part.endswith("[]") else (part, False)
        if capture := _CAPTURE.fullmatch(base):
            steps.append(Step("capture", capture[1]))
        elif base and not set(base) & set("{}[]"):
            steps.append(Step("field", base))
        elif base or not each:
            raise CatalogError(f"{where}: cannot read '{part}' (write a, a[], [] or {{a}})")
        if each:
            steps.append(Step("each"))
    return tuple(steps)


def _live(raw: Any, where: str) -> Live:
    fields = _Fields(raw, where)
    live = Live(
        none=fields.take("none", _text, ""),
        urls=tuple(fields.take("urls", _list_of(_url), ())),
        max_mb=fields.take("max_mb", _positive, 50),
        unpack=fields.take("unpack", _one_of(("zip",)), ""),
        max_members=fields.take("max_members", _positive_int, 500),
        max_unpacked_mb=fields.take("max_unpacked_mb", _positive, 500),
        index=fields.take("index", _text, ""),
        releases=tuple(fields.take("releases", _list_of(_text), ())),
        tries=fields.take("tries", _positive_int, 5),
    )
    fields.done()
    if bool(live.none) == bool(live.urls):
        raise CatalogError(f"{where}: give either 'urls' or 'none' with a reason")
    return live


def _url(raw: Any, where: str) -> LiveUrl:
    fields = _Fields({"url": raw} if isinstance(raw, str) else raw, where)
    url = fields.take("url", _text)
    file = fields.take("file", _text, url.rsplit("/", 1)[-1])
    fields.done()
    if not re.match(r"https?://[^/]+/", url):
        raise CatalogError(f"{where}: '{url}' is not an http or https address")
    if not file or "/" in file:
        raise CatalogError(f"{where}: the address names no file, give {{url, file}}")
    return LiveUrl(url, file)


def _snapshot(raw: Any, where: str) -> Snapshot:
    fields = _Fields(raw, where)
    snapshot = Snapshot(
        observed_on=fields.take("observed_on", _date, None),
        rows=fields.take("rows", _row_cut, None),
        only=tuple(fields.take("only", _list_of(_text), ())),
        envelope=tuple(fields.take("envelope", _list_of(_text), ())),
        keep=fields.take("keep", _keep, ()),
    )
    fields.done()
    return snapshot


def _row_cut(raw: Any, where: str) -> RowCut:
    fields = _Fields(raw, where)
    cut = RowCut(*(fields.take(name, _text) for name in ("file", "column", "field")))
    fields.done()
    return cut


def _keep(raw: Any, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(raw, dict):
        raise CatalogError(f"{where}: expected entities with lists of fields, found {_shown(raw)}")
    return tuple((str(k), tuple(_fields_list(v, f"{where}, {k}"))) for k, v in raw.items())


def _shown(raw: Any) -> str:
    return "nothing" if raw in (None, "") else f"a {type(raw).__name__}"


def _text(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise CatalogError(f"{where}: expected text, found {_shown(raw)}")
    return raw.strip()


def _identifier(raw: Any, where: str) -> str:
    text = _text(raw, where)
    if not _NAME.fullmatch(text):
        raise CatalogError(f"{where}: '{text}' may hold only a-z, 0-9 and _, a letter first")
    return text


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any, str], str]:
    def read(raw: Any, where: str) -> str:
        if raw not in allowed:
            raise CatalogError(f"{where}: '{raw}' is none of {', '.join(allowed)}")
        return raw

    return read


def _list_of(read_item: Callable[[Any, str], Any]) -> Callable[[Any, str], list[Any]]:
    def read(raw: Any, where: str) -> list[Any]:
        if not isinstance(raw, list) or not raw:
            raise CatalogError(f"{where}: expected a list with at least one item")
        return [read_item(item, where) for item in raw]

    return read


def _fields_list(raw: Any, where: str) -> list[str]:
    return _list_of(_text)(raw, where)


def _positive(raw: Any, where: str) -> float:
    try:
        number = float(raw)
    except (TypeError, ValueError):
        number = 0
    if not 0 < number < float("inf"):
        raise CatalogError(f"{where}: expected a number above 0, found '{raw}'")
    return number


def _positive_int(raw: Any, where: str) -> int:
    number = _positive(raw, where)
    if number != int(number):
        raise CatalogError(f"{where}: expected a whole number, found '{raw}'")
    return int(number)


def _boolean(raw: Any, where: str) -> bool:
    return _one_of(("true", "false"))(raw, where) == "true"


def _date(raw: Any, where: str) -> date:
    try:
        return date.fromisoformat(_text(raw, where))
    except ValueError:
        raise CatalogError(f"{where}: '{raw}' is not a date like 2026-01-31") from None


def _refuse_repeats(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise CatalogError(f"{what} '{name}' appears twice")
