"""`python -m matching NAMES.csv > RESOLUTIONS.csv`: resolve a list of names without a database.

Texts that a spreadsheet would take for a formula begin with an apostrophe (`matching.spreadsheet`).
Exit status: 0 resolved, 1 the output cannot be written, 2 wrong usage or unreadable input.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from console import Parser, reason_of, run, say
from matching.ladder import resolve
from matching.model import CanonicalModel, Decision, Name, Override
from matching.registry import default_path, load_registry
from matching.settings import MatchingSettings
from matching.spreadsheet import csv_line
from matching.vocabulary import Vocabulary, default_folder, load_vocabulary
from parameters import read_parameters, settings_from

ROOT = Path(__file__).resolve().parent.parent
VENDOR_HOSTS = ROOT / "seeds" / "sources" / "vendor_hosts.csv"
COLUMNS = (
    "source",
    "name",
    "org",
    "record_id",
    "model_id",
    "line_id",
    "variant",
    "deployment",
    "method",
    "score",
    "runner_up_id",
    "margin",
    "tokens_agree",
    "tokens_missing",
    "tokens_conflict",
    "status",
    "rule_version",
    "candidates",
    "reason",
)

OVERRIDE_COLUMNS = (
    "source_id",
    "source_model_name",
    "model_id",
    "reason",
    "valid_from",
    "valid_to",
)


INPUT = (
    "CSV with the columns source, name, org; optional ones say what its record states, as a build "
    "knows it: record_id, efforts (words with spaces between), alias_of, released_on (a day)"
)


class InputError(Exception):
    """The input cannot be read; the message is one line for the user."""


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run the command; returns 0, or 2 with one line on stderr when the input cannot be read."""
    arguments = _arguments().parse_args(argv)
    out = out or _utf8_stdout()
    try:
        vocabulary = load_vocabulary(arguments.vocabulary)
        vendor_hosts = read_vendor_hosts(arguments.vendor_hosts)
        names = read_names(arguments.names, vocabulary, vendor_hosts)
        overrides = read_overrides(arguments.overrides)
        as_of = _day(arguments.as_of, "--as-of")
        registry = _registry(arguments.registry)
        settings = settings_from(MatchingSettings, read_parameters(Path(arguments.parameters)))
    except (InputError, OSError, ValueError) as error:
        say(f"matching: {_one_line(error)}")
        return 2
    resolution = resolve(
        names, registry, vocabulary, overrides, as_of, arguments.semantic, settings=settings
    )
    write_decisions(resolution.decisions, out)
    for note in resolution.notes:
        say(f"matching: {note}")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m matching", description=__doc__.split("\n")[0])
    parser.add_argument("names", help=INPUT)
    parser.add_argument("--registry", default=None, help="models.json; default: the shipped one")
    parser.add_argument("--vocabulary", default=str(default_folder()))
    parser.add_argument("--overrides", default=str(ROOT / "seeds" / "name_overrides.csv"))
    parser.add_argument(
        "--vendor-hosts",
        default=str(VENDOR_HOSTS),
        help="CSV of source_id, host: hosts that are makers' own routes; of a source that it lists "
        "every other org is a reseller",
    )
    parser.add_argument("--parameters", default=str(ROOT / "seeds" / "scoring_parameters.csv"))
    parser.add_argument("--as-of", default=None, help="YYYY-MM-DD, for rolling names")
    parser.add_argument(
        "--semantic",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="rank leftovers by embeddings, where the extra is installed",
    )
    return parser


def _utf8_stdout() -> TextIO:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return sys.stdout


def _day(text: str | None, where: str) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(f"{where} {text}: not a day like 2025-01-31") from error


def _optional(row: Mapping[str, str | None], column: str) -> str | None:
    return (row.get(column) or "").strip() or None


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError | UnicodeError):
        return reason_of(error)
    return " ".join(str(error).split())


def _registry(path: str | None) -> list[CanonicalModel]:
    if path is None and not default_path().exists():
        say("matching: no registry found, names are resolved against themselves")
        return []
    return load_registry(path or default_path())


