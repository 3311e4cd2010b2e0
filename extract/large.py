"""Files that are too large to be held in memory: the same values as of small ones, piece by piece.

A large file is gone through once, so that whatever is wrong with it is known before anything of it
is used, and again each time that its records are asked for. Python's own JSON reader decodes every
piece. A streaming one (ijson) would change values: half a surrogate pair becomes "?", a number
loses the digits or the spelling that it had, NaN and a repeated name are lost.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from json.decoder import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from extract.faults import TOO_DEEP, ParseError, not_json, not_utf8

HELD = 8_000_000
"""Files of up to this many bytes are held, and decoded, whole."""

PIECE = 1_000_000
"""Characters of a large file that are held at once; what is longer is read item by item."""

_BEGINNING = 100
"""Characters at the beginning of a text that tell what it is."""

_CUT = 16
"""A fault so few characters before the end of a piece may come from the cut alone: the longest
number's sign and exponent, literal or escape is shorter."""

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True)
class OnDisk:
    """A large file where it lies: its size in bytes, and when it was last changed (ns)."""

    path: Path
    size: int
    changed_at: int

    def open(self) -> BinaryIO:
        """Open the file; raises ParseError if it is not the one that was found, and OSError."""
        file = self.path.open("rb")
        found = os.fstat(file.fileno())
        if (found.st_size, found.st_mtime_ns) != (self.size, self.changed_at):
            file.close()
            raise ParseError("was changed while it was read: land it again")
        return file


Data = bytes | OnDisk
"""What a file holds: its bytes, or where they are."""


def read_or_leave(path: Path) -> Data:
    """The bytes of a file, or of a large one where they are; raises OSError."""
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if found.st_size > HELD:
            return OnDisk(path, found.st_size, found.st_mtime_ns)
        return file.read()


def size_of(data: Data) -> int:
    """Bytes of a file."""
    return data.size if isinstance(data, OnDisk) else len(data)


def _open(data: Data) -> BinaryIO:
    return data.open() if isinstance(data, OnDisk) else io.BytesIO(data)


def _skip_bom(file: BinaryIO) -> int:
    """Go behind a byte order mark; returns how many bytes that are."""
    if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
        return len(codecs.BOM_UTF8)
    file.seek(0)
    return 0


@dataclass
class Outline:
    """What a first look at a text shows: its first characters that are no space, how many
    characters it has up to the last of those, and its last character."""

    beginning: str = ""
    length: int = 0
    last: str = ""


def look_through(data: Data) -> Outline:
    """Go through all the text of a file; raises ParseError, OSError."""
    outline = Outline()
    decode = codecs.getincrementaldecoder("utf-8")()
    characters = 0
    with _open(data) as file:
        at = -_skip_bom(file)
        while True:
            before = file.tell() + at - len(decode.getstate()[0])
            piece = file.read(PIECE)
            try:
                text = decode.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                raise not_utf8(before + error.start) from None
            if stripped := text.rstrip():
                outline.length = characters + len(stripped)
            if len(outline.beginning) < _BEGINNING:
                outline.beginning = (outline.beginning + text).lstrip()[:_BEGINNING]
            outline.last = text[-1:] or outline.last
            characters += len(text)
            if not piece:
                return outline


Row = tuple[int, list[str]]
"""A row of a CSV: its line number (1-based, where the row ends) and its cells."""


@dataclass(frozen=True)
class LargeRows:
    """The rows of a large CSV below its header, read anew each time by `read`."""

    data: Data
    read: Callable[[TextIO], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        return islice(self.with_header(), 1, None)

    def with_header(self) -> Iterator[Row]:
        """All rows; raises ParseError, OSError."""
        with _open(self.data) as file:
            yield from self.read(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))


class _TooLong:
    """Stands for a list or object that is longer than a piece: the window is still before it."""


_TOO_LONG = _TooLong()


@dataclass(frozen=True)
class Reader:
    """A file and how its values are decoded: `length` as in its outline, `decoder`, whose hook
    notes in `repeated` each name that stands twice in an object."""

    data: Data
    length: int
    decoder: JSONDecoder
    repeated: list[str]


