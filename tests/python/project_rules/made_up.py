"""A made-up project that breaks no rule, and what it is made of."""

from pathlib import Path
from typing import Any

from manifests import Manifest, Node, find
from proof_rules import FRESHNESS_EXCEPTIONS, TESTS_OF_ALL_MARTS, primary_key


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
