"""The catalog of sources: reads `sources.yml` and checks every entry.

The vocabulary is documented in `sources.yml` itself. Everything else in this package works from the
models below and knows no source by name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

DEFAULT_PATH = Path(__file__).with_name("sources.yml")
ROOT = Path(__file__).parents[1]
"""Where paths in `sources.yml` start."""

_CAPTURE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class CatalogError(Exception):
    """An entry of `sources.yml` is missing, misspelt or contradictory; the text is one line."""


@dataclass(frozen=True)
class Step:
    """One step of a record path: into a field (`field`), through a list (`each`), or through an
    object's values (`capture`, whose `name` becomes `_name` in the record)."""

    kind: Literal["field", "each", "capture"]
    name: str = ""


def _path(raw: object) -> object:
    """`data[]` -> field data, each; `{provider}.models.{model}` -> capture, field, capture."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(f"expected text, found {_kind(raw)}")
    steps: list[Step] = []
    for part in raw.strip().split("."):
        base, each = (part[:-2], True) if part.endswith("[]") else (part, False)
        if capture := _CAPTURE.fullmatch(base):
            steps.append(Step("capture", capture[1]))
        elif base and not set(base) & set("{}[]"):
            steps.append(Step("field", base))
        elif base or not each:
            raise ValueError(f"cannot read '{part}' (write a, a[], [] or {{a}})")
        if each:
            steps.append(Step("each"))
    return tuple(steps)


def _day(raw: object) -> object:
    try:
        return date.fromisoformat(str(raw).strip())
    except ValueError:
        raise ValueError(f"'{raw}' is not a date like 2026-01-31") from None


def _true_or_false(raw: object) -> object:
    if raw not in ("true", "false"):
        raise ValueError(f"'{raw}' is none of true, false")
    return raw == "true"


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[Text, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
Count = Annotated[int, Field(gt=0)]
Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]
RecordPath = Annotated[tuple[Step, ...], BeforeValidator(_path)]


class _Part(BaseModel):
    """A mapping of the catalog: a field that is not declared here is misspelt."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _ListedColumns(_Part):
    listed_in: Text
    file: Text
    any_of: Texts


Columns = Mapping[str, tuple[tuple[str, ...], ...]]
"""File name -> of each column that the file must have the names it may go by."""


def _listed_columns(raw: object) -> Columns:
    """The columns that a CSV file of this project lists."""
    listing = _ListedColumns.model_validate(raw)
    path = ROOT / listing.listed_in
    listed: dict[str, tuple[tuple[str, ...], ...]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            lacking = [
                n for n in (listing.file, *listing.any_of) if n not in (rows.fieldnames or ())
            ]
            if lacking:
                raise ValueError(f"{path.name} has no column '{lacking[0]}'")
            for row in rows:
                names = ";".join(row[name] or "" for name in listing.any_of).split(";")
                file = row[listing.file]
                listed[file] = (*listed.get(file, ()), tuple(n for n in names if n))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path.name} cannot be read ({error})") from error
    return listed


def _key_fields(read: Mapping[str, Any]) -> tuple[str, ...]:
    """What is required where nothing is declared: the fields of the key that are not captured."""
    return () if read["key_or"] else tuple(k for k in read["key"] if not k.startswith("_"))


