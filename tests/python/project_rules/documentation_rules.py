"""Rules of what is described, and where."""

import re

from manifests import Manifest, Node, Rule, is_documented, label, models, nodes, own


def undocumented_models(manifest: Manifest) -> list[str]:
    return [m["name"] for m in models(manifest) if not is_documented(m)]


def undocumented_mart_columns(manifest: Manifest) -> list[str]:
    """Every column of a mart has a description and a type, and every mart lists its columns."""
    return [
        f"{model['name']} lists no columns"
        for model in models(manifest, "marts")
        if not model["columns"]
    ] + [
        f"{model['name']}.{column['name']} has no {field}"
        for model in models(manifest, "marts")
        for column in model["columns"].values()
        for field in ("description", "data_type")
        if not is_documented(column, field)
    ]


def undocumented_sources(manifest: Manifest) -> list[str]:
    return sorted(
        {
            source["source_name"]
            for source in own(manifest["sources"], manifest)
            if not is_documented(source, "source_description")
        }
    )


def undocumented_source_tables(manifest: Manifest) -> list[str]:
    return [label(s) for s in own(manifest["sources"], manifest) if not is_documented(s)]


def undocumented_seeds(manifest: Manifest) -> list[str]:
    """Every parameter table and each of its columns is described."""
    offenders = []
    for seed in nodes(manifest, "seed"):
        typed = set((seed["config"].get("column_types") or {}).keys())
        described = {c["name"] for c in seed["columns"].values() if is_documented(c)}
        offenders += [seed["name"]] if not is_documented(seed) else []
        offenders += [f"{seed['name']} lists no columns"] if not seed["columns"] else []
        offenders += [
            f"{seed['name']}.{column}"
            for column in sorted((typed | set(seed["columns"])) - described)
        ]
    return offenders


def undocumented_macros(manifest: Manifest) -> list[str]:
    """Every macro is described, and so is each of its arguments, with a type.

    Generic tests are described in tests/generic/README.md instead.
    """
    offenders = []
    for macro in own(manifest["macros"], manifest):
        if macro["original_file_path"].startswith("tests/"):
            continue
        offenders += [macro["name"]] if not is_documented(macro) else []
        described = {
            argument["name"]
            for argument in macro["arguments"]
            if is_documented(argument) and argument.get("type")
        }
        offenders += [
            f"{macro['name']}({argument})"
            for argument in arguments_of(macro)
            if argument not in described
        ]
    return offenders


def arguments_of(macro: Node) -> list[str]:
    declared = re.search(r"macro\s+\w+\s*\((.*?)\)\s*-?%\}", macro["macro_sql"], flags=re.DOTALL)
    if not declared:
        return []
    return [a.split("=")[0].strip() for a in declared.group(1).split(",") if a.strip()]


def models_without_grain_comment(manifest: Manifest) -> list[str]:
    """SQL opens with a comment that says what a row is; Python opens with a docstring."""
    return [model["name"] for model in models(manifest) if not opens_with_its_grain(model)]


def opens_with_its_grain(model: Node) -> bool:
    if model["language"] != "sql":
        return model["raw_code"].lstrip().startswith('"""')
    opening = re.match(r"\s*((?:--[^\n]*\n)+)", model["raw_code"] + "\n")
    return bool(opening) and "Grain:" in opening.group(1)


RULES: list[Rule] = [
    models_without_grain_comment,
    undocumented_macros,
    undocumented_mart_columns,
    undocumented_models,
    undocumented_seeds,
    undocumented_source_tables,
    undocumented_sources,
]
