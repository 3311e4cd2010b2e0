"""A worked example: three cells of one model, from cells to confidence."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scoring.ability import frozen_parameters
from scoring.basket import BasketSettings, capability_sd, completed_cells, score_categories
from scoring.cells import make_cells
from scoring.posterior import posterior_mass, summarise_posterior
from scoring.settings import FitSettings

ROWS = list(csv.DictReader((Path(__file__).parent / "golden_parameters.csv").open()))
IDS = [row["benchmark_id"] for row in ROWS]
WEIGHTS = {
    "coding": {
        "swe_bench_verified": 1.0,
        "aider_polyglot": 1.0,
        "terminalbench_hard": 0.8,
        "livecodebench": 0.7,
        "scicode": 0.7,
        "livebench_coding@2026-01-08": 0.5,
        "humaneval": 0.3,
    },
    "question": {
        "simpleqa_verified": 0.9,
        "mmlu": 0.8,
        "mmlu_pro": 0.7,
        "triviaqa": 0.6,
        "truthfulqa": 0.5,
        "gpqa_diamond": 0.5,
        "hle": 0.3,
    },
}
BASKETS = {
    category: np.array([weights.get(benchmark_id, 0.0) for benchmark_id in IDS])
    for category, weights in WEIGHTS.items()
}
PARAMETERS = frozen_parameters(ROWS, IDS, np.zeros(len(IDS)))
CELLS = make_cells(
    [0, 0, 0],
    [IDS.index(name) for name in ("humaneval", "mmlu", "gsm8k")],
    [0.67, 0.864, 0.92],
    n_models=1,
    n_benchmarks=len(IDS),
    evidence=[1.0, 1.0, 0.4],
)
FIT = FitSettings()
WITHOUT_COMMON_ERROR = replace(BasketSettings(), common_error=0.0)
near = lambda figure: pytest.approx(figure, abs=5e-4)  # noqa: E731


def test_ability_and_completed_cell() -> None:
    posterior = summarise_posterior(posterior_mass(CELLS, PARAMETERS, FIT), PARAMETERS, FIT)
    humaneval = IDS.index("humaneval")
    expected = posterior.expected[:, humaneval]
    cell = completed_cells(np.array([0.67]), np.array([1.0]), expected, BasketSettings())
    assert posterior.ability_mean[0] == near(-0.386992)
    assert expected[0] == near(0.808544)
    assert cell[0] == near(0.697709)


def test_capability_sd_coverage_and_confidence() -> None:
    scores = score_categories(CELLS, PARAMETERS, BASKETS, FIT, WITHOUT_COMMON_ERROR)
    coding, question = scores.categories.index("coding"), scores.categories.index("question")
    assert scores.capability[0, coding] == near(21.409019)
    assert scores.sd[0, coding] == near(5.128960)
    assert scores.coverage[0, coding] == near(0.048)
    assert scores.confidence[0, coding] == near(0.487270)
    assert scores.capability[0, question] == near(49.357452)
    assert scores.sd[0, question] == near(4.243477)


def test_common_error_adds_in_quadrature() -> None:
    with_it = score_categories(CELLS, PARAMETERS, BASKETS, FIT).sd[0, 0]
    without = score_categories(CELLS, PARAMETERS, BASKETS, FIT, WITHOUT_COMMON_ERROR).sd[0, 0]
    slope = summarise_posterior(
        posterior_mass(CELLS, PARAMETERS, FIT), PARAMETERS, FIT
    ).expected_slope[0]
    weight = BASKETS["coding"] / BASKETS["coding"].sum()
    share = np.where(np.array(IDS) == "humaneval", 0.25 / 1.25, 1.0)
    added = 100 * 0.1 * (weight * share * slope).sum()
    assert with_it**2 == pytest.approx(without**2 + added**2, abs=1e-9)
    assert with_it > without


def test_sd_of_two_benchmarks_by_hand() -> None:
    # k = 1 and .2, weights 3/4 and 1/4: the noise is (.75 * .1)^2 + .2 (.25 * .2)^2, over 1.25;
    # the common error is .1 (.75 * .4 + .25 * .2 * .5).
    sd = capability_sd(
        share=np.array([[1.0, 0.2]]),
        weight=np.array([3.0, 1.0]),
        sigma=np.array([0.1, 0.2]),
        ability_variance=np.array([0.0004]),
        expected_slope=np.array([[0.4, 0.5]]),
        settings=BasketSettings(),
    )
    assert sd[0] == pytest.approx(100 * np.sqrt(0.0004 + (0.005625 + 0.0005) / 1.25 + 0.0325**2))
