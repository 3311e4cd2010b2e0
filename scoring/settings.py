"""Every number that shapes a score, with its unit and its effect.

A build reads them from the seed scoring_parameters (``parameters.settings_from``, group by GROUP).
The defaults are those of the shipped seed, which a test holds them to; they are for callers that
have no seed.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FitSettings:
    """Parameters of the calibration fit and of the posterior grid.

    "Ability units" are standard deviations of ability over the calibration models.
    """

    GROUP: ClassVar[str] = "fit"

    #: Ability units. Prior sd of an ability C; smaller pulls poorly measured models to the middle.
    ability_prior_sd: float = 1.0
    #: Ability units. Prior sd of a difficulty D; smaller pulls rarely run benchmarks to the middle.
    difficulty_prior_sd: float = 1.5
    #: Log slope per ability unit. Prior mean of ln alpha, and its starting value.
    ln_alpha_prior_mean: float = 0.4
    #: Log slope. Prior sd of ln alpha; smaller makes benchmarks equally steep.
    ln_alpha_prior_sd: float = 0.5
    #: Score on 0-1. Noise that a benchmark is assumed to have before any cell; also the start.
    sigma_prior: float = 0.08
    #: Cells. How many cells the assumed noise counts for.
    sigma_prior_cells: float = 8.0
    #: Share on 0-1. Part of a benchmark's cells left as degrees of freedom after abilities and
    #: parameters are fitted; smaller gives larger noise.
    sigma_freedom: float = 0.85
    #: Noise scales. A residual further out than this counts towards the noise as if it lay there;
    #: smaller gives smaller noise where a few cells are far off.
    sigma_limit: float = 3.5
    #: Ability units. Largest move of an ability in one step; smaller is slower and safer.
    ability_step: float = 1.0
    #: Ability units, log slope. Largest move of D and of ln alpha in one step.
    benchmark_step: float = 0.5
    #: Count. How often a step that worsens the objective is halved before it is given up.
    halvings: int = 6
    #: Ability units, log slope, log noise. The fit ends when nothing moves more than this in a
    #: sweep. What is still before it then is up to 20 times as much: smaller makes results depend
    #: less on the way there, and costs few sweeps more.
    tolerance: float = 1e-8
    #: Count. Sweeps after which the fit stops even if it still moves.
    max_sweeps: int = 5000
    #: Cells. Models with fewer cells do not calibrate benchmarks.
    min_cells: int = 3
    #: Models. At most so many models calibrate, the best covered first.
    max_models: int = 3000
    #: Models. Below this many calibration models the frozen parameters are used.
    min_models: int = 20
    #: Ability units. The grid of the posterior runs from minus to plus this value, ends included.
    grid_limit: float = 4.0
    #: Ability units. Distance between grid points; smaller is finer and slower.
    grid_step: float = 0.02


@dataclass(frozen=True)
class BasketSettings:
    """Parameters of a category's completed basket."""

    GROUP: ClassVar[str] = "basket"

    #: Evidence. Weight of the expected value in a completed cell; a fresh value of an independent
    #: runner has evidence 1. Larger trusts single measurements less.
    kappa: float = 0.25
    #: Ability units. Common error of all expected cells of a model (it may be better or worse in
    #: a whole field than its ability says); widens sd where much is expected, little measured.
    common_error: float = 0.1
    #: Standard deviations. Half width of the interval: 1.645 makes it a 90 % interval.
    interval_z: float = 1.645
    #: Points on 0-100. The sd at which confidence is one half.
    confidence_half_sd: float = 5.0
    #: Share on 0-1. A category ranks only models of at least this confidence.
    ranked_confidence: float = 0.5
    #: Cells. A category ranks only models with at least so many cells, in any category.
    ranked_min_cells: int = 3
    #: Share on 0-1. A cell that keeps less of its evidence than this, because it contradicts the
    #: rest, is no measured cell where those are counted for ranking.
    counted_kept_share: float = 0.5


@dataclass(frozen=True)
class RankSettings:
    """Parameters of the rank intervals."""

    GROUP: ClassVar[str] = "ranks"

    #: Count. Simulated score tables; more makes the interval's ends steadier.
    draws: int = 1000
    #: Models. Above this many ranked models the interval is computed without simulation.
    max_simulated: int = 5000
    #: Share on 0-1. Lower end of the interval; the upper end is its mirror image.
    tail: float = 0.05
    #: Count. Score levels at which the computed (not simulated) rank curve is evaluated.
    curve_points: int = 2000


@dataclass(frozen=True)
class AnomalySettings:
    """Parameters of the search for cells that contradict their model."""

    GROUP: ClassVar[str] = "anomaly"

    #: Modified z-score. Cells beyond this magnitude are flagged; larger flags fewer.
    threshold: float = 3.5
    #: Modified z-score. From this magnitude on a cell keeps ever less of its evidence, nothing at
    #: the threshold; nearer to it doubts fewer cells, but lets scores jump when one crosses it.
    doubt_from: float = 1.5
    #: Standard deviations. When a cell is expected from the others, one of these further than this
    #: from its curve pulls no harder than one at this distance (Huber). 1.345 loses 5 % of
    #: precision where nothing is wrong; smaller resists more wrong cells and loses more.
    huber_limit: float = 1.345
    #: Cells. How many cells that spread as those of all benchmarks do are added to those of a
    #: benchmark before it says how far is far; larger makes verdicts steadier and benchmarks alike.
    spread_prior_cells: float = 20.0
    #: Ability units, log slope, log noise. The fits that cells are judged by end when nothing moves
    #: more than this in a sweep; smaller makes verdicts depend less on the way there.
    tolerance: float = 1e-8
    #: Cells. A benchmark with fewer cells of calibrating models has no spread to judge by, and
    #: nothing on it is flagged.
    min_reference: int = 5
    #: Cells. A cell of a model with fewer other ones is not judged: where two or three measurements
    #: contradict each other, nothing says which of them is wrong.
    min_others: int = 3


DEFAULT_FIT = FitSettings()
DEFAULT_BASKET = BasketSettings()
DEFAULT_RANKS = RankSettings()
DEFAULT_ANOMALY = AnomalySettings()