def read_names(
    path: str, vocabulary: Vocabulary, vendor_hosts: Mapping[str, frozenset[str]] | None = None
) -> list[Name]:
    """Read the input CSV; raises InputError with one line for anything that cannot be read.

    vendor_hosts: source -> hosts that are makers' own routes (`read_vendor_hosts`).
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as handle:
            return _parse_names(handle, path, vocabulary, vendor_hosts or {})
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start})") from error
    except IsADirectoryError as error:
        raise InputError(f"{path}: is a folder") from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except csv.Error as error:
        raise InputError(f"{path}: not a CSV ({error})") from error


def _parse_names(
    handle: Iterable[str],
    path: str,
    vocabulary: Vocabulary,
    vendor_hosts: Mapping[str, frozenset[str]],
) -> list[Name]:
    csv.field_size_limit(10_000_000)
    lines = (line.replace("\0", "\ufffd") for line in handle)
    reader = csv.DictReader(lines)
    missing = [c for c in ("source", "name", "org") if c not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{path}: the header lacks {', '.join(missing)}")
    names = []
    for row in reader:
        source = (row["source"] or "").strip()
        org = (row["org"] or "").strip() or None
        names.append(
            Name(
                source=source,
                name=row["name"] or "",
                org=org,
                record_id=_optional(row, "record_id"),
                role=_role(source, org, vocabulary, vendor_hosts),
                efforts=tuple((row.get("efforts") or "").split()),
                alias_of=_optional(row, "alias_of"),
                released_on=_day(
                    _optional(row, "released_on"),
                    f"{path}: line {reader.line_num}, column released_on:",
                ),
            )
        )
    return names


def _role(
    source: str, org: str | None, vocabulary: Vocabulary, vendor_hosts: Mapping[str, frozenset[str]]
) -> str:
    """As a build decides it: where a source lists many hosts' routes, the host tells the role."""
    role = vocabulary.source_rule(source).role
    if source not in vendor_hosts or not org:
        return role
    return "vendor" if org.lower() in vendor_hosts[source] else "host"


def read_vendor_hosts(path: str) -> dict[str, frozenset[str]]:
    """Source -> hosts in it that are makers' own routes; a missing file means that none is known.

    Raises InputError on a bad header.
    """
    if not Path(path).exists():
        return {}
    found: dict[str, set[str]] = {}
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        rows = csv.DictReader(handle)
        missing = [c for c in ("source_id", "host") if c not in (rows.fieldnames or ())]
        if missing:
            raise InputError(f"{path}: the header lacks {', '.join(missing)}")
        for row in rows:
            found.setdefault(row["source_id"], set()).add(row["host"].lower())
    return {source: frozenset(hosts) for source, hosts in found.items()}


def read_overrides(path: str) -> list[Override]:
    """Human decisions; a missing file means there are none. Raises InputError on a bad header."""
    if not Path(path).exists():
        return []
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        rows = csv.DictReader(handle)
        missing = [c for c in OVERRIDE_COLUMNS if c not in (rows.fieldnames or ())]
        if missing:
            raise InputError(f"{path}: the header lacks {', '.join(missing)}")
        return [
            Override(
                source=row["source_id"],
                name=row["source_model_name"],
                model_id=row["model_id"] or None,
                valid_from=row["valid_from"] or None,
                valid_to=row["valid_to"] or None,
                reason=row["reason"],
            )
            for row in rows
        ]


def write_decisions(decisions: Iterable[Decision], out: TextIO) -> None:
    """One CSV row per decision; lists are joined by '|', texts guarded against spreadsheets."""
    out.write(csv_line(COLUMNS))
    for d in decisions:
        cells = [
            d.source,
            d.source_model_name,
            d.org or "",
            d.record_id or "",
            d.model_id or "",
            d.line_id or "",
            d.variant,
            d.deployment,
            d.method,
            f"{d.score:.4f}",
            d.runner_up_id or "",
            f"{d.margin:.4f}",
            "|".join(d.tokens_agree),
            "|".join(d.tokens_missing),
            "|".join(d.tokens_conflict),
            d.status,
            d.rule_version,
            " | ".join(f"{c.model_id} ({c.score:.2f}): {c.reason}" for c in d.candidates),
            d.reason,
        ]
        out.write(csv_line(cells))


if __name__ == "__main__":
    sys.exit(run(main, "matching"))
