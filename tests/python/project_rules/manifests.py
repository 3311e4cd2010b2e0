"""A dbt manifest, read: the resources of the project and how they hang together.

A rule is a pure function of a manifest: it returns its offenders, one line of text each.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]
Node = dict[str, Any]
Rule = Callable[[Manifest], list[str]]

ROOT = Path(__file__).parents[3]


def own(resources: dict[str, Node], manifest: Manifest) -> list[Node]:
    """This project's own resources, in a fixed order; packages are not ours to judge."""
    project = manifest["metadata"]["project_name"]
    return [r for _, r in sorted(resources.items()) if r["package_name"] == project]


def nodes(manifest: Manifest, *types: str) -> list[Node]:
    return [n for n in own(manifest["nodes"], manifest) if n["resource_type"] in types]


def models(manifest: Manifest, layer: str | None = None) -> list[Node]:
    return [n for n in nodes(manifest, "model") if layer in (None, layer_of(n))]


def layer_of(node: Node) -> str:
    """staging, intermediate or marts, by the folder; '' elsewhere."""
    parts = Path(node["original_file_path"]).parts
    return parts[1] if len(parts) > 2 and parts[0] == "models" else ""


def find(manifest: Manifest, unique_id: str) -> Node:
    for kind in ("nodes", "sources", "exposures", "macros"):
        if unique_id in manifest[kind]:
            return manifest[kind][unique_id]
    return {"resource_type": "unknown", "name": unique_id, "original_file_path": ""}


def parents(manifest: Manifest, node: Node) -> list[Node]:
    unique_ids = sorted(set(node["depends_on"].get("nodes", [])))
    return [find(manifest, unique_id) for unique_id in unique_ids]


def children(manifest: Manifest) -> dict[str, set[str]]:
    """Per resource, whatever reads it except tests."""
    found: dict[str, set[str]] = {}
    readers = {**manifest["nodes"], **manifest["exposures"]}
    for unique_id, reader in readers.items():
        if reader["resource_type"] != "test":
            for parent in reader["depends_on"].get("nodes", []):
                found.setdefault(parent, set()).add(unique_id)
    return found


def label(node: Node) -> str:
    if node["resource_type"] == "source":
        return f"{node['source_name']}.{node['name']}"
    return node["name"]


def names(found: list[Node]) -> str:
    return ", ".join(label(n) for n in found)


def of_type(found: list[Node], *types: str) -> list[Node]:
    return [n for n in found if n["resource_type"] in types]


def in_layer(found: list[Node], *layers: str) -> list[Node]:
    return [n for n in found if layer_of(n) in layers]


def is_documented(resource: Node, field: str = "description") -> bool:
    return bool((resource.get(field) or "").strip())
