"""Time and memory of the rungs before fuzzy, from 10,000 to 100,000 distinct names.

Run: python tests/benchmarks/bench_matching.py [NAMES ...]
Prints names, seconds, microseconds per name, the slope against the first size, peak memory.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from matching import Name, load_vocabulary, resolve  # noqa: E402

FAMILIES = (
    "gpt",
    "claude",
    "gemini",
    "llama",
    "qwen",
    "mistral",
    "deepseek",
    "grok",
    "command",
    "granite",
    "falcon",
    "nova",
    "jamba",
    "phi",
    "aurora",
    "kestrel",
    "marlin",
    "osprey",
)
TIERS = ("", "-mini", "-pro", "-flash", "-large", "-coder", "-vl")
SIZES = ("", "-8b", "-32b", "-70b", "-235b-a22b")
TAILS = ("", "-instruct", "-preview", "-2024-08-06", "-0528", "_high", "-fp8", ":free")
PREFIXES = (
    ("litellm", "deepinfra/"),
    ("litellm", "bedrock/us-east-1/"),
    ("aider", ""),
    ("models_dev:openrouter", "openrouter/"),
    ("livebench", ""),
    ("epoch_version", ""),
)


def make_names(count: int) -> list[Name]:
    """`count` distinct names in the spellings of six sources."""
    versions = [f"{major}.{minor}" for major in range(1, 40) for minor in range(10)]
    parts = itertools.product(versions, FAMILIES, TIERS, SIZES, TAILS)
    names = []
    for index, (version, family, tier, size, tail) in enumerate(parts):
        source, prefix = PREFIXES[index % len(PREFIXES)]
        role = "host" if source.startswith(("litellm", "models_dev")) else "evaluator"
        names.append(Name(source, f"{prefix}{family}-{version}{tier}{size}{tail}", None, role=role))
        if len(names) == count:
            break
    return names


def measure(count: int) -> tuple[float, int]:
    """Seconds of one run over `count` names, and how many models came out."""
    vocabulary = load_vocabulary(ROOT / "seeds" / "matching")
    names = make_names(count)
    started = time.perf_counter()
    resolution = resolve(names, [], vocabulary, fuzzy=False)
    return time.perf_counter() - started, len(resolution.models)


def main(arguments: list[str]) -> None:
    """Measure every size and print one line for each."""
    sizes = [int(a) for a in arguments] or [10_000, 30_000, 100_000]
    first = None
    for count in sizes:
        seconds, models = measure(count)
        first = first or seconds / count
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:>8,} names  {seconds:6.2f} s  {seconds / count * 1e6:6.1f} us per name  "
            f"slope {seconds / count / first:4.2f}  {models:,} models  peak {peak:,.0f} MB"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
