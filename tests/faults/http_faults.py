"""Ways in which a source's server can misbehave, each beside a source that does not.

`python tests/faults/http_faults.py`, from the project's root. A server on this machine plays both.
What must hold for each: the command ends by itself within the time that its catalog gives, the
faulty source comes to the outcome that is written here, with one line that says so and no
traceback, and the other source lands all the same. Not part of `make test`, which runs a short
form.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tempfile
import time
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "python" / "extract")]

from playing_server import Play, playing  # noqa: E402

from extract.__main__ import main as extract  # noqa: E402

GOOD = json.dumps({"data": [{"id": "a", "score": 1}, {"id": "b", "score": 2}]}).encode()
LONGEST_SECONDS = 12
FETCHING = {
    "parallel": "2",
    "connect_seconds": "1",
    "read_seconds": "1",
    "total_seconds": "2",
    "retries": "1",
    "longest_wait_seconds": "1",
    "max_redirects": "3",
}


@dataclass(frozen=True)
class Fault:
    """What the server does, and what must come of it: a status of `loads`, words of its line."""

    name: str
    play: Play | list[Play]
    status: str
    says: str = ""
    unpack: bool = False


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip file of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def redirect(to: str, status: int = 302) -> Play:
    """A redirect to an address."""
    return Play(b"", status, {"Location": to})


STATUSES = {
    **dict.fromkeys((400, 404), "does not know this address"),
    410: "retired for good",
    429: "too many requests",
    **dict.fromkeys(
        (201, 202, 203, 204, 206, 300, 304, 401, 402, 403, 405, 406, 408, 409, 413, 418, 422, 451),
        "the server answered",
    ),
    **dict.fromkeys((500, 501, 502, 503, 504, 507, 520), "the server answered"),
}
MODES = {"Content-Type": "text/html"}
FAULTS = [
    *(Fault(f"status {n}", Play(b"{}", n), "failed", says) for n, says in STATUSES.items()),
    Fault("once 503", [Play(b"", 503), Play(GOOD)], "landed"),
    Fault("once 429, asks for 1 s", [Play(b"", 429, {"Retry-After": "1"}), Play(GOOD)], "landed"),
    Fault(
        "429 for a day", Play(b"", 429, {"Retry-After": "86400"}), "failed", "try again in 1 day"
    ),
    Fault(
        "429, a date", Play(b"", 429, {"Retry-After": "Wed, 21 Oct 2065 07:28:00 GMT"}), "failed"
    ),
    Fault("503, no number", Play(b"", 503, {"Retry-After": "soon"}), "failed", "answered 503"),
    Fault("quota used up", Play(b"", 429, {"X-RateLimit-Remaining": "0"}), "failed", "too many"),
    Fault("silent", Play(GOOD, waits=4), "failed", "no answer in time|took more than"),
    Fault("trickling", Play(GOOD * 9, byte_seconds=0.3), "failed", "took more than 2 s"),
    Fault("slow but in time", Play(GOOD, byte_seconds=0.005), "landed"),
    Fault(
        "shorter than it says",
        Play(GOOD, declares=9_999),
        "failed",
        "broke off|took more|no answer",
    ),
    Fault("longer than it says", Play(GOOD, declares=20), "failed", "not valid JSON"),
    Fault("cut JSON", Play(GOOD[:40]), "failed", "not valid JSON"),
    Fault("empty", Play(b""), "failed", "the file is empty"),
    Fault("blank", Play(b" \n \n"), "failed", "the file is empty"),
    Fault("a web page", Play(b"<!doctype html><p>hello", headers=MODES), "failed", "a web page"),
    Fault("a page of a captive portal", Play(b"\n <html><body>sign in"), "failed", "a web page"),
    Fault("XML", Play(b"<?xml version='1.0'?><a/>"), "failed", "web page|not valid JSON"),
    Fault("an error as JSON", Play(b'{"error": "maintenance"}'), "failed", "no"),
    Fault("null", Play(b"null"), "failed"),
    Fault("a list", Play(b"[1, 2, 3]"), "failed"),
    Fault("no records", Play(b'{"data": []}'), "failed"),
    Fault("records without scores", Play(b'{"data": [{"id": "a"}]}'), "failed", "score"),
    Fault("no UTF-8", Play(b'{"data": [{"id": "\xff\xfe"}]}'), "failed", "not UTF-8"),
    Fault("too large, and says so", Play(b"x" * 1_200_000), "failed", "more than 1 MB"),
    Fault(
        "too large once unpacked",
        Play(gzip.compress(b" " * 3_000_000), headers={"Content-Encoding": "gzip"}),
        "failed",
        "more than 1 MB",
    ),
    Fault(
        "no gzip", Play(b"plain", headers={"Content-Encoding": "gzip"}), "failed", "packed in a way"
    ),
    Fault(
        "gzip as promised",
        Play(gzip.compress(GOOD), headers={"Content-Encoding": "gzip"}),
        "landed",
    ),
    Fault("redirect in a circle", redirect("/faulty.json"), "failed", "redirects too often"),
    Fault("redirect within the host", redirect("/good.json"), "landed"),
    Fault("redirect to another host", redirect("http://localhost:9/x"), "failed", "redirects to"),
    Fault("redirect to a file", redirect("file:///x"), "failed", "redirects to file"),
    Fault("redirect to nowhere", Play(b"", 302), "failed", "answered 302"),
    Fault(
        "permanent redirect to another host",
        redirect("https://example.org/", 308),
        "failed",
        "redirects to",
    ),
    Fault("an archive", Play(zipped({"rows.json": GOOD})), "landed", unpack=True),
    Fault("no archive", Play(GOOD), "failed", "not a whole zip file", unpack=True),
    Fault(
        "half an archive",
        Play(zipped({"rows.json": GOOD})[:-20]),
        "failed",
        "not a whole zip",
        unpack=True,
    ),
    Fault(
        "an archive of other files",
        Play(zipped({"notes.md": b"x"})),
        "failed",
        "no file",
        unpack=True,
    ),
]


def entry(name: str, url: str, **live: str) -> dict[str, object]:
    """A source of one entity."""
    rows = {"entity": "rows", "files": ["*.json"], "format": "json", "records": "data[]"}
    rows |= {"key": ["id"], "require": ["id", "score"], "complete": "yes"}
    texts = dict.fromkeys(("name", "homepage", "licence", "attribution"), name)
    live = {"urls": [url], "max_mb": "1"} | live
    return texts | {
        "id": name,
        "layer": "static",
        "ttl_hours": "9",
        "live": live,
        "entities": [rows],
    }


def tried(fault: Fault) -> str:
    """Play one fault; returns what is wrong with its outcome, or an empty text."""
    with playing() as server, tempfile.TemporaryDirectory() as folder:
        server.plays |= {"/faulty.json": fault.play, "/good.json": Play(GOOD)}
        packed = {"unpack": "zip", "max_unpacked_mb": "1"} if fault.unpack else {}
        sources = [
            entry("faulty", f"{server.url}/faulty.json", **packed),
            entry("good", f"{server.url}/good.json"),
        ]
        catalog = Path(folder) / "sources.yml"
        catalog.write_text(yaml.safe_dump({"fetching": FETCHING, "sources": sources}))
        landing = Path(folder) / "landing.duckdb"
        said = io.StringIO()
        began = time.monotonic()
        with redirect_stderr(said), redirect_stdout(said):
            extract(["--live", "--db", str(landing)], catalog=catalog, environment={})
        seconds = time.monotonic() - began
        with duckdb.connect(str(landing), read_only=True) as connection:
            rows = connection.execute("select source, status, error from loads").fetchall()
    return verdict(fault, rows, said.getvalue(), seconds)


def verdict(fault: Fault, rows: list[tuple[str, str, str]], said: str, seconds: float) -> str:
    """What is wrong with an outcome, or an empty text."""
    statuses = {source: status for source, status, _ in rows}
    error = next((text or "" for source, _, text in rows if source == "faulty"), "")
    if statuses != {"faulty": fault.status, "good": "landed"} or len(rows) != 2:
        return f"came to {statuses}, wanted {fault.status}: {error}"
    if "Traceback" in said or "\n" in error:
        return f"is told in more than a line: {said[-500:]}"
    if not any(words in error for words in fault.says.split("|")):
        return f"says '{error}', wanted '{fault.says}'"
    return f"took {seconds:.1f} s" if seconds > LONGEST_SECONDS else ""


def main() -> int:
    """Play all faults; returns how many did not come to what they should, at most 1."""
    wrong = {fault.name: what for fault in FAULTS if (what := tried(fault))}
    for name, what in wrong.items():
        print(f"{name}: {what}")
    print(f"{len(FAULTS)} faults of a server, {len(FAULTS) - len(wrong)} defined outcomes")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
