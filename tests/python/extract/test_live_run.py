"""The command line live, from a server on this machine: what lands, what is told, what is kept."""

import json
from datetime import timedelta

import duckdb
import pytest
from extract_helpers import Ticker, entry_of, write_catalog
from playing_server import Play, playing

from extract.__main__ import main

SECRET = "aa_0123456789secret"
QUICK = {"total_seconds": "3", "read_seconds": "1", "retries": "1", "longest_wait_seconds": "1"}
ROWS = [{"id": "a", "score": 1}, {"id": "b", "score": 2}]


def entity(**fields):
    base = {"entity": "rows", "files": ["*.json"], "format": "json", "records": "data[]"}
    return base | {"key": ["id"], "require": ["score"], "complete": "yes"} | fields


def body(rows, **more):
    return json.dumps({"data": rows} | more).encode()


def page(number, total, rows):
    said = {"page": number, "page_size": 2, "total_pages": total, "has_more": number < total}
    return body(rows, pagination=said, tier="free", intelligence_index_version=4.1)


@pytest.fixture
def server():
    with playing() as running:
        running.plays |= {
            "/plain.json": Play(body(ROWS), etag='"1"'),
            "/other.json": Play(body(ROWS), etag='"1"'),
            "/keyed": Play(page(1, 1, ROWS), etag='"1"'),
        }
        yield running


@pytest.fixture
def extract(tmp_path, server, capfd):
    """Runs the command live: (exit status, what it said)."""
    entries = [
        entry_of([entity()], "plain", live={"urls": [f"{server.url}/plain.json"]}),
        entry_of(
            [entity(complete="page")],
            "keyed",
            auth_env="THE_KEY",
            live={
                "urls": [{"url": f"{server.url}/keyed", "file": "models.json"}],
                "key_header": "x-api-key",
                "pages": {"parameter": "page", "max_pages": "9"},
            },
        ),
        entry_of([entity()], "other", live={"urls": [f"{server.url}/other.json"]}),
    ]
    catalog = write_catalog(tmp_path, *entries)
    catalog.write_text(catalog.read_text() + "fetching: " + json.dumps(QUICK) + "\n")

    def run(*arguments, environment=None):
        database = ["--db", str(tmp_path / "landing.duckdb")]
        environment = {"THE_KEY": SECRET} if environment is None else environment
        status = main(
            ["--live", *arguments, *database],
            catalog=catalog,
            environment=environment,
            clock=Ticker(),
        )
        said = capfd.readouterr()
        return status, said.out + said.err

    run.database = tmp_path / "landing.duckdb"
    return run


def loads(extract, columns="source, status, freshness, error"):
    """The loads of the last attempt at each source."""
    with duckdb.connect(str(extract.database), read_only=True) as landing:
        return landing.execute(
            f"select {columns} from loads "
            "where started_at = (select max(started_at) from loads l where l.source = loads.source)"
            " order by source"
        ).fetchall()


def record_count(extract):
    with duckdb.connect(str(extract.database), read_only=True) as landing:
        return landing.execute("select count(*) from records").fetchone()[0]


def test_every_source_lands_and_without_a_key_one_is_skipped(extract):
    status, said = extract(environment={})
    assert status == 0
    assert "no key: set THE_KEY" in said
    assert loads(extract) == [
        ("keyed", "skipped", None, "no key: set THE_KEY"),
        ("other", "landed", "fetched", None),
        ("plain", "landed", "fetched", None),
    ]


def test_what_nobody_changed_lands_nothing_and_is_asked_once_a_page(extract, server):
    extract()
    before, asked = record_count(extract), len(server.asked)
    status, said = extract("--revalidate")
    assert (status, len(server.asked) - asked) == (0, 3)
    assert "3 unchanged" in said
    assert record_count(extract) == before
    assert {row[1:] for row in loads(extract)} == {("unchanged", "revalidated", None)}
    extract()
    assert len(server.asked) - asked == 3
    assert {row[1:] for row in loads(extract)} == {("unchanged", "cached", None)}


def test_confirming_writes_what_landing_would(extract, server, monkeypatch):
    """The short way of files that were read before, beside the long way."""
    extract()
    columns = "* exclude (load_id, started_at, finished_at, landed_at, observed_at)"
    extract("--revalidate")
    short = loads(extract, columns)
    monkeypatch.setattr("extract.run.confirm", lambda *arguments: [])
    extract("--revalidate")
    assert loads(extract, columns) == short
    assert len(short) == 3


