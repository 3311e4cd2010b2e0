"""One source's way to its addresses: transport, retries and cache together, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy

import requests
from requests_cache import CachedSession

from extract import PROGRAM
from extract.catalog import Fetching, Live
from extract.files import FetchError, Freshness, without_query
from extract.live.cache import FAULTS, OpenCache
from extract.live.transport import SEEN_AT, Bounds, Key, RefusedError, Transport

# It warns of each answer that it uses because a source failed, with a traceback and the address.
logging.getLogger("requests_cache").addHandler(logging.NullHandler())
logging.getLogger("requests_cache").propagate = False


@dataclass(frozen=True)
class Answer:
    """The body of an answer, when the source last showed it, and of a stale one why it is used.

    `quota` says how many requests the source still allows, if it told.
    """

    body: bytes
    status: int
    seen_at: datetime
    freshness: Freshness
    problem: str = ""
    quota: str = ""


class CacheGaveOutError(OSError):
    """The source answered and the cache could not keep it: requests-cache offers the old answer."""


class Client(AbstractContextManager["Client"]):
    """Asks the addresses of one source; raises FetchError with one line that holds no secrets."""

    def __init__(
        self,
        live: Live,
        fetching: Fetching,
        clock: Callable[[], datetime],
        open_cache: OpenCache | None = None,
        key: Key | None = None,
        key_name: str = "",
    ):
        self._key_name = key_name
        # One time for all that is asked now, so that the files of a source belong together.
        self._now = clock()
        bounds = Bounds(live.max_mb, frozenset(live.hosts))
        self._transport = Transport(bounds, fetching, self._now, key)
        self._session = self._opened(live, open_cache)
        self._session.max_redirects = fetching.max_redirects
        self._session.headers["User-Agent"] = PROGRAM
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._transport)

    def _opened(self, live: Live, open_cache: OpenCache | None) -> requests.Session:
        if open_cache is None:
            return requests.Session()
        try:
            cache = open_cache()
        except FAULTS:
            return requests.Session()
        return CachedSession(
            backend=cache,
            expire_after=timedelta(hours=live.cache_hours),
            stale_if_error=True,
        )

    def __exit__(self, *error: object) -> None:
        with suppress(*FAULTS):
            self._session.close()

    def get(self, url: str, is_new_asked: bool = False, is_page: bool = False) -> Answer:
        """GET an address; one asked a moment ago comes from the cache unless `is_new_asked`.

        A web page is an answer only where `is_page`.
        """
        shown = without_query(url)
        self._transport.is_page_wanted = is_page
        try:
            response = self._sent(url, is_new_asked)
        except RefusedError as error:
            raise FetchError(str(error), error.http_status) from None
        except requests.RequestException as error:
            raise FetchError(f"{shown}: {_cause(error)}") from None
        freshness = self._freshness(response)
        if response.status_code != 200:
            raise FetchError(f"{shown}: {self._refusal(response)}", response.status_code)
        last = self._transport.last
        return Answer(
            body=response.content,
            status=last.status_code if isinstance(last, requests.Response) else 200,
            seen_at=self._seen_at(response),
            freshness=freshness,
            problem=self._problem(shown) if freshness == "stale" else "",
            quota=_quota(last),
        )

    def _sent(self, url: str, is_new_asked: bool) -> requests.Response:
        self._transport.last = None
        if not isinstance(self._session, CachedSession):
            return self._session.get(url)
        try:
            response = self._session.get(url, refresh=is_new_asked)
            if self._freshness(response) == "stale" and self._has_answered():
                raise CacheGaveOutError
            if not (is_new_asked and self._freshness(response) == "cached"):
                return response
            # Without an ETag or a date there is nothing to ask about: fetch anew.
            try:
                new = self._session.get(url, force_refresh=True)
            except requests.RequestException:
                return response
            return new if new.status_code == 200 else response
        except FAULTS as error:
            if isinstance(error, requests.RequestException):
                raise
            # The cache gave out, not the source: ask without it.
            with self._session.cache_disabled():
                return self._session.get(url)

    def _has_answered(self) -> bool:
        """Whether the source itself did, whatever the cache made of it."""
        last = self._transport.last
        return isinstance(last, requests.Response) and last.status_code in (200, 304)

    def _freshness(self, response: requests.Response) -> Freshness:
        if not getattr(response, "from_cache", False):
            return "fetched"
        if getattr(response, "revalidated", False):
            return "revalidated"
        return "cached" if self._transport.last is None else "stale"

    def _seen_at(self, response: requests.Response) -> datetime:
        now = self._now
        try:
            seen_at = datetime.fromisoformat(response.headers[SEEN_AT])
        except (KeyError, ValueError):
            return now
        # A clock that was set back must not make an answer newer than now.
        return min(now, seen_at if seen_at.tzinfo else seen_at.replace(tzinfo=UTC))

    def _problem(self, shown: str) -> str:
        last = self._transport.last
        if isinstance(last, requests.Response):
            return f"{shown}: {self._refusal(last)}"
        if isinstance(last, RefusedError):
            return str(last)
        return f"{shown}: {_cause(last)}"

    def _refusal(self, response: requests.Response) -> str:
        """What an answer other than 200 means, and what to do."""
        status = response.status_code
        if self._key_name and status in (401, 403):
            which = "is not accepted" if status == 401 else "does not give access to this address"
            return f"the key in {self._key_name} {which} ({status}): check it, and its tier"
        if status == 429:
            return f"too many requests (429){_until(response)}"
        if status == 410:
            return "is retired for good (410): give its new address in sources.yml"
        if status in (400, 404):
            return f"the server does not know this address ({status}): check it in sources.yml"
        return f"the server answered {status}, try again later"


_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "its certificate is not accepted, check the address"),
    (requests.Timeout, "no answer in time, try again later"),
    (requests.TooManyRedirects, "redirects too often, check the address"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off, try again later"),
    (requests.exceptions.ContentDecodingError, "is packed in a way that cannot be read"),
    (requests.ConnectionError, "cannot be reached, check the network"),
)


def _cause(error: Exception | None) -> str:
    """An error in words; its own text may hold the whole address, query and all."""
    for kind, text in _CAUSES:
        if isinstance(error, kind):
            return text
    return f"cannot be read ({type(error).__name__})"


def _until(response: requests.Response) -> str:
    """When the source may be asked again, as far as it says."""
    reset, wait = response.headers.get("X-RateLimit-Reset"), response.headers.get("Retry-After")
    with suppress(ValueError, OverflowError, OSError):
        if reset:
            return (
                f": its quota is renewed at {datetime.fromtimestamp(int(reset), UTC):%F %H:%M} UTC"
            )
        if wait:
            return f": try again in {timedelta(seconds=int(wait))}"
    return ": try again later"


def _quota(last: object) -> str:
    if not isinstance(last, requests.Response):
        return ""
    left, of = (last.headers.get(f"X-RateLimit-{name}", "") for name in ("Remaining", "Limit"))
    return f"{left} of {of} requests left" if left.isdigit() and of.isdigit() else ""
