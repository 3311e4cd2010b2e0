"""Command line: `python -m extract` lands sources in `landing.duckdb`, keeps and checks that file.

Exit status: 0 all well, 1 a source failed or was held back, the landing file cannot be used or is
not whole, or the report could not be written, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from console import Parser, deliver, reason_of, run, say, visible
from extract import report
from extract.backup import BackupError, Table, back_up, restore
from extract.catalog import DEFAULT_PATH, Catalog, CatalogError, Source, read_catalog
from extract.guard import GuardError, read_max_shrink_shares
from extract.integrity import check
from extract.landing import Clock, LandingError, declare, open_landing, utc_now
from extract.live.cache import URL_ENV, CacheError, find_cache
from extract.live.parallel import Fetches
from extract.live.reading import Reader
from extract.loads import DEFAULT_MAX_SHRINK_SHARE
from extract.run import Request, Result, is_interrupt, run_source

SNAPSHOTS = Path(__file__).with_name("snapshots")

ENDS = (duckdb.Error, MemoryError, OSError, RuntimeError, UnicodeError)
"""What can end a run from outside; DuckDB's interrupts are RuntimeErrors."""

OWN = "static_registry"
"""The registry is this repository's own: --from reads the shipped one unless it is named."""


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    options = Parser(
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
    where.add_argument(
        "--backup",
        type=Path,
        metavar="DIR",
        help="land nothing, write the landing file as Parquet into a new folder within DIR",
    )
    where.add_argument(
        "--restore",
        type=Path,
        metavar="BACKUP",
        help="land nothing, bring such a folder back; the landing that was there is kept beside",
    )
    where.add_argument(
        "--check",
        action="store_true",
        help="land nothing, read the whole landing file and say what is wrong with it",
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
        "--revalidate",
        action="store_true",
        help="with --live: ask every source, also those that were asked a moment ago",
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
    environment: Mapping[str, str] = os.environ,
    clock: Clock = utc_now,
) -> int:
    """Run the command line and return the exit status; wrong usage raises SystemExit(2)."""
    options = parser()
    chosen = options.parse_args(arguments)
    attempt = _Attempt()
    status = 0
    try:
        if chosen.backup or chosen.restore or chosen.check:
            return _keep(options, chosen, clock)
        declared = read_catalog(catalog)
        _check(options, chosen, declared.sources)
        if chosen.live:
            reader = _reader(chosen, declared, environment, clock)
            _run_live(attempt, chosen, declared, reader, clock)
        else:
            _run_folder(attempt, chosen, declared.sources, snapshots, clock)
    except (CacheError, CatalogError, GuardError, LandingError, BackupError) as error:
        say(f"error: {error}")
        status = 1
    except (KeyboardInterrupt, *ENDS) as error:
        if is_interrupt(error):
            say("interrupted: what has landed is whole, nothing is half landed")
            status = 130
        elif isinstance(error, RuntimeError) and not isinstance(error, duckdb.Error):
            raise
        else:
            during = f" while landing {attempt.current}" if attempt.current else ""
            say(f"error: {chosen.db}: {reason_of(error)}{during}")
            status = 1
    return _close(attempt, chosen, status)


@dataclass
class _Attempt:
    """How far a run has come: results so far, the source being read, those not tried yet."""

    results: list[Result] = field(default_factory=list)
    current: str = ""
    left: list[str] = field(default_factory=list)


def _check(
    options: argparse.ArgumentParser, chosen: argparse.Namespace, sources: Sequence[Source]
) -> None:
    known = [source.id for source in sources]
    for name in chosen.names:
        if name not in known:
            options.error(f"unknown source '{name}' (known: {', '.join(known)})")
    if chosen.revalidate and not chosen.live:
        options.error("--revalidate: goes with --live")
    if chosen.folder is not None and not chosen.folder.is_dir():
        options.error(f"--from {chosen.folder}: is not a folder")
    if chosen.folder is not None and not os.access(chosen.folder, os.R_OK | os.X_OK):
        options.error(f"--from {chosen.folder}: no permission to read it")
    _check_db(options, chosen)


def _check_db(options: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    if chosen.db.is_dir():
        options.error(f"--db {chosen.db}: is a folder, name a file")
    if not chosen.db.absolute().parent.is_dir():
        options.error(f"--db {chosen.db}: its folder does not exist")


def _reader(
    chosen: argparse.Namespace, declared: Catalog, environment: Mapping[str, str], clock: Clock
) -> Reader:
    folder = chosen.db.absolute().parent / "build"
    open_cache = find_cache(environment.get(URL_ENV, "").strip(), folder, say)
    return Reader(declared.fetching, clock, open_cache, environment, chosen.revalidate)


def _run_live(
    attempt: _Attempt,
    chosen: argparse.Namespace,
    declared: Catalog,
    reader: Reader,
    clock: Clock,
) -> None:
    """Fetch the sources beside one another, and land them one after the other."""
    wanted = _wanted(chosen, declared.sources)
    skipped = {source.id: reader.reason_to_skip(source) for source in wanted}
    asked = [source for source in wanted if not skipped[source.id]]
    with Fetches(reader.read, asked, declared.fetching.parallel) as fetches:

        def request_of(source: Source) -> Request:
            return Request(
                "live",
                fetched=None if skipped[source.id] else fetches.of(source),
                no_live=skipped[source.id],
                named=source.id in chosen.names,
                accepts_shrink=chosen.accept_shrink,
            )

        _land(attempt, chosen, declared.sources, request_of, clock)


def _run_folder(
    attempt: _Attempt,
    chosen: argparse.Namespace,
    sources: Sequence[Source],
    snapshots: Path,
    clock: Clock,
) -> None:
    """Land the sources from a folder."""

    def request_of(source: Source) -> Request:
        named = source.id in chosen.names
        origin, folder = "snapshot", snapshots
        if chosen.folder is not None and (source.id != OWN or named):
            origin, folder = "directory", chosen.folder
        return Request(origin, folder, named=named, accepts_shrink=chosen.accept_shrink)

    _land(attempt, chosen, sources, request_of, clock)
    if not chosen.names:
        known = {source.id for source in sources}
        folder = chosen.folder or snapshots
        others = sorted(path for path in folder.iterdir() if path.name not in known)
        names = [f"{path.name}/" if path.is_dir() else path.name for path in others]
        attempt.results.append(Result(undeclared=names))


def _wanted(chosen: argparse.Namespace, sources: Sequence[Source]) -> list[Source]:
    return [source for source in sources if not chosen.names or source.id in chosen.names]


def _land(
    attempt: _Attempt,
    chosen: argparse.Namespace,
    sources: Sequence[Source],
    request_of: Callable[[Source], Request],
    clock: Clock,
) -> None:
    wanted = _wanted(chosen, sources)
    shares = read_max_shrink_shares()
    with open_landing(chosen.db) as connection:
        declare(connection, sources)
        attempt.left = [source.id for source in wanted]
        for source in report.progress(wanted):
            attempt.current = attempt.left.pop(0)
            share = shares.get(source.id, DEFAULT_MAX_SHRINK_SHARE)
            request = replace(request_of(source), max_shrink_share=share)
            result = run_source(connection, source, request, clock)
            result.undeclared = [f"{source.id}/{name}" for name in result.undeclared]
            report.tell(result)
            attempt.results.append(result)
        attempt.current = ""


def _keep(options: argparse.ArgumentParser, chosen: argparse.Namespace, clock: Clock) -> int:
    """Back up, restore or check the landing file; returns the exit status."""
    if chosen.names:
        options.error("--source: goes with landing, not with --backup, --restore or --check")
    _check_db(options, chosen)
    if chosen.backup:
        folder, tables = back_up(chosen.db, chosen.backup, clock)
        is_told = deliver(visible(f"{folder}: {_rows(tables)}"))
        problems = check(chosen.db).problems
        if problems:
            say(f"error: {chosen.db}: is not whole, nor is its backup, see --check")
        return 0 if is_told and not problems else 1
    if chosen.restore:
        restored = restore(chosen.restore, chosen.db, clock)
        kept = f"; the file before is now {restored.kept}" if restored.kept else ""
        told = f"{chosen.db}: {_rows(restored.tables)} restored{kept}"
        return 0 if deliver(visible(told)) else 1
    findings = check(chosen.db)
    is_told = deliver("\n".join(report.check_lines(findings, str(chosen.db))))
    return 0 if is_told and not findings.problems else 1


def _rows(tables: Sequence[Table]) -> str:
    return report.rows_of({table.name: table.rows for table in tables})


def _close(attempt: _Attempt, chosen: argparse.Namespace, status: int) -> int:
    """Report what was landed, and what was not tried where a run ended early."""
    outcomes = [outcome for result in attempt.results for outcome in result.outcomes]
    if status and (attempt.current or attempt.results) and attempt.left:
        say(f"not tried: {', '.join(attempt.left)}")
    if attempt.results or not status:
        lines = [report.closing_table(outcomes), *report.notes(attempt.results)]
        lines.append(report.summary(outcomes, str(chosen.db)))
        if not deliver("\n".join(lines)):
            status = status or 1
    has_failed = any(outcome.status in ("failed", "held") for outcome in outcomes)
    return status or int(has_failed)


if __name__ == "__main__":
    sys.exit(run(main, "extract"))