def test_a_new_version_reads_again_what_an_earlier_one_had_read(extract, monkeypatch):
    extract()
    monkeypatch.setattr("extract.confirming._hash_of_code", lambda: "another")
    hashes = loads(extract, "files_hash")
    extract("--revalidate")
    assert {row[1:] for row in loads(extract)} == {("unchanged", "revalidated", None)}
    assert all(a != b for a, b in zip(hashes, loads(extract, "files_hash"), strict=True))


def test_something_else_that_landed_since_is_found(extract, server, tmp_path):
    """After a folder's listing the live one, though the same as before, is a change again."""
    extract()
    Ticker.now += timedelta(days=5)
    (tmp_path / "files" / "plain").mkdir(parents=True)
    (tmp_path / "files" / "plain" / f"x_{Ticker.now - timedelta(days=3):%F}.json").write_bytes(
        body(ROWS[:1])
    )
    catalog = tmp_path / "sources.yml"
    database = ["--db", str(extract.database)]
    folder = ["--from", str(tmp_path / "files"), "--source", "plain", "--accept-shrink"]
    assert main([*folder, *database], catalog=catalog, clock=Ticker()) == 0
    extract("--revalidate")
    assert ("plain", "landed", "revalidated", None) in loads(extract)


def test_a_source_that_cannot_be_asked_is_stale_and_the_others_go_on(extract, server):
    extract()
    server.plays["/plain.json"] = Play(b"", 500)
    server.plays["/other.json"] = Play(body([*ROWS, {"id": "c", "score": 3}]), etag='"2"')
    status, said = extract("--revalidate")
    assert status == 0
    line = f"{server.url}/plain.json: the server answered 500, try again later"
    assert f"stale: plain rows: {line}" in said
    assert "Traceback" not in said
    assert loads(extract) == [
        ("keyed", "unchanged", "revalidated", None),
        ("other", "landed", "fetched", None),
        ("plain", "unchanged", "stale", line),
    ]


def test_what_is_stale_lands_as_of_the_day_it_was_seen(extract, server):
    """The landing is new, the cache is not: what it holds is no newer for that."""
    extract("--source", "plain")
    (first,) = loads(extract, "observed_at")
    extract.database.unlink()
    server.plays["/plain.json"] = Play(b"", 500)
    extract("--source", "plain", "--revalidate")
    assert loads(extract) == [("plain", "landed", "stale", loads(extract)[0][3])]
    assert loads(extract, "observed_at") == [first]


def test_a_source_that_never_answered_fails_alone(extract, server):
    server.plays["/plain.json"] = Play(b"<html>", 200)
    status, said = extract()
    assert status == 1
    assert "error: plain: " in said
    assert "a web page, not data" in said
    assert [row[:2] for row in loads(extract)] == [
        ("keyed", "landed"),
        ("other", "landed"),
        ("plain", "failed"),
    ]


def test_rows_that_are_null_are_counted_and_left_out(extract, server):
    server.plays["/keyed"] = Play(page(1, 1, [None, *ROWS]))
    status, said = extract("--source", "keyed")
    assert status == 0
    assert "1 of the records, see their _error" in said or "1 of the parts, no records" in said


def test_pages_land_as_one_complete_listing(extract, server):
    server.plays |= {
        "/keyed?page=1": Play(page(1, 2, ROWS[:1])),
        "/keyed?page=2": Play(page(2, 2, ROWS[1:])),
    }
    extract("--source", "keyed")
    columns = "status, completeness, record_count, file_count"
    assert loads(extract, columns) == [("landed", "yes", 2, 2)]
    server.plays["/keyed?page=2"] = Play(b"", 500)
    server.plays["/keyed?page=1"] = Play(page(1, 2, [{"id": "z", "score": 9}]))
    status, said = extract("--source", "keyed", "--revalidate")
    assert status == 1
    assert "answered 500, try again later (not all pages could be read, so none is used)" in said
    assert record_count(extract) == 2


def test_the_key_is_in_no_byte_that_is_left(extract, server, tmp_path):
    extract()
    server.plays["/keyed"] = Play(b'{"error": "no"}', 401)
    _, said = extract("--revalidate")
    assert SECRET not in said
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name.startswith("http_cache") for path in kept)
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []


def test_a_wrong_cache_address_is_one_line(extract):
    status, said = extract(environment={"CACHE_URL": "memcached://u:SECRET@h/"})
    assert status == 1
    assert (
        said.strip() == "error: CACHE_URL: 'memcached' is not a kind of cache, allowed: redis://..."
    )


def test_revalidating_goes_with_live(capfd):
    with pytest.raises(SystemExit):
        main(["--revalidate"])
    assert "--revalidate: goes with --live" in capfd.readouterr().err
