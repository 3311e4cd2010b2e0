"""How long landing takes: a made-up list of routes of LiteLLM's size, first and again."""

import json
import tempfile
import time
from pathlib import Path

from extract.__main__ import main

ROUTES = 4_552


def routes(count: int) -> dict[str, dict]:
    """Made-up routes with the fields that staging reads."""
    return {
        f"host-{n % 90}/maker/model-{n}": {
            "litellm_provider": f"host-{n % 90}",
            "mode": "chat",
            "input_cost_per_token": n * 1e-9,
            "output_cost_per_token": n * 4e-9,
            "max_input_tokens": 128_000,
            "supports_reasoning": bool(n % 2),
        }
        for n in range(count)
    }


def run(count: int) -> None:
    """Land the routes twice and print both times."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "litellm"
        place.mkdir()
        file = place / "model_prices_and_context_window_2026-01-01.json"
        file.write_text(json.dumps(routes(count)))
        arguments = ["--from", folder, "--source", "litellm", "--db", str(place / "l.duckdb")]
        for label in ("first", "again"):
            start = time.perf_counter()
            main(arguments)
            print(f"{label}: {count:,} routes in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    run(ROUTES)
