"""What the README and the seeds' YAML say agrees with what is there."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = yaml.safe_load((ROOT / "extract" / "sources.yml").read_text(encoding="utf-8"))["sources"]


def table_after(start: str, end: str) -> list[list[str]]:
    """The cells of the README's table between two texts, without its two head rows."""
    _, found, rest = README.partition(start)
    assert found, f"the README has no '{start}'"
    lines = [line for line in rest.partition(end)[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_source_has_a_row_in_the_declared_order():
    rows = table_after("<!-- sources -->", "<!-- /sources -->")
    assert [names_in(row[0]) for row in rows] == [[source["id"]] for source in SOURCES]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["id"])
def test_a_sources_row_says_what_is_declared(source):
    rows = table_after("<!-- sources -->", "<!-- /sources -->")
    (row,) = [row for row in rows if names_in(row[0]) == [source["id"]]]
    _, layer, shipped, live, licence, attribution = row
    assert layer == source["layer"]
    assert live == ("yes" if "urls" in source["live"] else "-")
    assert licence == source["licence"]
    assert attribution.startswith(source["attribution"])
    assert f"]({source['homepage']})" in attribution
    snapshot = ROOT / "extract" / "snapshots" / source["id"]
    days = {
        day
        for path in snapshot.rglob("*")
        for day in re.findall(r"\d{4}-\d{2}-\d{2}", path.relative_to(snapshot).as_posix())
    }
    stated = (source.get("snapshot") or {}).get("observed_on")
    expected = days or ({str(stated)} if snapshot.exists() else {"none shipped"})
    assert {shipped} == expected


def test_every_mart_is_in_the_readme_and_every_name_there_is_a_mart():
    rows = table_after("## What is in the file", "\n## ")
    named = [name for row in rows for name in names_in(row[0])]
    marts = [path.stem for path in (ROOT / "models" / "marts").rglob("*.sql")]
    assert sorted(named) == sorted(marts)


def test_every_seed_is_described():
    described = {
        seed["name"]: seed.get("description", "").strip()
        for path in [*(ROOT / "seeds").rglob("*.yml"), *(ROOT / "seeds").rglob("*.yaml")]
        for seed in yaml.safe_load(path.read_text(encoding="utf-8")).get("seeds", [])
    }
    seeds = {path.stem for path in (ROOT / "seeds").rglob("*.csv")}
    assert {name for name in seeds if not described.get(name)} == set(), "not described"
    assert described.keys() - seeds == set(), "described, but not there"
