"""The rules of a well-kept dbt project, checked over its manifest.

The definitions are those of dbt-project-evaluator, with what this project asks beyond it. A rule is
a pure function of a manifest: it returns its offenders, one line of text each. Every rule is also
shown a made-up project that breaks it, so that no rule can pass by seeing nothing.
"""

import ast
import copy
import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

Manifest = dict[str, Any]
Node = dict[str, Any]
Rule = Callable[[Manifest], list[str]]

ROOT = Path(__file__).parents[2]

TOO_MANY_PARENTS = 7
TOO_MANY_VIEWS_IN_A_ROW = 5
#: A line of a list of keys: the model, and the columns of its key that may be null.
KEY = re.compile(r"ref\('(\w+)'\),\s*\[[^\]]*\],\s*(\[[^\]]*\])")

#: A dbt model that a text of Jinja reads.
REFERENCE = re.compile(r"ref\('(\w+)'\)")

#: Macros that list keys of dbt models, each read by one test.
KEY_LISTS = ("staging_keys", "intermediate_keys", "mart_keys")

# Singular tests that hold every mart to one convention (macros/quality/marts.sql lists the marts).
TESTS_OF_ALL_MARTS = ("assert_marts_hold_numbers_in_range", "assert_marts_speak_of_what_exists")

# Source tables without a freshness check, each with the reason.
FRESHNESS_EXCEPTIONS = {
    "landing.loads": "extract's own log: it grows with every attempt, whatever a source does",
    "landing.records": "all sources at once: each source declares its own on the same table",
    "landing.sources": "what extract/sources.yml declares, rewritten by every run",
}

# Seeds that no dbt model and no test reads, each with the reason.
READ_ELSEWHERE = {
    "evaluation_thresholds": "`python -m evidence` reads it from the working database",
}

# Words in the names of marts that have no plural a reader would look for.
WORDS_WITHOUT_PLURAL = {
    "coverage",
    "difficulty",
    "crosswalk",
    "evaluation",
    "health",
    "history",
    "quarantine",
    "review",
    "status",
}

# ------------------------------------------------------------------------- reading a manifest


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


# ------------------------------------------------------------------------- rules: lineage


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


# ------------------------------------------------------------------------- rules: tests, freshness


def missing_primary_key_tests(manifest: Manifest) -> list[str]:
    """Every model's key is proved: by a primary key, or by the test of its layer's list of keys."""
    listed = listed_keys(manifest)
    return [m["name"] for m in models(manifest) if not primary_key(m) and m["name"] not in listed]


def listed_keys(manifest: Manifest) -> dict[str, list[str]]:
    """Model -> those columns of its key that may be null, of lists that a test reads."""
    read = {macro for test in nodes(manifest, "test") for macro in test["depends_on"]["macros"]}
    found = {}
    for unique_id, macro in manifest["macros"].items():
        if macro["name"] in KEY_LISTS and unique_id in read:
            for name, nullable in KEY.findall(macro["macro_sql"]):
                found[name] = re.findall(r"\w+", nullable)
    return found


def primary_key(model: Node) -> list[str]:
    """The columns of the primary key that a model's contract states."""
    return [
        column
        for constraint in model.get("constraints") or []
        if constraint["type"] == "primary_key"
        for column in constraint["columns"]
    ]


def marts_without_primary_key(manifest: Manifest) -> list[str]:
    """Every mart states its primary key, which the database enforces.

    A key with a column that may be null cannot be one: the list of keys says which column that is.
    """
    listed = listed_keys(manifest)
    return [
        model["name"]
        for model in models(manifest, "marts")
        if not primary_key(model) and not listed.get(model["name"])
    ]


def marts_with_their_key_proved_twice(manifest: Manifest) -> list[str]:
    """What a primary key proves needs no line in a list of keys."""
    listed = listed_keys(manifest)
    return [
        model["name"]
        for model in models(manifest, "marts")
        if primary_key(model) and model["name"] in listed
    ]


def marts_outside_shared_tests(manifest: Manifest) -> list[str]:
    """Every mart is held to what all marts are held to."""
    tests = {test["name"]: test["depends_on"]["nodes"] for test in nodes(manifest, "test")}
    return [
        f"{model['name']} is not read by {test}"
        for test in TESTS_OF_ALL_MARTS
        for model in models(manifest, "marts")
        if model["unique_id"] not in tests.get(test, [])
    ]


