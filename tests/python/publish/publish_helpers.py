"""Made-up databases: a working one, and published ones of this version and of earlier ones."""

from pathlib import Path

import duckdb

RUNS = (
    "create table runs (run_id varchar primary key, run_kind varchar not null, status varchar, "
    "started_at timestamp, finished_at timestamp, duration_seconds double, "
    "publish_seconds double, row_count bigint)"
)
RANKINGS = "create table rankings (model_id varchar not null, is_ranked boolean)"
PARAMETERS = (
    "create schema parameters",
    "create table parameters.categories (category varchar primary key, weight double not null, "
    "sort_order integer unique)",
    "comment on table parameters.categories is 'What one can be good at, ''coding'' say'",
    "comment on column parameters.categories.weight is 'Above 0'",
    "insert into parameters.categories values ('coding', 1, 1)",
)
WORKING = (
    RUNS,
    RANKINGS,
    *PARAMETERS,
    "insert into rankings values ('a', true), ('b', false)",
    "insert into runs (run_id, run_kind, started_at) values ('load', 'load', '2026-01-02')",
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
    "landed_at": "2026-01-02 03:04:05",
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


def kept(run_id: str, **columns: object) -> dict:
    """A build's row of runs as it is kept."""
    return {
        "run_id": run_id,
        "run_kind": "build",
        "status": "not published",
        "started_at": "2026-01-02 00:00:00",
    } | columns


def rows(path: Path, sql: str) -> list[tuple]:
    """Query a file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()