class _Window:
    """A piece of the text and a place in it."""

    def __init__(self, reader: Reader, file: BinaryIO):
        self._reader = reader
        self._file = file
        self._line, self._column, self._characters = 1, 1, 0
        self.go(_skip_bom(file))

    def go(self, byte: int) -> None:
        """Go to a place in the file."""
        self._file.seek(byte)
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._byte, self._text, self._at, self._has_ended = byte, "", 0, False

    def place(self) -> int:
        """The byte of the file at which the window is."""
        return self._byte + len(self._text[: self._at].encode())

    def skip(self) -> None:
        """Go on by one character."""
        self._at += 1

    def _fill(self) -> None:
        """Drop what has been read, and read on: at least as much again as is left."""
        done, left = self._text[: self._at], self._text[self._at :]
        self._byte += len(done.encode())
        self._characters += len(done)
        self._line, self._column = self._line_and_column(self._at)
        piece = self._file.read(max(PIECE, len(left)))
        self._has_ended = not piece
        self._text, self._at = left + self._decode.decode(piece, final=not piece), 0

    def _line_and_column(self, at: int) -> tuple[int, int]:
        """Both from 1, as the standard library counts them."""
        breaks = self._text.count("\n", 0, at)
        if not breaks:
            return self._line, self._column + at
        return self._line + breaks, at - self._text.rindex("\n", 0, at)

    def wrong(self, what: str, at: int | None = None) -> ParseError:
        """The error that something else should stand here, or elsewhere in the piece."""
        at = self._at if at is None else at
        is_early = self._characters + at >= self._reader.length
        return not_json(*self._line_and_column(at), what, is_early)

    def peek(self) -> str:
        """Skip white space; the next character, or an empty text at the end of the file."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._has_ended:
                return ""
            self._fill()

    def value(self) -> Any:
        """Decode the value that comes next and go behind it, unless it is too long."""
        first = self.peek()
        is_container, repeated = first in ("{", "["), self._reader.repeated
        while True:
            known = len(repeated)
            try:
                value, end = self._reader.decoder.raw_decode(self._text, self._at)
                # A number may go on behind the piece.
                if self._has_ended or first in '{["' or end < len(self._text) - _CUT:
                    self._at = end
                    return value
            except JSONDecodeError as error:
                may_be_cut = error.msg.startswith("Unterminated string")
                may_be_cut = may_be_cut or error.pos >= len(self._text) - _CUT
                if self._has_ended or not may_be_cut:
                    raise self.wrong(error.msg, error.pos) from None
            except RecursionError:
                raise ParseError(TOO_DEEP) from None
            # What the decoder noted of a part will be noted again.
            del repeated[known:]
            if is_container and len(self._text) - self._at >= PIECE:
                return _TOO_LONG
            self._fill()

    def members(self) -> Iterator[tuple[str, Any]]:
        """Go through the list or object that comes next: (name, or an empty text, and value).

        Whoever is given a value that is too long must go behind it.
        """
        is_object = self.peek() == "{"
        closing = "}" if is_object else "]"
        self.skip()
        if self.peek() == closing:
            self.skip()
            return
        while True:
            name = self._name() if is_object else ""
            yield name, self.value()
            following = self.peek()
            if following not in (",", closing):
                raise self.wrong("Expecting ',' delimiter")
            self.skip()
            if following == closing:
                return

    def _name(self) -> str:
        if self.peek() != '"':
            raise self.wrong("Expecting property name enclosed in double quotes")
        name = str(self.value())
        if self.peek() != ":":
            raise self.wrong("Expecting ':' delimiter")
        self.skip()
        return name


@dataclass
class Large:
    """A list or object of a large file: where it begins and ends, and what is large in it."""

    reader: Reader
    start: int
    end: int = 0
    inside: dict[int, Large] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Its bytes in the file."""
        return self.end - self.start

    def members(self) -> Iterator[tuple[str, Any]]:
        """Read (name, value) anew; values that are large themselves are not read."""
        with _open(self.reader.data) as file:
            window = _Window(self.reader, file)
            window.go(self.start)
            for name, value in window.members():
                if value is not _TOO_LONG:
                    yield name, value
                elif large := self.inside.get(window.place()):
                    window.go(large.end)
                    yield name, large
                else:
                    # It was just within the piece that was held at the first time.
                    yield name, _go_through(window, self.reader)

    def whole(self) -> Any:
        """The plain value, all of it in memory."""
        with _open(self.reader.data) as file:
            file.seek(self.start)
            return self.reader.decoder.decode(file.read(self.size).decode())


@dataclass
class LargeList(Large):
    """A list that is read anew each time."""

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self.members())


@dataclass
class LargeObject(Large):
    """An object that is read anew each time; of a name that stands twice the last value counts, and
    `earlier` holds those before it that differ, as (name, value)."""

    names: dict[str, None] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[tuple[str, Any], ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def items(self) -> Iterator[tuple[str, Any]]:
        """(name, value), each name once and where it stands first, as in a dict."""
        given: set[str] = set()
        for name, value in self.members():
            if name not in self.last:
                yield name, value
            elif name not in given:
                given.add(name)
                yield name, self.last[name]

    def __getitem__(self, name: str) -> Any:
        for found, value in self.items():
            if found == name:
                return value
        raise KeyError(name)

    def get(self, name: str) -> Any:
        """The value of a name, None if there is none."""
        return self[name] if name in self.names else None

    def settle(self, repeated: set[str]) -> None:
        """Look up the values of names that stand more than once."""
        pairs = [(n, whole(value)) for n, value in self.members() if n in repeated]
        self.last = dict(pairs)
        self.earlier = tuple((n, value) for n, value in pairs if value != self.last[n])


def whole(value: Any) -> Any:
    """A value without anything that is still to be read."""
    return value.whole() if isinstance(value, Large) else value


def read_json(reader: Reader) -> Any:
    """Go through a large JSON file: its value, with each long list or object left in the file.

    Raises ParseError, OSError.
    """
    with _open(reader.data) as file:
        window = _Window(reader, file)
        value = window.value()
        if value is _TOO_LONG:
            value = _go_through(window, reader)
        if window.peek():
            raise window.wrong("Extra data")
    return value


def _go_through(window: _Window, reader: Reader) -> Large:
    """Go through a long list or object to its end, and note where it is and what is in it."""
    if window.peek() == "[":
        large: Large = LargeList(reader, window.place())
    else:
        large = LargeObject(reader, window.place())
    repeated: set[str] = set()
    for name, value in window.members():
        if isinstance(large, LargeObject):
            if name in large.names:
                repeated.add(name)
            large.names[name] = None
        if value is _TOO_LONG:
            inner = _go_through(window, reader)
            large.inside[inner.start] = inner
    large.end = window.place()
    if repeated and isinstance(large, LargeObject):
        noted = len(reader.repeated)
        large.settle(repeated)
        reader.repeated[noted:] = sorted(repeated)
    return large