def sources_without_freshness(manifest: Manifest) -> list[str]:
    """Every source table says after how long it counts as old."""
    return [
        label(source)
        for source in own(manifest["sources"], manifest)
        if label(source) not in FRESHNESS_EXCEPTIONS and not has_freshness(source)
    ]


def has_freshness(source: Node) -> bool:
    limits = source.get("freshness") or {}
    return any((limits.get(k) or {}).get("count") for k in ("warn_after", "error_after"))


def stale_freshness_exceptions(manifest: Manifest) -> list[str]:
    """An exception that no source table needs is removed."""
    needing = {label(s) for s in own(manifest["sources"], manifest) if not has_freshness(s)}
    return sorted(set(FRESHNESS_EXCEPTIONS) - needing)


# ------------------------------------------------------------------------- rules: documentation


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


# ------------------------------------------------------------------------- rules: structure


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
    """True where one of its words is a plural (rankings_by_variant) or has none."""
    return any(word.endswith("s") or word in WORDS_WITHOUT_PLURAL for word in name.split("_"))


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
    chained_views_dependencies,
    direct_join_to_source,
    exposure_parents_materializations,
    hard_coded_references,
    marts_or_intermediate_dependent_on_source,
    marts_outside_shared_tests,
    marts_that_are_not_public,
    marts_with_their_key_proved_twice,
    marts_without_primary_key,
    missing_primary_key_tests,
    model_directories,
    model_naming_conventions,
    models_without_grain_comment,
    multiple_sources_joined,
    only_staging_reads_sources,
    public_models_without_contract,
    rejoining_of_upstream_concepts,
    root_models,
    seeds_that_are_not_parameters,
    source_fanout,
    sources_without_freshness,
    staging_dependent_on_marts,
    staging_dependent_on_staging,
    stale_freshness_exceptions,
    too_many_joins,
    undocumented_macros,
    undocumented_mart_columns,
    undocumented_models,
    undocumented_seeds,
    undocumented_source_tables,
    undocumented_sources,
    unread_seeds,
    unused_sources,
]


# ------------------------------------------------------------------------- the project


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The project as dbt understands it, parsed afresh; needs no landing and no build."""
    target = tmp_path_factory.mktemp("target")
    command = "import sys; from dbt.cli.main import cli; sys.exit(cli())"
    options = ["--target-path", str(target), "--log-path", str(target), "--project-dir", str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-c", command, "--quiet", "parse", "--profiles-dir", str(ROOT), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((target / "manifest.json").read_text())


def test_the_walk_of_a_score_follows_the_lineage(manifest: Manifest) -> None:
    """Every stop of docs/architecture.md reads the one before it, and the first the landing."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    first, *stops = re.findall(r"^\| \d+ \| `(\w+(?:\.\w+)?)` \|", text, flags=re.M)
    assert (first, stops[-1], len(stops)) == ("landing.records", "rankings", 17)
    by_name = {model["name"]: model for model in models(manifest)}
    assert of_type(parents(manifest, by_name[stops[0]]), "source")
    for before, stop in pairwise(stops):
        found = [parent["name"] for parent in parents(manifest, by_name[stop])]
        assert before in found, f"{stop} does not read {before}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_follows(rule: Rule, manifest: Manifest) -> None:
    offenders = rule(manifest)
    assert not offenders, f"{rule.__name__}:\n  " + "\n  ".join(offenders)


def test_every_column_of_a_seed_file_is_described(manifest: Manifest) -> None:
    missing = [
        f"{seed['name']}.{column}"
        for seed in nodes(manifest, "seed")
        for column in next(csv.reader((ROOT / seed["original_file_path"]).open(encoding="utf-8")))
        if not is_documented(seed["columns"].get(column, {}))
    ]
    assert not missing


def test_every_generic_test_is_in_the_readme() -> None:
    readme = (ROOT / "tests/generic/README.md").read_text()
    missing = [
        path.stem
        for path in sorted((ROOT / "tests/generic").glob("*.sql"))
        if f"`{path.stem}" not in readme
    ]
    assert not missing


# ------------------------------------------------------------------------- the rules themselves


