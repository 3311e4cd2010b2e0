"""The vocabulary: seed rows turned into lookups that the parser and the ladder use.

Rows come from `seeds/matching/*.csv` (`load_vocabulary`) or from any mapping of seed name to
rows (`build_vocabulary`), so that dbt can pass its seed tables without touching a file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

_PUNCTUATION = re.compile(r"[\W_]+")
Row = Mapping[str, str | None]

SEEDS = {
    "matching_words": ("word", "kind", "value"),
    "matching_providers": ("alias", "provider", "kind"),
    "matching_hosts": ("host", "kind"),
    "matching_sources": ("source", "role", "org_is", "untuned", "dates", "catalogue"),
    "matching_families": (
        "family",
        "provider",
        "is_base",
        "effort_words",
        "tier_words",
        "speed_words",
        "implies",
    ),
    "matching_tunes": ("name", "bare_means"),
    "matching_version_dates": ("name", "version", "date"),
    "matching_mode_releases": ("name",),
    "matching_aliases": ("name", "same_as", "valid_from", "valid_to"),
    "matching_known_releases": ("name",),
}


@dataclass(frozen=True)
class SourceRule:
    """How one source writes names.

    role: see `Name`; org_is: 'creator' or 'host'; untuned: what a name without a tune word means
    ('chat', 'vendor', or '' for unknown); hub: names are repositories of weights; listing_dates:
    an eight-digit date is the day of listing, not of the release; catalogue: 'releases' where two
    entries are two releases, 'variants' where one release may have several entries, else ''.
    """

    role: str = "evaluator"
    org_is: str = "creator"
    untuned: str = ""
    hub: bool = False
    listing_dates: bool = False
    catalogue: str = ""


@dataclass(frozen=True)
class Family:
    """A family word: who makes it, whether others build on it, its own reading of some words."""

    provider: str
    is_base: bool = False
    effort_words: frozenset[str] = frozenset()
    tier_words: frozenset[str] = frozenset()
    speed_words: frozenset[str] = frozenset()
    implies: str = ""


@dataclass(eq=False)
class Vocabulary:
    """All lookups. Keys are lower case; provider and host keys, and the words that mean `nothing`,
    are squashed to letters and digits.

    `tunes`, `version_dates`, `mode_releases`, `aliases` and `known_releases` stay rows: they are
    spelled as names and read through the parser (`rewriting.compile_rules`).
    """

    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()
    providers: dict[str, str] = field(default_factory=dict)
    hub_orgs: frozenset[str] = frozenset()
    reuploaders: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    host_words: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    host_prefixes: frozenset[str] = frozenset()
    phrases: re.Pattern[str] | None = None
    tools: frozenset[str] = frozenset()
    sources: dict[str, SourceRule] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def source_rule(self, source: str) -> SourceRule:
        """The rule of a source: its own row, else the row of the part before ':', else default."""
        rule = self.sources.get(source)
        if rule is None:
            head = source.split(":", 1)[0]
            rule = self.sources.get(head + ":*") if ":" in source else None
            rule = rule or self.sources.get(head) or DEFAULT_SOURCE
            self.sources[source] = rule
        return rule


DEFAULT_SOURCE = SourceRule()


@lru_cache(maxsize=50_000)
def squash(text: str) -> str:
    """Letters and digits only, lower case: 'Z.ai (Zhipu AI)' -> 'zaizhipuai'."""
    return _PUNCTUATION.sub("", text.lower())


def default_folder() -> Path:
    """Where the shipped vocabulary lies, relative to this package."""
    return Path(__file__).resolve().parent.parent / "seeds" / "matching"


def load_vocabulary(folder: str | Path) -> Vocabulary:
    """Read every seed of `SEEDS` from `folder`.

    Raises FileNotFoundError when a seed is missing and ValueError when a column is.
    """
    rows = {}
    for seed in SEEDS:
        path = Path(folder) / f"{seed}.csv"
        with path.open(newline="", encoding="utf-8-sig") as handle:
            rows[seed] = list(csv.DictReader(handle))
    return build_vocabulary(rows)


def build_vocabulary(seed_rows: Mapping[str, Iterable[Row]]) -> Vocabulary:
    """Build the lookups from rows per seed; raises ValueError on a missing column or seed."""
    rows = {seed: _checked(seed, seed_rows.get(seed), columns) for seed, columns in SEEDS.items()}
    providers = rows["matching_providers"]
    hosts = rows["matching_hosts"]
    words = [r for r in rows["matching_words"] if r["kind"] != "nothing"]
    nothing = [r for r in rows["matching_words"] if r["kind"] == "nothing"]
    return Vocabulary(
        words={
            r["word"].lower(): (r["kind"], r["value"])
            for r in words
            if r["kind"] not in ("phrase", "tool")
        },
        tools=frozenset(r["word"].lower() for r in words if r["kind"] == "tool"),
        nothing=frozenset(squash(r["word"]) for r in nothing),
        providers={squash(r["alias"]): r["provider"] for r in providers if r["kind"] != "reupload"},
        hub_orgs=frozenset(squash(r["alias"]) for r in providers if r["kind"] == "hub"),
        reuploaders=frozenset(squash(r["alias"]) for r in providers if r["kind"] == "reupload"),
        hosts=frozenset(squash(r["host"]) for r in hosts if r["kind"] == "host"),
        host_words=frozenset(r["host"].lower() for r in hosts if r["kind"] == "word"),
        regions=frozenset(r["host"].lower() for r in hosts if r["kind"] == "region"),
        host_prefixes=frozenset(r["host"].lower() for r in hosts if r["kind"] == "prefix"),
        phrases=_phrases(r["word"] for r in rows["matching_words"] if r["kind"] == "phrase"),
        sources={r["source"]: _source_rule(r) for r in rows["matching_sources"]},
        families={r["family"].lower(): _family(r) for r in rows["matching_families"]},
        rows=rows,
    )


def _phrases(texts: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of marks of several words, however they are joined; None without any."""
    spelled = ["[-_ ]?".join(map(re.escape, re.split(r"[-_ ]", t.lower()))) for t in sorted(texts)]
    if not spelled:
        return None
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(spelled)})(?![a-z0-9])")


def _checked(
    seed: str, rows: Iterable[Row] | None, columns: tuple[str, ...]
) -> list[dict[str, str]]:
    if rows is None:
        raise ValueError(f"seed {seed} is missing")
    checked = [{k: (str(v).strip() if v is not None else "") for k, v in r.items()} for r in rows]
    missing = [c for c in columns if checked and c not in checked[0]]
    if missing:
        raise ValueError(f"seed {seed} lacks the columns {', '.join(missing)}")
    return checked


def _source_rule(row: dict[str, str]) -> SourceRule:
    return SourceRule(
        role=row["role"] or "evaluator",
        org_is=row["org_is"] or "creator",
        untuned=row["untuned"] if row["untuned"] != "hub" else "vendor",
        hub=row["untuned"] == "hub",
        listing_dates=row["dates"] == "listing",
        catalogue=row["catalogue"],
    )


def _family(row: dict[str, str]) -> Family:
    return Family(
        provider=row["provider"],
        is_base=row["is_base"].lower() in ("true", "1", "yes", "t"),
        effort_words=frozenset(row["effort_words"].split()),
        tier_words=frozenset(row["tier_words"].split()),
        speed_words=frozenset(row["speed_words"].split()),
        implies=row["implies"],
    )
