"""Reading live, from a server on this machine: what answers come to, and what the cache does."""

import gzip
import io
import json
import shutil
import socket
import sqlite3
import subprocess
import time
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from extract_helpers import entry_of, write_catalog
from playing_server import Play, playing

from extract.catalog import Fetching, load_catalog
from extract.files import FetchError
from extract.live import cache
from extract.live.cache import FILE, CacheError, find_cache
from extract.live.reading import Reader
from extract.live.transport import SEEN_AT, Watch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = b"model\nx\n"
QUICK = Fetching(
    read_seconds=0.5, connect_seconds=1, total_seconds=1.5, retries=2, longest_wait_seconds=1
)
SECRET = "aa_0123456789secret"
ENTITY = {"entity": "rows", "files": ["*"], "format": "csv", "key": ["model"], "complete": "yes"}


@pytest.fixture
def server():
    with playing() as running:
        yield running


@pytest.fixture
def source_of(tmp_path, server):
    """A source whose live address is a path of the server."""

    def make(path="/rows.csv", **live):
        live = {"urls": [server.url + path], "max_mb": "1"} | live
        fields = {"auth_env": "THE_KEY"} if "key_header" in live else {}
        entry = entry_of([ENTITY], live=live, **fields)
        (source,) = load_catalog(write_catalog(tmp_path, entry))
        return source

    return make


def read(source, open_cache=None, now=NOW, **options):
    """The files that a live reading of a source gives."""
    return Reader(QUICK, lambda: now, open_cache, **options).read(source).files


@pytest.fixture
def redis_url():
    """A Redis server of our own, that ends with the test."""
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    running = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if not trial.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture(params=["sqlite", "redis"])
def open_cache(request, tmp_path):
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    told = []
    found = find_cache(url, tmp_path / "build", told.append)
    assert found
    assert not told
    return found


def test_live_files_are_observed_now_and_named_by_their_address(source_of, server):
    server.plays["/rows.csv"] = Play(ROWS)
    (file,) = read(source_of())
    assert (file.name, file.data, file.observed_at) == ("rows.csv", ROWS, NOW)
    assert (file.location, file.http_status) == (f"{server.url}/rows.csv", 200)
    assert (file.freshness, file.problem) == ("fetched", "")


def test_a_live_archive_is_unpacked(tmp_path, server):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "model\nx\n")
        archive.writestr("notes.md", "x")
    server.plays["/all.zip"] = Play(packed.getvalue())
    live = {"urls": [f"{server.url}/all.zip"], "unpack": "zip"}
    entry = entry_of([ENTITY | {"files": ["*.csv"]}], live=live)
    (source,) = load_catalog(write_catalog(tmp_path, entry))
    found = Reader(QUICK, lambda: NOW).read(source)
    assert [(file.name, file.freshness) for file in found.files] == [("a.csv", "fetched")]
    assert found.undeclared == [f"{server.url}/all.zip/notes.md"]


CIRCLE = {"Location": "/rows.csv?key=SECRET"}


@pytest.mark.parametrize(
    ("play", "message", "requests"),
    [
        (Play(b"x", 400), "does not know this address .400.", 1),
        (Play(b"x", 401), "answered 401", 1),
        (Play(b"x", 404), "does not know this address .404.", 1),
        (Play(b"gone", 410), "retired for good", 1),
        (Play(b"x", 429), "too many requests .429.: try again later", 3),
        (Play(b"x", 429, {"Retry-After": "7200"}), "too many requests .429.: try again in 2:00", 1),
        (Play(b"x", 429, {"Retry-After": "soon"}), "too many requests .429.: try again later", 3),
        (Play(b"x", 500), "answered 500", 3),
        (Play(b"x", 503, {"Retry-After": "0"}), "answered 503", 3),
        (Play(b"x", 418), "answered 418", 1),
        (Play(b"x" * 1_100_000), "more than 1 MB", 1),
        (Play(b"x" * 1_100_000, headers={"Transfer-Encoding": "identity"}), "more than 1 MB", 1),
        (Play(gzip.compress(b"x" * 2_000_000), headers={"Content-Encoding": "gzip"}), "1 MB", 1),
        (Play(b"no gzip", headers={"Content-Encoding": "gzip"}), "packed in a way", 1),
        (Play(ROWS, declares=500), "broke off|no answer in time|cannot be reached", None),
        (Play(ROWS, 302, CIRCLE), "redirects too often", 6),
        (Play(ROWS, 302, {"Location": "http://localhost:1/x?key=SECRET"}), "redirects to http", 1),
        (Play(ROWS, 302, {"Location": "file:///etc/hostname"}), "redirects to file", 1),
        (Play(ROWS, 302, {"Location": "http://[half/"}), "redirects to no address", 1),
        (Play(b"<!doctype html><p>hello"), "a web page, not data", 1),
        (Play(ROWS, waits=1.0), "no answer in time|took more than", None),
        (Play(ROWS * 99, byte_seconds=0.2), "took more than 1.5 s", 1),
    ],
)
def test_a_bad_answer_is_one_line_without_secrets(source_of, server, play, message, requests):
    server.plays["/rows.csv"] = play
    url = {"url": f"{server.url}/rows.csv?key=SECRET", "file": "rows.csv"}
    with pytest.raises(FetchError, match=message) as caught:
        read(source_of(urls=[url]))
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert requests in (None, len(server.asked))


