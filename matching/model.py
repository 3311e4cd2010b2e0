"""The records that cross the package's border: names in, canonical models and decisions out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

#: A day and a moment as ISO text, and the type of a column that holds it.
Day = Annotated[str, "DATE"]
Moment = Annotated[str, "TIMESTAMP"]

RULE_VERSION = "2026.1"

#: Who writes a name, the most trusted first.
ROLES = ("registry", "vendor", "evaluator", "host")

#: Source, name and organisation: what one decision is about.
Spelling = tuple[str, str, str | None]


@dataclass(frozen=True)
class Name:
    """One spelling of a model as one source writes it.

    `efforts` are the words for reasoning efforts that this record offers, where it says so;
    `alias_of` is the name in the same source that this one stands for as of the day asked about;
    `released_on` the day on which the source says that the model came out.
    `org` is the creator for most sources and the host for routes of resellers. Names that share
    a `record_id` belong to one record; an id without a namespace ('or:...') counts within its
    source only. `role` is one of `ROLES`.
    """

    source: str
    name: str
    org: str | None = None
    record_id: str | None = None
    role: str = "evaluator"
    first_seen_at: Moment | None = None
    efforts: tuple[str, ...] = ()
    alias_of: str | None = None
    released_on: Day | None = None

    @property
    def spelling(self) -> Spelling:
        """The key of the decision about this name."""
        return (self.source, self.name, self.org)


@dataclass(frozen=True)
class ModelTokens:
    """What the names of a model say of it together: the tokens that set it apart from others.

    words: its family and other words of its own ('gpt'); generation: its numbers ('4o'); tier,
    domain and stage: words of the vocabulary ('mini', 'code', 'preview'); size: as stated ('70b');
    base and base_generation: the family it is built on; tune: instruct, base or thinking. Absent
    tokens are empty or None.
    """

    words: tuple[str, ...] = ()
    generation: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    size: str | None = None
    base: str | None = None
    base_generation: str | None = None
    tune: str | None = None


@dataclass(frozen=True)
class CanonicalModel:
    """A release that people can tell apart, and the name that introduced it.

    `tokens` is what its names say of it; None for a model of the registry that no name was
    read for.
    """

    model_id: str
    line_id: str | None = None
    provider: str | None = None
    display_name: str | None = None
    api_alias: str | None = None
    released_on: Day | None = None
    first_seen_source: str | None = None
    first_seen_at: Moment | None = None
    tokens: ModelTokens | None = None


@dataclass(frozen=True)
class Candidate:
    """A model that a name might have meant, and why it was not taken."""

    model_id: str
    score: float
    reason: str


@dataclass(frozen=True)
class Override:
    """A human decision about one name; `model_id` None means: never match this name."""

    source: str
    name: str
    model_id: str | None
    valid_from: Day | None = None
    valid_to: Day | None = None
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """What was decided about one name, with its evidence.

    `status` is auto, review, rejected or unmatched; `score` and `margin` lie in 0..1. `reason` says
    why the text is no name of a model ('' where it is one).
    """

    source: str
    source_model_name: str
    org: str | None
    record_id: str | None
    model_id: str | None
    line_id: str | None
    variant: str
    deployment: str
    method: str
    score: float
    runner_up_id: str | None
    margin: float
    tokens_agree: tuple[str, ...]
    tokens_missing: tuple[str, ...]
    tokens_conflict: tuple[str, ...]
    status: str
    rule_version: str = RULE_VERSION
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Twins:
    """Two models that may be one release, and what says so.

    found_by: 'tokens' where they differ only in what a source may leave out (`tokens_missing`: the
    slots that one lacks or writes less exactly), 'spelling' or 'meaning' where they are alike;
    likeness: of spellings or meanings, in 0..1.
    """

    model_id: str
    other_model_id: str
    found_by: str
    likeness: float
    tokens_missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The decisions (one per distinct name), the canonical models they point to, and those of them
    that may be one release.
    """

    decisions: list[Decision]
    models: list[CanonicalModel]
    twins: list[Twins] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
