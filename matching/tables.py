"""Rows in, rows out: records from the tables of a build, and the typed table of what was decided.

The columns of the answer and their DuckDB types follow from the records of `matching.model`; they
are written down nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

from matching.model import CanonicalModel, Decision, Name, Override, Resolution, Twins

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

#: One row of a table; days and moments are ISO texts.
Row = Mapping[str, Any]

#: The kind of row that holds each record.
KINDS: dict[str, type] = {"decision": Decision, "model": CanonicalModel, "twins": Twins}

#: Fields that a table calls otherwise than the record does.
COLUMN_NAMES = {
    "source": "source_id",
    "provider": "provider_id",
    "first_seen_source": "first_seen_source_id",
    "reason": "no_name_reason",
}

#: Turns the parameters of `answer` into the table. The rows cross as one JSON text: as a list they
#: bind as fast, but dbt makes a table of the relation, which then takes DuckDB ten times as long.
ANSWER_QUERY = "select unnest(from_json($rows, $columns), max_depth := 2)"


def rows_of(relation: DuckDBPyRelation) -> list[dict[str, Any]]:
    """A relation's rows in a fixed order; days and moments as ISO texts."""
    ordered = relation.order(", ".join(f'"{column}"' for column in relation.columns))
    return [
        {
            column: value.isoformat() if hasattr(value, "isoformat") else value
            for column, value in zip(ordered.columns, row, strict=True)
        }
        for row in ordered.fetchall()
    ]


def names_of(rows: Iterable[Row]) -> list[Name]:
    """The names to decide on, from rows of `int_names`."""
    return [
        Name(
            source=row["source_id"],
            name=row["source_model_name"],
            org=row["org"],
            record_id=row["record_id"],
            role=row["role"],
            first_seen_at=row["first_observed_at"],
            efforts=tuple(row["efforts"] or ()),
            alias_of=row["alias_of"],
            released_on=row["released_on"],
        )
        for row in rows
    ]


def registry_of(rows: Iterable[Row]) -> list[CanonicalModel]:
    """The registry's models, from those rows of `int_names` that are its own."""
    return [
        CanonicalModel(
            model_id=row["source_model_name"],
            provider=row["org"],
            display_name=row["display_name"],
            api_alias=row["api_alias"],
            released_on=row["released_on"],
            first_seen_source=row["source_id"],
            first_seen_at=row["first_observed_at"],
        )
        for row in rows
        if row["role"] == "registry"
    ]


def overrides_of(rows: Iterable[Row]) -> list[Override]:
    """What persons decided, from rows of the seed `name_overrides`."""
    return [
        Override(
            source=row["source_id"],
            name=row["source_model_name"],
            model_id=row["model_id"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            reason=row["reason"],
        )
        for row in rows
    ]


def answer_columns() -> dict[str, Any]:
    """Column -> type, as DuckDB's from_json takes it; a column that a kind lacks is null there.

    Raises TypeError where two records give one column different types.
    """
    found: dict[str, Any] = {"kind": "VARCHAR", "name_id": "VARCHAR"}
    for record in KINDS.values():
        for column, kept in _columns(record).items():
            if found.setdefault(column, kept) != kept:
                raise TypeError(f"{record.__name__}: {column} is {kept}, elsewhere {found[column]}")
    return found


def answer(resolution: Resolution, names: Iterable[Row]) -> dict[str, str]:
    """The parameters of `ANSWER_QUERY`: a row per decision, per canonical model and per twins.

    names: the rows of `int_names` that were resolved; a decision carries its name's key.
    """
    ids = {
        (name["source_id"], name["source_model_name"], name["org"]): name["name_id"]
        for name in names
    }
    rows = [
        {"name_id": ids[(d.source, d.source_model_name, d.org)], **_row("decision", d)}
        for d in resolution.decisions
    ]
    rows += [_row("model", model) for model in resolution.models]
    rows += [_row("twins", twins) for twins in resolution.twins]
    return {
        # Records inside records, such as candidates, are written as their fields.
        "rows": json.dumps(rows, default=vars),
        "columns": json.dumps([answer_columns()]),
    }


def _row(kind: str, record: Decision | CanonicalModel | Twins) -> dict[str, Any]:
    row = {COLUMN_NAMES.get(field, field): value for field, value in vars(record).items()}
    return {"kind": kind, **row}


def _columns(record: type) -> dict[str, Any]:
    return {COLUMN_NAMES.get(field, field): kept for field, kept in _types(record).items()}


def _types(record: type) -> dict[str, Any]:
    """Field -> type of its column; raises TypeError where no column can hold a field."""
    hints = get_type_hints(record, include_extras=True)
    return {field.name: _type(hints[field.name]) for field in fields(record)}


def _type(hint: Any) -> Any:
    """The type of a value: `Day | None` is a DATE, a tuple a list, a record a struct."""
    if get_origin(hint) is Annotated:
        return hint.__metadata__[0]
    if isinstance(hint, type) and is_dataclass(hint):
        return _types(hint)
    arguments: Sequence[Any] = [a for a in get_args(hint) if a not in (type(None), Ellipsis)]
    if get_origin(hint) is tuple:
        return [_type(arguments[0])]
    if arguments:
        return _type(arguments[0])
    if hint in (str, float):
        return "VARCHAR" if hint is str else "DOUBLE"
    raise TypeError(f"no column holds {hint}")
