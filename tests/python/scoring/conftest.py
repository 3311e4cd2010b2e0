import pytest

from tests.python.synthetic import Synthetic, draw_synthetic


@pytest.fixture(scope="session")
def synthetic() -> Synthetic:
    return draw_synthetic(n_models=150, n_benchmarks=25, density=0.5, seed=7)
