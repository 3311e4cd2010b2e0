"""The published schema: its version, what the changelog says of it, and names that follow seeds."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from macros.publish.builds import BUILD_COLUMNS, SCHEMA_VERSION
from macros.wide_contract import BEGIN, CONTRACT, END, read_categories, with_categories

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "tests" / "python" / "fixtures" / "published_columns.json"
PROFILE_SCHEMA = ROOT / "models" / "marts" / "profiles" / "model_profile.schema.json"
#: Where SQL decides why a model has no rank.
UNRANKED_IN = (
    "models/intermediate/categories/int_category_scores.sql",
    "models/marts/rankings/rankings.sql",
)
#: Names for which there is a more specific one wherever two marts mean different things by them.
TOO_GENERAL = {"kind", "layer", "method", "provider", "reason", "reasons", "run_id", "u"}

Columns = dict[str, list[str]]


def contracts() -> Columns:
    """Table -> its columns, of the contracts of all marts and the table `build`."""
    found = {"build": [column.name for column in BUILD_COLUMNS]}
    for path in sorted((ROOT / "models" / "marts").glob("*/_*__models.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            found[model["name"]] = [column["name"] for column in model["columns"]]
    return found


def recorded() -> dict[int, Columns]:
    """Version of the schema -> its tables and their columns."""
    versions = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {int(version): columns for version, columns in versions.items()}


def section(version: int) -> str:
    """What the changelog says of a version."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, heading, rest = text.partition(f"\n## [Schema {version}] - ")
    assert heading, f"CHANGELOG.md has no section [Schema {version}]"
    return rest.split("\n## ")[0]


def unnamed(before: Columns, after: Columns, said: str) -> list[str]:
    """Which columns came or went without a line of the changelog that names table and column.

    A table that came or went as a whole needs one line, with `every column`.
    """
    lines = [line for line in said.splitlines() if line.startswith("|")]

    def is_named(table: str, what: str) -> bool:
        return any(line.startswith(f"| `{table}` |") and what in line for line in lines)

    changed = []
    for table in sorted(before.keys() | after.keys()):
        if table not in before or table not in after:
            changed += [] if is_named(table, "every column") else [table]
            continue
        moved = set(before[table]) ^ set(after[table])
        changed += [f"{table}.{c}" for c in sorted(moved) if not is_named(table, f"`{c}`")]
    return changed


def test_the_recorded_columns_are_those_of_the_contracts():
    """Where they differ: a new version, its columns in the record, its section in the changelog."""
    versions = recorded()
    assert list(versions) == list(range(1, SCHEMA_VERSION + 1))
    assert versions[SCHEMA_VERSION] == contracts()


@pytest.mark.parametrize("version", range(2, SCHEMA_VERSION + 1))
def test_the_changelog_names_every_column_that_came_or_went(version):
    versions = recorded()
    assert versions[version] != versions[version - 1]
    assert unnamed(versions[version - 1], versions[version], section(version)) == []


def test_a_column_that_the_changelog_does_not_name_is_found():
    before, after = {"a": ["x", "y"], "b": ["x"]}, {"a": ["x", "z"], "c": ["x"]}
    said = "| `a` | `y` | `z` | use the new name |\n| `b` | every column | `c` |"
    assert unnamed(before, after, said) == ["c"]
    assert unnamed(before, after, "") == ["a.y", "a.z", "b", "c"]
    # That another table's line names the column, or a sentence, is not enough.
    assert unnamed({"a": ["x"]}, {"a": []}, "| `b` | `x` |\nThe `x` of `a` is gone.") == ["a.x"]


def test_no_mart_has_a_name_that_could_mean_several_things():
    offenders = {
        table: found
        for table, columns in contracts().items()
        if (found := TOO_GENERAL.intersection(columns))
    }
    assert offenders == {}


def test_reasons_for_having_no_rank_are_those_of_the_seed():
    path = ROOT / "seeds" / "categories" / "unranked_reasons.csv"
    with path.open(encoding="utf-8", newline="") as file:
        sentences = {row["unranked_reason"]: row["explanation"] for row in csv.DictReader(file)}
    decided = []
    for name in UNRANKED_IN:
        sql = (ROOT / name).read_text(encoding="utf-8")
        (case,) = re.findall(r"\bcase\b((?:(?!\bcase\b).)*?)end as unranked_reason", sql, re.S)
        decided += re.findall(r"then '([^']*)'", case)
    assert decided == list(sentences)
    schema = json.loads(PROFILE_SCHEMA.read_text(encoding="utf-8"))
    category = schema["properties"]["extensions"]["properties"]["categories"]
    null, *codes = category["additionalProperties"]["properties"]["unranked_reason"]["oneOf"]
    assert null == {"type": "null"}
    assert {code["const"]: code["description"] for code in codes} == sentences


def test_the_contract_of_the_wide_rankings_follows_the_seed():
    contract = (ROOT / CONTRACT).read_text(encoding="utf-8")
    categories = read_categories(ROOT / "seeds" / "categories" / "categories.csv")
    assert with_categories(contract, categories) == contract
    other = with_categories(contract, ["tool_use"])
    assert "tool_use_rank" in other
    assert f"{categories[0]}_score" not in other
    assert with_categories(other, categories) == contract
    for mark in (BEGIN, END):
        with pytest.raises(ValueError, match="marks of what is written"):
            with_categories(contract.replace(mark, ""), categories)
