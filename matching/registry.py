"""The curated registry: the first canonical models, read from `models.json` or from rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from matching.model import CanonicalModel, Name

SOURCE = "registry"
RECORD = "registry:"


def default_path() -> Path:
    """Where the shipped registry lies, relative to this package."""
    root = Path(__file__).resolve().parent.parent
    return root / "extract" / "snapshots" / "static_registry" / "models.json"


def load_registry(path: str | Path) -> list[CanonicalModel]:
    """Read a LIST of `{id, provider, display_name, api_alias, released_on, ...}`.

    Raises FileNotFoundError, and ValueError when the file is not such a list.
    """
    rows = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise ValueError(f"{path}: expected a list of models")
    return registry_from_rows(rows)


def registry_from_rows(rows: Iterable[Mapping[str, object]]) -> list[CanonicalModel]:
    """Rows to models; of a repeated id the first row counts, a row without id is left out."""
    models: dict[str, CanonicalModel] = {}
    for row in rows:
        model_id = str(row.get("id") or "").strip()
        if model_id and model_id not in models:
            models[model_id] = CanonicalModel(
                model_id=model_id,
                provider=_text(row, "provider"),
                display_name=_text(row, "display_name"),
                api_alias=_text(row, "api_alias"),
                released_on=_text(row, "released_on"),
                first_seen_source=SOURCE,
                first_seen_at=_text(row, "released_on"),
            )
    return list(models.values())


def _text(row: Mapping[str, object], key: str) -> str | None:
    value = row.get(key)
    return str(value).strip() or None if value is not None else None


def registry_id(name: Name) -> str | None:
    """The registry model whose own spelling this is; None for names of any other origin."""
    record = name.record_id or ""
    own = name.source == SOURCE and name.role == "registry" and record.startswith(RECORD)
    return record.removeprefix(RECORD) if own else None


def registry_names(models: Iterable[CanonicalModel]) -> list[Name]:
    """The spellings of each registry model, linked by its id as their record."""
    names = []
    for model in models:
        for text in dict.fromkeys((model.model_id, model.display_name, model.api_alias)):
            if text:
                names.append(
                    Name(SOURCE, text, model.provider, f"{RECORD}{model.model_id}", "registry")
                )
    return names
