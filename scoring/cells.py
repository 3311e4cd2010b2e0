"""The table of measured cells: one value per (model, benchmark), with its evidence."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """Measured cells in long form; all five arrays have shape (n_cells,).

    ``model_index`` and ``benchmark_index`` count from 0, ``value_0_1`` is the measured score on
    0-1, ``evidence`` (>= 0) is the weight of the measurement in a completed cell and
    ``kept_share`` (0-1) the share of its information that a doubted cell keeps in curves and
    abilities (see ``scoring.anomaly``). Models and benchmarks without any cell are allowed and
    counted in ``n_models`` and ``n_benchmarks``.
    """

    model_index: IntArray
    benchmark_index: IntArray
    value_0_1: FloatArray
    evidence: FloatArray
    kept_share: FloatArray
    n_models: int
    n_benchmarks: int

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.value_0_1)


def make_cells(
    model_index: ArrayLike,
    benchmark_index: ArrayLike,
    value_0_1: ArrayLike,
    n_models: int,
    n_benchmarks: int,
    evidence: ArrayLike | None = None,
) -> Cells:
    """Check the columns of a cells table and return them as ``Cells``, rows in the given order.

    The columns have shape (n_cells,); without ``evidence`` every cell has evidence 1, and each
    keeps its whole information. Raises ``ValueError`` naming the first offending row for: unequal
    lengths, a value that is not finite or outside 0-1, evidence that is not finite or negative, an
    index out of range, and a second cell of the same model and benchmark.
    """
    value = np.array(value_0_1, dtype=np.float64)
    cells = Cells(
        model_index=_whole_numbers(model_index, "model_index"),
        benchmark_index=_whole_numbers(benchmark_index, "benchmark_index"),
        value_0_1=value,
        evidence=np.ones(value.shape) if evidence is None else np.array(evidence, dtype=np.float64),
        kept_share=np.ones(value.shape),
        n_models=n_models,
        n_benchmarks=n_benchmarks,
    )
    _check(cells)
    return cells


def select_cells(cells: Cells, rows: BoolArray | IntArray) -> Cells:
    """Keep the cells that a mask or an index array of rows names; the index ranges stay."""
    return replace(
        cells,
        model_index=cells.model_index[rows],
        benchmark_index=cells.benchmark_index[rows],
        value_0_1=cells.value_0_1[rows],
        evidence=cells.evidence[rows],
        kept_share=cells.kept_share[rows],
    )


def select_models(cells: Cells, start: int, stop: int) -> Cells:
    """Keep the cells, sorted by model, of the models from start to below stop, numbered from 0."""
    first, last = np.searchsorted(cells.model_index, (start, stop))
    kept = select_cells(cells, np.arange(first, last))
    return replace(kept, model_index=kept.model_index - start, n_models=stop - start)


def without_empty_models(cells: Cells) -> tuple[Cells, IntArray]:
    """Number the models that have cells without gaps; also return what their numbers were."""
    models, model_index = np.unique(cells.model_index, return_inverse=True)
    return replace(cells, model_index=model_index.astype(np.int64), n_models=len(models)), models


def sort_cells(cells: Cells) -> Cells:
    """Order the cells by model, then benchmark.

    Sums of floats depend on their order in the last digits; summing in this one order makes every
    result independent of the order in which rows arrived.
    """
    return select_cells(cells, np.lexsort((cells.benchmark_index, cells.model_index)))


def cells_per_model(cells: Cells) -> IntArray:
    """Count the cells of every model that keep anything, shape (n_models,)."""
    return np.bincount(cells.model_index[cells.kept_share > 0], minlength=cells.n_models)


def to_matrix(cells: Cells, column: FloatArray, missing: float) -> FloatArray:
    """Spread a column (n_cells,) over an (n_models, n_benchmarks) matrix."""
    matrix = np.full((cells.n_models, cells.n_benchmarks), missing)
    matrix[cells.model_index, cells.benchmark_index] = column
    return matrix


def _whole_numbers(index: ArrayLike, name: str) -> IntArray:
    array = np.array(index)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} must hold integers, not {array.dtype}")
    return array.astype(np.int64)


def _check(cells: Cells) -> None:
    columns = (cells.model_index, cells.benchmark_index, cells.value_0_1, cells.evidence)
    if any(column.ndim != 1 or len(column) != len(cells) for column in columns):
        raise ValueError(f"columns differ in shape: {[column.shape for column in columns]}")
    _refuse(~np.isfinite(cells.value_0_1), cells.value_0_1, "value_0_1 is not a finite number")
    _refuse((cells.value_0_1 < 0) | (cells.value_0_1 > 1), cells.value_0_1, "value_0_1 outside 0-1")
    _refuse(~np.isfinite(cells.evidence), cells.evidence, "evidence is not a finite number")
    _refuse(cells.evidence < 0, cells.evidence, "evidence is negative")
    for index, size, name in (
        (cells.model_index, cells.n_models, "model_index"),
        (cells.benchmark_index, cells.n_benchmarks, "benchmark_index"),
    ):
        _refuse((index < 0) | (index >= size), index, f"{name} outside 0..{size - 1}")
    key = cells.model_index * max(cells.n_benchmarks, 1) + cells.benchmark_index
    repeated = np.ones(len(key), dtype=bool)
    repeated[np.unique(key, return_index=True)[1]] = False
    _refuse(repeated, key, "second cell of the same model and benchmark, key")


def _refuse(bad: BoolArray, column: NDArray[np.generic], reason: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"row {row}: {reason}: {column[row]} ({int(bad.sum())} such rows)")
