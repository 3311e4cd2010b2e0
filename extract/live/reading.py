"""Read a source live: all its addresses, the newest release of a board, or all pages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from extract.archive import unpack
from extract.catalog import Fetching, Live, LiveUrl, Pages, Source
from extract.files import FetchError, Found, SourceFile, dates_in, without_query
from extract.live.cache import OpenCache
from extract.live.client import Answer, Client
from extract.live.transport import Key

MAX_INDEX_SCRIPTS = 4
"""Scripts of an index page that are searched for releases."""

_SCRIPT = re.compile(r"""<script[^>]+src=["']([^"']+)["']""", re.IGNORECASE)

_Answers = list[tuple[LiveUrl, Answer]]


@dataclass(frozen=True)
class Reader:
    """What reading live takes: how to fetch, the cache if there is one, a clock, and the variables
    that hold keys; `is_new_asked`: ask also where the cache was filled a moment ago."""

    fetching: Fetching
    clock: Callable[[], datetime]
    open_cache: OpenCache | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    is_new_asked: bool = False

    def reason_to_skip(self, source: Source) -> str:
        """Why a source cannot be read live, or an empty text."""
        if source.live.none:
            return f"no live source: {source.live.none}"
        if source.auth_env and not self._key_of(source):
            return f"no key: set {source.auth_env}"
        return ""

    def read(self, source: Source) -> Found:
        """Fetch a source's live addresses. Raises FetchError."""
        live, key = source.live, self._key(source)
        urls = live.urls_of(self._tier(live))
        name = source.auth_env
        with Client(live, self.fetching, self.clock, self.open_cache, key, name) as client:
            if live.pages:
                answers = self._all_pages(live.pages, urls[0], client)
            elif any("{release}" in target.url for target in urls):
                answers = self._newest_release(live, client)
            else:
                answers = self._all(urls, client)
        return _files(source, answers)

    def _key_of(self, source: Source) -> str:
        return self.environment.get(source.auth_env, "").strip()

    def _key(self, source: Source) -> Key | None:
        value = self._key_of(source) if source.auth_env else ""
        if not value:
            return None
        if not (value.isascii() and value.isprintable()):
            raise FetchError(f"{source.auth_env}: holds what no header can: check it")
        hosts = frozenset(urlsplit(target.url).netloc for target in source.live.urls)
        return Key(source.live.key_header, value, hosts)

    def _tier(self, live: Live) -> str | None:
        if not live.tiers:
            return None
        tier = self.environment.get(live.tier_env, "").strip() or live.tiers[0]
        if tier not in live.tiers:
            known = ", ".join(live.tiers)
            raise FetchError(f"{live.tier_env}: '{tier}' is no tier, allowed: {known}")
        return tier

    def _all(self, urls: Sequence[LiveUrl], client: Client) -> _Answers:
        return [(target, client.get(target.url, self.is_new_asked)) for target in urls]

    def _all_pages(self, pages: Pages, target: LiveUrl, client: Client) -> _Answers:
        """All pages as they were at one time: where the cache holds pages of several times, or they
        do not fit together, all are asked anew, once."""
        if not self.is_new_asked:
            with suppress(PagesChangedError):
                answers = self._pages(pages, target, client, False)
                if _are_of_one_time(answers):
                    return answers
        answers = self._pages(pages, target, client, True)
        if not _are_of_one_time(answers):
            problem = next((a.problem for _, a in answers if a.problem), "pages of several times")
            raise FetchError(f"{problem} (not all pages could be read, so none is used)")
        return answers

    def _pages(self, pages: Pages, target: LiveUrl, client: Client, is_new_asked: bool) -> _Answers:
        answers: _Answers = []
        seen: dict[str, int] = {}
        total = 1
        while len(answers) < total:
            number = len(answers) + 1
            page = _page_of(pages, target, number)
            answer = client.get(page.url, is_new_asked)
            said = _Page.of(page, answer)
            total = said.total if number == 1 else total
            shown = f"{without_query(page.url)}, page {number}"
            if total > pages.max_pages:
                raise FetchError(f"{shown}: {total} pages, more than max_pages, check sources.yml")
            if (said.number, said.total, said.has_more) != (number, total, number < total):
                raise PagesChangedError(
                    f"{shown}: says it is page {said.number} of {said.total}, where page {number} "
                    f"of {total} was asked for: nothing is landed, try again later"
                )
            if repeated := next((seen[i] for i in said.ids if i in seen), None):
                raise PagesChangedError(
                    f"{shown}: repeats records of page {repeated}: nothing is landed, try again"
                )
            seen |= dict.fromkeys(said.ids, number)
            answers.append((page, answer))
        return answers

    def _newest_release(self, live: Live, client: Client) -> _Answers:
        """Try releases from the newest down until one answers all its addresses with data."""
        releases = sorted({*live.releases, *self._releases_on_page(live, client)}, reverse=True)
        problem = FetchError("no release is known, list some in sources.yml")
        for number, release in enumerate(releases[: live.tries]):
            urls = [replace_release(target, release) for target in live.urls_of(self._tier(live))]
            try:
                return self._all(urls, client)
            except FetchError as error:
                if error.http_status is None:
                    raise
                problem = error if number == 0 else problem
        raise problem

    def _releases_on_page(self, live: Live, client: Client) -> Iterator[str]:
        """Dates found on the index page and in the scripts of the same host that it loads."""
        pages = [live.index] if live.index else []
        known = live.releases[0] if live.releases else "2026_01_01"
        written = "%Y-%m-%d" if "-" in known else "%Y_%m_%d"
        for number in range(MAX_INDEX_SCRIPTS + 1):
            if number >= len(pages):
                return
            try:
                page = client.get(pages[number], self.is_new_asked, is_page=True)
            except FetchError:
                # The page only adds to the releases known already.
                continue
            text = page.body.decode("utf-8", "replace")
            if number == 0:
                host = urlsplit(live.index).netloc
                scripts = (urljoin(live.index, src) for src in _SCRIPT.findall(text))
                pages += [url for url in scripts if urlsplit(url).netloc == host]
            yield from (day.strftime(written) for day in dates_in(text))


