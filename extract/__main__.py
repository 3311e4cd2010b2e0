"""Command line: `python -m extract` lands sources in `landing.duckdb`.

Exit status: 0 all well, 1 a source failed or was held back, or the landing file cannot be used,
2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import requests

from extract import report
from extract.catalog import DEFAULT_PATH, CatalogError, Source, load_catalog
from extract.guard import GuardError, read_max_shrink_shares
from extract.landing import Clock, LandingError, declare, open_landing, utc_now
from extract.loads import DEFAULT_MAX_SHRINK_SHARE
from extract.run import Request, Result, is_interrupt, run_source

SNAPSHOTS = Path(__file__).with_name("snapshots")

OWN = "static_registry"
"""The registry is this repository's own: --from reads the shipped one unless it is named."""


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    options = argparse.ArgumentParser(
        prog="python -m extract",
        description="Land the sources of sources.yml in a DuckDB file. Without --live or --from, "
        "the snapshots that ship with this repository are read.",
    )
    where = options.add_mutually_exclusive_group()
    where.add_argument("--live", action="store_true", help="read the sources' own addresses")
    where.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="read DIR/<source id>/..., a folder of files as the sources publish them",
    )
    options.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="ID",
        dest="names",
        help="read this source only; may be given more than once",
    )
    options.add_argument(
        "--accept-shrink",
        action="store_true",
        help="land complete listings though they hold far fewer records than those before them",
    )
    options.add_argument(
        "--db",
        type=Path,
        default=Path("landing.duckdb"),
        metavar="PATH",
        help="the landing file (default: %(default)s in the current folder)",
    )
    return options


def main(
    arguments: Sequence[str] | None = None,
    *,
    catalog: Path = DEFAULT_PATH,
    snapshots: Path = SNAPSHOTS,
    session: requests.Session | None = None,
    clock: Clock = utc_now,
) -> int:
    """Run the command line and return the exit status; wrong usage raises SystemExit(2)."""
    options = parser()
    chosen = options.parse_args(arguments)
    try:
        sources = load_catalog(catalog)
        _check(options, chosen, sources)
        results = _run(chosen, sources, snapshots, session, clock)
    except (CatalogError, GuardError, LandingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, RuntimeError, duckdb.Error) as error:
        if is_interrupt(error):
            print(
                "\ninterrupted: what has landed is whole, nothing is half landed", file=sys.stderr
            )
            return 130
        if not isinstance(error, duckdb.Error):
            raise
        print(f"error: {chosen.db}: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return _close(results, chosen)


def _check(
    options: argparse.ArgumentParser, chosen: argparse.Namespace, sources: Sequence[Source]
) -> None:
    known = [source.id for source in sources]
    for name in chosen.names:
        if name not in known:
            options.error(f"unknown source '{name}' (known: {', '.join(known)})")
    if chosen.folder is not None and not chosen.folder.is_dir():
        options.error(f"--from {chosen.folder}: is not a folder")
    if chosen.folder is not None and not os.access(chosen.folder, os.R_OK | os.X_OK):
        options.error(f"--from {chosen.folder}: no permission to read it")
    if chosen.db.is_dir():
        options.error(f"--db {chosen.db}: is a folder, name a file")
    if not chosen.db.absolute().parent.is_dir():
        options.error(f"--db {chosen.db}: its folder does not exist")


def _run(
    chosen: argparse.Namespace,
    sources: Sequence[Source],
    snapshots: Path,
    session: requests.Session | None,
    clock: Clock,
) -> list[Result]:
    wanted = [source for source in sources if not chosen.names or source.id in chosen.names]
    results: list[Result] = []
    shares = read_max_shrink_shares()
    with open_landing(chosen.db) as connection:
        declare(connection, sources)
        for source in report.progress(wanted):
            request = _request(source, chosen, snapshots, shares)
            result = run_source(connection, source, request, session, clock)
            result.undeclared = [f"{source.id}/{name}" for name in result.undeclared]
            report.tell(result)
            results.append(result)
    folder = None if chosen.live else chosen.folder or snapshots
    if folder and not chosen.names:
        known = {source.id for source in sources}
        others = sorted(path for path in folder.iterdir() if path.name not in known)
        names = [f"{path.name}/" if path.is_dir() else path.name for path in others]
        results.append(Result(undeclared=names))
    return results


def _request(
    source: Source, chosen: argparse.Namespace, snapshots: Path, shares: Mapping[str, float]
) -> Request:
    named = source.id in chosen.names
    origin, folder = "snapshot", snapshots
    if chosen.live:
        origin, folder = "live", None
    elif chosen.folder is not None and (source.id != OWN or named):
        origin, folder = "directory", chosen.folder
    return Request(
        origin,
        folder,
        named,
        shares.get(source.id, DEFAULT_MAX_SHRINK_SHARE),
        chosen.accept_shrink,
    )


def _close(results: Sequence[Result], chosen: argparse.Namespace) -> int:
    outcomes = [outcome for result in results for outcome in result.outcomes]
    try:
        print(report.closing_table(outcomes))
        for line in report.notes(results):
            print(line)
        print(report.summary(outcomes, str(chosen.db)), flush=True)
    except BrokenPipeError:
        # The reader (such as `head`) has gone; what was landed is landed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if any(outcome.status in ("failed", "held") for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
