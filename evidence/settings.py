"""What the measurements go by, and how evidence ages; each field with its unit and its effect.

Read from the seed scoring_parameters, as are the settings of ``scoring`` and ``matching``.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class EvaluationSettings:
    """Parameters of the published measurements; none of them changes a score."""

    GROUP: ClassVar[str] = "evaluation"

    #: Draws. How often what is drawn at random (hidden cells, planted errors, newcomers) is drawn
    #: anew; figures are means. One draw plants some forty errors, and the share of them that is
    #: found on sharp benchmarks varies by .07 from draw to draw; fewer draws are quicker.
    draws: int = 20
    #: Share on 0-1. Cells that are hidden in a hold-out.
    hold_out_share: float = 0.15
    #: Score on 0-1. Pairs of models at most this far apart on a benchmark are taken as equal when
    #: concordance is measured: repeats of one benchmark differ by as much.
    concordance_margin: float = 0.05
    #: Cells. A model counts as known well enough to stand for the truth from this many cells.
    cold_start_min_cells: int = 10
    #: Share on 0-1. Well-known models that take part in one cold start.
    cold_start_share: float = 0.15
    #: Share on 0-1. Cells that get a planted error.
    planted_share: float = 0.02
    #: Score on 0-1. Size of a planted error.
    planted_error: float = 0.3
    #: Score on 0-1. Benchmarks with at most this noise are reported apart.
    sharp_sigma: float = 0.06
    #: Score on 0-1. How much a cell is raised in the monotonicity check.
    raised_by: float = 0.1
    #: Cells. From this many cells on, a cell at its predicted value must hardly matter.
    settled_min_cells: int = 5
    #: Models. How many models are taken out, one at a time, to see whom they move.
    newcomers: int = 5
    #: Days. Ageing of all evidence in the recency check.
    ageing_days: float = 365.0


@dataclass(frozen=True)
class RecencySettings:
    """Parameters of how evidence ages."""

    GROUP: ClassVar[str] = "recency"

    #: Days. The weight of a value halves each time it ages by this much; smaller forgets faster.
    half_life_days: float = 730.0
