"""Fixed points of a slow iteration, found in far fewer rounds.

Turns that each improve a part of the unknowns creep where the parts depend on each other: every
round leaves most of the error of the last one, and the more so the larger the problem. Anderson's
mixing ("Iterative procedures for nonlinear integral equations", 1965; in the form of Walker & Ni,
"Anderson acceleration for fixed-point iterations", 2011) looks at how the last rounds' moves
changed and goes to where, if that went on linearly, the next move would be smallest.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scoring.cells import FloatArray

#: Rounds whose moves are compared: with more, the far past misleads where the problem bends.
MEMORY = 10


@dataclass(frozen=True)
class FixedPoint:
    """Where an iteration came to rest, shape (n,), and whether it did within ``rounds``."""

    point: FloatArray
    rounds: int
    is_converged: bool


def find_fixed_point(
    step: Callable[[FloatArray], FloatArray],
    start: FloatArray,
    tolerance: float,
    max_rounds: int,
    memory: int = MEMORY,
) -> FixedPoint:
    """Repeat ``step`` ((n,) -> (n,)) from ``start`` until no coordinate moves more than tolerance.

    The point returned is always one that ``step`` itself made. Mixing changes the way there, never
    the goal: a point at rest is at rest for ``step``. A mixed point that ``step`` moves further
    (in the 2-norm) than it moved the point before is taken back: the iteration goes on from where
    it would be without mixing, forgets what misled it, and mixes again only after twice as many
    plain rounds as the last time. So it comes to rest wherever plain rounds do, in at worst a small
    multiple of them. ``memory`` 0 is the plain iteration.
    """
    point, unmixed = start, start
    moves: list[FloatArray] = []
    results: list[FloatArray] = []
    pause, paused_until = 0, 0
    for number in range(1, max_rounds + 1):
        result = step(point)
        move = result - point
        if np.abs(move).max(initial=0.0) <= tolerance:
            return FixedPoint(result, number, True)
        if point is not unmixed and np.linalg.norm(move) > np.linalg.norm(moves[-1]):
            moves, results, point = [], [], unmixed
            pause = max(1, 2 * pause)
            paused_until = number + pause
            continue
        moves, results = [*moves, move][-memory - 1 :], [*results, result][-memory - 1 :]
        unmixed = result
        may_mix = len(moves) > 1 and number > paused_until
        point = _mixed(moves, results) if may_mix else result
    return FixedPoint(unmixed, max_rounds, False)


def _mixed(moves: list[FloatArray], results: list[FloatArray]) -> FloatArray:
    """Combine the results, with weights of sum 1, so that their moves combine to the smallest."""
    changes = np.diff(moves, axis=0)
    weights = np.linalg.lstsq(changes.T, moves[-1], rcond=None)[0]
    return results[-1] - weights @ np.diff(results, axis=0)
