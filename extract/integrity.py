"""Is the landing whole: `python -m extract --check` reads all of it and says what is wrong.

Every value of every table is read, so that DuckDB compares the checksum of each block in use. Then
each record is held to its SHA-256, and the tables to what `landing.py` promises of them. Nothing is
written. Tables and columns that a rule does not know are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from extract.landing import LandingError
from extract.moments import Scope, read_moments
from extract.opening import duckdb_path, why_not_opened
from extract.spool import content_hash, one_number

NEEDED = ("records", "loads")
"""Tables without which a file is no landing."""

SHOWN = 20
"""Problems of one kind that are listed; the others are counted."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands and what it is; parts that do not apply are ''."""

    table: str
    what: str
    source: str = ""
    entity: str = ""
    key: str = ""

    def line(self) -> str:
        """The problem in one line: table, source, entity, key: what."""
        place = ", ".join(part for part in (self.table, self.source, self.entity, self.key) if part)
        return f"{place}: {self.what}"


@dataclass
class Findings:
    """What a check found: rows read per table, problems in the order of the rules."""

    rows: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Rule:
    """What must hold in a table: `broken` selects source, entity and key of the rows that break it.

    A rule is applied where the table has all the columns of `uses`; `{table}` in the query is its
    name. Without `table` it is applied to each such table.
    """

    what: str
    uses: tuple[str, ...]
    broken: str
    table: str = ""


RECORD = ("source", "entity", "record_key", "record_hash", "record")

RULES = (
    Rule(
        "the text of the record is not that of its SHA-256",
        RECORD,
        "select source, entity, record_key from {table} "
        "where sha256(record::varchar) is distinct from record_hash "
        "and record is not null and record_hash is not null",
    ),
    Rule(
        "has a hash without a record, or a record without a hash",
        RECORD,
        "select source, entity, record_key from {table} "
        "where (record is null) <> (record_hash is null)",
    ),
    Rule(
        "has no source, entity or key",
        RECORD,
        "select source, entity, record_key from {table} "
        "where coalesce(source, '') = '' or coalesce(entity, '') = '' "
        "or coalesce(record_key, '') = ''",
    ),
    Rule(
        "stands twice as of one time",
        ("record_key", "observed_at", "landed_at"),
        "select source, entity, record_key from {table} "
        "group by source, entity, record_key, observed_at, landed_at having count(*) > 1",
        "records",
    ),
    Rule(
        "no load landed it: its load_id, source, entity and landed_at are those of none",
        ("load_id", "landed_at"),
        "select source, entity, record_key from {table} anti join loads using "
        "(load_id, source, entity, landed_at)",
        "records",
    ),
    Rule(
        "its load says that nothing landed",
        ("load_id",),
        "select source, entity, record_key from {table} semi join "
        "(from loads where status not in ('landed', 'held')) using (load_id)",
        "records",
    ),
    Rule(
        "two loads have this load_id",
        ("load_id",),
        "select any_value(source), any_value(entity), load_id from {table} "
        "group by load_id having count(*) > 1",
        "loads",
    ),
    Rule(
        "landed_at does not grow from load to load",
        ("landed_at",),
        "select source, entity, load_id from {table} "
        "qualify not coalesce(landed_at > lag(landed_at) over (order by rowid), true)",
        "loads",
    ),
    Rule(
        "its source is not in the table sources",
        ("source",),
        "select source, entity, load_id from {table} anti join sources using (source)",
        "loads",
    ),
    Rule(
        "landed without entity, time of observation or content hash",
        ("observed_at", "content_hash"),
        "select source, entity, load_id from {table} where status = 'landed' "
        "and (entity is null or observed_at is null or content_hash is null)",
        "loads",
    ),
    Rule(
        "new, changed and gone are not the number of its records as of its time",
        ("new_count", "changed_count", "gone_count", "observed_at"),
        "select source, entity, load_id from {table} left join "
        "(select load_id, observed_at, count(*) as found from records group by all) "
        "using (load_id, observed_at) "
        "where status = 'landed' and coalesce(found, 0) <> new_count + changed_count + gone_count",
        "loads",
    ),
    Rule(
        "confirmed_keys are not as many as its records",
        ("confirmed_keys", "record_count"),
        "select source, entity, load_id from {table} where len(confirmed_keys) <> record_count",
        "loads",
    ),
)

SCOPES = """
select distinct source, entity, coalesce(part, '')
from loads
where completeness in ('yes', 'file')
order by all
"""
"""What complete listings speak for: an entity, or a file of it."""

