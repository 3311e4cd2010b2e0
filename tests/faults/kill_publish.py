"""Kills `dbt run-operation publish` again and again and proves that nothing is lost or mixed.

    python tests/faults/kill_publish.py [--kills 40] [--seed 1] [--project DIR]

DIR (this checkout) must hold a whole build; all happens in a copy of it. Each round marks the
working database as another build, kills its publish (SIGKILL), looks at what is published as a
reader does, and publishes again, without cleaning anything. A quarter of the kills come just before
one of the renames into place, a quarter just before another link or removal of a published or
temporary file, half at a random moment after the first temporary file appeared.

After each kill the warehouse is readable and the old build or the new one, and so are the
profiles; they may only differ so that a reader can tell, the new warehouse beside the old profiles.
After each second publish both are the new build and nothing else lies beside them.
"""

import argparse
import functools
import itertools
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
PUBLISHED = ("warehouse.duckdb", "enhanced_models.json")
WORKING = Path("build", "warehouse.duckdb")
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "logs", "compiled", "run", "__pycache__", ".*_cache", ".hypothesis"
)
# The real command, which names every link, rename and removal of a published or temporary file, and
# dies just before the one whose number is given; 0 = none.
COMMAND = """
import os, signal, sys
from dbt.cli.main import cli

last = int(sys.argv.pop(1))
seen = 0

def watch(event, arguments):
    global seen
    if event in ("os.link", "os.rename", "os.remove") and any(
        name in os.fspath(path).rpartition("/")[2]
        for path in arguments[:2] if isinstance(path, (str, os.PathLike))
        for name in ("warehouse.duckdb", "enhanced_models.json")
    ):
        seen += 1
        print(f"{event} {arguments[0]}", file=sys.stderr, flush=True)
        if seen == last:
            os.kill(os.getpid(), 9)

sys.addaudithook(watch)
cli()
"""


class Failure(Exception):
    """What must not be."""


def start(project: Path, last: int = 0) -> subprocess.Popen:
    """Start to publish; the command dies before the event of number `last`."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(last), "--quiet", "run-operation", "publish"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def publish(project: Path) -> tuple[list[str], float]:
    """Publish without a kill.

    Returns its links, renames and removals in their order, and how long it took from its first
    temporary file on, in seconds.
    """
    process = start(project)
    began = wait_for_temporary_file(project, process)
    printed, events = process.communicate()
    if process.returncode != 0 or "Published warehouse.duckdb" not in printed:
        raise Failure(f"the next publish failed:\n{printed}{events}")
    return [line for line in events.splitlines() if line.startswith("os.")], time.time() - began


def wait_for_temporary_file(project: Path, process: subprocess.Popen) -> float:
    """Wait until there is a new one, or the process is over; return the moment."""
    there = set(leftovers(project))
    while set(leftovers(project)) <= there and process.poll() is None:
        time.sleep(0.002)
    return time.time()


def kill_at_event(project: Path, number: int) -> bool:
    """Publish, and die just before an event; true."""
    process = start(project, number)
    process.communicate()
    if process.returncode != -signal.SIGKILL:
        raise Failure(f"no kill at event {number}, but exit code {process.returncode}")
    return True


def kill_after(project: Path, seconds: float) -> bool:
    """Publish, and kill it some time after its first temporary file; tell whether it still ran."""
    process = start(project)
    wait_for_temporary_file(project, process)
    time.sleep(seconds)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def leftovers(project: Path) -> list[str]:
    """What lies beside the published files that publishing made."""
    return sorted(
        path.name
        for path in project.iterdir()
        if path.name.startswith(PUBLISHED) and path.name not in PUBLISHED
    )


def mark(project: Path, build_id: str) -> None:
    """Let the working database hold another whole build; it opens after every kill."""
    with duckdb.connect(str(project / WORKING)) as connection:
        connection.execute(
            "insert into operations.builds select $new, json_merge_patch(build, json_object("
            "'build_id', $new)) from operations.builds inner join operations.whole_build "
            "using (build_id)",
            {"new": build_id},
        )
        connection.execute("update operations.whole_build set build_id = ?", [build_id])


def published_builds(project: Path) -> tuple[str, str]:
    """Read both published files whole and return the builds that they name."""
    warehouse, profiles = (project / name for name in PUBLISHED)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((build_id,),) = connection.execute("select build_id from build").fetchall()
        tables = "select schema_name || '.' || table_name from duckdb_tables()"
        for (table,) in connection.execute(tables).fetchall():
            connection.execute(f"select bit_xor(hash(row)) from {table} as row").fetchall()
        ((told,),) = connection.execute(
            "select count(*) from builds where build_id = ? and status = 'published'", [build_id]
        ).fetchall()
        ((models,),) = connection.execute("select count(*) from model_profiles").fetchall()
    documents = json.loads(profiles.read_text(encoding="utf-8"))
    of_builds = {document["extensions"]["build_id"] for document in documents}
    if len(of_builds) != 1 or told != 1 or len(documents) != models:
        raise Failure(f"a half state: {of_builds}, {told} builds, {len(documents)} of {models}")
    return build_id, of_builds.pop()


def one_round(project: Path, old: str, new: str, kill: Callable[[], bool]) -> str | None:
    """Kill a publish of `new` over `old` and publish again.

    Returns what the kill left; None where the publish was over before it.
    """
    mark(project, new)
    was_killed = kill()
    found = published_builds(project)
    left = {(old, old): "old", (new, new): "new", (new, old): "new beside old profiles"}.get(found)
    if left is None:
        raise Failure(f"old {old}, new {new}, found {found}")
    publish(project)
    if published_builds(project) != (new, new):
        raise Failure("the next publish did not mend it")
    if beside := leftovers(project):
        raise Failure(f"left behind: {beside}")
    return left if was_killed else None


def kills(project: Path, chance: random.Random) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Kills without end, each with its name, aimed by what a publish without a kill does."""
    events, lasts = publish(project)
    numbers = range(1, len(events) + 1)
    renames = itertools.cycle(n for n in numbers if "rename" in events[n - 1])
    others = itertools.cycle(n for n in numbers if "rename" not in events[n - 1])
    for turn in itertools.count():
        if turn % 2 == 0:
            # Both renames, then two others, and so on.
            number = next(renames if turn % 8 < 4 else others)
            name = f"before {number} of {len(events)}, {without_uuid(events[number - 1])}"
            yield name, functools.partial(kill_at_event, project, number)
        else:
            seconds = chance.uniform(0, lasts)
            yield "at a moment", functools.partial(kill_after, project, seconds)


def without_uuid(event: str) -> str:
    """An event as it reads in every publish."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", event)


def main() -> int:
    """Run the rounds and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--project", type=Path, default=ROOT)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        shutil.copytree(given.project, project, ignore=NOT_COPIED)
        try:
            old = str(uuid.UUID(int=chance.getrandbits(128)))
            mark(project, old)
            aimed = kills(project, chance)
            while found.total() < given.kills:
                name, kill = next(aimed)
                new = str(uuid.UUID(int=chance.getrandbits(128)))
                if left := one_round(project, old, new, kill):
                    found[name, left] += 1
                old = new
        except Failure as failure:
            print(f"after {found.total()} kills: {failure}")
            return 1
    for (name, left), count in sorted(found.items()):
        print(f"{count:3d}  {name}: {left}")
    print(f"{found.total()} kills: nothing lost, nothing mixed that a reader cannot tell")
    return 0


if __name__ == "__main__":
    sys.exit(main())
