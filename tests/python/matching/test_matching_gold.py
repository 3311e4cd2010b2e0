"""The resolver against pairs and names labelled by reading."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from matching_support import REGISTRY, make_name, merged

from matching import load_registry, resolve

HERE = Path(__file__).parent


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_gold_pairs_resolve_with_the_required_precision_and_recall(vocabulary):
    pairs = read("gold_pairs.csv")
    sides = [[(p["source_" + s], p["name_" + s], p["org_" + s]) for s in "ab"] for p in pairs]
    names = {spelling: make_name(spelling, vocabulary) for side in sides for spelling in side}
    resolution = resolve(list(names.values()), [], vocabulary)
    found = {(d.source, d.source_model_name, d.org or ""): d for d in resolution.decisions}
    counts = {"tp": 0, "fp": 0, "fn": 0}
    wrong = []
    for pair, (a, b) in zip(pairs, sides, strict=True):
        same, got = pair["same_model"] == "1", merged(found[a], found[b])
        if got or same:
            kind = "tp" if got and same else "fp" if got else "fn"
            counts[kind] += 1
            if kind != "tp":
                wrong.append((kind, a[1], b[1]))
    precision = counts["tp"] / (counts["tp"] + counts["fp"])
    recall = counts["tp"] / (counts["tp"] + counts["fn"])
    assert precision >= 0.997, wrong
    assert recall >= 0.92, wrong


@pytest.mark.skipif(not REGISTRY.exists(), reason="the registry snapshot is not in place")
def test_labelled_names_reach_their_registry_model(vocabulary):
    rows = read("labelled_names.csv")
    assert len(rows) >= 150
    assert len({r["source"].split(":")[0] for r in rows}) >= 10
    names = [make_name((r["source"], r["name"], r["org"]), vocabulary) for r in rows]
    resolution = resolve(names, load_registry(REGISTRY), vocabulary)
    found = {(d.source, d.source_model_name, d.org or ""): d for d in resolution.decisions}
    right, wrong = 0, []
    for row in rows:
        decision = found[(row["source"], row["name"], row["org"])]
        if decision.status == "auto" and decision.model_id == row["model_id"]:
            right += 1
        elif decision.status == "auto":
            wrong.append((row["name"], decision.model_id))
    known = {m.model_id for m in load_registry(REGISTRY)}
    assert not [w for w in wrong if w[1] in known], wrong
    assert right / len(rows) >= 0.95, wrong
