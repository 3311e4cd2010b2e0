"""What a build costs: this checkout, an earlier commit and dbt's own floor, side by side.

The three are built in turn on one machine, each in a folder of its own; both checkouts land the
earlier commit's snapshots. Printed are medians of CPU seconds (user and system, of the command and
what it starts) and of wall seconds, and their ratios. The earlier commit needs the history of git
and gets its own environment; where there is no history it is left out.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EARLIER = "7d7ca69"
TURNS = 3

Cost = tuple[float, float]


def main() -> None:
    """Prepare the three projects, build them in turn and print what they cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = copied(folder / "here")
        projects = {"this checkout": (here, sys.executable)}
        if earlier := earlier_checkout(folder / "earlier"):
            projects[EARLIER] = earlier
        for place, python in projects.values():
            land(place, python, (projects.get(EARLIER) or (here,))[0] / "extract" / "snapshots")
            built(place, python)  # dbt parses, numpy compiles, the disk is warm
        floor = trivial_project(folder / "floor", nodes_of(here))
        built(floor, sys.executable)
        projects["floor"] = (floor, sys.executable)
        costs: dict[str, list[Cost]] = {label: [] for label in projects}
        for _ in range(TURNS):
            for label, (place, python) in projects.items():
                costs[label].append(built(place, python))
        print_costs(costs, {label: sum(nodes_of(p[0]).values()) for label, p in projects.items()})


def copied(target: Path) -> Path:
    """Copy what git knows of this checkout, and what is new in it, to a folder."""
    listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for file in git(*listed).split("\0"):
        if file and (ROOT / file).is_file():
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, target / file)
    return target


def earlier_checkout(target: Path) -> tuple[Path, str] | None:
    """Unpack the earlier commit and set up its environment; None without its history."""
    known = subprocess.run(
        ["git", "-C", str(ROOT), "cat-file", "-e", EARLIER], capture_output=True, check=False
    )
    if known.returncode != 0:
        print(f"{EARLIER} is not in this checkout's history: it is left out")
        return None
    target.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", EARLIER], capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    subprocess.run(
        ["make", "--silent", ".venv/installed"], cwd=target, check=True, capture_output=True
    )
    return target, str(target / ".venv" / "bin" / "python")


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    ).stdout


def land(place: Path, python: str, snapshots: Path) -> None:
    run(place, [python, "-m", "extract", "--from", str(snapshots)], may_fail=True)


def built(place: Path, python: str) -> Cost:
    """CPU and wall seconds of a full build."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    dbt = str(Path(python).with_name("dbt"))
    run(place, [dbt, "--quiet", "build", "--exclude-resource-type", "unit_test"])
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def run(place: Path, command: list[str], may_fail: bool = False) -> None:
    """Run a command in a project, with its output shown only if it fails."""
    done = subprocess.run(
        command, cwd=place, capture_output=True, text=True, env=dict(os.environ), check=False
    )
    if done.returncode != 0 and not may_fail:
        sys.exit(f"{' '.join(command)} failed in {place.name}:\n{done.stdout}{done.stderr}")


def nodes_of(place: Path) -> Counter[str]:
    """How many nodes of each kind the last build ran: seed, view, table, test, operation."""
    results = json.loads((place / "target" / "run_results.json").read_text())["results"]
    manifest = json.loads((place / "target" / "manifest.json").read_text())["nodes"]
    found: Counter[str] = Counter()
    for result in results:
        kind = result["unique_id"].split(".")[0]
        if kind == "model":
            kind = manifest[result["unique_id"]]["config"]["materialized"]
        found[kind] += 1
    return found


def trivial_project(place: Path, counts: Counter[str]) -> Path:
    """A project with as many nodes of the same kinds, each of which does next to nothing."""
    for folder in ("models", "seeds", "tests"):
        (place / folder).mkdir(parents=True)
    (place / "dbt_project.yml").write_text(
        "name: floor\nversion: '1.0.0'\nconfig-version: 2\nprofile: floor\n"
        "flags: {send_anonymous_usage_stats: false}\n"
        "data_tests: {floor: {+store_failures: true}}\n"
        "on-run-end: ['select 1']\n"
    )
    (place / "profiles.yml").write_text(
        "floor: {target: local, outputs: {local: {type: duckdb, path: floor.duckdb, threads: 1}}}\n"
    )
    for number in range(counts["seed"]):
        (place / "seeds" / f"seed_{number}.csv").write_text("id\n1\n")
    for kind in ("view", "table"):
        for number in range(counts[kind]):
            (place / "models" / f"{kind}_{number}.sql").write_text(
                f"{{{{ config(materialized='{kind}') }}}}\nselect 1 as id\n"
            )
    for number in range(counts["test"]):
        (place / "tests" / f"test_{number}.sql").write_text(
            "select id from {{ ref('table_0') }} where false\n"
        )
    return place


def print_costs(costs: dict[str, list[Cost]], nodes: dict[str, int]) -> None:
    """Print medians, and this checkout's share of the others' CPU seconds."""
    medians = {
        label: tuple(statistics.median(turn[i] for turn in turns) for i in (0, 1))
        for label, turns in costs.items()
    }
    for label, (cpu, wall) in medians.items():
        print(f"{label:14} {nodes[label]:4} nodes  {cpu:6.1f} CPU s  {wall:6.1f} s")
    own = medians.pop("this checkout")[0]
    for label, (cpu, _) in medians.items():
        print(f"this checkout costs {own / cpu:.2f} x the CPU of {label}")


if __name__ == "__main__":
    main()