def a_model(
    path: str, reads: tuple[str, ...] = (), materialized: str = "table", access: str = "protected"
) -> Node:
    name = Path(path).stem
    return {
        "unique_id": f"model.shop.{name}",
        "resource_type": "model",
        "package_name": "shop",
        "name": name,
        "original_file_path": f"models/{path}",
        "language": "sql",
        "raw_code": "-- What it is.\n-- Grain: one row per (id).\n\nselect * from {{ ref('x') }}\n",
        "description": "What it is.",
        "columns": {"id": {"name": "id", "description": "The key.", "data_type": "varchar"}},
        "config": {"materialized": materialized},
        "access": access,
        "contract": {"enforced": access == "public"},
        "constraints": [{"type": "primary_key", "columns": ["id"]}] if access == "public" else [],
        "depends_on": {"nodes": list(reads)},
    }


def a_singular_test(name: str, reads: tuple[str, ...]) -> Node:
    return {
        "unique_id": f"test.shop.{name}",
        "resource_type": "test",
        "package_name": "shop",
        "name": name,
        "original_file_path": f"tests/singular/{name}.sql",
        "depends_on": {"nodes": list(reads), "macros": []},
    }


def list_key(project: Manifest, name: str, nullable: str = "[]") -> None:
    """Put a model into the list of keys that a test of the project reads."""
    lists = project["macros"].setdefault(
        "macro.shop.mart_keys",
        {
            "unique_id": "macro.shop.mart_keys",
            "name": "mart_keys",
            "package_name": "shop",
            "description": "The keys.",
            "arguments": [],
            "macro_sql": "",
            "original_file_path": "macros/keys.sql",
            "depends_on": {"macros": []},
        },
    )
    lists["macro_sql"] += f"[ref('{name}'), ['id'], {nullable}],\n"
    test = project["nodes"].setdefault("test.shop.assert_keys", a_singular_test("assert_keys", ()))
    test["depends_on"]["macros"] = ["macro.shop.mart_keys"]


def a_source(source: str, table: str, count: int | None = 60) -> Node:
    return {
        "unique_id": f"source.shop.{source}.{table}",
        "resource_type": "source",
        "package_name": "shop",
        "source_name": source,
        "name": table,
        "original_file_path": f"models/staging/{source}/_{source}__sources.yml",
        "source_description": "Where it comes from.",
        "description": "What it holds.",
        "freshness": {"warn_after": {"count": count}, "error_after": {"count": None}},
    }


def a_seed(name: str) -> Node:
    return {
        "unique_id": f"seed.shop.{name}",
        "resource_type": "seed",
        "package_name": "shop",
        "name": name,
        "original_file_path": f"seeds/{name}.csv",
        "description": "What one may change.",
        "columns": {"rate": {"name": "rate", "description": "The rate."}},
        "config": {"schema": "parameters", "column_types": {"rate": "double"}},
        "depends_on": {"macros": []},
    }


def an_exposure(name: str, reads: tuple[str, ...]) -> Node:
    return {
        "unique_id": f"exposure.shop.{name}",
        "resource_type": "exposure",
        "package_name": "shop",
        "name": name,
        "original_file_path": "models/exposures.yml",
        "depends_on": {"nodes": list(reads)},
    }


def a_macro(name: str) -> Node:
    return {
        "unique_id": f"macro.shop.{name}",
        "resource_type": "macro",
        "package_name": "shop",
        "name": name,
        "original_file_path": f"macros/{name}.sql",
        "description": "What it does.",
        "arguments": [{"name": "column", "type": "column", "description": "The column."}],
        "macro_sql": f"{{% macro {name}(column) -%}} {{{{ column }}}} {{%- endmacro %}}",
    }


