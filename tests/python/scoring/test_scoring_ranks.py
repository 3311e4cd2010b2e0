import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ranks import (
    computed_rank_intervals,
    normal_distribution,
    normal_draws,
    rank_intervals,
    ranks,
    simulated_rank_intervals,
)
from scoring.settings import RankSettings

RANKS = RankSettings()


def keys(number: int) -> list[str]:
    return [f"coding|model-{i}" for i in range(number)]


def test_equal_scores_share_the_better_rank() -> None:
    assert ranks(np.array([50.0, 70.0, 50.0, 20.0])).tolist() == [2, 1, 2, 4]


def test_certain_scores_have_certain_ranks() -> None:
    score = np.array([10.0, 30.0, 20.0])
    low, high = rank_intervals(score, np.zeros(3), keys(3))
    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_two_models_far_and_near() -> None:
    low, high = rank_intervals(np.array([80.0, 20.0]), np.array([3.0, 3.0]), keys(2))
    assert (low.tolist(), high.tolist()) == ([1, 2], [1, 2])
    low, high = rank_intervals(np.array([50.0, 49.0]), np.array([3.0, 3.0]), keys(2))
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])


def test_empty_and_single() -> None:
    low, high = rank_intervals(np.zeros(0), np.zeros(0), [])
    assert low.size == high.size == 0
    low, high = rank_intervals(np.array([3.0]), np.array([1.0]), keys(1))
    assert (low.tolist(), high.tolist()) == ([1], [1])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_row_order_changes_no_interval(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score, sd, names = rng.normal(60, 10, 30), rng.uniform(0.5, 6, 30), keys(30)
    order = rng.permutation(30)
    straight = rank_intervals(score, sd, names)
    turned = rank_intervals(score[order], sd[order], [names[i] for i in order])
    for one, other in zip(straight, turned, strict=True):
        np.testing.assert_array_equal(one[order], other)


def test_both_methods_agree() -> None:
    rng = np.random.default_rng(4)
    score, sd = rng.normal(60, 12, 1500), rng.uniform(1, 8, 1500)
    simulated = simulated_rank_intervals(score, sd, keys(1500), RANKS)
    computed = computed_rank_intervals(score, sd, RANKS)
    for one, other in zip(simulated, computed, strict=True):
        difference = np.abs(one - other)
        assert difference.mean() < 0.01 * 1500
        assert difference.max() < 0.05 * 1500
        assert (other >= 1).all()
        assert (other <= 1500).all()


def test_computed_ends_are_not_biased() -> None:
    rng = np.random.default_rng(5)
    score, sd = rng.normal(60, 12, 300), rng.uniform(1, 4, 300)
    simulated = simulated_rank_intervals(score, sd, keys(300), RANKS)
    computed = computed_rank_intervals(score, sd, RANKS)
    for one, other in zip(simulated, computed, strict=True):
        assert (one - other).mean() == pytest.approx(0.0, abs=0.3)


def test_many_models_are_computed() -> None:
    few = RankSettings(max_simulated=10)
    score = np.linspace(0, 100, 11)
    direct = computed_rank_intervals(score, np.ones(11), few)
    for one, other in zip(rank_intervals(score, np.ones(11), keys(11), few), direct, strict=True):
        np.testing.assert_array_equal(one, other)


def test_computed_ranks_of_certain_scores() -> None:
    score = np.arange(20.0)
    low, high = computed_rank_intervals(score, np.zeros(20), RANKS)
    np.testing.assert_allclose(low, ranks(score), atol=1)
    np.testing.assert_allclose(high, ranks(score), atol=1)


def test_draws_are_normal_fixed_and_of_their_key() -> None:
    draws = normal_draws(keys(200), 1000)
    assert draws.mean() == pytest.approx(0.0, abs=0.01)
    assert draws.std() == pytest.approx(1.0, abs=0.01)
    assert np.mean(np.abs(draws) < 1.645) == pytest.approx(0.9, abs=0.005)
    assert abs(np.corrcoef(draws)[np.triu_indices(200, 1)]).max() < 0.2
    np.testing.assert_array_equal(normal_draws(["coding|model-7"], 1000)[0], draws[7])


def test_normal_distribution() -> None:
    x = np.linspace(-9, 9, 2001)
    exact = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(normal_distribution(x), exact, atol=1e-7)


def test_bad_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        rank_intervals(np.array([np.nan]), np.array([1.0]), keys(1))
    with pytest.raises(ValueError, match="at least 0"):
        rank_intervals(np.array([1.0]), np.array([-1.0]), keys(1))
    with pytest.raises(ValueError, match="lengths"):
        rank_intervals(np.array([1.0]), np.array([1.0]), keys(2))
