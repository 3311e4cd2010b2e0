import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.cells import make_cells, sort_cells
from scoring.states import tell_states


def test_subjects_of_equal_cells_share_a_state_whatever_their_evidence() -> None:
    cells = make_cells(
        [0, 0, 1, 2, 2, 3],
        [0, 2, 0, 0, 2, 1],
        [0.5, 0.25, 0.5, 0.5, 0.25, 0.5],
        4,
        3,
        [1.0, 1.0, 1.0, 0.5, 0.25, 1.0],
    )
    states = tell_states(cells)
    assert states.state_of.tolist() == [0, 1, 0, 2]
    assert states.cells.n_models == 3
    assert states.cells.model_index.tolist() == [0, 0, 1, 2]
    assert states.cells.benchmark_index.tolist() == [0, 2, 0, 1]
    assert states.row_of.tolist() == [0, 1, 2, 0, 1, 3]


def test_nobody_has_no_state() -> None:
    states = tell_states(make_cells([], [], [], 0, 2))
    assert (states.cells.n_models, len(states.state_of), len(states.row_of)) == (0, 0, 0)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_each_cell_finds_its_own_in_its_state(n_subjects: int, n_benchmarks: int, seed: int):
    rng = np.random.default_rng(seed)
    is_measured = rng.random((n_subjects, n_benchmarks)) < 0.6
    is_measured[:, 0] |= ~is_measured.any(axis=1)
    subject, benchmark = np.nonzero(is_measured)
    value = rng.choice([0.0, 0.5, 1.0], len(subject))
    cells = sort_cells(make_cells(subject, benchmark, value, n_subjects, n_benchmarks))
    states = tell_states(cells)
    own = states.cells
    assert (own.model_index[states.row_of] == states.state_of[cells.model_index]).all()
    assert (own.benchmark_index[states.row_of] == cells.benchmark_index).all()
    assert (own.value_0_1[states.row_of] == cells.value_0_1).all()
    table = np.full((n_subjects, n_benchmarks), -1.0)
    table[subject, benchmark] = value
    assert len(np.unique(table, axis=0)) == own.n_models
    assert set(states.row_of.tolist()) == set(range(len(own)))