def a_sound_project() -> Manifest:
    """orders of two sources -> staging -> intermediate -> a mart, with a parameter and a reader."""
    project: Manifest = {
        "metadata": {"project_name": "shop"},
        "nodes": {},
        "sources": {},
        "exposures": {},
        "macros": {},
    }
    add(
        project,
        a_source("till", "orders"),
        a_source("web", "orders"),
        *(a_source(*table.split("."), count=None) for table in FRESHNESS_EXCEPTIONS),
        a_seed("rates"),
        a_macro("rounded"),
        a_model("staging/till/stg_till__orders.sql", ("source.shop.till.orders",), "view"),
        a_model("staging/web/stg_web__orders.sql", ("source.shop.web.orders",), "view"),
        *(
            a_model(
                "staging/{0}/stg_{0}__{1}.sql".format(*table.split(".")),
                (f"source.shop.{table}",),
                "view",
            )
            for table in FRESHNESS_EXCEPTIONS
        ),
        a_model(
            "intermediate/orders/int_orders_unioned.sql",
            (
                "model.shop.stg_till__orders",
                "model.shop.stg_web__orders",
                "model.shop.stg_landing__loads",
                "seed.shop.rates",
            ),
        ),
        a_model(
            "marts/sales/orders.sql",
            ("model.shop.int_orders_unioned", "model.shop.stg_landing__sources"),
            access="public",
        ),
        an_exposure("dashboard", ("model.shop.orders",)),
        *(a_singular_test(name, ("model.shop.orders",)) for name in TESTS_OF_ALL_MARTS),
    )
    return project


def add(project: Manifest, *resources: Node) -> None:
    """Put resources into a project, each model with a primary key or a line in a list of keys."""
    kinds = {"source": "sources", "exposure": "exposures", "macro": "macros"}
    for resource in resources:
        kind = kinds.get(resource["resource_type"], "nodes")
        project[kind][resource["unique_id"]] = resource
        if resource["resource_type"] == "model" and not primary_key(resource):
            list_key(project, resource["name"])


def change(project: Manifest, unique_id: str, **fields: Any) -> None:
    find(project, unique_id).update(fields)


def read_also(project: Manifest, unique_id: str, *parents_added: str) -> None:
    find(project, unique_id)["depends_on"]["nodes"] += parents_added


def sql(text: str) -> str:
    return f"-- What it is.\n-- Grain: one row per (id).\n\n{text}\n"


MART = "model.shop.orders"
JOINED = "model.shop.int_orders_unioned"
STAGED = "model.shop.stg_till__orders"


def break_chained_views(project: Manifest) -> None:
    for n in range(1, 5):
        reads = (f"model.shop.int_steps_{n - 1}",) if n > 1 else (STAGED,)
        add(project, a_model(f"intermediate/steps/int_steps_{n}.sql", reads, "view"))
    read_also(project, MART, "model.shop.int_steps_4")


def break_missing_primary_key(project: Manifest) -> None:
    lists = project["macros"]["macro.shop.mart_keys"]
    lists["macro_sql"] = lists["macro_sql"].replace("int_orders_unioned", "int_orders_united")


def break_key_proved_twice(project: Manifest) -> None:
    list_key(project, "orders")


def break_missing_primary_key_of_a_mart(project: Manifest) -> None:
    """A key with no column that may be null is no reason to have no primary key."""
    break_key_proved_twice(project)
    change(project, MART, constraints=[])


def break_too_many_joins(project: Manifest) -> None:
    for n in range(5):
        add(project, a_model(f"intermediate/orders/int_more_{n}.sql"), a_seed(f"more_rates_{n}"))
        read_also(project, MART, f"model.shop.int_more_{n}")
        read_also(project, MART, f"seed.shop.more_rates_{n}")


def break_rejoining(project: Manifest) -> None:
    read_also(project, MART, "model.shop.stg_landing__loads")


def break_only_staging_reads_sources(project: Manifest) -> None:
    add(project, a_singular_test("assert_all", (MART, "source.shop.till.orders")))


def break_seeds(project: Manifest) -> None:
    project["nodes"]["seed.shop.rates"]["columns"]["rate"]["description"] = " "


def break_sources(project: Manifest) -> None:
    project["sources"]["source.shop.web.orders"]["source_description"] = ""


