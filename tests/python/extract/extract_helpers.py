"""Shared by the tests of extract: loads made by hand, a ticking clock, the state of a landing."""

import hashlib
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from extract.catalog import load_catalog
from extract.loads import Load
from extract.parse import decode, key_of, make_record, split
from extract.spool import Spool

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
        records=spool_of([(key, make_record({"v": value})) for key, value in values.items()]),
        completeness=completeness,
        origin="directory",
        location="file.json",
        bytes=size,
        file_count=1,
        started_at=START,
        part=part,
        accepts_shrink=accepts_shrink,
    )


_FOLDER = tempfile.TemporaryDirectory()


def spool_of(records):
    """A spool of (key, record)."""
    path = Path(tempfile.mkstemp(dir=_FOLDER.name)[1])
    with Spool(path) as spool:
        for key, record in records:
            spool.add(key, record.hash, record.text)
    return spool


def hashes_of(load):
    """Key -> hash of the records of a load in which no key repeats."""
    lines = load.records.path.read_text(encoding="utf-8").splitlines()
    return {row["record_key"]: row["record_hash"] for row in map(json.loads, lines)}


def content_hash_of(load):
    """The hash of a load's content, as `loads` holds it."""
    digest = hashlib.sha256(load.completeness.encode())
    for key, found in sorted(hashes_of(load).items()):
        digest.update(f"\n{json.dumps(key)}\t{found}".encode())
    return digest.hexdigest()


def taken(entity, document, file_name="file", roots=frozenset()):
    """What `split` says of a decoded file (None if ruled out), and the records that it gives."""
    records = []
    return split(entity, file_name, document, records.append, roots), records


def records_in(entity, data, file_name="file", roots=frozenset()):
    """The fields of the records in the bytes of a file."""
    _, records = taken(entity, decode(data, entity.format), file_name, roots)
    return [record.fields for record in records]


def keyed(entity, records):
    """(key, record) of each record."""
    return [(key_of(entity, record), record) for record in records]


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
