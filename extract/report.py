"""What the user sees: progress while sources are read, and the closing table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from tqdm import tqdm

from console import say, visible
from extract.catalog import Source
from extract.integrity import Findings
from extract.loads import Outcome
from extract.run import Result

HEADINGS = (
    "source",
    "entity",
    "observed",
    "status",
    "records",
    "new",
    "changed",
    "gone",
    "seconds",
)
"""Columns of the closing table; the first four hold text, the others numbers."""

MAX_WIDTH = 110
"""Longest line of the closing table, in characters."""

_TEXT_COLUMNS = 4


def progress(sources: Sequence[Source], stream: TextIO | None = None) -> Iterator[Source]:
    """Go through the sources, with a progress bar if `stream` (default stderr) is a terminal."""
    stream = stream or sys.stderr
    if not _is_terminal(stream):
        yield from sources
        return
    with tqdm(total=len(sources), file=stream, unit="source", leave=False, ncols=80) as bar:
        for source in sources:
            bar.set_description(f"{source.id:<20}")
            yield source
            bar.update()


def tell(result: Result, stream: TextIO | None = None) -> None:
    """Say how one source went: failures always, the rest where no progress bar shows it."""
    stream = stream or sys.stderr
    for outcome in result.outcomes:
        if outcome.status in ("failed", "held"):
            # Where there is a progress bar, the line goes above it.
            with tqdm.external_write_mode(file=stream):
                say(f"error: {outcome.error}", stream)
        elif not _is_terminal(stream) and outcome.status != "skipped":
            name = f"{outcome.source} {outcome.entity} {_observed(outcome)}"
            say(f"{name}: {outcome.status}, {_count(outcome.records)}", stream)
        if outcome.freshness == "stale":
            with tqdm.external_write_mode(file=stream):
                say(f"stale: {outcome.source} {outcome.entity}: {outcome.error}", stream)


def _is_terminal(stream: TextIO | None) -> bool:
    """False also where Python was started without the stream."""
    return stream is not None and stream.isatty()


def closing_table(outcomes: Sequence[Outcome]) -> str:
    """The table of all attempts; a skipped or failed one gives its reason in place of numbers."""
    rows = [_cells(outcome) for outcome in outcomes]
    widths = [max(len(r[i]) for r in [HEADINGS, *rows] if i < len(r)) for i in range(_TEXT_COLUMNS)]
    widths += [
        max(len(r[i]) for r in [HEADINGS, *(r for r in rows if len(r) == len(HEADINGS))])
        for i in range(_TEXT_COLUMNS, len(HEADINGS))
    ]
    lines = [_line(HEADINGS, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    start = (outcome.source, outcome.entity or "-", _observed(outcome), outcome.status)
    if outcome.status in ("skipped", "failed", "held"):
        # The whole line, with the file or address, was told when it happened.
        reason = outcome.error.removeprefix(f"{outcome.source}: ")
        shown = reason.partition(": ")[2] if _names_a_place(reason) else reason
        return (*start, visible(shown))
    numbers = (outcome.records, outcome.new, outcome.changed, outcome.gone)
    return (*start, *(f"{n:,}" for n in numbers), f"{outcome.seconds:.2f}")


def _names_a_place(reason: str) -> bool:
    place = reason.partition(": ")[0]
    return "." in place and " " not in place


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    start = "  ".join(c.ljust(w) for c, w in zip(cells, widths[:_TEXT_COLUMNS], strict=False))
    if len(cells) != len(HEADINGS):
        line = f"{start}  {cells[-1]}"
        return line if len(line) <= MAX_WIDTH else f"{line[: MAX_WIDTH - 3]}..."
    numbers = zip(cells[_TEXT_COLUMNS:], widths[_TEXT_COLUMNS:], strict=True)
    return "  ".join([start, *(c.rjust(w) for c, w in numbers)])


def notes(results: Sequence[Result]) -> list[str]:
    """Lines below the table: records with errors, sources that could not be asked, parts that are
    no records, requests still allowed, declared files that are missing and files that are not
    declared."""
    lines = []
    outcomes = [outcome for result in results for outcome in result.outcomes]
    for outcome in outcomes:
        name = f"{outcome.source} {outcome.entity} {_observed(outcome)}".removesuffix(" -")
        if outcome.errors:
            lines.append(f"with errors   {name}: {outcome.errors} of the records, see their _error")
        if outcome.freshness == "stale":
            lines.append(f"stale         {name}: could not be asked, this is what it said before")
        if outcome.skipped:
            lines.append(f"left out      {name}: {outcome.skipped} of the parts, no records")
    lines += [f"requests      {result.quota}" for result in results if result.quota]
    lines += [f"missing       {name}" for result in results for name in result.missing]
    lines += [f"not listed    {name}" for result in results for name in result.unlisted]
    lines += [f"not declared  {name}" for result in results for name in result.undeclared]
    return [visible(line) for line in lines]


def summary(outcomes: Sequence[Outcome], database: str) -> str:
    """One closing line: how many attempts of each status, and where the records are."""
    statuses = [outcome.status for outcome in outcomes]
    order = ("landed", "unchanged", "superseded", "held", "skipped", "failed")
    counts = ", ".join(f"{statuses.count(s)} {s}" for s in order if s in statuses)
    return visible(f"{database}: {counts or 'nothing to do'}")


def rows_of(tables: Mapping[str, int]) -> str:
    """How many rows of which tables, most first: '15,920 records, 20 loads, 15 sources'."""
    ordered = sorted(tables.items(), key=lambda item: (-item[1], item[0]))
    shown = ((n, t.replace("_", " ")) for t, n in ordered if n)
    return ", ".join(f"{n:,} {t.removesuffix('s') if n == 1 else t}" for n, t in shown)


def check_lines(findings: Findings, database: str) -> list[str]:
    """What a check of the landing found: one line per problem, and a closing line."""
    lines = [visible(problem.line()) for problem in findings.problems]
    count = len(lines)
    verdict = "whole" if not count else f"{count:,} problem{'' if count == 1 else 's'}"
    read = rows_of(findings.rows) or "nothing"
    remedy = "; a backup from before can be restored (--restore)" if count else ""
    lines.append(visible(f"{database}: {verdict}; read {read}{remedy}"))
    return lines


def _observed(outcome: Outcome) -> str:
    return f"{outcome.observed_at:%Y-%m-%d}" if outcome.observed_at else "-"


def _count(records: int) -> str:
    return f"{records:,} record{'' if records == 1 else 's'}"
