"""What landing takes: a CSV, a JSON list and a JSON object, made up in the sources' own shapes.

Each is landed by the real command: for the first time, again with nothing new, and again with every
record changed. Peak memory is held beside its limit. `python tests/benchmarks/bench_landing.py 50`
makes files of 50 MB instead.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZE_MB = 300
LIMIT_TIMES, LIMIT_MORE_MB = 3, 200
"""Peak memory may be so many times the file's size, and so many MB more."""


def routes(rng: random.Random, version: int) -> Iterator[str]:
    """An object keyed by route, with the fields that LiteLLM's mostly have."""
    number = 0
    while True:
        fields = {
            "litellm_provider": f"host-{number % 90}",
            "mode": "chat",
            "input_cost_per_token": rng.randrange(1, 9_999) * 1e-9,
            "output_cost_per_token": rng.randrange(1, 9_999) * 4e-9 + version * 1e-6,
            "cache_read_input_token_cost": rng.randrange(1, 999) * 1e-9,
            "max_input_tokens": 128_000,
            "max_output_tokens": 16_384,
            "supported_modalities": ["text", "image"],
            "supports_function_calling": True,
            "supports_reasoning": bool(number % 2),
        }
        yield f'"host-{number % 90}/maker/model-{number}": {json.dumps(fields, indent=4)}'
        number += 1


def performances(rng: random.Random, version: int) -> Iterator[str]:
    """A list of results per model and question, as LiveCodeBench publishes it."""
    number = 0
    while True:
        fields = {
            "question_id": f"abc{number // 1_000}_{number % 7}",
            "model": f"Model-{number % 1_000} (High)",
            "date": 1_690_000_000_000 + number,
            "difficulty": ("easy", "medium", "hard")[number % 3],
            "pass@1": rng.choice([0.0, 50.0, 100.0]) + version * 0.25,
            "platform": "atcoder",
        }
        yield json.dumps(fields)
        number += 1


def rows(rng: random.Random, version: int) -> Iterator[str]:
    """A CSV of a board, as EQ-Bench publishes it."""
    number = 0
    while True:
        scores = ",".join(f"{rng.uniform(0, 100):.4f}" for _ in range(12))
        yield f'maker/model-{number},"Model {number}, large",{scores},{version}.5,2026-01-01'
        number += 1


SCORES = ",".join(f"trait_{n}" for n in range(12))
SHAPES: dict[str, tuple[str, str, Callable[[random.Random, int], Iterator[str]], str, str, str]] = {
    "CSV": (
        "eqbench_creative",
        "creative_writing_v3",
        rows,
        f"model_name,name,{SCORES},creative_writing_score,released\n",
        "\n",
        "\n",
    ),
    "JSON list": (
        "livecodebench",
        "performances_generation",
        performances,
        '{"models": [{"model_repr": "m", "model_name": "m"}], "performances": [\n',
        ",\n",
        "\n]}\n",
    ),
    "JSON object": (
        "litellm",
        "model_prices_and_context_window",
        routes,
        "{\n",
        ",\n",
        "\n}\n",
    ),
}
"""Kind of file -> source, name of the file, its records, and what stands before, between and
behind them."""


def write(folder: Path, shape: str, megabytes: int, version: int) -> int:
    """Write a file of about this size, as observed on the day `version`; returns its bytes."""
    source, name, records, before, between, behind = SHAPES[shape]
    place = folder / source
    place.mkdir(exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    suffix = "csv" if shape == "CSV" else "json"
    path = place / f"{name}_2026-01-0{version}.{suffix}"
    with path.open("w") as file:
        written = file.write(before)
        for number, text in enumerate(records(random.Random(version), version)):
            written += file.write((between if number else "") + text)
            if written >= megabytes * 1e6:
                break
        file.write(behind)
    return path.stat().st_size


def run(*arguments: str) -> tuple[float, float, float]:
    """Run the command in a process of its own: wall and CPU seconds, and peak memory in MB."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "extract", *arguments]
    pid = os.posix_spawn(
        sys.executable,
        command,
        os.environ | {"PYTHONPATH": str(ROOT)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"error: {' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    # Linux counts in kB, macOS in bytes.
    peak = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, peak


def measure(shape: str, megabytes: int) -> None:
    """Land one kind of file three times and print what each time took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "files"
        folder.mkdir()
        source = SHAPES[shape][0]
        command = ["--from", str(folder), "--source", source, "--db", f"{name}/landing.duckdb"]
        for label, version in (("first", 1), ("nothing new", 1), ("all changed", 2)):
            if label != "nothing new":
                size = write(folder, shape, megabytes, version) / 1e6
            wall, cpu, peak = run(*command)
            limit = LIMIT_TIMES * size + LIMIT_MORE_MB
            print(
                f"{shape:<11} {size:4.0f} MB  {label:<11} {wall:6.1f} s  {cpu:6.1f} CPU s  "
                f"peak {peak:5.0f} MB, limit {limit:5.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    for kind in SHAPES:
        measure(kind, int(sys.argv[1]) if len(sys.argv) > 1 else SIZE_MB)
