"""Fetch several sources at a time, while others land."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from extract.catalog import Source
from extract.files import Found
from extract.live.transport import Watch


class Fetches:
    """Reads sources in threads, at most `parallel` at a time, in the order given.

    Leaving it early, on an interrupt for one, starts no other and cuts what is being read.
    """

    def __init__(self, read: Callable[[Source], Found], sources: Sequence[Source], parallel: int):
        self._read, self._sources = read, sources
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="fetch")
        self._futures: dict[str, Future[Found]] = {}

    def __enter__(self) -> Fetches:
        Watch.allow_all()
        self._futures = {
            source.id: self._pool.submit(self._read, source) for source in self._sources
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            Watch.stop_all()
        self._pool.shutdown()

    def of(self, source: Source) -> Callable[[], Found]:
        """What waits for a source and gives its files, or raises what reading it raised."""
        return self._futures[source.id].result