class Entity(_Part):
    """One kind of record of a source: how its files are recognised, split and keyed."""

    name: Identifier = Field(alias="entity")
    files: Texts
    format: Literal["json", "csv", "yaml"]
    records: RecordPath = ()
    key: Texts
    complete: Literal["yes", "file", "page", "release"]
    key_or: Annotated[tuple[Texts, ...], Field(min_length=1)] = ()
    require: Texts = Field(default_factory=_key_fields)
    omit: Texts = ()
    when: Texts = ()
    unless: Texts = ()
    optional: Flag = False
    file_name: Text = ""
    value: Identifier = ""
    not_files: Texts = ()
    having: Texts = ()
    lacking: Texts = ()
    may_lack_line_end: Flag = False
    columns: Annotated[Columns, BeforeValidator(_listed_columns)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format == "csv" and self.records:
            raise ValueError("a CSV needs no 'records', each row is one")
        if self.format != "csv" and not any(s.kind != "field" for s in self.records):
            raise ValueError(
                "records: no list or object to take records from (write data[] or {name})"
            )
        captured = [s.name for s in self.records if s.kind == "capture"]
        captured += _CAPTURE.findall(self.file_name) + ([self.value] if self.value else [])
        _refuse_repeats(captured, "captured name")
        for name in (n for names in (self.key, *self.key_or) for n in names):
            if name.startswith("_") and name[1:] not in captured:
                raise ValueError(f"key: nothing captures '{name}'")
        if self.complete == "file" and (self.key[0] != "_file" or "file" not in captured):
            raise ValueError("'complete: file' needs the file's name, captured, first in its key")
        if self.value and self.require:
            raise ValueError("plain values ('value') have no fields to require")
        return self

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


def _last_part(read: Mapping[str, Any]) -> str:
    """The name under which an address without one of its own is kept."""
    return str(read.get("url", "")).rsplit("/", 1)[-1]


class LiveUrl(_Part):
    """An address to fetch, the name its answer gets as a file, and the tier of access it is for."""

    url: Text
    file: Text = Field(default_factory=_last_part)
    tier: Identifier | None = None

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, raw: object) -> object:
        return {"url": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _is_address(self) -> Self:
        if not re.match(r"https?://[^/]+/", self.url):
            raise ValueError(f"'{self.url}' is not an http or https address")
        if not self.file or "/" in self.file:
            raise ValueError("the address names no file, give {url, file}")
        return self


class Pages(_Part):
    """An answer that comes in pages: the parameter that asks for one, and how many there may be."""

    parameter: Identifier
    max_pages: Count


class Live(_Part):
    """How a source is read live; `none` says why it cannot be. Sizes in MB of 10^6 bytes."""

    none: Text = ""
    urls: Annotated[tuple[LiveUrl, ...], Field(min_length=1)] = ()
    hosts: Texts = ()
    cache_hours: Amount = 1
    key_header: Text = ""
    tier_env: Text = ""
    pages: Pages | None = None
    max_mb: Amount = 50
    unpack: Literal["zip"] | None = None
    max_members: Count = 500
    max_unpacked_mb: Amount = 500
    index: Text = ""
    releases: Texts = ()
    tries: Count = 5

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if bool(self.none) == bool(self.urls):
            raise ValueError("give either 'urls' or 'none' with a reason")
        if any(bool(target.tier) != bool(self.tier_env) for target in self.urls):
            raise ValueError("'tier_env' chooses among addresses that all have a 'tier'")
        if self.pages and len(self.urls_of(self.tiers[0] if self.tiers else None)) > 1:
            raise ValueError("'pages' goes with one address")
        return self

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers of access that addresses are declared for, the one to take unasked first."""
        return tuple(dict.fromkeys(target.tier for target in self.urls if target.tier))

    def urls_of(self, tier: str | None) -> tuple[LiveUrl, ...]:
        """The addresses of a tier; all of them where there are no tiers."""
        return tuple(target for target in self.urls if target.tier in (None, tier))


class Fetching(_Part):
    """How live sources are asked, all alike: seconds, and how many at a time and in all."""

    parallel: Count = 4
    connect_seconds: Amount = 10
    read_seconds: Amount = 30
    total_seconds: Amount = 180
    retries: Count = 3
    longest_wait_seconds: Amount = 20
    max_redirects: Count = 5


class RowCut(_Part):
    """Records to keep in a snapshot: their `field` is listed in `column` of the CSV `file`."""

    file: Text
    column: Text
    field: Text


class Snapshot(_Part):
    """What the shipped recording of a source holds; `keep`: entity -> the fields recorded, or in
    `none` why nothing of it ships."""

    none: Text = ""
    observed_on: Day | None = None
    rows: RowCut | None = None
    only: Texts = ()
    envelope: Texts = ()
    keep: Mapping[str, Texts] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.none and self.keep:
            raise ValueError("give either 'keep' or 'none' with a reason")
        return self


class Source(_Part):
    """One source: where it comes from, under which terms, and its entities."""

    id: Identifier
    name: Text
    layer: Literal["static", "benchmarks", "analytics"]
    homepage: Text
    licence: Text
    attribution: Text
    ttl_hours: Count
    live: Live
    entities: Annotated[tuple[Entity, ...], Field(min_length=1)]
    auth_env: Text = ""
    archives: Texts = ()
    snapshot: Snapshot = Snapshot()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [entity.name for entity in self.entities]
        _refuse_repeats(names, "entity")
        for name in self.snapshot.keep:
            if name not in names:
                raise ValueError(f"snapshot, keep: there is no entity '{name}'")
        if bool(self.live.key_header) != bool(self.auth_env):
            raise ValueError("'auth_env' names the variable whose key goes into 'key_header'")
        return self


class Catalog(_Part):
    """All of `sources.yml`: how to fetch, and the sources."""

    fetching: Fetching = Fetching()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _refuse_repeats([source.id for source in self.sources], "source id")
        return self


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} '{name}' appears twice")


def load_catalog(path: Path = DEFAULT_PATH) -> tuple[Source, ...]:
    """The sources of `sources.yml`; raises CatalogError."""
    return read_catalog(path).sources


def read_catalog(path: Path = DEFAULT_PATH) -> Catalog:
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
    try:
        return Catalog.model_validate(raw)
    except ValidationError as error:
        raise CatalogError(_line(error.errors()[0], path.name, raw)) from None


_MISTAKES = {
    "missing": "the field '{name}' is missing",
    "extra_forbidden": "unknown field '{name}'",
    "model_type": "expected fields with values, found {kind}",
    "mapping_type": "expected fields with values, found {kind}",
    "tuple_type": "expected a list with at least one item, found {kind}",
    "too_short": "expected a list with at least one item",
    "string_type": "expected text, found {kind}",
    "string_too_short": "expected text, found {kind}",
    "string_pattern_mismatch": "'{found}' may hold only a-z, 0-9 and _, a letter first",
    "literal_error": "'{found}' is none of {expected}",
    "int_parsing": "expected a whole number above 0, found '{found}'",
    "int_type": "expected a whole number above 0, found {kind}",
    "float_parsing": "expected a number above 0, found '{found}'",
    "float_type": "expected a number above 0, found {kind}",
    "finite_number": "expected a number above 0, found '{found}'",
    "greater_than": "expected a number above 0, found '{found}'",
    "value_error": "{error}",
}
"""Kind of mistake, as pydantic names it -> what is said of it."""


def _line(mistake: ErrorDetails, file: str, raw: object) -> str:
    """A mistake as one line: the file, the entry, the field, and what is wrong with it."""
    place, found, context = list(mistake["loc"]), mistake["input"], mistake.get("ctx", {})
    name = place.pop() if mistake["type"] in ("missing", "extra_forbidden") else ""
    text = _MISTAKES.get(mistake["type"], mistake["msg"].replace("{", "{{").replace("}", "}}"))
    what = text.format(
        name=name,
        found=found,
        kind=_kind(found),
        expected=str(context.get("expected", "")).replace("'", "").replace(" or ", ", "),
        error=context.get("error", ""),
    )
    return f"{', '.join([file, *_names(place, raw)])}: {what}"


def _names(place: Sequence[int | str], raw: Any) -> list[str]:
    """The fields on the way to a mistake; an entry of a list goes by its name or its number."""
    names: list[str] = []
    for step in place:
        # An address may stand for its own mapping; it has no fields to go into.
        fields: Any = raw if isinstance(raw, dict | list) else None
        raw = fields and fields[step]
        if isinstance(step, str):
            names.append(step)
            continue
        entry = raw if isinstance(raw, dict) else {}
        known = next((f"'{entry[n]}'" for n in ("id", "entity") if entry.get(n)), str(step + 1))
        names[-1] = f"{names[-1].replace('sources', 'source')} {known}"
    return names


def _kind(raw: object) -> str:
    kinds: dict[type, str] = {str: "text", list: "a list", dict: "fields with values"}
    return "nothing" if raw in (None, "") else kinds.get(type(raw), f"a {type(raw).__name__}")
