import numpy as np
import pytest

from scoring.cells import cells_per_model, make_cells, sort_cells, to_matrix


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value_0_1": [0.5, np.nan]}, "row 1: value_0_1 is not a finite"),
        ({"value_0_1": [np.inf, 0.5]}, "row 0: value_0_1 is not a finite"),
        ({"value_0_1": [0.5, 86.4]}, "outside 0-1"),
        ({"value_0_1": [-0.1, 0.5]}, "outside 0-1"),
        ({"value_0_1": [0.5]}, "differ in shape"),
        ({"evidence": [1.0, np.nan]}, "evidence is not a finite"),
        ({"evidence": [1.0, -1.0]}, "evidence is negative"),
        ({"model_index": [0, 2]}, "model_index outside"),
        ({"model_index": [-1, 0]}, "model_index outside"),
        ({"model_index": [0.0, 1.0]}, "must hold integers"),
        ({"benchmark_index": [0, 9]}, "benchmark_index outside"),
        ({"model_index": [1, 1], "benchmark_index": [2, 2]}, "second cell"),
    ],
)
def test_bad_cells_are_refused_by_name(changed: dict, message: str) -> None:
    good = {
        "model_index": [0, 1],
        "benchmark_index": [0, 2],
        "value_0_1": [0.2, 0.4],
        "n_models": 2,
        "n_benchmarks": 3,
        "evidence": [1.0, 0.5],
    }
    make_cells(**good)
    with pytest.raises(ValueError, match=message):
        make_cells(**(good | changed))


def test_sorting_counting_and_spreading() -> None:
    cells = sort_cells(make_cells([1, 0, 1], [1, 0, 0], [0.3, 0.1, 0.2], 3, 2))
    assert cells.value_0_1.tolist() == [0.1, 0.2, 0.3]
    assert cells_per_model(cells).tolist() == [1, 2, 0]
    np.testing.assert_array_equal(
        to_matrix(cells, cells.value_0_1, np.nan),
        [[0.1, np.nan], [0.2, 0.3], [np.nan, np.nan]],
    )


def test_given_arrays_are_not_kept() -> None:
    value = np.array([0.5])
    cells = make_cells([0], [0], value, 1, 1)
    value[0] = 9.0
    assert cells.value_0_1[0] == 0.5
