"""The check of all seeds against their declarations: files, cells, rows, then seeds together."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from parameters.agreements import find_disagreements
from parameters.cells import NUMBER, cell_faults, may_be_empty
from parameters.declaration import Seed, load_declarations
from parameters.reading import Fault, Row, fault_of, read_rows

#: Faults that one message shows; how many more there are is said.
MOST_SHOWN = 10
FIRST_DAY, LAST_DAY = "0000-00-00", "9999-99-99"


class ParameterError(Exception):
    """Seeds hold what no build may use; the message has one line per fault."""


def check_seeds(folder: Path) -> None:
    """Raise ParameterError unless every seed under `folder` holds only what its YAML declares."""
    faults = find_faults(folder)
    if not faults:
        return
    lines = [
        f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the parameters under {folder}/:"
    ]
    lines += [f"  {fault}" for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(
            f"  and {len(faults) - MOST_SHOWN} more: `python -m parameters` lists them all"
        )
    raise ParameterError("\n".join(lines))


def find_faults(folder: Path) -> list[Fault]:
    """Return every fault of the seeds under `folder`, in the order of their files.

    What refers to a seed that cannot be read is not judged: one slip is told of once.
    Raises DeclarationError where the YAML files make no sense.
    """
    seeds = load_declarations(folder)
    rows: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for name, seed in seeds.items():
        found, wrong = read_rows(seed)
        faults += wrong
        if not wrong:
            rows[name] = found
    for name in rows:
        faults += _row_faults(seeds[name], rows[name])
    for name in rows:
        faults += _reference_faults(seeds[name], rows)
    if not faults:
        faults = find_disagreements(seeds, rows)
    return sorted(faults, key=lambda fault: (fault.path, fault.line or 0))


def _row_faults(seed: Seed, rows: list[Row]) -> list[Fault]:
    faults = [fault for row in rows for fault in cell_faults(seed, row)]
    faults += _count_faults(seed, rows)
    faults += _repeats(seed, rows, seed.key)
    if seed.unique:
        faults += _repeats(seed, rows, seed.unique)
    if seed.apart and not faults:
        faults += _overlaps(seed, rows)
    if seed.rows:
        faults += _roster_faults(seed, rows)
    if not faults:
        faults += _total_faults(seed, rows)
    return faults


def _count_faults(seed: Seed, rows: list[Row]) -> list[Fault]:
    path = str(seed.path)
    if seed.row_count is not None and len(rows) != seed.row_count:
        return [Fault(path, f"rows: {seed.row_count}", what=f"it has {len(rows)} rows")]
    if not rows and not seed.may_be_empty and not seed.rows:
        return [Fault(path, "one row or more", what="it has no rows")]
    return []


def _repeats(seed: Seed, rows: list[Row], columns: tuple[str, ...]) -> list[Fault]:
    first: dict[tuple[float | str, ...], int] = {}
    faults = []
    for row in rows:
        value = tuple(_same(row.cells[column], seed.types[column]) for column in columns)
        if value in first:
            what = f"the row repeats that of line {first[value]}"
            faults.append(fault_of(seed, row, None, f"one row per ({', '.join(columns)})", what))
        first.setdefault(value, row.line)
    return faults


def _same(text: str, kind: str) -> float | str:
    """What two spellings of one value have in common: 2 and 2.0 are one number."""
    is_number = kind in ("double", "integer") and NUMBER.fullmatch(text)
    return float(text) if is_number else text


def _overlaps(seed: Seed, rows: list[Row]) -> list[Fault]:
    *owners, starts, ends = seed.apart
    groups: dict[tuple[str, ...], list[tuple[str, str, Row]]] = {}
    for row in rows:
        owner = tuple(row.cells[column] for column in owners)
        period = (row.cells[starts] or FIRST_DAY, row.cells[ends] or LAST_DAY, row)
        groups.setdefault(owner, []).append(period)
    faults = []
    for periods in groups.values():
        periods.sort(key=lambda period: period[:2])
        for (_, end, earlier), (start, _, row) in pairwise(periods):
            if start <= end:
                what = f"its days overlap with those of line {earlier.line}"
                allowed = f"one row at a time ({starts} to {ends})"
                faults.append(fault_of(seed, row, None, allowed, what))
    return faults


def _roster_faults(seed: Seed, rows: list[Row]) -> list[Fault]:
    """Rows that no declaration names, and declared ones that are not there."""
    group, name = seed.key
    found = {(row.cells[group], row.cells[name]) for row in rows}
    faults = []
    for row in rows:
        declared = seed.rows.get(row.cells[group])
        if declared is None:
            faults.append(fault_of(seed, row, group, ", ".join(seed.rows)))
        elif row.cells[name] not in declared:
            missing = [n for n in declared if (row.cells[group], n) not in found]
            allowed = f"the names declared for {group} {row.cells[group]}"
            if missing:
                allowed += f", of which {', '.join(missing)} is missing"
            faults.append(fault_of(seed, row, name, allowed))
    faults += [
        Fault(str(seed.path), "every declared row once", what="the row is missing", key=f"{g}, {n}")
        for g, names in seed.rows.items()
        for n in names
        if (g, n) not in found
    ]
    return faults


def _total_faults(seed: Seed, rows: list[Row]) -> list[Fault]:
    return [
        Fault(str(seed.path), f"a sum of {domain.total:g}", column=column, what=f"sums to {sum_:g}")
        for column, domain in seed.domains.items()
        if domain.total is not None
        # Sums of decimals miss by less than this.
        and abs((sum_ := sum(float(row.cells[column]) for row in rows)) - domain.total) > 1e-9
    ]


def _reference_faults(seed: Seed, rows: Mapping[str, list[Row]]) -> list[Fault]:
    faults = []
    for column, domain in seed.domains.items():
        if domain.in_ and (known := _values(domain.in_, rows)) is not None:
            for row in rows[seed.name]:
                value = row.cells[column]
                looked_up = value.split(domain.cut_at)[0] if domain.cut_at else value
                is_asked = domain.optional is True or not may_be_empty(domain, row)
                if value and is_asked and looked_up not in known:
                    faults.append(fault_of(seed, row, column, f"a value of {domain.in_}"))
        if domain.covers and (needed := _values(domain.covers, rows)) is not None:
            there = {row.cells[column] for row in rows[seed.name]}
            allowed = f"a row or more for every value of {domain.covers}"
            faults += [
                Fault(str(seed.path), allowed, column=column, what=f"no row for '{value}'")
                for value in needed
                if value not in there
            ]
        if domain.every:
            there = {row.cells[column] for row in rows[seed.name]}
            faults += [
                Fault(str(seed.path), "a row for each", column=column, what=f"no row for '{value}'")
                for value in domain.one_of
                if value not in there
            ]
    return faults


def _values(reference: str, rows: Mapping[str, list[Row]]) -> dict[str, None] | None:
    """The values of 'seed.column' in order; None where that seed cannot be read."""
    seed, column = reference.split(".")
    if seed not in rows:
        return None
    return dict.fromkeys(row.cells[column] for row in rows[seed] if row.cells[column])