STATE = """
create or replace temporary table state as
select record_key, arg_max(coalesce(record_hash, ''), (observed_at, landed_at)) as record_hash
from records
where source = $source and entity = $entity and ($part = '' or part = $part) and observed_at <= $at
group by record_key
having record_hash <> ''
"""


def check(path: Path) -> Findings:
    """Read the whole landing and return what is wrong with it; raises LandingError if it is none.

    A block that DuckDB cannot read ends the check, since nothing after it can be trusted.
    """
    findings = Findings()
    with open_to_read(path) as connection:
        try:
            tables = columns_of(connection)
            absent = [name for name in NEEDED if name not in tables]
            if absent:
                raise LandingError(f"{path}: has no table '{absent[0]}', it is not a landing file")
            if "part" not in tables["loads"]:
                raise LandingError(
                    f"{path}: was made by an earlier version, `python -m extract` carries it on"
                )
            for table in tables:
                findings.rows[table] = read_all(connection, table)
            findings.problems += problems_of(connection)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            findings.problems.append(Problem("file", f"cannot be read ({reason})"))
    return findings


def problems_of(connection: duckdb.DuckDBPyConnection) -> list[Problem]:
    """What is wrong with the rows of a landing that can be read."""
    return [
        *broken_rules(connection, columns_of(connection)),
        *unlike_their_listing(connection),
        *not_found_by_key(connection),
    ]


def open_to_read(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a landing without changing it; raises LandingError."""
    if not path.exists():
        raise LandingError(f"{path}: does not exist, name another with --db or run extract first")
    try:
        return duckdb.connect(duckdb_path(path), read_only=True)
    except duckdb.Error as error:
        raise LandingError(f"{path}: {why_not_opened(error)}") from None


def columns_of(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Table -> column -> type, of every table of the landing, in the order of its columns."""
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'main' and database_name = current_database() and not internal "
        "order by table_name, column_index"
    ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def read_all(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Read every value of a table and return its number of rows."""
    return one_number(connection, f"select count(*), bit_xor(hash(t)) from {quoted(table)} as t")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def broken_rules(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]]
) -> Iterator[Problem]:
    """The rows that break a rule, rule by rule; of each kind `SHOWN` and how many more."""
    for rule in RULES:
        for table in [rule.table] if rule.table else tables:
            if not set(rule.uses) <= tables.get(table, {}).keys():
                continue
            rows = connection.execute(
                f"select * from ({rule.broken.format(table=quoted(table))}) "
                "as broken (source, entity, key) order by all"
            ).fetchall()
            for row in rows[:SHOWN]:
                yield Problem(table, rule.what, *(part or "" for part in row))
            if len(rows) > SHOWN:
                yield Problem(table, f"{len(rows) - SHOWN:,} more: {rule.what}")


def unlike_their_listing(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """States that are not what the newest listing that counts said, by its content hash."""
    for source, entity, part in connection.execute(SCOPES).fetchall():
        scope = Scope(source, entity, part)
        moments = [m for m in read_moments(connection, scope) if m.counts]
        listing = moments[-1].listing if moments else None
        if listing is None or listing.record_count is None:
            continue
        at = moments[-1].observed_at
        place = {"source": source, "entity": entity, "part": part, "at": at}
        connection.execute(STATE, place)
        count = one_number(connection, "select count(*) from state")
        shown = f"{at:%Y-%m-%d}{f' of {part}' if part else ''}"
        if content_hash(connection, "file" if part else "yes", "state") != listing.content_hash:
            what = f"the records as of {shown} are not those that the listing contained"
            yield Problem("loads", what, source, entity)
        elif count != listing.record_count:
            what = (
                f"record_count as of {shown} is {listing.record_count}, but the listing contained "
                f"{count} records"
            )
            yield Problem("loads", what, source, entity)


def not_found_by_key(connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
    """Rows that the index of their primary key does not lead to.

    Reading a table never reads its index; looking each key up does, unless DuckDB sees from its
    statistics that it need not look.
    """
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    keys = connection.execute(
        "select table_name, constraint_column_names from duckdb_constraints() "
        "where schema_name = 'main' and database_name = current_database() "
        "and constraint_type in ('PRIMARY KEY', 'UNIQUE') order by all"
    ).fetchall()
    for table, columns in keys:
        names = ", ".join(quoted(name) for name in columns)
        same = " and ".join(f"{quoted(name)} = ?" for name in columns)
        for key in connection.execute(
            f"select {names} from {quoted(table)} order by all"
        ).fetchall():
            query = f"select count(*) from {quoted(table)} where {same}"
            found = one_number(connection, query, key)
            if found != 1 and None not in key:
                shown = ", ".join(str(part) for part in key)
                yield Problem(table, f"its key leads to {found} rows", key=shown)
