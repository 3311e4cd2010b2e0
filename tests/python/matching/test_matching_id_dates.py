"""Dates in the ids of models: how far they go, and in how many ways they can be read."""

import pytest

from matching.id_dates import IdDate, read_id_dates


@pytest.mark.parametrize(
    ("model_id", "readings"),
    [
        ("o4-mini-deepresearch-2025-06-26", [(2025, 6, 26)]),
        ("claude-opus-4-5-20251101", [(2025, 11, 1)]),
        ("command-a-03-2025", [(2025, 3, None)]),
        ("mistral-large-2411", [(2024, 11, None)]),
        ("gemini-1.5-pro-001-feb24", [(2024, 2, None)]),
        ("grok-2-1212", [(None, 12, 12)]),
        ("gemini-2.5-pro-preview-05-06", [(None, 5, 6)]),
        # The 24th of November, or November 2024.
        ("olmo-2-1124-13b-instruct", [(None, 11, 24), (2024, 11, None)]),
        # Numbers that are no dates.
        ("gpt-5.6-sol", []),
        ("qwen3-235b-a22b", []),
        ("qwen2.5-coder-32b-instruct-32k-rope", []),
        ("moonshot-v1-128k", []),
        ("", []),
    ],
)
def test_an_id_is_read_as_far_as_it_goes(model_id, readings):
    expected = [IdDate(number, *parts) for number, parts in enumerate(readings, start=1)]
    assert read_id_dates(model_id) == expected


def test_of_several_dates_the_fullest_is_read():
    assert read_id_dates("acme-2024-11-20-2411") == [IdDate(1, 2024, 11, 20)]
