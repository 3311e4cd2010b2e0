"""Abilities: hands the cells to the `scoring` package and returns its answer as rows.

Curves are today's; the cells of each day are scored by them.
"""

from parameters import settings_from
from scoring.settings import AnomalySettings, BasketSettings, FitSettings
from scoring.tables import IDS, NUMBERS, BasketRow, BenchmarkFacts, CellRow, score_days

CELL = (
    "as_of_on, scope, model_id, coalesce(variant, ''), benchmark_id,"
    " value_0_1, evidence, calibrates"
)
BASKET = "category, benchmark_id, weight"
FACTS = "benchmark_id, chance_0_1, is_composite"
FROZEN = ("benchmark_id", "difficulty", "ln_alpha", "sigma_0_1", "chance_0_1", "n_cells")


def model(dbt, session):
    dbt.config(materialized="table")
    cells = rows(dbt.ref("int_cells"), CELL)
    baskets = rows(dbt.ref("int_baskets"), BASKET)
    facts = rows(dbt.ref("benchmark_definitions"), FACTS)
    frozen = rows(dbt.ref("frozen_fit_parameters"), ", ".join(FROZEN))
    parameters = rows(dbt.ref("scoring_parameters"), "parameter_group, parameter, value")
    ((today,),) = rows(dbt.ref("int_as_of_dates").filter("is_current"), "as_of_on")
    scored = score_days(  # noqa: F841 - DuckDB reads it by name
        cells=map(CellRow._make, cells),
        baskets=map(BasketRow._make, baskets),
        facts={benchmark: BenchmarkFacts(*known) for benchmark, *known in facts},
        frozen=[dict(zip(FROZEN, row, strict=True)) for row in frozen],
        today=today,
        fit=settings_from(FitSettings, parameters),
        basket=settings_from(BasketSettings, parameters),
        anomaly=settings_from(AnomalySettings, parameters),
    )
    # An empty column has no type of its own.
    typed = [f"cast({name} as varchar) as {name}" for name in IDS if name != "as_of_on"]
    typed += [f"nullif({name}, cast('nan' as double)) as {name}" for name in NUMBERS]
    return session.sql(
        f"select * replace ({', '.join(typed)}, cast(as_of_on as date) as as_of_on) from scored"
    )


def rows(relation, columns):
    """Return the chosen columns of a relation as rows, in a fixed order."""
    return relation.query("chosen", f"select {columns} from chosen order by all").fetchall()
