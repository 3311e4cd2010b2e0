"""Every number of the ladder that one may change, with its unit and its effect.

A build reads them from the seed scoring_parameters (``parameters.settings_from``, group GROUP). The
defaults are those of the shipped seed, which a test holds them to; they are for callers that have
no seed. An override and an equal id score 1: they are no estimate.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class MatchingSettings:
    """Parameters of the ladder. Scores say how sure a match is, on 0-1; they rank, and no more."""

    GROUP: ClassVar[str] = "matching"

    #: Score on 0-1. A name that is a name of its model but for letters' case and separators.
    canonical_score: float = 0.99
    #: Score on 0-1. A name that the grammar reads as the tokens of its model.
    grammar_score: float = 0.97
    #: Score on 0-1. A name that a row of the vocabulary or a link rewrites to its model.
    alias_score: float = 0.95
    #: Score on 0-1. What each token costs that was filled in from other names.
    fill_cost: float = 0.01
    #: Score on 0-1. A decided match never scores less than this, whatever was filled in.
    auto_score: float = 0.9
    #: Score on 0-1. A proposal never scores more than this; a person decides it.
    review_score: float = 0.85
    #: Likeness on 0-1. The nearest model is proposed from this likeness of spellings on; larger
    #: proposes less.
    fuzzy_floor: float = 0.9
    #: Likeness on 0-1. The same for the likeness of meanings, where the extra is installed.
    semantic_floor: float = 0.9
    #: Likeness on 0-1. Models less alike than this are not listed as candidates.
    candidate_floor: float = 0.5
    #: Score on 0-1. What each contradicting token takes from the score of a runner-up.
    contradiction_cost: float = 0.15
    #: Score on 0-1. What each token takes that only one of the two has.
    one_sided_cost: float = 0.05
    #: Days. A day of listing means the release that lies no further off than this.
    listing_window_days: int = 60
    #: Days. A month in brackets behind a name means the release of that month, or the one that came
    #: out at most so long before it.
    aside_window_days: int = 15
    #: Days. A name without a date is not the dated release that its source says came out longer
    #: before or after it.
    release_apart_days: int = 45
    #: Likeness on 0-1. Models of one maker and the same numbers whose ids are alike from this on
    #: may be one release; larger lists fewer pairs.
    twin_floor: float = 0.95
    #: Days. Models whose dates lie no further apart may be one release.
    twin_window_days: int = 45
    #: Models. At most so many models that share a word are compared with a name; bounds time.
    block_limit: int = 400
    #: Models. At most so many neighbours of one family are compared for the runner-up; bounds time.
    sibling_limit: int = 40


DEFAULT_MATCHING = MatchingSettings()
