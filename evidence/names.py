"""How good the matching is: pairs of names labelled by reading, and simpler ways to compare them.

A pair is (a, b, same). Every method says same or not for each pair; ours resolves all names
together, once, and calls a pair the same where both names got one model with status auto.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from matching.ladder import resolve
from matching.model import CanonicalModel, Name
from matching.settings import DEFAULT_MATCHING, MatchingSettings
from matching.vocabulary import Vocabulary

COLUMNS = ("source_a", "name_a", "org_a", "source_b", "name_b", "org_b", "same_model")


@dataclass(frozen=True)
class Pair:
    """Two spellings, each (source, name, org), and whether they are the same model."""

    a: tuple[str, str, str]
    b: tuple[str, str, str]
    is_same: bool


@dataclass(frozen=True)
class PairScore:
    """A method's precision, recall and F1 over pairs, shares on 0-1; NaN where nothing was said."""

    method: str
    precision: float
    recall: float
    f1: float
    false_merges: int


def read_pairs(path: str | Path) -> list[Pair]:
    """Read a CSV with the columns of ``COLUMNS``; ValueError in one line where one is missing."""
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        rows = csv.DictReader(handle)
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            raise ValueError(f"{path}: the header lacks {', '.join(missing)}")
        return [
            Pair(
                (row["source_a"], row["name_a"], row["org_a"]),
                (row["source_b"], row["name_b"], row["org_b"]),
                row["same_model"] == "1",
            )
            for row in rows
        ]


def words(name: str) -> str:
    """A name's words: lower case, without its path, punctuation as blanks."""
    return re.sub(r"[\W_]+", " ", name.rsplit("/", 1)[-1].lower()).strip()


def joined(name: str) -> str:
    """A name's letters and digits alone."""
    return words(name).replace(" ", "")


#: The ways in which names are usually compared, with the threshold usually taken.
SIMPLER: dict[str, Callable[[str, str], bool]] = {
    "equal after normalising": lambda a, b: joined(a) == joined(b),
    "one contains the other": lambda a, b: joined(a) in joined(b) or joined(b) in joined(a),
    "RapidFuzz ratio >= 85": lambda a, b: fuzz.ratio(words(a), words(b)) >= 85,
    "RapidFuzz token_set >= 90": lambda a, b: fuzz.token_set_ratio(words(a), words(b)) >= 90,
    "RapidFuzz WRatio >= 90": lambda a, b: fuzz.WRatio(words(a), words(b)) >= 90,
    "Jaro-Winkler >= .95": lambda a, b: JaroWinkler.similarity(words(a), words(b)) >= 0.95,
}


def score(method: str, pairs: Sequence[Pair], said_same: Iterable[bool]) -> PairScore:
    """Count a method's answers against the labels."""
    answers = list(zip(pairs, said_same, strict=True))
    true = sum(pair.is_same and said for pair, said in answers)
    false = sum(said and not pair.is_same for pair, said in answers)
    same = sum(pair.is_same for pair in pairs)
    precision = true / (true + false) if true + false else float("nan")
    recall = true / same if same else float("nan")
    f1 = 2 * true / (true + false + same) if true + false + same else float("nan")
    return PairScore(method, precision, recall, f1, false)


def compare(
    pairs: Sequence[Pair],
    registry: Sequence[CanonicalModel],
    vocabulary: Vocabulary,
    settings: MatchingSettings = DEFAULT_MATCHING,
) -> list[PairScore]:
    """Score the simpler ways, then our ladder, on the same pairs."""
    scores = [
        score(method, pairs, (same(pair.a[1], pair.b[1]) for pair in pairs))
        for method, same in SIMPLER.items()
    ]
    spellings = sorted({side for pair in pairs for side in (pair.a, pair.b)})
    names = [
        Name(source, name, org or None, role=vocabulary.source_rule(source).role)
        for source, name, org in spellings
    ]
    found = {
        (decision.source, decision.source_model_name, decision.org or ""): decision.model_id
        for decision in resolve(names, registry, vocabulary, settings=settings).decisions
        if decision.status == "auto"
    }
    ours = (
        found.get(pair.a) is not None and found.get(pair.a) == found.get(pair.b) for pair in pairs
    )
    return [*scores, score("this ladder, auto only", pairs, ours)]
