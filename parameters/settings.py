"""Parameter rows turned into records that Python formulas read."""

import csv
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar


class Settings(Protocol):
    """A frozen dataclass of numbers; GROUP is the parameter group whose rows it holds."""

    GROUP: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


SettingsT = TypeVar("SettingsT", bound=Settings)


def settings_from(
    kind: type[SettingsT], rows: Iterable[tuple[str, str, float | None]]
) -> SettingsT:
    """Build a settings record from the rows (group, name, value) of the parameter seed.

    Rows of other groups are passed over; whole numbers may come as floats. Raises ValueError, with
    the group and the name, for a row that the record does not know, one that it misses, one that
    stands there twice, and a value that is none, or no whole number where a count is needed.
    """
    kinds = {field.name: field.type for field in fields(kind)}
    values: dict[str, float | int] = {}
    for group, name, value in rows:
        if group != kind.GROUP:
            continue
        where = f"parameter {group}.{name}"
        if name not in kinds:
            raise ValueError(f"{where}: {kind.__name__} has no such field")
        if name in values:
            raise ValueError(f"{where} stands there twice")
        if value is None:
            raise ValueError(f"{where} has no value")
        if kinds[name] is int and float(value) != int(value):
            raise ValueError(f"{where} must be a whole number, not {value}")
        values[name] = int(value) if kinds[name] is int else float(value)
    if missing := [name for name in kinds if name not in values]:
        raise ValueError(f"parameter {kind.GROUP}.{missing[0]} is missing")
    return kind(**values)


def read_parameters(path: Path) -> list[tuple[str, str, float]]:
    """Read the rows (group, name, value) of the parameter seed from its file, outside a build.

    Raises ValueError in one line where it is no such file; FileNotFoundError where there is none.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [
                (row["parameter_group"], row["parameter"], float(row["value"]))
                for row in csv.DictReader(file)
            ]
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"{path}: no table of parameters ({error})") from None
