"""What a refresh costs in which no source has anything new: each answers 304 to each request.

The catalog is the product's own, with all addresses led to a server on this machine that plays the
real files of ../shared/upstream (without them there is nothing to measure). Printed are the seconds
of the command, those in which the server was answering, and the number of requests beside the
number of pages.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
UPSTREAM = ROOT.parent / "shared" / "upstream"
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "python" / "extract")]

from playing_server import Play, playing  # noqa: E402

from refresh import NEW_LOADS, one_time  # noqa: E402

LIMIT_SECONDS = 3
COMMAND = """
import sys
from pathlib import Path
from extract.__main__ import main
arguments = ["--live", "--revalidate", "--db", sys.argv[2]]
sys.exit(main(arguments, catalog=Path(sys.argv[1])))
"""


def answers() -> dict[str, bytes]:
    """Path of a live address -> the real file that it gives."""

    def newest(pattern: str) -> bytes:
        return sorted(UPSTREAM.glob(pattern))[-1].read_bytes()

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(UPSTREAM.glob("epoch/**/*.csv")):
            if path.parent == sorted(UPSTREAM.glob("epoch/**/*.csv"))[-1].parent:
                archive.write(path, path.name)
    page = json.loads(newest("artificial_analysis/free_v2_*.json"))
    page["pagination"] |= {"page": 1, "total_pages": 1, "has_more": False}
    litellm = "/BerriAI/litellm/main/model_prices_and_context_window.json"
    aider = "/Aider-AI/aider/main/aider/website/_data"
    return {
        litellm: newest("litellm/model_prices*.json"),
        "/api.json": newest("models_dev/api*.json"),
        "/api/v1/models": newest("openrouter/models*.json"),
        "/data/benchmark_data.zip": packed.getvalue(),
        "/results.json": newest("evalplus/results*.json"),
        "/performances_generation.json": newest("livecodebench/performances*.json"),
        "/": b"<html>2026_01_08",
        "/table_2026_01_08.csv": newest("livebench/table_2026_01_08.csv"),
        "/categories_2026_01_08.json": newest("livebench/categories_2026_01_08.json"),
        f"{aider}/polyglot_leaderboard.yml": newest("aider/polyglot*.yml"),
        f"{aider}/edit_leaderboard.yml": newest("aider/edit*.yml"),
        "/bigcode/results.json": newest("bigcodebench/results*.json"),
        "/api/v2/language/models/free": json.dumps(page).encode(),
    }


def catalog(url: str, target: Path) -> None:
    """Write the product's catalog with all hosts replaced by the server's."""
    text = (ROOT / "extract" / "sources.yml").read_text(encoding="utf-8")
    # Two boards publish a file of the same path.
    text = text.replace("https://bigcode-bench.github.io/", f"{url}/bigcode/")
    declared = yaml.load(text, Loader=yaml.BaseLoader)
    for source in declared["sources"]:
        live = source["live"]
        if live.get("index"):
            live["index"] = f"{url}/"
        live["urls"] = [led(address, url) for address in live.get("urls", [])]
        if not live["urls"]:
            del live["urls"]
    target.write_text(yaml.safe_dump(declared), encoding="utf-8")


def led(address: object, url: str) -> object:
    """An address, or {url, ...}, with the server's host in place of its own."""
    if isinstance(address, dict):
        return address | {"url": led(address["url"], url)}
    return (
        str(address) if str(address).startswith(url) else url + "/" + str(address).split("/", 3)[3]
    )


def main() -> None:
    """Fill landing and cache, then measure two refreshes without news."""
    if not UPSTREAM.is_dir():
        print("skipped: the real files are not here")
        return
    with playing() as server, tempfile.TemporaryDirectory() as name:
        landing, declared = Path(name) / "landing.duckdb", Path(name) / "sources.yml"
        played = answers()
        server.plays |= {path: Play(body, etag=f'"{len(body)}"') for path, body in played.items()}
        catalog(server.url, declared)
        environment = os.environ | {"PYTHONPATH": str(ROOT), "ARTIFICIAL_ANALYSIS_API_KEY": "none"}
        command = [sys.executable, "-c", COMMAND, str(declared), str(landing)]
        print(f"{sum(map(len, played.values())) / 1e6:,.1f} MB in {len(played)} answers")
        before = None
        for label in ("first reading", "nothing new", "nothing new"):
            asked, began = len(server.asked), time.perf_counter()
            ended = subprocess.run(
                command, cwd=name, env=environment, capture_output=True, text=True
            )
            landed = one_time(landing, NEW_LOADS)
            seconds = time.perf_counter() - began
            count = len(server.asked) - asked
            print(f"{label:<14} {seconds:5.2f} s  {count} requests  exit status {ended.returncode}")
            print("   ", ended.stdout.strip().splitlines()[-1])
            if label != "first reading":
                print(f"    news: {landed != before}; limit {LIMIT_SECONDS} s")
            before = landed


if __name__ == "__main__":
    main()
