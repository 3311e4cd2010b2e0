"""Command line: `python -m evidence` measures how well the last build's names and scores work.

Exit status: 0 measured (whatever the figures), 1 the result cannot be written, 2 wrong usage or
nothing to measure.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from console import Parser, deliver, reason_of, run
from evidence import report
from evidence.names import compare, read_pairs
from matching import load_registry, load_vocabulary
from matching.registry import default_path
from matching.vocabulary import default_folder


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    options = Parser(prog="python -m evidence", description=__doc__.split("\n")[0])
    options.add_argument(
        "--db", type=Path, default=Path("build/warehouse.duckdb"), help="dbt's working database"
    )
    options.add_argument(
        "--board",
        type=Path,
        help="an independent board: JSON of name -> rating; used for this measurement only",
    )
    options.add_argument(
        "--save", type=Path, default=Path("build/evaluation.json"), help="where the result goes"
    )
    options.add_argument(
        "--pairs",
        type=Path,
        default=Path("tests/python/matching/gold_pairs.csv"),
        help="labelled pairs of names",
    )
    options.add_argument("--readme", type=Path, help="a README whose table is to be renewed")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = parser()
    chosen = options.parse_args(arguments)
    if not chosen.db.exists():
        options.error(f"{chosen.db} is missing: run `make build` first")
    try:
        board = report.read_board(chosen.board) if chosen.board else {}
        with duckdb.connect(str(chosen.db), read_only=True) as connection:
            day = datetime.now(UTC).date().isoformat()
            bounds = report.load_bounds(connection)
            ladder = report.ladder(connection)
            findings = report.measure(report.load_case(connection), bounds, day)
            if board:
                ratings = report.match_board(connection, board)
                known = f"{len(ratings)} models of the {len(board)} names on the board are known"
                if not deliver(known):
                    return 1
                findings += report.agreement(connection, ratings, bounds, day)
        text = report.markdown(findings)
        if chosen.pairs.exists():
            pairs = read_pairs(chosen.pairs)
            registry = load_registry(default_path())
            scores = compare(pairs, registry, load_vocabulary(default_folder()), ladder)
            text += "\n\n" + report.names_table(scores, pairs)
        report.save(findings, chosen.save)
        if chosen.readme:
            report.update_readme(text, chosen.readme)
    except (ValueError, duckdb.Error) as error:
        options.error(reason_of(error))
    return 0 if deliver(text) else 1


if __name__ == "__main__":
    sys.exit(run(main, "evidence"))
