"""What a build makes of the parameters and of the keys that contracts declare."""

from collections import Counter
from datetime import date

import yaml

from parameters import load_declarations
from parameters.reading import read_rows

from .projects import ROOT

WORKING = "build/warehouse.duckdb"
VALUE_OF = {
    "boolean": lambda text: text.lower() == "true",
    "date": date.fromisoformat,
    "double": float,
    "integer": int,
    "varchar": str,
}


def test_seeds_are_loaded_as_they_were_checked(shipped):
    """DuckDB reads the files anew: what it makes of them is what the check has seen."""
    for name, seed in load_declarations(shipped.path / "seeds").items():
        rows, faults = read_rows(seed)
        checked = Counter(
            tuple(
                VALUE_OF[kind](row.cells[column]) if row.cells[column] else None
                for column, kind in seed.types.items()
            )
            for row in rows
        )
        loaded = shipped.query(f"select {', '.join(seed.types)} from parameters.{name}", WORKING)
        assert not faults
        assert Counter(loaded) == checked, name


def test_every_published_parameter_table_and_column_has_its_comment(shipped):
    commented = shipped.query(
        """
        select table_name, null as column_name, comment from duckdb_tables()
        where schema_name = 'parameters'
        union all
        select table_name, column_name, comment from duckdb_columns()
        where schema_name = 'parameters'
        """
    )
    described = {
        (seed["name"], column): text
        for path in (ROOT / "seeds").rglob("*.yml")
        for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
        for column, text in [
            (None, seed["description"]),
            *((column["name"], column["description"]) for column in seed["columns"]),
        ]
    }
    assert {(table, column): comment for table, column, comment in commented} == described


def test_marts_have_the_primary_keys_that_their_contracts_declare(shipped):
    declared = {
        model["name"]: constraint["columns"]
        for path in (ROOT / "models" / "marts").rglob("*__models.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for constraint in model.get("constraints", [])
        if constraint["type"] == "primary_key"
    }
    enforced = shipped.query(
        """
        select table_name, constraint_column_names from duckdb_constraints()
        where constraint_type = 'PRIMARY KEY' and schema_name = 'main'
            and database_name = current_database()
        """,
        WORKING,
    )
    assert dict(enforced) == declared
    assert len(declared) >= 27
