"""Rules of who may read whom."""

import ast
import re
from collections.abc import Iterator

from manifests import (
    Manifest,
    Node,
    Rule,
    children,
    in_layer,
    label,
    layer_of,
    models,
    names,
    of_type,
    own,
    parents,
)

TOO_MANY_PARENTS = 7
TOO_MANY_VIEWS_IN_A_ROW = 5

#: A dbt model that a text of Jinja reads.
REFERENCE = re.compile(r"ref\('(\w+)'\)")


def direct_join_to_source(manifest: Manifest) -> list[str]:
    """No model reads a source and a model: what joins, joins staged rows."""
    return [
        f"{model['name']} reads {names(of_type(above, 'source'))} beside models"
        for model in models(manifest)
        if of_type(above := parents(manifest, model), "source") and of_type(above, "model")
    ]


def marts_or_intermediate_dependent_on_source(manifest: Manifest) -> list[str]:
    """Marts and intermediate models read no source."""
    return [
        f"{model['name']} reads {names(found)}"
        for model in models(manifest)
        if layer_of(model) in ("marts", "intermediate")
        and (found := of_type(parents(manifest, model), "source"))
    ]


def hard_coded_references(manifest: Manifest) -> list[str]:
    """Every relation is reached through ref() or source(), or is a CTE of the same file.

    Python reads no seed, data file or database by its path either: no lineage would show it.
    """
    look = {"sql": hard_coded_in, "python": hard_coded_in_python}
    return [
        f"{model['name']} reads {reference}"
        for model in models(manifest)
        for reference in look[model["language"]](model["raw_code"])
    ]


def hard_coded_in_python(code: str) -> Iterator[str]:
    """Paths to data, calls of functions that know such a path, and relations that SQL names."""
    tree = ast.parse(code)
    # DuckDB reads a variable by its name; `relation.query(name, ...)` gives a relation one.
    known = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    known |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    known |= set(re.findall(r"\.query\(\s*['\"](\w+)['\"]", code))
    for text in texts_in(tree):
        if re.match(r"(\./)?(seeds|models|extract)/|.*\.(csv|parquet|duckdb|db)$", text):
            yield text
        elif re.match(r"\s*(select|with|from)\b", text, flags=re.I):
            yield from (name for name in hard_coded_in(text) if name not in known)
    for node in ast.walk(tree):
        called = (
            node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        )
        if called.startswith(("load_", "default_")):
            yield f"{called}()"


def texts_in(tree: ast.AST) -> Iterator[str]:
    """Every text of the code but docstrings, with {} for what is put into it."""
    inner = {id(p) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for p in n.values}
    inner |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield "".join(parts)
        elif isinstance(getattr(node, "value", None), str) and id(node) not in inner:
            yield node.value


def hard_coded_in(sql: str) -> Iterator[str]:
    text = re.sub(r"\{#.*?#\}|--[^\n]*", " ", sql, flags=re.DOTALL)
    # `from {{ var(...) }}` is a relation that no lineage shows; other expressions are references.
    for found in re.finditer(r"\b(?:from|join)\s+\{\{\s*var\(.*?\}\}", text, flags=re.I | re.S):
        yield " ".join(found.group().split())
    text = re.sub(r"\{\{.*?\}\}", "{}", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)
    ctes = set(re.findall(r'(?:\bwith|,)\s*(?:recursive\s+)?"?(\w+)"?\s+as\s*\(', text, flags=re.I))
    # `a is distinct from b.c` compares; `extract(day from x)` and the like take a part.
    text = re.sub(r"\bdistinct\s+from\b", " ", text, flags=re.I)
    text = re.sub(r"\b(extract|trim|substring|overlay)\s*\([^()]*\)", " ", text, flags=re.I)
    for found in re.finditer(r"\b(?:from|join)\s+(?:lateral\s+)?([^\s,()]+)", text, flags=re.I):
        target = found.group(1)
        is_function = text[found.end() :].lstrip().startswith("(")
        if target == "{}" or (
            is_function and re.match(r"(unnest|generate_series|range|json_tree)$", target)
        ):
            continue
        if target.strip('"') not in ctes and target.lower() not in ("select", "values"):
            yield target


def multiple_sources_joined(manifest: Manifest) -> list[str]:
    """A model reads one source table at most."""
    return [
        f"{model['name']} reads {names(found)}"
        for model in models(manifest)
        if len(found := of_type(parents(manifest, model), "source")) > 1
    ]


def root_models(manifest: Manifest) -> list[str]:
    """Every model reads something."""
    return [m["name"] for m in models(manifest) if not m["depends_on"].get("nodes")]


