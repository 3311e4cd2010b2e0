"""Made-up databases: a working one, and published ones of this version and of earlier ones."""

from pathlib import Path

import duckdb

BUILDS = (
    "create table builds (build_id varchar primary key, status varchar, schema_version integer, "
    "started_at timestamp, finished_at timestamp, duration_seconds double, "
    "publish_seconds double, row_count bigint, last_landed_at timestamp)"
)
LOADS = (
    "create table loads (load_id varchar primary key, status varchar, http_status integer, "
    "landed_at timestamp)"
)
#: What told of both up to version 1 of the published schema.
RUNS = (
    "create table runs (run_id varchar primary key, run_kind varchar not null, status varchar, "
    "started_at timestamp, finished_at timestamp, duration_seconds double, "
    "publish_seconds double, row_count bigint, landed_at timestamp)"
)
RANKINGS = "create table rankings (model_id varchar not null, is_ranked boolean)"
PARAMETERS = (
    "create schema parameters",
    "create table parameters.categories (category varchar primary key, weight double not null, "
    "sort_order integer unique)",
    "insert into parameters.categories values ('coding', 1, 1)",
)
DESCRIPTIONS = {
    "parameters.categories": {
        "description": "What one can be good at, 'coding' say",
        "columns": {"weight": "Above 0", "category": ""},
    },
    "intermediate.int_cells": {"description": "Cells", "columns": {"id": "A number"}},
}
WORKING = (
    BUILDS,
    LOADS,
    RANKINGS,
    *PARAMETERS,
    "insert into rankings values ('a', true), ('b', false)",
    "insert into loads (load_id, landed_at) values ('load', '2026-01-02')",
    "create table model_profiles (model_id varchar not null, document json not null)",
    """insert into model_profiles values
        ('b', '{"model_id": "b", "extensions": {"name": "Ünïcode ''b''"}}'),
        ('a', '{"model_id": "a", "scores": [1.5, null]}')""",
    "create table data_tests_status (test_name varchar not null, status varchar not null)",
    "insert into data_tests_status values ('grain', 'pass'), ('other', 'warn')",
    "create schema intermediate",
    "create table intermediate.int_cells (id integer)",
)
MARK = {
    "build_id": "second",
    "as_of_on": "2026-01-02",
    "known_at": None,
    "is_of_another_day": False,
    "last_landed_at": "2026-01-02 03:04:05",
    "seeds_hash": "abc",
    "project_version": "1",
    "dbt_version": "2",
}


def database(path: Path, *statements: str) -> Path:
    """Make a database of these statements."""
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def published_before_builds_were_named(path: Path, *statements: str) -> Path:
    """A published warehouse as earlier versions left it."""
    return database(path, RUNS, RANKINGS, *PARAMETERS, *statements)


def kept(build_id: str, **columns: object) -> dict:
    """A build's row of builds as it is kept."""
    return {
        "build_id": build_id,
        "status": "not published",
        "started_at": "2026-01-02 00:00:00",
    } | columns


def rows(path: Path, sql: str) -> list[tuple]:
    """Query a file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()
