"""Time and memory of screening, fit, posterior and what hangs on them, on synthetic cells.

Run with ``python tests/benchmarks/bench_scoring.py [models] [benchmarks] [density]``.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scoring.ability import calibration_models, fit_abilities, response
from scoring.anomaly import doubted_cells, screen_cells
from scoring.basket import ability_variances
from scoring.cells import Cells, FloatArray, make_cells, to_matrix
from scoring.posterior import (
    ability_grid,
    posterior_mass,
    response_curves,
    summarise_posterior,
)
from scoring.ranks import rank_intervals
from scoring.settings import BasketSettings, FitSettings

ResultT = TypeVar("ResultT")


def synthetic_cells(
    n_models: int, n_benchmarks: int, density: float, seed: int
) -> tuple[Cells, FloatArray]:
    """Draw cells of known abilities; also return the chance levels (n_benchmarks,)."""
    rng = np.random.default_rng(seed)
    model, benchmark = np.nonzero(rng.random((n_models, n_benchmarks)) < density)
    chance = rng.choice([0.0, 0.1, 0.25], n_benchmarks)
    difficulty, ln_alpha = rng.normal(0, 1.2, n_benchmarks), rng.normal(0.4, 0.4, n_benchmarks)
    ability = rng.normal(0, 1, n_models)
    expected = response(
        ability[model], difficulty[benchmark], ln_alpha[benchmark], chance[benchmark]
    )
    value = np.clip(expected + rng.normal(0, 0.07, len(model)), 0, 1)
    evidence = rng.uniform(0.2, 1.0, len(model))
    return make_cells(model, benchmark, value, n_models, n_benchmarks, evidence), chance


def timed(label: str, work: Callable[[], ResultT]) -> ResultT:
    """Run ``work``, print its seconds and the peak memory of the process so far."""
    start = time.perf_counter()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{label:32s} {time.perf_counter() - start:7.2f} s   peak {peak:5.2f} GB", flush=True)
    return result


def run(n_models: int, n_benchmarks: int, density: float) -> None:
    """Run every step once on a synthetic table of the given size."""
    cells, chance = synthetic_cells(n_models, n_benchmarks, density, seed=1)
    print(f"{n_models} models x {n_benchmarks} benchmarks, {len(cells)} cells")
    fit, basket = FitSettings(), BasketSettings()
    start = time.perf_counter()
    models = calibration_models(cells, np.ones(len(cells), dtype=bool), fit)
    found, _, begin = timed("screening", lambda: screen_cells(cells, chance, models, fit))
    print(f"  {found.is_flagged.sum()} flagged")
    cells = doubted_cells(cells, found)
    models = calibration_models(cells, np.ones(len(cells), dtype=bool), fit)
    result = timed("fit", lambda: fit_abilities(cells, chance, models, fit, begin))
    print(f"  {len(models)} calibrating, {result.sweeps} sweeps, {result.is_converged=}")
    parameters = result.parameters
    mass = timed("posterior on the grid", lambda: posterior_mass(cells, parameters, fit))
    timed("means over the posterior", lambda: summarise_posterior(mass, parameters, fit))
    weights = np.random.default_rng(2).uniform(0.2, 1.0, (7, n_benchmarks))
    weights *= np.random.default_rng(3).random(weights.shape) < 8 / n_benchmarks
    weights[:, 0] = 1.0
    baskets = {f"category {i}": row for i, row in enumerate(weights)}
    curves, everyone = response_curves(parameters, ability_grid(fit)), np.arange(n_models)
    evidence = to_matrix(cells, cells.evidence, 0.0)
    timed(
        "variances of 7 baskets",
        lambda: ability_variances(mass, curves, baskets, everyone, evidence, basket),
    )
    print(f"{'screening, fit and posterior':32s} {time.perf_counter() - start:7.2f} s")
    score, sd = np.random.default_rng(4).normal(60, 15, n_models), np.full(n_models, 3.0)
    keys = [f"coding|model-{i}" for i in range(n_models)]
    timed("rank intervals, computed", lambda: rank_intervals(score, sd, keys))
    few = slice(0, 5000)
    timed("rank intervals, 5,000 simulated", lambda: rank_intervals(score[few], sd[few], keys[few]))


if __name__ == "__main__":
    arguments = sys.argv[1:] + ["50000", "60", "0.2"][len(sys.argv) - 1 :]
    run(int(arguments[0]), int(arguments[1]), float(arguments[2]))
