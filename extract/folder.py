"""Read the files of a source from a folder: the shipped snapshots, or one that --from names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from extract.archive import unpack
from extract.catalog import Source
from extract.files import FetchError, Found, SourceFile, date_in, is_declared
from extract.large import read_or_leave


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
    members = unpack(source, SourceFile(path.name, location, packed, observed_at), packed)
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
