"""Rank intervals: how far a rank could move when the scores are only known up to their sd."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from scoring.cells import FloatArray, IntArray
from scoring.settings import DEFAULT_RANKS, RankSettings

#: Table of the standard normal distribution function; linear interpolation errs below 1e-7.
_NORMAL_LIMIT = 8.0
_NORMAL_PER_UNIT = 1024
_NORMAL_TABLE: FloatArray = np.array(
    [
        0.5 * math.erfc(-x / _NORMAL_PER_UNIT / math.sqrt(2.0))
        for x in range(
            -int(_NORMAL_LIMIT) * _NORMAL_PER_UNIT, int(_NORMAL_LIMIT) * _NORMAL_PER_UNIT + 2
        )
    ]
)


def ranks(score: FloatArray) -> IntArray:
    """Return the rank of every score, the best is 1; equal scores share the better rank."""
    return len(score) + 1 - np.searchsorted(np.sort(score), score, side="right")


def rank_intervals(
    score: FloatArray,
    sd: FloatArray,
    keys: Sequence[str],
    settings: RankSettings = DEFAULT_RANKS,
) -> tuple[IntArray, IntArray]:
    """Return the best and the worst rank that are still credible, each of shape (n_models,).

    The two are the lower and the upper tail (5 % and 95 %) of a model's rank when every score
    varies independently by N(score, sd). ``score`` and ``sd`` (n_models,) have one unit. ``keys``
    names each row, e.g. "coding|gpt-4"; a model's random numbers hang on its key alone, so the
    result neither depends on the order of rows nor on chance.
    Up to ``settings.max_simulated`` models are simulated, more are computed.
    """
    if not len(score) == len(sd) == len(keys):
        raise ValueError(f"lengths differ: {len(score)}, {len(sd)}, {len(keys)}")
    if not (np.isfinite(score).all() and np.isfinite(sd).all() and (sd >= 0).all()):
        raise ValueError("scores and sds must be finite, sds at least 0")
    if len(score) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    if len(score) > settings.max_simulated:
        return computed_rank_intervals(score, sd, settings)
    return simulated_rank_intervals(score, sd, keys, settings)


def simulated_rank_intervals(
    score: FloatArray, sd: FloatArray, keys: Sequence[str], settings: RankSettings
) -> tuple[IntArray, IntArray]:
    """Rank ``settings.draws`` simulated score tables and take each model's tails."""
    drawn = np.empty((settings.draws, len(score)), dtype=np.int32)
    noise = normal_draws(keys, settings.draws)
    for draw in range(settings.draws):
        drawn[draw] = ranks(score + sd * noise[:, draw])
    drawn.sort(axis=0)
    low = math.ceil(settings.tail * settings.draws) - 1
    high = math.ceil((1.0 - settings.tail) * settings.draws) - 1
    return drawn[low].astype(np.int64), drawn[high].astype(np.int64)


def computed_rank_intervals(
    score: FloatArray, sd: FloatArray, settings: RankSettings
) -> tuple[IntArray, IntArray]:
    """Return rank intervals from sums of pairwise probabilities, without simulation.

    A model whose own score comes out as x has the expected rank R(x) = 1 + sum of P(score_j > x)
    over the others, and the variance V(x) = sum of P (1 - P), as a sum of independent yes-or-no
    events. R at the tails of the model's own score, widened by V in quadrature, gives the ends.
    R and V are evaluated on a grid of scores, so that time grows with the number of models, not
    with its square.
    """
    z = _normal_quantile(settings.tail)
    reach = abs(z) * sd.max()
    levels = np.linspace(score.min() - reach, score.max() + reach, settings.curve_points)
    above, variance = _exceedance(levels, score, np.maximum(sd, 1e-9))

    def others(x: FloatArray, own: FloatArray | float) -> FloatArray:
        return 1.0 + np.interp(x, levels, above) - own

    spread = abs(z) * np.sqrt(np.interp(score, levels, variance))
    middle = others(score, 0.5)
    best = others(score - z * sd, settings.tail)
    worst = others(score + z * sd, 1.0 - settings.tail)
    low = np.rint(middle - np.hypot(middle - best, spread))
    high = np.rint(middle + np.hypot(worst - middle, spread))
    best_rank, worst_rank = (np.clip(end, 1, len(score)).astype(np.int64) for end in (low, high))
    return best_rank, worst_rank


def normal_draws(keys: Sequence[str], draws: int) -> FloatArray:
    """Return standard normal numbers, shape (n_keys, draws), that depend on the keys alone.

    SHA-256 of the key seeds SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number
    generators", 2014); pairs of its numbers become normal by the method of Box and Muller (1958).
    Written out here because a generator of a library may give other numbers in its next release.
    """
    digests = [hashlib.sha256(key.encode()).digest()[:8] for key in keys]
    seeds = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
    steps = np.arange(1, 2 * draws + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    bits = seeds[:, None] + steps
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    radius: FloatArray = np.sqrt(-2.0 * np.log(uniform[:, :draws]))
    direction: FloatArray = np.cos(2.0 * np.pi * uniform[:, draws:])
    return radius * direction


def normal_distribution(x: FloatArray) -> FloatArray:
    """Return the standard normal distribution function, to 1e-7."""
    place = (np.clip(x, -_NORMAL_LIMIT, _NORMAL_LIMIT) + _NORMAL_LIMIT) * _NORMAL_PER_UNIT
    lower = place.astype(np.int64)
    left: FloatArray = _NORMAL_TABLE[lower]
    return left + (place - lower) * (_NORMAL_TABLE[lower + 1] - left)


def _normal_quantile(share: float) -> float:
    table = np.arange(len(_NORMAL_TABLE)) / _NORMAL_PER_UNIT - _NORMAL_LIMIT
    return float(np.interp(share, _NORMAL_TABLE, table))


def _exceedance(
    levels: FloatArray, score: FloatArray, sd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the sums of P(score > level) and of P (1 - P) over all models, per level."""
    above, variance = np.empty_like(levels), np.empty_like(levels)
    for position, level in enumerate(levels):
        probability = normal_distribution((score - level) / sd)
        above[position] = probability.sum()
        variance[position] = (probability * (1.0 - probability)).sum()
    return above, variance
