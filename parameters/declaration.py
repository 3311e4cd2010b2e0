"""What each seed may hold, as declared under `config: meta:` in the YAML files beside the seeds.

Of a seed:

- `key`: columns that together occur once; `unique`: others that do.
- `apart` ([columns, from, to]): rows that agree in the columns never overlap in their days, where
  empty is open.
- `row_count`: exactly so many rows; `may_be_empty`: no row is fine.
- `rows` ({group: {name: domain}} or {group: [name]}): exactly these rows exist, by the two columns
  of the key; a domain bounds the column `value`.

Of a column:

- `optional` (true, or {column: filled | empty | [values]}): it may be empty, and is not looked up,
  in rows where the other column is so. Every other cell must be filled.
- `at_least`, `at_most`, `above`, `below`: a number, or another column of the row.
- `whole`: no fractions; `total`: what the column sums to.
- `one_of`: the values there are; `every`: each of them occurs.
- `in`: seed.column in which a value must exist; `covers`: one of which every value must occur here.
- `cut_at`: only what stands before it is looked up; `split_at`: it lies between several values.
- `form`: day, json_object or regular_expression.

The type of a column is that of `column_types`. A number is finite whatever else is declared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

#: The C loader reads a thousand lines in hundredths of a second.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FORMS = ("day", "json_object", "regular_expression")
TYPES = ("boolean", "date", "double", "integer", "varchar")

Bound = float | str


class DeclarationError(Exception):
    """A declaration makes no sense; the message is one line with the file and the word."""


@dataclass(frozen=True)
class Domain:
    """What a cell may hold; see the words above."""

    optional: bool | Mapping[str, str | list[str]] = False
    at_least: Bound | None = None
    at_most: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None
    total: float | None = None
    whole: bool = False
    one_of: tuple[str, ...] = ()
    every: bool = False
    in_: str | None = None
    covers: str | None = None
    cut_at: str | None = None
    split_at: str | None = None
    form: str | None = None


@dataclass(frozen=True)
class Seed:
    """One parameter table: its file, the types and domains of its columns, what its rows are."""

    name: str
    path: Path
    types: Mapping[str, str]
    domains: Mapping[str, Domain]
    key: tuple[str, ...]
    unique: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    row_count: int | None = None
    may_be_empty: bool = False
    rows: Mapping[str, Mapping[str, Domain]] = field(default_factory=dict)


def load_declarations(folder: Path) -> dict[str, Seed]:
    """Read every declared seed under `folder`, by name.

    Raises DeclarationError where a file is no YAML, a word is unknown or a seed has no key.
    """
    files = {path.stem: path for path in sorted(folder.rglob("*.csv"))}
    seeds = {}
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        try:
            entries = (yaml.load(path.read_bytes(), LOADER) or {}).get("seeds") or []
        except (yaml.YAMLError, AttributeError) as error:
            raise DeclarationError(f"{path}: {' '.join(str(error).split())}") from None
        for entry in entries:
            name = entry["name"]
            try:
                seeds[name] = _seed(entry, files.get(name, path.with_name(f"{name}.csv")))
            except (KeyError, TypeError, ValueError) as error:
                raise DeclarationError(f"{path}: {name}: {error}") from None
    for name, path in files.items():
        if name not in seeds:
            raise DeclarationError(f"{path}: no YAML file under {folder} declares this seed")
    for seed in seeds.values():
        for column, domain in seed.domains.items():
            if missing := [n for n in _references(domain) if not _is_column(n, seed, seeds)]:
                where = f"{seed.path.parent}: {seed.name}.{column}"
                raise DeclarationError(f"{where}: meta names {missing[0]}, and there is none")
    return seeds


def _references(domain: Domain) -> list[str]:
    """The columns that a domain names: of the same seed, or of another as seed.column."""
    bounds = (domain.at_least, domain.at_most, domain.above, domain.below)
    named = [*bounds, domain.in_, domain.covers]
    others = [] if isinstance(domain.optional, bool) else list(domain.optional)
    return [name for name in named if isinstance(name, str)] + others


def _is_column(name: str, seed: Seed, seeds: Mapping[str, Seed]) -> bool:
    other, _, column = name.rpartition(".")
    return column in (seeds[other].types if other in seeds else {} if other else seed.types)


def _seed(entry: Mapping[str, Any], path: Path) -> Seed:
    config = entry.get("config") or {}
    meta = dict(config.get("meta") or {})
    types = config.get("column_types") or {}
    known = {f.name for f in fields(Seed)} - {"name", "path", "types", "domains"}
    if unknown := sorted(set(meta) - known):
        raise ValueError(f"meta has no word {unknown[0]}")
    domains = {c["name"]: _domain((c.get("config") or {}).get("meta")) for c in entry["columns"]}
    if set(domains) != set(types):
        raise ValueError("columns and column_types do not list the same columns")
    if wrong := sorted(set(types.values()) - set(TYPES)):
        raise ValueError(f"column type {wrong[0]} is none of {', '.join(TYPES)}")
    if "key" not in meta:
        raise ValueError("meta names no key")
    for word in ("key", "unique", "apart"):
        if unknown := [name for name in meta.get(word, ()) if name not in types]:
            raise ValueError(f"meta names {unknown[0]} under {word}, and there is no such column")
    if "rows" in meta and len(meta["key"]) != 2:
        raise ValueError("meta lists rows, for which the key must have two columns")
    listed = {name: tuple(meta.pop(name)) for name in ("key", "unique", "apart") if name in meta}
    rows = {group: _rows(names) for group, names in (meta.pop("rows", None) or {}).items()}
    return Seed(entry["name"], path, types, domains, rows=rows, **listed, **meta)


def _rows(names: list[str] | Mapping[str, Any]) -> dict[str, Domain]:
    if isinstance(names, list):
        return {name: Domain() for name in names}
    return {name: _domain(words) for name, words in names.items()}


def _domain(words: Mapping[str, Any] | None) -> Domain:
    given = {{"in": "in_"}.get(word, word): value for word, value in (words or {}).items()}
    if unknown := sorted(set(given) - {f.name for f in fields(Domain)}):
        raise ValueError(f"meta has no word {unknown[0]}")
    if given.get("form") not in (None, *FORMS):
        raise ValueError(f"form {given['form']} is none of {', '.join(FORMS)}")
    if "one_of" in given:
        given["one_of"] = tuple(str(value) for value in given["one_of"])
    return Domain(**given)
