"""Find the files of a source: in a folder (shipped snapshots or --from), or at its live address.

Everything ends up as `SourceFile`: a name, bytes and when they were observed. Error texts never
hold query strings, headers or paths outside the folder that was named.
"""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit

import requests

from extract.catalog import Live, LiveUrl, Source
from extract.large import Data, read_or_leave

CONNECT_TIMEOUT, READ_TIMEOUT = 10, 30
"""Seconds to reach a host, and to wait for its next bytes."""

TOTAL_TIMEOUT = 180
"""Seconds that one answer may take in all."""

MAX_INDEX_SCRIPTS = 4
"""Scripts of an index page that are searched for releases."""

USER_AGENT = "llm-capabilities-extract/0.1"

_DATE = re.compile(r"(?<!\d)(20\d\d)([-_])(\d\d)\2(\d\d)(?!\d)")
_SCRIPT = re.compile(r"""<script[^>]+src=["']([^"']+)["']""", re.IGNORECASE)


class FetchError(Exception):
    """A source cannot be read; the text says which file or address, what, and what to do."""

    def __init__(self, message: str, http_status: int | None = None):
        super().__init__(message)
        self.http_status = http_status


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: `name` (no folders), `location` (within the source's folder, or the
    address without its query), its bytes or, of a large file in a folder, where they are, and when
    it was observed (UTC)."""

    name: str
    location: str
    data: Data
    observed_at: datetime
    http_status: int | None = None


@dataclass
class Found:
    """The files of a source, and what lay beside them that the catalog does not name."""

    files: list[SourceFile] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)


def read_folder(source: Source, folder: Path, fallback: date | None = None) -> Found:
    """Read the declared files of `folder` and of its sub-folders named by a date.

    A file is observed on the date in its name, else in its folder's name, else on `fallback`, else
    on the date of the last change (UTC midnight) among all such files: they belong together. The
    `{release}` of a name says what is in the file, not when it was seen. Raises FetchError.
    """
    found = Found()
    undated: list[tuple[Path, str]] = []
    for path, location in _listing(folder):
        day = _day_named(source, path.name, path.parent.name if "/" in location else "") or fallback
        if path.is_dir():
            found.undeclared.append(f"{location}/")
        elif source.snapshot.rows and path.name == source.snapshot.rows.file:
            continue
        elif not _is_archive(source, path.name) and not is_declared(source, path.name):
            found.undeclared.append(location)
        elif day:
            _read(source, path, location, day, found)
        else:
            undated.append((path, location))
    if undated:
        day = max(_changed_on(path, location) for path, location in undated)
        for path, location in undated:
            _read(source, path, location, day, found)
    return found


def _listing(folder: Path) -> Iterator[tuple[Path, str]]:
    """The entries of a folder, those of dated sub-folders in their place, with locations."""
    for path in _entries(folder, ""):
        if path.is_dir() and date_in(path.name):
            for inner in _entries(path, path.name):
                yield inner, f"{path.name}/{_as_text(inner.name)}"
        else:
            yield path, _as_text(path.name)


def _as_text(name: str) -> str:
    """A file's name as text that can be stored: bytes that are not UTF-8 are shown as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _entries(folder: Path, shown: str) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise FetchError(f"{shown or 'its folder'}: {_reason(error)}, check the folder") from None


def _day_named(source: Source, name: str, folder: str) -> date | None:
    return (None if _names_a_release(source, name) else date_in(name)) or date_in(folder)


def _names_a_release(source: Source, name: str) -> bool:
    patterns = (entity.file_pattern() for entity in source.entities)
    return any(p and "release" in p.groupindex and p.fullmatch(name) for p in patterns)


def _changed_on(path: Path, location: str) -> date:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except OSError as error:
        raise FetchError(f"{location}: {_reason(error)}, check the file") from None


def _read(source: Source, path: Path, location: str, day: date, found: Found) -> None:
    """Add a file, or the members of an archive, to `found`."""
    observed_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        if not _is_archive(source, path.name):
            data = read_or_leave(path)
            found.files.append(SourceFile(path.name, location, data, observed_at))
            return
        packed = path.read_bytes()
    except OSError as error:
        raise FetchError(f"{location}: {_reason(error)}, check the file") from None
    members = unpack(source, location, packed, observed_at)
    found.files += members.files
    found.undeclared += members.undeclared


def _is_archive(source: Source, name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in source.archives)


def _reason(error: OSError) -> str:
    kinds = {
        FileNotFoundError: "does not exist",
        NotADirectoryError: "is no folder",
        PermissionError: "no permission to read it",
    }
    return kinds.get(type(error), "cannot be read")


def date_in(name: str) -> date | None:
    """The first real date in a name, written 2026-01-31 or 2026_01_31."""
    for match in _DATE.finditer(name):
        try:
            return date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return None


def is_declared(source: Source, name: str) -> bool:
    """Whether some entity of the source reads files of this name."""
    return any(entity.reads(name) for entity in source.entities)


def unpack(
    source: Source,
    location: str,
    data: bytes,
    observed_at: datetime,
    http_status: int | None = None,
) -> Found:
    """The declared members of a zip file, by their base names; bounded in number and size.

    Nothing is written to disk, so no member's name can lead anywhere. Raises FetchError.
    """
    found = Found()
    left = int(source.live.max_unpacked_mb * 1e6)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in _members(source, location, archive):
                name = PurePosixPath(info.filename).name
                shown = f"{location}/{info.filename}"
                if not is_declared(source, name):
                    found.undeclared.append(shown)
                    continue
                with archive.open(info) as member:
                    content = member.read(left + 1)
                left -= len(content)
                if left < 0:
                    limit = source.live.max_unpacked_mb
                    raise FetchError(
                        f"{location}: more than {limit:g} MB unpacked, check the archive"
                    )
                if any(file.name == name for file in found.files):
                    raise FetchError(f"{location}: holds two files named {name}, check the archive")
                found.files.append(SourceFile(name, shown, content, observed_at, http_status))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError):
        raise FetchError(f"{location}: not a whole zip file, download it again") from None
    except (RuntimeError, NotImplementedError):
        raise FetchError(f"{location}: packed in a way that is not read here, repack it") from None
    return found


