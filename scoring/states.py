"""Subjects told apart by what is measured of them, and by nothing else.

A model of which nothing new was measured between two days is judged and scored once for both.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scoring.cells import Cells, IntArray, select_cells, without_empty_models


@dataclass(frozen=True)
class States:
    """The different sets of benchmarks and values among subjects.

    ``cells`` are those of one subject of each state, numbered by state. ``state_of`` (n_subjects,)
    is the state of each subject, ``row_of`` (n_cells,) the row of ``cells`` that has the benchmark
    and the value of each cell.
    """

    cells: Cells
    state_of: IntArray
    row_of: IntArray


def tell_states(cells: Cells) -> States:
    """Find which subjects have the same cells, whatever their evidence.

    The cells are sorted by subject, then benchmark, and each subject has at least one.
    """
    bounds = np.searchsorted(cells.model_index, np.arange(cells.n_models + 1))
    content = np.stack([cells.benchmark_index, cells.value_0_1.view(np.int64)], axis=1)
    known: dict[bytes, int] = {}
    states = [
        known.setdefault(content[start:stop].tobytes(), len(known))
        for start, stop in pairwise(bounds.tolist())
    ]
    state_of = np.array(states, dtype=np.int64)
    first = np.unique(state_of, return_index=True)[1]
    is_first = np.zeros(cells.n_models, dtype=bool)
    is_first[first] = True
    own, _ = without_empty_models(select_cells(cells, is_first[cells.model_index]))
    begin = np.searchsorted(own.model_index, np.arange(own.n_models))
    place = np.arange(len(cells)) - bounds[cells.model_index]
    return States(own, state_of, begin[state_of[cells.model_index]] + place)