def test_what_passes_is_tried_again(source_of, server):
    server.plays["/rows.csv"] = [Play(b"", 503), Play(b"", 500), Play(ROWS)]
    assert read(source_of())[0].data == ROWS
    assert len(server.asked) == 3


def test_a_listed_host_may_be_redirected_to(source_of, server):
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    server.plays |= {
        "/rows.csv": Play(b"", 302, {"Location": f"{elsewhere}/other.csv"}),
        "/other.csv": Play(ROWS),
    }
    assert read(source_of(hosts=["localhost"]))[0].data == ROWS


def test_a_host_that_is_not_there_is_one_line(source_of):
    with pytest.raises(FetchError, match=r"http://127.0.0.1:9/rows.csv: cannot be reached"):
        read(source_of(urls=["http://127.0.0.1:9/rows.csv"]))


def test_what_is_being_read_can_be_cut(source_of, server):
    server.plays["/rows.csv"] = Play(ROWS * 99, byte_seconds=0.2)
    source = source_of()
    Watch.stop_all()
    try:
        with pytest.raises(FetchError, match="interrupted"):
            read(source)
    finally:
        Watch.allow_all()
    assert not server.asked


def released(source_of, server, **live):
    base = {"index": f"{server.url}/", "releases": ["2026_01_01", "2025_01_01", "2024_01_01"]}
    return source_of("/table_{release}.csv", **(base | live))


def test_the_newest_release_is_found_on_the_page_and_its_scripts(source_of, server):
    server.plays |= {
        "/": Play(b'<script src="/main.js"></script> since 2024-05-01'),
        "/main.js": Play(b'x="2026-02-02,2026_03_03"'),
        "/table_2026_03_03.csv": Play(b"<!doctype html><p>not found</p>"),
        "/table_2026_02_02.csv": Play(ROWS),
        "/table_2026_01_01.csv": Play(b"model\nold\n"),
    }
    (file,) = read(released(source_of, server))
    assert (file.name, file.data) == ("table_2026_02_02.csv", ROWS)


def test_known_releases_are_tried_when_the_page_does_not_answer(source_of, server):
    server.plays["/table_2026_01_01.csv"] = Play(ROWS)
    assert [file.name for file in read(released(source_of, server))] == ["table_2026_01_01.csv"]


def test_only_so_many_releases_are_tried(source_of, server):
    with pytest.raises(FetchError, match="404"):
        read(released(source_of, server, tries="2"))
    assert [path for path in server.paths() if "table" in path] == [
        "/table_2026_01_01.csv",
        "/table_2025_01_01.csv",
    ]


