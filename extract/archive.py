"""Archives of a source: their declared members as files, bounded in number and size."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import PurePosixPath

from extract.catalog import Source
from extract.files import FetchError, Found, SourceFile, is_declared


def unpack(source: Source, packed: SourceFile, data: bytes) -> Found:
    """The declared members of a zip file with these bytes, by their base names; bounded in number
    and size.

    Nothing is written to disk, so no member's name can lead anywhere. Raises FetchError.
    """
    found = Found()
    location = packed.location
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
                found.files.append(replace(packed, name=name, location=shown, data=content))
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
