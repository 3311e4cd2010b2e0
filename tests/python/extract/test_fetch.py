"""Finding files in folders, and fetching them from a server on this machine."""

import http.server
import io
import os
import threading
import time
import zipfile
from datetime import UTC, date, datetime

import pytest
import requests
from extract_helpers import entry_of, write_catalog

from extract import fetch
from extract.catalog import load_catalog
from extract.fetch import FetchError, date_in, download, read_folder, unpack, without_query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTITY = {
    "entity": "rows",
    "files": ["*.csv"],
    "format": "csv",
    "key": ["model"],
    "complete": "yes",
}


@pytest.fixture
def make_source(tmp_path):
    def make(**fields):
        (source,) = load_catalog(write_catalog(tmp_path, entry_of([ENTITY], **fields)))
        return source

    return make


@pytest.fixture
def server():
    """A server that answers from `answers`: path -> (status, body, headers)."""
    answers, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, body, headers = answers.get(self.path.split("?")[0], (404, b"no", {}))
            if callable(body):
                body = body()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.answers, running.asked = answers, asked
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def session():
    with requests.Session() as fresh:
        fresh.trust_env = False
        yield fresh


def clock():
    return NOW


def zip_of(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prices_2026-11-23.json", date(2026, 11, 23)),
        ("table_2026_01_08.csv", date(2026, 1, 8)),
        ("2026-04-19", date(2026, 4, 19)),
        ("v2_2026-13-45_2026-01-02.json", date(2026, 1, 2)),
        ("x_2026-01_02.json", None),
        ("12026-01-022.json", None),
        ("models.json", None),
    ],
)
def test_the_date_in_a_name(name, expected):
    assert date_in(name) == expected


def test_a_folder_gives_declared_files_with_their_dates_and_reports_the_rest(make_source, tmp_path):
    folder = tmp_path / "things"
    for name in ("a_2026-01-02.csv", "2026-02-03/b.csv", "2026-02-03/c.txt", "other/d.csv", "e.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("model\nx\n")
    found = read_folder(make_source(), folder)
    assert [(f.location, f"{f.observed_at:%F}") for f in found.files] == [
        ("2026-02-03/b.csv", "2026-02-03"),
        ("a_2026-01-02.csv", "2026-01-02"),
    ]
    assert sorted(found.undeclared) == ["2026-02-03/c.txt", "e.md", "other/"]


def test_a_release_in_a_name_is_no_day_of_observation(tmp_path):
    livebench = {source.id: source for source in load_catalog()}["livebench"]
    names = ("table_2026_01_08.csv", "2026-11-05/table_2026_01_08.csv")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("model\nx\n")
    found = read_folder(livebench, tmp_path, date(2026, 12, 1))
    assert {f.location: f"{f.observed_at:%F}" for f in found.files} == {
        names[0]: "2026-12-01",
        names[1]: "2026-11-05",
    }


def test_undated_files_belong_together_and_take_the_latest_change(make_source, tmp_path):
    folder = tmp_path / "things"
    folder.mkdir()
    for name, day in (("a.csv", 5), ("b.csv", 9)):
        (folder / name).write_text("model\nx\n")
        changed = datetime(2026, 1, day, 23, 59, tzinfo=UTC).timestamp()
        os.utime(folder / name, (changed, changed))
    expected = {datetime(2026, 1, 9, tzinfo=UTC)}
    assert {f.observed_at for f in read_folder(make_source(), folder).files} == expected
    declared = read_folder(make_source(), folder, date(2025, 5, 5))
    assert {f.observed_at for f in declared.files} == {datetime(2025, 5, 5, tzinfo=UTC)}


def test_a_folder_that_is_a_file_is_refused(make_source, tmp_path):
    (tmp_path / "things").write_text("x")
    with pytest.raises(FetchError, match="is no folder"):
        read_folder(make_source(), tmp_path / "things")


def test_members_of_an_archive_are_read_as_if_they_lay_beside_it(make_source, tmp_path):
    folder = tmp_path / "things"
    folder.mkdir()
    content = zip_of({"data/a.csv": "model\nx\n", "../../b.csv": "model\ny\n", "README.md": "x"})
    (folder / "all_2026-01-02.zip").write_bytes(content)
    found = read_folder(make_source(archives=["*.zip"]), folder)
    assert [(f.name, f.data) for f in found.files] == [
        ("a.csv", b"model\nx\n"),
        ("b.csv", b"model\ny\n"),
    ]
    assert found.files[0].observed_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert found.undeclared == ["all_2026-01-02.zip/README.md"]
    assert not list(tmp_path.rglob("b.csv"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zip_of({"a.csv": "x" * 300})[:-30], "not a whole zip file"),
        (b"PK", "not a whole zip file"),
        (zip_of({f"{n}.csv": "x" for n in range(4)}), "4 files in the archive, more than the 3"),
        (zip_of({"a.csv": b"\0" * 3_000_000}), "more than 2 MB unpacked"),
        (zip_of({"a/x.csv": "1", "b/x.csv": "2"}), "two files named x.csv"),
    ],
    # An archive holds the time of its making: named by their bytes, tests would change their names.
    ids=["cut_off", "no_archive", "many_files", "large_file", "equal_names"],
)
def test_a_broken_or_boundless_archive_is_refused(make_source, data, message):
    live = {"none": "x", "max_members": "3", "max_unpacked_mb": "2"}
    with pytest.raises(FetchError, match=message):
        unpack(make_source(live=live), "all.zip", data, NOW)


