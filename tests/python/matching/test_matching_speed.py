"""Cost is linear in names: a generous bound that a quadratic step would break."""

from __future__ import annotations

import time

from matching import Name, resolve


def seconds_per_name(vocabulary, count: int) -> float:
    tails = ("", "-mini", "-70b-instruct", "-2025-05-01", "_high", "-fp8", "-latest", "-0528")
    names = [
        Name("litellm", f"host{n % 7}/osprey-{n // 80}.{n % 10}{tails[n % 8]}", role="host")
        for n in range(count)
    ]
    started = time.perf_counter()
    resolve(names, [], vocabulary, fuzzy=False)
    return (time.perf_counter() - started) / count


def test_eight_times_the_names_cost_about_eight_times_the_time(vocabulary):
    seconds_per_name(vocabulary, 500)
    few = min(seconds_per_name(vocabulary, 1_500) for _ in range(2))
    many = min(seconds_per_name(vocabulary, 12_000) for _ in range(2))
    assert many < 3 * few


def test_many_names_of_one_model_are_no_harder(vocabulary):
    names = [Name("aider", "gpt-4o-2024-08-06", f"org {n}") for n in range(8_000)]
    started = time.perf_counter()
    resolution = resolve(names, [], vocabulary)
    assert len({d.model_id for d in resolution.decisions}) <= 8_000
    assert time.perf_counter() - started < 20
