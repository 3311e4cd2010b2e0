"""Where answers are kept between runs: a SQLite file, or Redis where CACHE_URL names one.

The cache can be lost at any time: what it holds was landed or can be fetched again. So nothing that
is wrong with it ends a run; it is told in one line, and the run goes on without.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis, RedisError
from requests_cache.backends.base import BaseCache
from requests_cache.backends.redis import RedisCache
from requests_cache.backends.sqlite import SQLiteCache, SQLiteDict

from extract.files import without_query

URL_ENV = "CACHE_URL"
FILE = "http_cache.sqlite"
"""The cache's file, in the folder `build/` beside the landing file."""

NAMESPACE = "llm_capabilities"
"""What the names of our keys in Redis begin with."""

SERIALIZER = "json"
"""The other kind of requests-cache, pickle, would run what somebody else put into the cache."""

FAULTS = (sqlite3.Error, RedisError, OSError)
"""What a cache that is damaged, full or gone raises."""

_BUSY_SECONDS = 10

OpenCache = Callable[[], BaseCache]
"""Opens the cache once more: requests-cache keeps a session's settings in its cache object, so that
two sessions that share one also share the settings of the one made last."""


class CacheError(Exception):
    """CACHE_URL cannot be read; the text is one line that holds no password."""


def find_cache(url: str, folder: Path, tell: Callable[[str], None]) -> OpenCache | None:
    """How to open the cache that `url` names, or the file in `folder` where it is empty.

    None where there can be none now, which `tell` is told. Raises CacheError for an address of
    another kind.
    """
    kind = urlsplit(url).scheme
    if kind in ("redis", "rediss"):
        return _redis(url, tell)
    if url:
        raise CacheError(f"{URL_ENV}: '{kind or '?'}' is not a kind of cache, allowed: redis://...")
    return _sqlite(folder / FILE, tell)


def _redis(url: str, tell: Callable[[str], None]) -> OpenCache | None:
    def connection() -> Redis:
        return Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)

    def opened() -> BaseCache:
        # With a time to live, Redis would forget what is old just when the source is down.
        return RedisCache(NAMESPACE, connection=connection(), serializer=SERIALIZER, ttl=False)

    try:
        connection().ping()
    except ValueError as error:
        raise CacheError(f"{URL_ENV}: cannot be read ({str(error).splitlines()[0]})") from None
    except FAULTS as error:
        tell(f"{without_query(url)}: no cache there ({type(error).__name__}), going on without one")
        return None
    return opened


def _sqlite(file: Path, tell: Callable[[str], None]) -> OpenCache | None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not _is_usable(file):
            aside = file.with_suffix(".damaged")
            file.replace(aside)
            for more in ("-wal", "-shm"):
                file.with_name(file.name + more).unlink(missing_ok=True)
            tell(f"{file}: is damaged, moved to {aside.name}, going on with an empty cache")
    except FAULTS as error:
        tell(f"{file}: no cache there ({_phrase(error)}), going on without one")
        return None
    return lambda: _FileCache(file)


def _is_usable(file: Path) -> bool:
    """Whether the file is whole, or can be made; raises FAULTS where it cannot be written."""
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("begin immediate")
            found = connection.execute("pragma quick_check").fetchone()
            connection.rollback()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    return bool(found and found[0] == "ok")


class _FileCache(SQLiteCache):
    """requests-cache's, whose writes end in an error where the file cannot be written."""

    def __init__(self, file: Path):
        # Not the original's: it makes its tables under the lock that is replaced here.
        BaseCache.__init__(self, cache_name=str(file))
        options: dict[str, Any] = {"wal": True, "busy_timeout": int(_BUSY_SECONDS * 1000)}
        self.responses = _Table(file, "responses", serializer=SERIALIZER, **options)
        self.redirects = _Table(
            file, "redirects", lock=self.responses._lock, serializer=None, **options
        )


class _Table(SQLiteDict):
    """A table of the cache. The original waits for a write lock without an end, and says nothing of
    what could not be written."""

    @contextmanager
    def _acquire_sqlite_lock(self) -> Iterator[None]:
        connection = self._connection
        if connection is None:
            raise sqlite3.OperationalError("the cache is closed")
        with self._lock:
            connection.execute("begin immediate")
            self._active_transaction = True
            try:
                yield
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._active_transaction = False


def _phrase(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]
