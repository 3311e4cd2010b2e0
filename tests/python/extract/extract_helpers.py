"""Shared by the tests of extract: loads made by hand, a ticking clock, the state of a landing."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from extract.catalog import load_catalog
from extract.loads import Load
from extract.parse import make_record

START = datetime(2026, 2, 1, tzinfo=UTC)


class Ticker:
    """A clock that moves one second per look, on from the last look of any ticker."""

    now = START

    def __call__(self):
        Ticker.now += timedelta(seconds=1)
        return Ticker.now


def make_load(
    values, observed_at, completeness="yes", size=1, entity="things", accepts_shrink=True, part=""
):
    """A load of records {key: value}, as if read from one file of `size` bytes."""
    return Load(
        source="s",
        entity=entity,
        observed_at=observed_at,
        records={key: make_record({"v": value}) for key, value in values.items()},
        completeness=completeness,
        origin="directory",
        location="file.json",
        bytes=size,
        file_count=1,
        started_at=START,
        part=part,
        accepts_shrink=accepts_shrink,
    )


def all_rows(connection, source="s", entity="things"):
    """(record_key, observed_at, landed_at, record_hash) of every row of one (source, entity)."""
    return connection.execute(
        """
        select record_key, observed_at, landed_at, record_hash
        from records
        where source = ? and entity = ?
        """,
        [source, entity],
    ).fetchall()


def state_of(rows, at, known_at=datetime.max):
    """Record key -> hash at a time, read as the table's documentation says: newest row wins."""
    seen = [r for r in rows if r[1] <= at.replace(tzinfo=None) and r[2] <= known_at]
    newest = {row[0]: row[3] for row in sorted(seen, key=lambda row: row[1:3])}
    return {key: found for key, found in newest.items() if found is not None}


def state_at(connection, at, source="s", entity="things"):
    """The state at a time as known today."""
    return state_of(all_rows(connection, source, entity), at)


def entry_of(entities, source_id="things", **fields):
    """A catalog entry, as in sources.yml, with whatever the test does not care about filled in."""
    base = {
        "id": source_id,
        "name": "Things",
        "layer": "benchmarks",
        "homepage": "https://example.org",
        "licence": "MIT",
        "attribution": "Things",
        "ttl_hours": "24",
        "live": {"none": "local files"},
        "entities": entities,
    }
    return base | fields


def write_catalog(folder, *entries):
    """Write a sources.yml and return its path."""
    path = folder / "sources.yml"
    path.write_text(yaml.safe_dump({"sources": list(entries)}), encoding="utf-8")
    return path


def entity_of(**fields):
    """An entity named `things`, read through the catalog, so that it could be declared."""
    base = {"entity": "things", "files": ["*"], "format": "json", "complete": "yes"}
    with tempfile.TemporaryDirectory() as folder:
        (source,) = load_catalog(write_catalog(Path(folder), entry_of([base | fields])))
    return source.entities[0]