def test_an_answer_is_used_again_then_confirmed_then_kept_over_a_failure(
    source_of, server, open_cache
):
    """Fresh within `cache_hours`, asked by ETag after them, and used as stale when that fails."""
    source = source_of(cache_hours="0.0003")  # about a second
    server.plays["/rows.csv"] = Play(ROWS, etag='"1"')
    assert read(source, open_cache)[0].freshness == "fetched"
    (cached,) = read(source, open_cache, NOW + timedelta(hours=1))
    assert (cached.freshness, cached.observed_at) == ("cached", NOW)
    assert len(server.asked) == 1

    time.sleep(1.2)
    later = NOW + timedelta(hours=2)
    (confirmed,) = read(source, open_cache, later)
    assert (confirmed.freshness, confirmed.http_status) == ("revalidated", 304)
    assert (confirmed.data, confirmed.observed_at) == (ROWS, later)
    assert read(source, open_cache, later)[0].freshness == "cached", "a 304 renews the time to live"

    time.sleep(1.2)
    server.plays["/rows.csv"] = Play(b"", 500)
    (stale,) = read(source, open_cache, NOW + timedelta(hours=3))
    assert (stale.freshness, stale.data, stale.observed_at) == ("stale", ROWS, later)
    assert stale.problem == f"{server.url}/rows.csv: the server answered 500, try again later"
    server.plays["/rows.csv"] = Play(b"model\ny\n", etag='"2"')
    assert read(source, open_cache)[0].data == b"model\ny\n"


@pytest.mark.parametrize("etag", ["", '"1"'])
def test_asking_anew_asks_though_the_cache_is_fresh(source_of, server, open_cache, etag):
    source = source_of()
    server.plays["/rows.csv"] = Play(ROWS, etag=etag)
    read(source, open_cache)
    expected = "revalidated" if etag else "fetched"
    assert read(source, open_cache, is_new_asked=True)[0].freshness == expected
    server.plays["/rows.csv"] = Play(b"", 503)
    (stale,) = read(source, open_cache, is_new_asked=True)
    assert (stale.freshness, stale.data) == ("stale", ROWS)


@pytest.mark.parametrize("status", [404, 410, 429, 500])
def test_refusals_are_not_cached(source_of, server, open_cache, status):
    server.plays["/rows.csv"] = Play(b"x", status, {"Retry-After": "9999"})
    with pytest.raises(FetchError):
        read(source_of(), open_cache)
    server.plays["/rows.csv"] = Play(ROWS)
    assert read(source_of(), open_cache)[0].data == ROWS


def test_too_large_an_answer_is_not_cached(source_of, server, open_cache):
    server.plays["/rows.csv"] = Play(b"x" * 1_100_000)
    for _ in range(2):
        with pytest.raises(FetchError, match="more than 1 MB"):
            read(source_of(), open_cache)
    assert len(server.asked) == 2


def test_sources_with_other_times_to_live_share_a_cache(source_of, server, open_cache):
    """requests-cache keeps a session's settings in its cache object."""
    server.plays["/rows.csv"] = Play(ROWS)
    server.plays["/other.csv"] = Play(ROWS)
    short, long = source_of(cache_hours="0.0001"), source_of("/other.csv", cache_hours="9")
    read(short, open_cache)
    read(long, open_cache)
    time.sleep(0.5)
    assert read(long, open_cache)[0].freshness == "cached"
    assert read(short, open_cache)[0].freshness == "fetched"


def test_a_server_cannot_say_when_it_was_seen(source_of, server, open_cache):
    server.plays["/rows.csv"] = Play(ROWS, headers={SEEN_AT: "2030-01-01T00:00:00+00:00"})
    assert read(source_of(), open_cache)[0].observed_at == NOW


def test_a_clock_that_was_set_back_makes_nothing_newer_than_now(source_of, server, open_cache):
    server.plays["/rows.csv"] = Play(ROWS)
    read(source_of(), open_cache, NOW)
    (file,) = read(source_of(), open_cache, NOW - timedelta(days=1))
    assert (file.freshness, file.observed_at) == ("cached", NOW - timedelta(days=1))


def test_a_damaged_cache_is_moved_aside(source_of, server, tmp_path):
    file = tmp_path / FILE
    file.write_bytes(b"this was a cache once" * 500)
    told = []
    open_cache = find_cache("", tmp_path, told.append)
    assert [line.partition(": ")[2] for line in told] == [
        "is damaged, moved to http_cache.damaged, going on with an empty cache"
    ]
    server.plays["/rows.csv"] = Play(ROWS)
    assert read(source_of(), open_cache)[0].freshness == "fetched"
    assert read(source_of(), open_cache)[0].freshness == "cached"


