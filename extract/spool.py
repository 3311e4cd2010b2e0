"""The records of one load between their file and DuckDB: lines in a file, so that no load has to
fit into memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

SAID = "said"
"""The temporary table of the load that is being landed: record_key, record_hash, record."""

_ROWS_AT_ONCE = 10_000


class Spool:
    """A file of lines, each a record's key, its hash and its JSON; `count` of them.

    A key may still stand more than once: `stage` numbers the repeats.
    """

    def __init__(self, path: Path):
        self.path = path
        self.count = 0
        self._longest = 0
        self._file = path.open("w", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, key: str, record_hash: str, text: str) -> None:
        """Write one record down."""
        line = (
            f'{{"record_key":{encode_basestring(key)},"record_hash":"{record_hash}",'
            f'"record":{encode_basestring(text)}}}\n'
        )
        self._longest = max(self._longest, len(line))
        self._file.write(line)
        self.count += 1

    @property
    def longest(self) -> int:
        """No line is longer than this many bytes."""
        return 4 * self._longest


def stage(connection: duckdb.DuckDBPyConnection, spool: Spool) -> int:
    """Make the table `said` of a spool and return its number of rows, each with a key of its own.

    Identical records count once; of others with one key all but the first get #2, #3 and so on, in
    the order of their hashes, whatever order they came in.
    """
    size = max(16_777_216, 2 * spool.longest)
    connection.execute(
        f"""
        create or replace temporary table {SAID} as
        select * from read_json(
            ?, format = 'newline_delimited', maximum_object_size = {size},
            columns = {{record_key: 'VARCHAR', record_hash: 'VARCHAR', record: 'VARCHAR'}}
        )
        """,
        [str(spool.path)],
    )
    repeated = connection.execute(
        f"""
        select distinct record_key, record_hash
        from {SAID}
        where record_key in (
            select record_key from {SAID} group by record_key having count(*) > 1
        )
        order by record_key, record_hash
        """
    ).fetchall()
    if repeated:
        _number(connection, repeated)
    return one_number(connection, f"select count(*) from {SAID}")


def _number(connection: duckdb.DuckDBPyConnection, repeated: Sequence[tuple[str, str]]) -> None:
    """Drop identical records, and give each further one of a key a name that is free."""
    connection.execute(
        f"delete from {SAID} where rowid not in "
        f"(select min(rowid) from {SAID} group by record_key, record_hash)"
    )
    numbered = f"select distinct record_key from {SAID} where regexp_matches(record_key, '#\\d+$')"
    taken = {key for (key,) in connection.execute(numbered).fetchall()}
    renamed: list[tuple[str, str, str]] = []
    last, number = None, 1
    for key, record_hash in repeated:
        if key != last:
            last, number = key, 1
            continue
        name = key
        while name == key or name in taken:
            number += 1
            name = f"{key}#{number}"
        taken.add(name)
        renamed.append((key, record_hash, name))
    if renamed:
        connection.execute(
            f"""
            update {SAID} set record_key = renamed.name
            from (
                select unnest(?::varchar[]) as record_key, unnest(?::varchar[]) as record_hash,
                    unnest(?::varchar[]) as name
            ) as renamed
            where
                {SAID}.record_key = renamed.record_key
                and {SAID}.record_hash = renamed.record_hash
            """,
            [list(column) for column in zip(*renamed, strict=True)],
        )


def content_hash(
    connection: duckdb.DuckDBPyConnection, completeness: str, relation: str = SAID
) -> str:
    """SHA-256 over completeness, keys and record hashes of a table: equal for equal content."""
    rows = connection.execute(f"select record_key, record_hash from {relation} order by record_key")
    digest = hashlib.sha256(completeness.encode())
    for key, record_hash in _fetched(rows):
        digest.update(f"\n{json.dumps(key)}\t{record_hash}".encode())
    return digest.hexdigest()


def _fetched(rows: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    while found := rows.fetchmany(_ROWS_AT_ONCE):
        yield from found


def one_number(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()
) -> int:
    """The number that a query answers with; 0 if with nothing."""
    row = connection.execute(query, parameters).fetchone()
    return int(row[0]) if row else 0
