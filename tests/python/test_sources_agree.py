"""extract/sources.yml, dbt's sources and the parameter seeds speak of the same sources."""

import csv
from pathlib import Path

import pytest
import yaml

from extract.catalog import load_catalog

ROOT = Path(__file__).parents[2]
DECLARED = {source.id: source for source in load_catalog()}


def dbt_source(source_id: str) -> dict:
    path = ROOT / "models" / "staging" / source_id / f"_{source_id}__sources.yml"
    (source,) = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    return source


@pytest.mark.parametrize("source_id", sorted(DECLARED))
def test_every_entity_is_a_dbt_source_as_fresh_as_declared(source_id):
    tables = {table["name"]: table for table in dbt_source(source_id)["tables"]}
    assert set(tables) == {entity.name for entity in DECLARED[source_id].entities}
    ttl = {"count": DECLARED[source_id].ttl_hours, "period": "hour"}
    for name, table in tables.items():
        assert table["config"]["freshness"]["warn_after"] == ttl, name
        query = table["config"]["loaded_at_query"]
        assert f"source = '{source_id}' and entity = '{name}'" in query


def test_every_source_has_its_layer():
    with (ROOT / "seeds" / "sources" / "source_layers.csv").open(encoding="utf-8") as file:
        layers = {row["source_id"]: row["layer_id"] for row in csv.DictReader(file)}
    assert layers == {source_id: source.layer for source_id, source in DECLARED.items()}