def rejoining_of_upstream_concepts(manifest: Manifest) -> list[str]:
    """No child reads a parent beside a model made of that parent for this child alone.

    Parameter tables are arguments, and the members of a union are not joined: neither counts.
    """
    below = children(manifest)
    return [
        f"{child['name']} reads {label(parent)} again beside {between['name']}, its only reader"
        for child in models(manifest)
        for parent in joined_parents(manifest, child)
        for between in of_type(joined_parents(manifest, child), "model")
        if parent.get("unique_id") in between["depends_on"].get("nodes", [])
        and below[between["unique_id"]] == {child["unique_id"]}
    ]


def source_fanout(manifest: Manifest) -> list[str]:
    """A source table is staged once."""
    below = children(manifest)
    return [
        f"{label(source)} is read by {', '.join(sorted(readers))}"
        for source in own(manifest["sources"], manifest)
        if len(readers := {u for u in below.get(source["unique_id"], ()) if u[:6] == "model."}) > 1
    ]


def staging_dependent_on_staging(manifest: Manifest) -> list[str]:
    """Staging models do not build on each other."""
    return [
        f"{model['name']} reads {names(found)}"
        for model in models(manifest, "staging")
        if (found := in_layer(of_type(parents(manifest, model), "model"), "staging"))
    ]


def staging_dependent_on_marts(manifest: Manifest) -> list[str]:
    """Staging models read nothing that lies downstream of staging."""
    return [
        f"{model['name']} reads {names(found)}"
        for model in models(manifest, "staging")
        if (found := in_layer(parents(manifest, model), "intermediate", "marts"))
    ]


def only_staging_reads_sources(manifest: Manifest) -> list[str]:
    """Nothing outside staging reads a source; a test of the source itself may."""
    return [
        f"{node['name']} reads {names(found)}"
        for node in own(manifest["nodes"], manifest)
        if layer_of(node) != "staging"
        and not node.get("test_metadata")
        and (found := of_type(parents(manifest, node), "source"))
    ]


def unused_sources(manifest: Manifest) -> list[str]:
    """Every declared source table is read."""
    below = children(manifest)
    return [
        label(source)
        for source in own(manifest["sources"], manifest)
        if not below.get(source["unique_id"])
    ]


def too_many_joins(manifest: Manifest) -> list[str]:
    """A model reads fewer than seven others; parameter tables are arguments and do not count."""
    return [
        f"{model['name']} has {len(found)} parents: {names(found)}"
        for model in models(manifest)
        if len(found := joined_parents(manifest, model)) >= TOO_MANY_PARENTS
    ]


def joined_parents(manifest: Manifest, model: Node) -> list[Node]:
    """What a model reads by itself: the members of a union that a macro hands over are one."""
    handed_over = {
        name
        for macro in model["depends_on"].get("macros", [])
        for name in REFERENCE.findall(manifest["macros"].get(macro, {}).get("macro_sql", ""))
    }
    return [
        p
        for p in parents(manifest, model)
        if p["resource_type"] != "seed" and p["name"] not in handed_over
    ]


def chained_views_dependencies(manifest: Manifest) -> list[str]:
    """No model waits for five views in a row, each of which is computed again by every reader."""
    depths: dict[str, int] = {}

    def views_above(node: Node) -> int:
        unique_id = node["unique_id"]
        if unique_id not in depths:
            views = [
                p
                for p in of_type(parents(manifest, node), "model")
                if p["config"]["materialized"] in ("view", "ephemeral")
            ]
            depths[unique_id] = max((1 + views_above(view) for view in views), default=0)
        return depths[unique_id]

    return [
        f"{model['name']} waits for {depth} views in a row"
        for model in models(manifest)
        if (depth := views_above(model)) >= TOO_MANY_VIEWS_IN_A_ROW
    ]


def exposure_parents_materializations(manifest: Manifest) -> list[str]:
    """Consumers read tables, never views or sources."""
    return [
        f"{exposure['name']} reads {label(parent)}"
        for exposure in own(manifest["exposures"], manifest)
        for parent in parents(manifest, exposure)
        if parent["resource_type"] == "source"
        or (
            parent["resource_type"] == "model"
            and parent["config"]["materialized"] in ("view", "ephemeral")
        )
    ]


RULES: list[Rule] = [
    chained_views_dependencies,
    direct_join_to_source,
    exposure_parents_materializations,
    hard_coded_references,
    marts_or_intermediate_dependent_on_source,
    multiple_sources_joined,
    only_staging_reads_sources,
    rejoining_of_upstream_concepts,
    root_models,
    source_fanout,
    staging_dependent_on_marts,
    staging_dependent_on_staging,
    too_many_joins,
    unused_sources,
]
