"""How much a complete listing may shrink before it is held back: a parameter of each source."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from extract.catalog import ROOT

SEED = ROOT / "seeds" / "sources" / "source_layers.csv"


class GuardError(Exception):
    """The seed cannot be read or holds no share; the text is one line that says where."""


def read_max_shrink_shares(path: Path = SEED) -> Mapping[str, float]:
    """Source id -> `max_shrink_share` (0-1) of the seed source_layers; raises GuardError.

    Empty without the file: this package also lands sources outside of its project.
    """
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GuardError(f"{path.name}: cannot be read ({type(error).__name__})") from error
    return {
        row.get("source_id") or "": _share(row.get("max_shrink_share"), f"{path.name}, line {line}")
        for line, row in rows
    }


def _share(text: str | None, where: str) -> float:
    try:
        share = float(text or "")
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise GuardError(f"{where}, max_shrink_share: '{text or ''}' is no share from 0 to 1")
    return share
