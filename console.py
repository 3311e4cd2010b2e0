"""What the command lines share: text that is safe to show, and streams that may be full or gone.

Nothing here ends in a traceback, since all of it runs where there is nobody left to catch one.
"""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TextIO

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories that steer a terminal or cannot be seen: control characters (escape sequences,
line breaks), marks of direction, halves of surrogate pairs, line and paragraph separators."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints quote what was typed without obeying it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments and exit with status 2."""
        super().error(visible(message))


def visible(text: str) -> str:
    """Text of others in one line, fit for a terminal: what steers or hides is shown as an escape.

    U+001B becomes `\\x1b`, U+202E `\\u202e`; letters of every script stay.
    """
    if text.isascii() and text.isprintable():
        return text
    with suppress(UnicodeError):
        # Bytes of a file name that the locale could not read: UTF-8 where they are that.
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _HIDDEN else c
        for c in text
    )


def say(line: str, stream: TextIO | None = None) -> None:
    """Write one line to stderr (or `stream`); where that is full or gone, work goes on unheard."""
    stream = stream or sys.stderr
    try:
        print(visible(line), file=stream, flush=True)
    except (OSError, ValueError):
        _give_up(stream)


def deliver(text: str) -> bool:
    """Write a result to stdout; False where it could not be written, which one line then says.

    A reader that has gone (`head`) wanted no more.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _give_up(sys.stdout)
    except (OSError, ValueError) as error:
        _give_up(sys.stdout)
        say(f"error: standard output cannot be written: {reason_of(error)}")
        return False
    return True


def reason_of(error: BaseException) -> str:
    """Why something failed, in one phrase without the traceback."""
    if isinstance(error, OSError) and error.strerror:
        name = f" ({os.fsdecode(error.filename)})" if error.filename is not None else ""
        return f"{error.strerror}{name}"
    if isinstance(error, UnicodeError):
        text = getattr(error, "object", b"")
        shown = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
        return f"'{shown[:300]}' is not UTF-8"
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def run(main: Callable[[], int], program: str) -> int:
    """Run a command and return its exit status, whatever becomes of the streams it writes to.

    Characters that an output's encoding lacks are escaped. What cannot be read or written ends in
    one line and the status 1; a reader that has gone (`head`) is no failure.
    """
    _prepare_streams()
    try:
        status = main()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        status = 0
    except (OSError, UnicodeError, MemoryError) as error:
        say(f"error: {program}: {reason_of(error)}")
        status = 1
    except KeyboardInterrupt:
        say("interrupted")
        status = 130
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            _give_up(stream)
        except (OSError, ValueError) as error:
            _give_up(stream)
            if stream is sys.stdout and not status:
                say(f"error: {program}: standard output cannot be written: {reason_of(error)}")
                status = 1
    return status


def _prepare_streams() -> None:
    """Let both streams write any character, and no file of ours take the place of a closed one."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # A database opened next would get this number, and what is meant for stderr with it.
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _give_up(stream: TextIO | None) -> None:
    """Let what a stream still holds go nowhere, so that Python does not fail on it when it ends."""
    if stream is None:
        return
    with suppress(OSError, ValueError, AttributeError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
