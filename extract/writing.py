"""The rows of one scope, all in DuckDB: what the landing holds, and the rows that change it.

Sets of records are tables of record_key and record_hash by name; a key that is not in a table has
no such record. `said` is the load that is being landed, and the only one with the JSON itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from extract.moments import Moment, Scope, first_listing
from extract.spool import SAID, one_number

_NAME = re.compile(r"\$([a-z_]+)")

_HERE = "source = $source and entity = $entity and ($part::varchar is null or part = $part)"

_PARTIAL_KEYS = """
    select distinct observed_at, content_hash, unnest(confirmed_keys) as record_key
    from loads
    where
        source = $source and entity = $entity and (part is null or part = $part)
        and completeness not in ('yes', 'file')
        and status in ('landed', 'unchanged', 'superseded', 'held')
"""
"""Which keys the partial loads of a scope name."""


@dataclass(frozen=True)
class Writing:
    """What reads and writes the rows of one scope: the connection, and the stamps that rows get."""

    connection: duckdb.DuckDBPyConnection
    scope: Scope
    landed_at: datetime
    load_id: str

    def _run(self, query: str, **values: Any) -> duckdb.DuckDBPyConnection:
        known = {
            "source": self.scope.source,
            "entity": self.scope.entity,
            "part": self.scope.part or None,
            "landed_at": self.landed_at,
            "load_id": self.load_id,
            **values,
        }
        used = set(_NAME.findall(query))
        return self.connection.execute(query, {name: known[name] for name in used})

    def _make(self, table: str, query: str, **values: Any) -> str:
        """Make a temporary table of a query and return its name."""
        self._run(f"create or replace temporary table {table} as {query}", **values)
        return table

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return one_number(self.connection, f"select count(*) from {table}")

    def state(self, table: str, at: datetime, compare: str = "<=") -> str:
        """Make a table of the state at (`<=`) or just before (`<`) a time."""
        return self._make(
            table,
            f"""
            select
                record_key,
                arg_max(coalesce(record_hash, ''), (observed_at, landed_at)) as record_hash
            from records
            where {_HERE} and observed_at {compare} $at
            group by record_key
            having record_hash <> ''
            """,
            at=at,
        )

    def count(self, at: datetime) -> int:
        """How many records the state at a time has."""
        return self.rows(self.state("counted", at))

    def held(self, table: str, at: datetime, content_hash: str) -> str:
        """Make a table of what `held_records` keeps of the load with this content at a time."""
        return self._make(
            table,
            """
            select distinct record_key, record_hash
            from held_records
            where
                source = $source and entity = $entity and part is not distinct from $part
                and observed_at = $at and content_hash = $content_hash
            """,
            at=at,
            content_hash=content_hash,
        )

    def put_over(self, table: str, other: str) -> None:
        """Make a table say what another says of the keys that it names."""
        self._run(f"delete from {table} where record_key in (select record_key from {other})")
        self._run(f"insert into {table} select record_key, record_hash from {other}")

    def without_keys(self, table: str, at: datetime, content_hashes: Sequence[str]) -> str:
        """Make a table of `said` without the keys that these partial loads of a time name."""
        return self._make(
            table,
            f"""
            select record_key, record_hash from {SAID} anti join (
                select record_key from ({_PARTIAL_KEYS})
                where observed_at = $at and content_hash in (select unnest($hashes::varchar[]))
            ) using (record_key)
            """,
            at=at,
            hashes=list(content_hashes),
        )

    def of_partial(self, table: str, state: str, at: datetime, content_hash: str) -> str:
        """Make a table of what a state says of the keys that one partial load names."""
        return self._make(
            table,
            f"""
            select record_key, record_hash from {state} semi join (
                select record_key from ({_PARTIAL_KEYS})
                where observed_at = $at and content_hash = $content_hash
            ) using (record_key)
            """,
            at=at,
            content_hash=content_hash,
        )

    def hold(self, at: datetime, content_hash: str, says: str) -> None:
        """Keep what a load says that does not count now; once is enough."""
        known = self.held("known", at, content_hash)
        self._make(
            "planned",
            f"select record_key, record_hash, $at::timestamp as observed_at "
            f"from {says} anti join {known} using (record_key)",
            at=at,
        )
        self._insert("held_records", "$content_hash as content_hash", content_hash=content_hash)

    def change(
        self, at: datetime, wanted: str, found: str, moments: Sequence[Moment], is_all: bool = True
    ) -> tuple[int, int, int]:
        """Make the state at a time what is wanted, where it was `found`; what is not wanted goes if
        `is_all`. Nothing changes from the next moment on that decides a key. Returns (new, changed,
        gone).
        """
        self._make(
            "changes",
            f"""
            select record_key, wanted.record_hash as now_hash, found.record_hash as was_hash
            from {wanted} as wanted {"full" if is_all else "left"} join {found} as found
                using (record_key)
            where wanted.record_hash is distinct from found.record_hash
            """,
        )
        self._make(
            "planned",
            "select record_key, now_hash as record_hash, $at::timestamp as observed_at "
            "from changes",
            at=at,
        )
        changes = self.rows("changes")
        if changes and any(moment.observed_at > at for moment in moments):
            self._restate(at, first_listing(moments, at))
        self._insert("records", "$load_id as load_id")
        new = one_number(self.connection, "select count(*) from changes where was_hash is null")
        gone = one_number(self.connection, "select count(*) from changes where now_hash is null")
        return new, changes - new - gone, gone

    def _restate(self, at: datetime, listing: datetime | None) -> None:
        """Plan the rows that end the reach of the changes: each lasts until a later moment decides
        its key anew, a `listing` that counts or a partial load that names it.

        There the old value is written down again, unless that moment left a row of its own. Rows
        before it decide nothing (they undo a load that gave way), so they take the new value.
        """
        self._run(
            f"""
            insert into planned
            with following as (
                select
                    record_key, observed_at, arg_max(coalesce(record_hash, ''), landed_at) as hash
                from records semi join changes using (record_key)
                where {_HERE} and observed_at > $at
                group by record_key, observed_at
            ),
            named as (
                select record_key, min(observed_at) as observed_at
                from ({_PARTIAL_KEYS})
                where
                    observed_at > $at
                    and ($listing::timestamp is null or observed_at < $listing::timestamp)
                group by record_key
            ),
            decided as (
                select changes.*, coalesce(named.observed_at, $listing::timestamp) as decider
                from changes left join named using (record_key)
            )
            select decided.record_key, decided.now_hash, following.observed_at
            from decided inner join following using (record_key)
            where
                coalesce(following.observed_at < decided.decider, true)
                and following.hash <> coalesce(decided.now_hash, '')
            union all
            select decided.record_key, decided.was_hash, decided.decider
            from decided anti join following
                on decided.record_key = following.record_key
                and decided.decider = following.observed_at
            where decided.decider is not null
            """,
            at=at,
            listing=listing,
        )

    def _insert(self, table: str, stamp: str, **values: Any) -> None:
        """Add the planned rows; JSON that the load does not hold is taken from where it is."""
        self._run(
            f"""
            insert into {table} by name
            with earlier as (
                select record_hash, any_value(record) as record
                from (
                    select source, entity, record_hash, record from records
                    union all
                    select source, entity, record_hash, record from held_records
                )
                where source = $source and entity = $entity and record_hash in (
                    select record_hash from planned anti join {SAID} using (record_key, record_hash)
                )
                group by record_hash
            )
            select
                $source as source,
                $entity as entity,
                $part as part,
                planned.record_key,
                planned.record_hash,
                coalesce({SAID}.record::json, earlier.record) as record,
                planned.observed_at,
                $landed_at as landed_at,
                {stamp}
            from planned
            left join {SAID}
                on planned.record_key = {SAID}.record_key
                and planned.record_hash = {SAID}.record_hash
            left join earlier on planned.record_hash = earlier.record_hash
            order by planned.observed_at, planned.record_key
            """,
            **values,
        )