def _members(source: Source, location: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > source.live.max_members:
        raise FetchError(
            f"{location}: {len(members)} files in the archive, more than the "
            f"{source.live.max_members} allowed, check the archive"
        )
    return members


def download(source: Source, session: requests.Session, clock: Callable[[], datetime]) -> Found:
    """Fetch a source's live addresses; every file counts as observed now. Raises FetchError."""
    live = source.live
    if any("{release}" in target.url for target in live.urls):
        answers = _newest_release(live, session)
    else:
        answers = _all(live.urls, live, session)
    observed_at = clock()
    found = Found()
    for target, status, data in answers:
        location = without_query(target.url)
        if live.unpack == "zip":
            members = unpack(source, location, data, observed_at, status)
            found.files += members.files
            found.undeclared += members.undeclared
        else:
            found.files.append(SourceFile(target.file, location, data, observed_at, status))
    return found


_Answers = list[tuple[LiveUrl, int, bytes]]


def _all(urls: tuple[LiveUrl, ...], live: Live, session: requests.Session) -> _Answers:
    return [(target, *_get(target.url, live.max_mb, session)) for target in urls]


def _newest_release(live: Live, session: requests.Session) -> _Answers:
    """Try releases from the newest down until one answers all its addresses with data."""
    releases = sorted({*live.releases, *_releases_on_page(live, session)}, reverse=True)
    problem = FetchError("no release is known, list some in sources.yml")
    for number, release in enumerate(releases[: live.tries]):
        urls = tuple(
            LiveUrl(
                url=t.url.replace("{release}", release),
                file=t.file.replace("{release}", release),
            )
            for t in live.urls
        )
        try:
            answers = _all(urls, live, session)
            if not any(_is_web_page(data) for _, _, data in answers):
                return answers
            error = FetchError(f"{without_query(urls[0].url)}: answers with a web page, not data")
        except FetchError as refused:
            if refused.http_status is None:
                raise
            error = refused
        problem = error if number == 0 else problem
    raise problem


def _releases_on_page(live: Live, session: requests.Session) -> Iterator[str]:
    """Dates found on the index page and in the scripts of the same host that it loads."""
    if not live.index:
        return
    pages = [live.index]
    known = live.releases[0] if live.releases else "2026_01_01"
    separator = "-" if "-" in known else "_"
    for number in range(MAX_INDEX_SCRIPTS + 1):
        if number >= len(pages):
            return
        try:
            text = _get(pages[number], live.max_mb, session)[1].decode("utf-8", "replace")
        except FetchError:
            # The page only adds to the releases known already.
            continue
        if number == 0:
            host = urlsplit(live.index).netloc
            scripts = (urljoin(live.index, src) for src in _SCRIPT.findall(text))
            pages += [url for url in scripts if urlsplit(url).netloc == host]
        for match in _DATE.finditer(text):
            if date_in(match[0]):
                yield separator.join((match[1], match[3], match[4]))


def _is_web_page(data: bytes) -> bool:
    return data[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _get(url: str, max_mb: float, session: requests.Session) -> tuple[int, bytes]:
    """GET an address: (HTTP status, body), at most `max_mb` MB. Raises FetchError."""
    shown = without_query(url)
    try:
        with session.get(
            url,
            stream=True,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            headers={"User-Agent": USER_AGENT},
        ) as answer:
            if answer.status_code != 200:
                raise FetchError(
                    f"{shown}: the server answered {answer.status_code}, try again later",
                    answer.status_code,
                )
            return answer.status_code, _body(answer, shown, max_mb)
    except requests.Timeout:
        raise FetchError(f"{shown}: no answer in time, try again later") from None
    except requests.TooManyRedirects:
        raise FetchError(f"{shown}: redirects in a circle, check the address") from None
    except requests.ConnectionError:
        raise FetchError(f"{shown}: cannot be reached, check the network") from None
    except requests.RequestException as error:
        # The exception's own text may hold the whole address, query and all.
        raise FetchError(f"{shown}: cannot be read ({type(error).__name__})") from None


def _body(answer: requests.Response, shown: str, max_mb: float) -> bytes:
    limit, deadline = int(max_mb * 1e6), time.monotonic() + TOTAL_TIMEOUT
    body = bytearray()
    for chunk in answer.iter_content(65_536):
        body += chunk
        if len(body) > limit:
            raise FetchError(
                f"{shown}: more than {max_mb:g} MB, raise max_mb in sources.yml if that is right"
            )
        if time.monotonic() > deadline:
            raise FetchError(f"{shown}: took more than {TOTAL_TIMEOUT} s, try again later")
    declared = answer.headers.get("Content-Length")
    encoded = "Content-Encoding" in answer.headers
    if declared and declared.isdigit() and not encoded and len(body) < int(declared):
        raise FetchError(f"{shown}: {len(body)} of {declared} bytes came, try again")
    return bytes(body)


def without_query(url: str) -> str:
    """An address without user, password, query and fragment: safe to show and to store."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