def test_live_files_are_observed_now_and_named_by_their_address(make_source, server, session):
    server.answers["/rows.csv"] = (200, b"model\nx\n", {})
    (file,) = download(live_source(make_source, server, "/rows.csv"), session, clock).files
    assert (file.name, file.data, file.observed_at) == ("rows.csv", b"model\nx\n", NOW)
    assert (file.location, file.http_status) == (f"{server.url}/rows.csv", 200)


def test_a_live_archive_is_unpacked(make_source, server, session):
    server.answers["/all.zip"] = (200, zip_of({"a.csv": "model\nx\n", "notes.md": "x"}), {})
    source = live_source(make_source, server, "/all.zip", unpack="zip")
    found = download(source, session, clock)
    assert [file.name for file in found.files] == ["a.csv"]
    assert found.undeclared == [f"{server.url}/all.zip/notes.md"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((500, b"x", {}), "answered 500"),
        ((410, b"gone", {}), "answered 410"),
        ((200, b"x" * 2_000_000, {}), "more than 1 MB"),
        ((200, b"model\nx\n", {"Content-Length": "500"}), "8 of 500 bytes|cannot be r"),
        ((302, b"", {"Location": "/rows.csv?key=SECRET"}), "redirects in a circle"),
        ((200, lambda: time.sleep(1.5) or b"x", {}), "no answer in time"),
    ],
)
def test_a_bad_answer_is_one_line_without_secrets(
    make_source, server, session, monkeypatch, answer, message
):
    monkeypatch.setattr(fetch, "READ_TIMEOUT", 0.5)
    server.answers["/rows.csv"] = answer
    url = {"url": f"{server.url}/rows.csv?key=SECRET", "file": "rows.csv"}
    source = make_source(live={"urls": [url], "max_mb": "1"})
    with pytest.raises(FetchError, match=message) as caught:
        download(source, session, clock)
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_host_that_is_not_there_is_one_line(make_source, session):
    source = make_source(live={"urls": ["http://127.0.0.1:9/rows.csv"]})
    with pytest.raises(FetchError, match=r"http://127.0.0.1:9/rows.csv: cannot be reached"):
        download(source, session, clock)


def test_the_newest_release_is_found_on_the_page_and_its_scripts(make_source, server, session):
    server.answers |= {
        "/": (200, b'<script src="/main.js"></script> since 2024-05-01', {}),
        "/main.js": (200, b'x="2026-02-02,2026_03_03"', {}),
        "/table_2026_03_03.csv": (200, b"<!doctype html><p>not found</p>", {}),
        "/table_2026_02_02.csv": (200, b"model\nx\n", {}),
        "/table_2026_01_01.csv": (200, b"model\nold\n", {}),
    }
    (file,) = download(released(make_source, server), session, clock).files
    assert (file.name, file.data) == ("table_2026_02_02.csv", b"model\nx\n")


def test_known_releases_are_tried_when_the_page_does_not_answer(make_source, server, session):
    server.answers["/table_2026_01_01.csv"] = (200, b"model\nx\n", {})
    (file,) = download(released(make_source, server), session, clock).files
    assert file.name == "table_2026_01_01.csv"


def test_only_so_many_releases_are_tried(make_source, server, session):
    with pytest.raises(FetchError, match="answered 404"):
        download(released(make_source, server, tries="2"), session, clock)
    assert [path for path in server.asked if "table" in path] == [
        "/table_2026_01_01.csv",
        "/table_2025_01_01.csv",
    ]


def test_a_host_that_is_not_there_is_tried_once_whatever_the_releases(make_source, session):
    live = {"urls": ["http://127.0.0.1:9/table_{release}.csv"], "releases": ["2026_01_01", "2025"]}
    with pytest.raises(FetchError, match=r"table_2026_01_01\.csv: cannot be reached"):
        download(make_source(live=live), session, clock)


def test_addresses_are_shown_without_user_password_and_query():
    assert without_query("https://u:p@h.org:8/a/b.csv?k=v#f") == "https://h.org:8/a/b.csv"


def live_source(make_source, server, path, **live):
    return make_source(live={"urls": [server.url + path], "max_mb": "1"} | live)


def released(make_source, server, **live):
    base = {"index": f"{server.url}/", "releases": ["2026_01_01", "2025_01_01", "2024_01_01"]}
    return live_source(make_source, server, "/table_{release}.csv", **(base | live))