def test_a_cache_that_gives_out_fails_no_source(source_of, server, tmp_path):
    open_cache = find_cache("", tmp_path, print)
    server.plays["/rows.csv"] = Play(ROWS)
    read(source_of(), open_cache)
    (tmp_path / FILE).write_bytes(b"x" * 9_000)
    assert read(source_of(), open_cache)[0].data == ROWS


def test_a_cache_that_another_process_writes_holds_nothing_up(
    source_of, server, tmp_path, monkeypatch
):
    monkeypatch.setattr(cache, "_BUSY_SECONDS", 0.2)
    open_cache = find_cache("", tmp_path, print)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("begin immediate")
        server.plays["/rows.csv"] = Play(ROWS)
        assert read(source_of(), open_cache)[0].data == ROWS
        told = []
        assert find_cache("", tmp_path, told.append) is None
        assert "database is locked" in told[0]


def test_an_answer_that_the_cache_could_not_keep_is_no_stale_one(
    source_of, server, open_cache, monkeypatch
):
    server.plays["/rows.csv"] = Play(ROWS)
    read(source_of(), open_cache)
    server.plays["/rows.csv"] = Play(b"model\ny\n")

    def full(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("requests_cache.backends.base.BaseCache.save_response", full)
    (file,) = read(source_of(), open_cache, is_new_asked=True)
    assert (file.freshness, file.data) == ("fetched", b"model\ny\n")


def test_a_web_page_does_not_take_the_place_of_a_good_answer(source_of, server, open_cache):
    server.plays["/rows.csv"] = Play(ROWS, etag='"1"')
    read(source_of(), open_cache)
    server.plays["/rows.csv"] = Play(b"<html>maintenance")
    (file,) = read(source_of(), open_cache, is_new_asked=True)
    assert (file.freshness, file.data) == ("stale", ROWS)
    assert file.problem.endswith("/rows.csv: answers with a web page, not data")


def test_no_cache_can_be_had(tmp_path):
    told = []
    (tmp_path / "build").write_text("a file, no folder")
    assert find_cache("", tmp_path / "build", told.append) is None
    assert find_cache("redis://:SECRET@127.0.0.1:9/0", tmp_path, told.append) is None
    assert len(told) == 2
    assert all("no cache there" in line and "SECRET" not in line for line in told)
    with pytest.raises(CacheError, match="'ftp' is not a kind of cache"):
        find_cache("ftp://user:SECRET@host/", tmp_path, told.append)


def page(number, total, ids, **changes):
    said = {"page": number, "page_size": 2, "total_pages": total, "has_more": number < total}
    rows = [{"id": i, "name": i} for i in ids]
    return Play(json.dumps({"tier": "free", "pagination": said | changes, "data": rows}).encode())


@pytest.fixture
def paged(source_of, server):
    """A source of several pages behind a key, as Artificial Analysis'."""
    url = {"url": f"{server.url}/models?prompt_type=medium", "file": "models.json"}
    return source_of(
        urls=[url], key_header="x-api-key", pages={"parameter": "page", "max_pages": "3"}
    )


KEY = {"environment": {"THE_KEY": SECRET}}
PATH = "/models?prompt_type=medium&page="


def test_all_pages_are_read_with_one_request_each(paged, server):
    server.plays |= {f"{PATH}1": page(1, 2, "ab"), f"{PATH}2": page(2, 2, "c")}
    server.plays[f"{PATH}2"].headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "98"}
    found = Reader(QUICK, lambda: NOW, **KEY).read(paged)
    assert [file.name for file in found.files] == ["models.1.json", "models.2.json"]
    assert found.quota == "98 of 100 requests left"
    assert server.paths() == [f"{PATH}1", f"{PATH}2"]
    assert all(headers["x-api-key"] == SECRET for _, headers in server.asked)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (page(1, 2, "ab"), "says it is page 1 of 2, where page 2 of 2"),
        (page(2, 3, "c"), "says it is page 2 of 3, where page 2 of 2"),
        (page(2, 2, "cb"), "repeats records of page 1"),
        (page(2, 2, "c", has_more=True), "says it is page 2 of 2"),
        (page(2, 2, "c", total_pages="2"), "lacks `data` or `pagination`"),
        (Play(b'{"data": []}'), "lacks `data` or `pagination`"),
        (Play(b"<html>sign in"), "a web page, not data"),
        (Play(b'{"data": ['), "is no JSON"),
        (Play(b"", 500), "answered 500"),
    ],
)
def test_all_pages_or_nothing(paged, server, second, message):
    server.plays |= {f"{PATH}1": page(1, 2, "ab"), f"{PATH}2": second}
    with pytest.raises(FetchError, match=message):
        read(paged, **KEY)