def _are_of_one_time(answers: _Answers) -> bool:
    return len({answer.seen_at for _, answer in answers}) == 1


class PagesChangedError(FetchError):
    """Pages of one answer that do not belong together."""


@dataclass(frozen=True)
class _Page:
    """What one page says of itself, and the ids of its records."""

    number: object
    total: int
    has_more: object
    ids: tuple[str, ...]

    @classmethod
    def of(cls, target: LiveUrl, answer: Answer) -> _Page:
        shown = without_query(target.url)
        try:
            value: Any = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise FetchError(f"{shown}: is no JSON, try again later", answer.status) from None
        said = value.get("pagination") if isinstance(value, dict) else None
        total = said.get("total_pages") if isinstance(said, dict) else None
        rows = value.get("data") if isinstance(value, dict) else None
        if not isinstance(said, dict) or type(total) is not int or not isinstance(rows, list):
            raise FetchError(
                f"{shown}: lacks `data` or `pagination` with its `total_pages`, try again later",
                answer.status,
            )
        ids = (row["id"] for row in rows if isinstance(row, dict) and row.get("id") is not None)
        return cls(said.get("page"), max(total, 1), said.get("has_more"), tuple(map(str, ids)))


def replace_release(target: LiveUrl, release: str) -> LiveUrl:
    """An address, and its file's name, of one release."""
    return LiveUrl(
        url=target.url.replace("{release}", release), file=target.file.replace("{release}", release)
    )


def _page_of(pages: Pages, target: LiveUrl, number: int) -> LiveUrl:
    """The address of a page, and the name that its answer gets: `models_free.2.json`."""
    query = urlencode({pages.parameter: number})
    separator = "&" if "?" in target.url else "?"
    stem, dot, ending = target.file.rpartition(".")
    return LiveUrl(url=f"{target.url}{separator}{query}", file=f"{stem}.{number}{dot}{ending}")


def _files(source: Source, answers: _Answers) -> Found:
    """Answers as files."""
    found = Found()
    for target, answer in answers:
        location = without_query(target.url)
        if source.live.pages:
            location = f"{location} {target.file}"
        if answer.quota:
            found.quota = answer.quota
        file = SourceFile(
            target.file,
            location,
            answer.body,
            answer.seen_at,
            answer.status,
            answer.freshness,
            answer.problem,
        )
        if source.live.unpack == "zip":
            members = unpack(source, file, answer.body)
            found.files += members.files
            found.undeclared += members.undeclared
        else:
            found.files.append(file)
    return found