# (rule, how a sound project is broken, what the rule must then say)
BROKEN: list[tuple[Rule, Callable[[Manifest], None], list[str]]] = [
    (chained_views_dependencies, break_chained_views, ["orders waits for 5 views in a row"]),
    (
        direct_join_to_source,
        lambda p: read_also(p, JOINED, "source.shop.till.orders"),
        ["int_orders_unioned reads till.orders beside models"],
    ),
    (
        exposure_parents_materializations,
        lambda p: change(p, MART, config={"materialized": "view"}),
        ["dashboard reads orders"],
    ),
    (
        exposure_parents_materializations,
        lambda p: read_also(p, "exposure.shop.dashboard", "source.shop.till.orders"),
        ["dashboard reads till.orders"],
    ),
    (
        hard_coded_references,
        lambda p: change(p, MART, raw_code=sql("select * from landing.main.records")),
        ["orders reads landing.main.records"],
    ),
    (
        hard_coded_references,
        lambda p: change(p, MART, language="python", raw_code='open("seeds/rates.csv")'),
        ["orders reads seeds/rates.csv"],
    ),
    (
        marts_or_intermediate_dependent_on_source,
        lambda p: read_also(p, MART, "source.shop.till.orders"),
        ["orders reads till.orders"],
    ),
    (
        marts_outside_shared_tests,
        lambda p: find(p, f"test.shop.{TESTS_OF_ALL_MARTS[1]}")["depends_on"]["nodes"].clear(),
        [f"orders is not read by {TESTS_OF_ALL_MARTS[1]}"],
    ),
    (marts_that_are_not_public, lambda p: change(p, MART, access="private"), ["orders"]),
    (marts_with_their_key_proved_twice, break_key_proved_twice, ["orders"]),
    (marts_without_primary_key, break_missing_primary_key_of_a_mart, ["orders"]),
    (missing_primary_key_tests, break_missing_primary_key, ["int_orders_unioned"]),
    (missing_primary_key_tests, lambda p: change(p, MART, constraints=[]), ["orders"]),
    (
        model_directories,
        lambda p: change(p, STAGED, original_file_path="models/staging/web/stg_till__orders.sql"),
        ["models/staging/web/stg_till__orders.sql"],
    ),
    (
        model_directories,
        lambda p: change(p, MART, original_file_path="models/marts/orders.sql"),
        ["models/marts/orders.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, JOINED, name="orders_joined"),
        ["orders_joined in models/intermediate/orders/int_orders_unioned.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, MART, name="order"),
        ["order in models/marts/sales/orders.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, MART, name="fct_orders"),
        ["fct_orders in models/marts/sales/orders.sql"],
    ),
    (
        models_without_grain_comment,
        lambda p: change(p, MART, raw_code="-- What it is.\n\nselect 1 -- Grain: too late\n"),
        ["orders"],
    ),
    (
        multiple_sources_joined,
        lambda p: read_also(p, STAGED, "source.shop.web.orders"),
        ["stg_till__orders reads till.orders, web.orders"],
    ),
    (
        only_staging_reads_sources,
        break_only_staging_reads_sources,
        ["assert_all reads till.orders"],
    ),
    (
        public_models_without_contract,
        lambda p: change(p, MART, contract={"enforced": False}),
        ["orders"],
    ),
    (
        rejoining_of_upstream_concepts,
        break_rejoining,
        ["orders reads stg_landing__loads again beside int_orders_unioned, its only reader"],
    ),
    (root_models, lambda p: change(p, STAGED, depends_on={"nodes": []}), ["stg_till__orders"]),
    (
        seeds_that_are_not_parameters,
        lambda p: read_also(p, STAGED, "seed.shop.rates"),
        ["stg_till__orders reads rates"],
    ),
    (
        seeds_that_are_not_parameters,
        lambda p: change(p, "seed.shop.rates", config={"schema": "main"}),
        ["rates lies in schema main"],
    ),
    (
        source_fanout,
        lambda p: read_also(p, "model.shop.stg_web__orders", "source.shop.till.orders"),
        ["till.orders is read by model.shop.stg_till__orders, model.shop.stg_web__orders"],
    ),
    (
        sources_without_freshness,
        lambda p: change(p, "source.shop.till.orders", freshness=None),
        ["till.orders"],
    ),
    (
        staging_dependent_on_marts,
        lambda p: read_also(p, STAGED, MART),
        ["stg_till__orders reads orders"],
    ),
    (
        staging_dependent_on_staging,
        lambda p: read_also(p, STAGED, "model.shop.stg_web__orders"),
        ["stg_till__orders reads stg_web__orders"],
    ),
    (
        stale_freshness_exceptions,
        lambda p: p["sources"].pop("source.shop.landing.loads") and None,
        ["landing.loads"],
    ),
    (
        too_many_joins,
        break_too_many_joins,
        [
            "orders has 7 parents: int_more_0, int_more_1, int_more_2, int_more_3, int_more_4,"
            " int_orders_unioned, stg_landing__sources"
        ],
    ),
    (
        undocumented_macros,
        lambda p: change(p, "macro.shop.rounded", description=""),
        ["rounded"],
    ),
    (
        undocumented_macros,
        lambda p: change(p, "macro.shop.rounded", arguments=[]),
        ["rounded(column)"],
    ),
    (
        undocumented_mart_columns,
        lambda p: change(p, MART, columns={"id": {"name": "id", "description": "The key."}}),
        ["orders.id has no data_type"],
    ),
    (undocumented_models, lambda p: change(p, JOINED, description=""), ["int_orders_unioned"]),
    (undocumented_seeds, break_seeds, ["rates.rate"]),
    (
        undocumented_source_tables,
        lambda p: change(p, "source.shop.web.orders", description=None),
        ["web.orders"],
    ),
    (unread_seeds, lambda p: add(p, a_seed("discounts")), ["discounts"]),
    (undocumented_sources, break_sources, ["web"]),
    (
        unused_sources,
        lambda p: add(p, a_source("till", "refunds")),
        ["till.refunds"],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_sound_project_breaks_no_rule(rule: Rule) -> None:
    assert rule(a_sound_project()) == []


@pytest.mark.parametrize(
    ("rule", "break_it", "offenders"), BROKEN, ids=[rule.__name__ for rule, _, _ in BROKEN]
)
def test_rule_catches(
    rule: Rule, break_it: Callable[[Manifest], None], offenders: list[str]
) -> None:
    project = copy.deepcopy(a_sound_project())
    break_it(project)
    assert rule(project) == offenders


def test_key_that_may_be_null_is_tested_instead_of_declared() -> None:
    project = a_sound_project()
    change(project, MART, constraints=[])
    list_key(project, "orders", "['id']")
    assert marts_without_primary_key(project) == []


def test_a_list_of_keys_that_no_test_reads_proves_nothing() -> None:
    project = a_sound_project()
    project["nodes"]["test.shop.assert_keys"]["depends_on"]["macros"] = []
    assert "int_orders_unioned" in missing_primary_key_tests(project)


def test_every_rule_is_shown_a_broken_project() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from {{ ref('a') }} left join {{ source('b', 'c') }} on true", []),
        ("with a as (select 1), b as (select * from a) select * from b join a on true", []),
        ("select * from {{ ref('a') }} as a where a.x is not distinct from a.y", []),
        ("select extract(year from a.b), unnest(c) from {{ relation }}, unnest([1, 2])", []),
        ("select * from {{ ref('a') }} as a cross join json_tree(a.record) as leaf", []),
        ("select * from (select 1) as a -- from nowhere.at_all", []),
        ("{# from a.b #} select * from {{ ref('a') }} {% if x %} join b.c {% endif %}", ["b.c"]),
        ('select * from "main"."orders"', ['"main"."orders"']),
        ("select * from orders", ["orders"]),
        ("select * from read_csv('orders.csv')", ["read_csv"]),
        ("select * from 'orders.parquet'", ["'orders.parquet'"]),
        ("select * from {{ var('orders') }}", ["from {{ var('orders') }}"]),
    ],
)
def test_hard_coded_references_are_told_from_sound_sql(text: str, expected: list[str]) -> None:
    assert list(hard_coded_in(text)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('rows = dbt.ref("a")\nsession.sql("select * from rows")', []),
        ('relation.query("chosen", f"select {columns} from chosen order by all")', []),
        ('"""Reads seeds/a.csv, says the docstring."""', []),
        ('VECTORS = Path("build/name_vectors.json")', []),
        ('VOCABULARY = Path("seeds/matching")', ["seeds/matching"]),
        ('duckdb.connect("build/warehouse.duckdb")', ["build/warehouse.duckdb"]),
        ('session.sql("select * from main.rankings")', ["main.rankings"]),
        ("load_vocabulary(default_folder())", ["load_vocabulary()", "default_folder()"]),
    ],
)
def test_hard_coded_references_are_told_from_sound_python(code: str, expected: list[str]) -> None:
    assert list(hard_coded_in_python(code)) == expected
