"""Property tests repeat their examples, and the longest tests start first."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run: a red run is about the change that made it.
settings.register_profile("repeatable", derandomize=True, print_blob=True)
# To look for examples that nobody has tried: pytest --hypothesis-profile=exploring
settings.register_profile("exploring", derandomize=False)
settings.load_profile("repeatable")

# What is held by another process is said at once; a test that waits says how long.
os.environ["WAIT_SECONDS"] = "0"

#: Files in the order in which processes take them, one after the other. The first makes the build
#: that most of the others share; those that need none fill that time.
FIRST = ("test_dbt_unit_tests",)
#: Then those that build, the longest first, so that no process is left alone with one at the end.
LONG = (
    "test_every_source",
    "test_publishing",
    "test_category_by_seed_rows",
    "test_values_and_columns",
    "test_bad_records",
    "test_faulty_listings",
    "test_landing_order",
    "test_builds_of_another_day",
    "test_prices",
    "test_parameter_faults",
    "test_metrics",
    "test_evaluation",
)


def place_of(path: Path) -> tuple[int, int]:
    """Where a file of tests stands in the order; files with equal places keep theirs."""
    if path.stem in FIRST:
        return 0, FIRST.index(path.stem)
    if path.stem in LONG:
        return 2, LONG.index(path.stem)
    return (3 if path.parent.name == "end_to_end" else 1), 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place_of(item.path))
