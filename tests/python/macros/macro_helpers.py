"""The project's macros as functions: Jinja renders them as dbt does, DuckDB runs the result."""

import datetime
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2

MACROS = Path(__file__).parents[3] / "macros"
#: The day that builds speak of here begins and ends in UTC; its last second is the hard one.
RUN_STARTED_AT = datetime.datetime(2026, 6, 30, 23, 59, 59, tzinfo=datetime.UTC)


class CompilationError(Exception):
    """What `exceptions.raise_compiler_error` raises."""


def load_macros(declared: Iterable[str] = (), **given_vars: Any) -> Any:
    """Every macro under macros/, for a run that started at RUN_STARTED_AT with these vars.

    `ref` and `source` give the name of the table; `declared` are the rows of scoring_parameters, as
    `group.name`, that dbt knows of.
    """
    rows: dict[str, dict[str, None]] = {}
    for group, _, name in (row.partition(".") for row in declared):
        rows.setdefault(group, {})[name] = None
    seed = SimpleNamespace(config=SimpleNamespace(meta=SimpleNamespace(rows=rows)))
    context = {
        "exceptions": SimpleNamespace(raise_compiler_error=_stop),
        "graph": SimpleNamespace(nodes={"seed.ours.scoring_parameters": seed}),
        "modules": SimpleNamespace(datetime=datetime, re=re),
        "project_name": "ours",
        "ref": lambda name: SimpleNamespace(render=lambda: name),
        "run_started_at": RUN_STARTED_AT,
        "source": lambda source, table: f"{source}_{table}",
        "var": lambda name: given_vars.get(name),
    }
    return _compiled().make_module(context)


@cache
def _compiled() -> jinja2.Template:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.rglob("*.sql")))
    return jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text)


def _stop(message: str) -> None:
    raise CompilationError(message)


def evaluate(expression: str, inputs: Iterable[Any], kind: str = "varchar") -> list[Any]:
    """What a SQL expression over the column `x` of this type gives for each of the inputs."""
    with duckdb.connect() as connection:
        connection.execute(f"create table cases (position integer, x {kind})")
        connection.executemany("insert into cases values (?, ?)", list(enumerate(inputs)))
        rows = connection.execute(f"select {expression} from cases order by position").fetchall()
    return [value for (value,) in rows]


def answers(expression: str, cases: Iterable[tuple[Any, Any]], kind: str = "varchar") -> list[Any]:
    """The cases (input, expected) with what the expression really gives in the second place."""
    inputs = [given for given, _ in cases]
    return list(zip(inputs, evaluate(expression, inputs, kind), strict=True))
