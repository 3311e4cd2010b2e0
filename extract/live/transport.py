"""HTTP as far as a source may go: bounded in size and time, and to the hosts that are listed.

An answer is read whole before anyone sees it, so that a cache above this never stores a part of
one, nor more than is allowed. Keys are added here, below the cache, to what is sent and to nothing
that is kept.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import InvalidHeader, MaxRetryError

from extract.catalog import Fetching
from extract.files import without_query

AGAIN = (429, 500, 502, 503, 504)
"""Answers after which a request is sent again."""

SEEN_AT = "X-Seen-At"
"""A header of ours in each answer: when it came, or was last confirmed, in ISO 8601 (UTC)."""

_CHUNK = 65_536
_WEB_PAGE = (b"<!doctype html", b"<html")
_WATCH = threading.local()


class RefusedError(requests.RequestException):
    """An answer that is not taken; the text says why and what to do, and may be shown."""

    def __init__(self, message: str, http_status: int | None = None):
        super().__init__(message)
        self.http_status = http_status


@dataclass(frozen=True)
class Key:
    """A key (never shown) and the header it goes into, for addresses of these hosts only."""

    header: str
    value: str = field(repr=False)
    hosts: frozenset[str]


@dataclass(frozen=True)
class Bounds:
    """What one source's answers may be: MB (10^6 bytes), and hosts beside the address's own."""

    max_mb: float
    hosts: frozenset[str] = frozenset()


class Transport(HTTPAdapter):
    """Sends the requests of one source; `last` is what came of the newest one.

    A web page is refused unless `is_page_wanted`: it would take a good answer's place in the cache.
    """

    def __init__(
        self,
        bounds: Bounds,
        fetching: Fetching,
        now: datetime,
        key: Key | None = None,
    ):
        self.last: requests.Response | Exception | None = None
        self.is_page_wanted = False
        self._bounds, self._fetching, self._now, self._key = bounds, fetching, now, key
        super().__init__(max_retries=PatientRetry.of(fetching))

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Use connections that can be cut from outside."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        """Also by way of a proxy."""
        manager = super().proxy_manager_for(*arguments, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self, request: requests.PreparedRequest, *arguments: Any, **options: Any
    ) -> requests.Response:
        """Send a request and read the whole answer; raises requests.RequestException."""
        self.last = None
        options["stream"] = True
        options["timeout"] = (self._fetching.connect_seconds, self._fetching.read_seconds)
        watch = Watch(self._fetching.total_seconds)
        try:
            with watch:
                answer = super().send(self._with_key(request), *arguments, **options)
                body = self._body(answer)
        except (requests.RequestException, HTTPException, OSError) as error:
            self.last = watch.verdict(request, self._fetching) or _as_refused(error)
            raise self.last from None
        if verdict := watch.verdict(request, self._fetching):
            self.last = verdict
            raise verdict
        # What is kept of the request is what was asked, without the key.
        answer.request = request
        answer._content = body
        answer._content_consumed = True  # type: ignore[attr-defined]
        answer.headers[SEEN_AT] = self._now.isoformat()
        self.last = answer
        try:
            self._check_redirect(answer)
            self._check_page(answer)
        except RefusedError as error:
            self.last = error
            raise
        return answer

    def _with_key(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        key = self._key
        if key is None or _host(request.url) not in key.hosts:
            return request
        sent = request.copy()
        sent.headers[key.header] = key.value
        return sent

    def _body(self, answer: requests.Response) -> bytes:
        limit = int(self._bounds.max_mb * 1e6)
        shown = without_query(answer.url)
        declared = answer.headers.get("Content-Length", "")
        body = bytearray()
        with answer:
            if declared.isdigit() and int(declared) > limit:
                raise _too_large(shown, self._bounds.max_mb)
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > limit:
                    raise _too_large(shown, self._bounds.max_mb)
        return bytes(body)

    def _check_redirect(self, answer: requests.Response) -> None:
        """Only https leads on, or what the address itself began with, and only to known hosts."""
        if not answer.is_redirect:
            return
        here = urlsplit(answer.url)
        try:
            there = urlsplit(urljoin(answer.url, answer.headers["location"]))
        except ValueError:
            raise RefusedError(f"{without_query(answer.url)}: redirects to no address") from None
        is_known = there.netloc == here.netloc or there.hostname in self._bounds.hosts
        is_safe = there.scheme == "https" or (there.scheme == here.scheme == "http")
        if not (is_known and is_safe):
            raise RefusedError(
                f"{without_query(answer.url)}: redirects to {without_query(there.geturl())}, which "
                "is not https of a host that sources.yml lists: check both, and list it in `hosts`"
            )

    def _check_page(self, answer: requests.Response) -> None:
        is_page = answer.content[:200].lstrip().lower().startswith(_WEB_PAGE)
        if answer.status_code == 200 and is_page and not self.is_page_wanted:
            raise RefusedError(
                f"{without_query(answer.url)}: answers with a web page, not data", 200
            )


class Watch:
    """Ends what a thread is sending or reading once its time is over, also in mid-chunk.

    A host that sends a byte now and then keeps every timeout of a socket from running out.
    """

    _running: ClassVar[set[Watch]] = set()
    _lock = threading.Lock()
    _none_goes_on = False

    def __init__(self, seconds: float):
        self.sock: socket.socket | None = None
        self.is_over = False
        self._is_stopped = False
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        _WATCH.now = self
        with self._lock:
            self._running.add(self)
            self._is_stopped = self.is_over = Watch._none_goes_on
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._running.discard(self)
        _WATCH.now = None

    def cut(self) -> None:
        """Shut the socket, which ends any waiting for it."""
        self.is_over = True
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    @classmethod
    def allow_all(cls) -> None:
        """Let requests be sent (again)."""
        Watch._none_goes_on = False

    @classmethod
    def stop_all(cls) -> None:
        """Cut whatever is being read in any thread, and let nothing begin: the run is ending."""
        with cls._lock:
            Watch._none_goes_on = True
            running = list(cls._running)
        for watch in running:
            watch._is_stopped = True
            watch.cut()

    def verdict(self, request: requests.PreparedRequest, fetching: Fetching) -> RefusedError | None:
        """What to say where time was over, whatever error that led to."""
        if not self.is_over:
            return None
        shown = without_query(request.url or "")
        if self._is_stopped:
            return RefusedError(f"{shown}: interrupted")
        return RefusedError(
            f"{shown}: took more than {fetching.total_seconds:g} s, try again later"
        )


class PatientRetry(Retry):
    """urllib3's, but a host that asks for a longer wait than we give is not asked again."""

    longest_wait = 0.0

    @classmethod
    def of(cls, fetching: Fetching) -> PatientRetry:
        """As sources.yml says; statuses end as the last answer, not as an error."""
        retry = cls(
            total=fetching.retries,
            redirect=0,
            status_forcelist=AGAIN,
            allowed_methods=["GET"],
            backoff_factor=0.5,
            backoff_max=fetching.longest_wait_seconds,
            raise_on_status=False,
        )
        retry.longest_wait = fetching.longest_wait_seconds
        return retry

    def new(self, **changes: Any) -> PatientRetry:
        """A copy with changes, as each attempt makes one."""
        copy = super().new(**changes)
        copy.longest_wait = self.longest_wait
        return copy

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds that the host asks for; None too where nobody can read what it says."""
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        *rest: Any,
        **named: Any,
    ) -> PatientRetry:
        """Count an attempt; raises MaxRetryError where there shall be no other."""
        watch = getattr(_WATCH, "now", None)
        if (watch and watch.is_over) or (response is not None and self._is_hopeless(response)):
            pool: Any = named.get("_pool") or (rest[0] if rest else None)
            raise MaxRetryError(pool, url or "", error)
        return super().increment(method, url, response, error, *rest, **named)

    def _is_hopeless(self, response: BaseHTTPResponse) -> bool:
        wait = self.get_retry_after(response)
        is_used_up = response.headers.get("X-RateLimit-Remaining", "").strip() == "0"
        return is_used_up or (wait is not None and wait > self.longest_wait)


class _Watched:
    """A connection that the watch of the thread that uses it knows."""

    def request(self, *arguments: Any, **options: Any) -> None:
        watch: Watch | None = getattr(_WATCH, "now", None)
        if watch and watch.is_over:
            raise TimeoutError("the time for this answer is over")
        super().request(*arguments, **options)  # type: ignore[misc]
        if watch:
            # The connection itself lets go of it before a body that ends with the connection.
            watch.sock = self.sock  # type: ignore[attr-defined]


class _Connection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


def _as_refused(error: Exception) -> Exception:
    """An error that requests knows: what reads bytes may let others through."""
    return error if isinstance(error, requests.RequestException) else requests.ConnectionError()


def _too_large(shown: str, max_mb: float) -> RefusedError:
    return RefusedError(
        f"{shown}: more than {max_mb:g} MB, raise max_mb in sources.yml if that is right"
    )


def _host(url: str | None) -> str:
    return urlsplit(url or "").netloc
