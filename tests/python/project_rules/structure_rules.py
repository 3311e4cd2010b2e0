"""Rules of names, folders, contracts and access."""

import re
from pathlib import Path

from manifests import Manifest, Rule, layer_of, models, names, nodes, of_type, parents

# Seeds that no dbt model and no test reads, each with the reason.
READ_ELSEWHERE = {
    "evaluation_thresholds": "`python -m evidence` reads it from the working database",
}

# Words in the names of marts that have no plural a reader would look for.
WORDS_WITHOUT_PLURAL = {
    "crosswalk",
    "difficulty",
    "evaluation",
    "health",
    "history",
    "quarantine",
    "review",
    "status",
    "summary",
}


def model_naming_conventions(manifest: Manifest) -> list[str]:
    """stg_<source>__<entities>, int_<...>, and plain plural nouns for marts."""
    patterns = {
        "staging": r"stg_[a-z0-9]+(_[a-z0-9]+)*__[a-z0-9]+(_[a-z0-9]+)*",
        "intermediate": r"int_[a-z0-9]+(_[a-z0-9]+)*",
        "marts": r"(?!(stg|int|fct|dim|mart|base|rpt)_)[a-z][a-z0-9]*(_[a-z0-9]+)*",
    }
    return [
        f"{model['name']} in {model['original_file_path']}"
        for model in models(manifest)
        if not re.fullmatch(patterns.get(layer_of(model), r"(?!)"), model["name"])
        or (layer_of(model) == "marts" and not is_plural(model["name"]))
    ]


def is_plural(name: str) -> bool:
    """Whether the noun that a name is about is a plural, or has none that one would look for.

    It is the last word, or the last before what says which of them: rankings_by_variant.
    """
    about = re.split("_(?:by|wide)(?:_|$)", name)[0]
    noun = about.rsplit("_", maxsplit=1)[-1]
    return noun in WORDS_WITHOUT_PLURAL or re.fullmatch(r"\w+[^s]s", noun) is not None


def model_directories(manifest: Manifest) -> list[str]:
    """staging/<source it reads>, intermediate/<concept>, marts/<area>; nothing lies elsewhere."""
    offenders = []
    for model in models(manifest):
        folders = Path(model["original_file_path"]).parts[:-1]
        read = {s["source_name"] for s in of_type(parents(manifest, model), "source")}
        is_placed = len(folders) == 3 and layer_of(model) in ("staging", "intermediate", "marts")
        if layer_of(model) == "staging":
            is_placed &= read <= {folders[-1]} and model["name"].startswith(f"stg_{folders[-1]}__")
        if not is_placed:
            offenders.append(model["original_file_path"])
    return offenders


def public_models_without_contract(manifest: Manifest) -> list[str]:
    """What others may build on keeps its columns and types."""
    return [
        model["name"]
        for model in models(manifest)
        if model["access"] == "public" and not model["contract"]["enforced"]
    ]


def marts_that_are_not_public(manifest: Manifest) -> list[str]:
    return [m["name"] for m in models(manifest, "marts") if m["access"] != "public"]


def seeds_that_are_not_parameters(manifest: Manifest) -> list[str]:
    """Seeds lie in the schema `parameters` and no staging model takes one for data."""
    return [
        f"{seed['name']} lies in schema {seed['config']['schema']}"
        for seed in nodes(manifest, "seed")
        if seed["config"]["schema"] != "parameters"
    ] + [
        f"{model['name']} reads {names(found)}"
        for model in models(manifest, "staging")
        if (found := of_type(parents(manifest, model), "seed"))
    ]


def unread_seeds(manifest: Manifest) -> list[str]:
    """Every parameter table is an input of a model or a test: an edit rebuilds what hangs on it."""
    read = {
        unique_id
        for node in nodes(manifest, "model", "test")
        for unique_id in node["depends_on"].get("nodes", [])
    }
    return [
        seed["name"]
        for seed in nodes(manifest, "seed")
        if seed["unique_id"] not in read and seed["name"] not in READ_ELSEWHERE
    ]


RULES: list[Rule] = [
    marts_that_are_not_public,
    model_directories,
    model_naming_conventions,
    public_models_without_contract,
    seeds_that_are_not_parameters,
    unread_seeds,
]
