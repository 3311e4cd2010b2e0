"""Synthetic cells with known parameters, shared by the tests of scoring and of evidence."""

from dataclasses import dataclass

import numpy as np

from scoring.ability import response
from scoring.cells import Cells, FloatArray, make_cells


@dataclass(frozen=True)
class Synthetic:
    cells: Cells
    chance: FloatArray
    ability: FloatArray
    difficulty: FloatArray
    ln_alpha: FloatArray


def draw_synthetic(n_models: int, n_benchmarks: int, density: float, seed: int) -> Synthetic:
    rng = np.random.default_rng(seed)
    model, benchmark = np.nonzero(rng.random((n_models, n_benchmarks)) < density)
    ability = rng.normal(0, 1, n_models)
    ability = (ability - ability.mean()) / ability.std()
    difficulty = rng.normal(0, 1.0, n_benchmarks)
    ln_alpha = rng.normal(0.4, 0.3, n_benchmarks)
    chance = rng.choice([0.0, 0.25], n_benchmarks)
    expected = response(
        ability[model], difficulty[benchmark], ln_alpha[benchmark], chance[benchmark]
    )
    value = np.clip(expected + rng.normal(0, 0.04, len(model)), 0, 1)
    evidence = rng.uniform(0.2, 1.0, len(model))
    cells = make_cells(model, benchmark, value, n_models, n_benchmarks, evidence)
    return Synthetic(cells, chance, ability, difficulty, ln_alpha)
