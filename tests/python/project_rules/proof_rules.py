"""Rules of what is proved: keys, conventions that all marts share, the freshness of sources."""

import re

from manifests import Manifest, Node, Rule, label, models, nodes, own

#: A line of a list of keys: the model, and the columns of its key that may be null.
KEY = re.compile(r"ref\('(\w+)'\),\s*\[[^\]]*\],\s*(\[[^\]]*\])")

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
    """Every mart is held to what all marts are held to, which `all_marts` lists."""
    tests = {test["name"]: test["depends_on"]["nodes"] for test in nodes(manifest, "test")}
    return [
        f"{model['name']} is not read by {test}: "
        f"add ref('{model['name']}') to macros/quality/marts.sql"
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


RULES: list[Rule] = [
    marts_outside_shared_tests,
    marts_with_their_key_proved_twice,
    marts_without_primary_key,
    missing_primary_key_tests,
    sources_without_freshness,
    stale_freshness_exceptions,
]