def test_pages_without_an_end_are_refused_at_the_first(paged, server):
    server.plays["/models"] = page(1, 9_999, "ab")
    with pytest.raises(FetchError, match="9999 pages, more than max_pages"):
        read(paged, **KEY)
    assert len(server.asked) == 1


def test_pages_of_two_times_are_all_asked_anew(paged, server, tmp_path):
    """The first page is in the cache when the second failed; by then both have changed."""
    open_cache = find_cache("", tmp_path, print)
    server.plays |= {f"{PATH}1": page(1, 2, "ab"), f"{PATH}2": Play(b"", 400)}
    with pytest.raises(FetchError):
        read(paged, open_cache, **KEY)
    server.plays |= {f"{PATH}1": page(1, 2, "xa"), f"{PATH}2": page(2, 2, "b")}
    files = read(paged, open_cache, **KEY)
    rows = [row["id"] for file in files for row in json.loads(file.data)["data"]]
    assert rows == ["x", "a", "b"]
    assert {file.freshness for file in read(paged, open_cache, **KEY)} == {"cached"}


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "the key in THE_KEY is not accepted"), (403, "THE_KEY does not give access")],
)
def test_a_key_that_opens_nothing_is_named_not_shown(paged, server, status, message):
    server.plays["/models"] = Play(b"{}", status)
    with pytest.raises(FetchError, match=message) as caught:
        read(paged, **KEY)
    assert SECRET not in str(caught.value)


def test_a_quota_that_is_used_up_is_not_asked_again(paged, server):
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772409600"}
    server.plays["/models"] = Play(b"{}", 429, headers)
    with pytest.raises(FetchError, match="its quota is renewed at 2026-03-02 00:00 UTC"):
        read(paged, **KEY)
    assert len(server.asked) == 1


def test_a_key_goes_to_the_addresss_own_host_only(source_of, server):
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    server.plays |= {
        "/rows.csv": Play(b"", 302, {"Location": f"{elsewhere}/other.csv"}),
        "/other.csv": Play(ROWS),
    }
    read(source_of(key_header="x-api-key", hosts=["localhost"]), **KEY)
    assert ["x-api-key" in headers for _, headers in server.asked] == [True, False]


def test_a_key_is_in_no_cache(paged, server, tmp_path, redis_url):
    server.plays["/models"] = page(1, 1, "ab")
    for url in ("", redis_url):
        read(paged, find_cache(url, tmp_path, print), **KEY)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("http_cache*"))
    from redis import Redis

    with Redis.from_url(redis_url) as connection:
        kept += b"".join(
            connection.get(name)
            for name in connection.scan_iter()
            if connection.type(name) == b"string"
        )
    assert b"prompt_type" in kept
    assert SECRET.encode() not in kept


@pytest.mark.parametrize("key", ["two\nlines", "ключ"])
def test_a_key_that_no_header_can_hold_is_refused(paged, key):
    with pytest.raises(FetchError, match="THE_KEY: holds what no header can") as caught:
        read(paged, environment={"THE_KEY": key})
    assert key not in str(caught.value)


def test_the_tier_chooses_the_address(source_of, server):
    urls = [
        {"url": f"{server.url}/free.csv", "tier": "free"},
        {"url": f"{server.url}/pro.csv", "tier": "pro"},
    ]
    source = source_of(urls=urls, tier_env="THE_TIER")
    server.plays |= {"/free.csv": Play(ROWS), "/pro.csv": Play(ROWS)}
    for environment in ({}, {"THE_TIER": "pro"}):
        read(source, environment=environment)
    assert server.paths() == ["/free.csv", "/pro.csv"]
    with pytest.raises(FetchError, match="THE_TIER: 'gold' is no tier, allowed: free, pro"):
        read(source, environment={"THE_TIER": "gold"})
