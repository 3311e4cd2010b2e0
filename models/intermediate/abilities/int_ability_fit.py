"""Abilities: hands the cells to the `scoring` package and returns its answer as rows.

Curves are today's; the cells of each day are scored by them. The package counts subjects and
benchmarks: SQL numbers them before, and names them after.
"""

from parameters import settings_from
from scoring.settings import AnomalySettings, BasketSettings, FitSettings
from scoring.tables import BasketRow, BenchmarkFacts, CellTable, Subject, score_days

SUBJECT = "as_of_on, scope, model_id, coalesce(variant, '') as variant"
NUMBERED = f"""
select
    dense_rank() over (order by as_of_on, scope, model_id, variant) - 1 as subject_index,
    dense_rank() over (order by benchmark_id) - 1 as benchmark_index,
    value_0_1,
    evidence,
    calibrates
from (select {SUBJECT}, benchmark_id, value_0_1, evidence, calibrates from chosen)
order by all
"""
FROZEN = ("benchmark_id", "difficulty", "ln_alpha", "sigma_0_1", "chance_0_1", "n_cells")

#: The answer's tables, a kind of row each. Ids that a kind does not have are ''; the casts are for
#: empty tables, whose texts have no type.
NAMED = """
with kinds as (
    select 'benchmark' as kind, cast($today as date) as as_of_on, * from fit_curves
    union all by name select 'ability' as kind, * from fit_abilities
    union all by name select 'expected' as kind, * from fit_expected
    union all by name select 'variance' as kind, * from fit_variances
    union all by name select 'verdict' as kind, * from fit_verdicts
)
select
    kinds.kind,
    cast(coalesce(kinds.as_of_on, subjects.as_of_on) as date) as as_of_on,
    coalesce(cast(subjects.scope as varchar), '') as scope,
    coalesce(cast(subjects.model_id as varchar), '') as model_id,
    coalesce(cast(subjects.variant as varchar), '') as variant,
    coalesce(cast(categories.category as varchar), '') as category,
    coalesce(cast(benchmarks.benchmark_id as varchar), '') as benchmark_id,
    kinds.difficulty,
    kinds.ln_alpha,
    kinds.sigma_0_1,
    kinds.calibration_cell_count,
    kinds.ability,
    kinds.ability_sd,
    kinds.expected_0_1,
    kinds.expected_slope,
    kinds.ability_variance,
    kinds.residual,
    kinds.modified_z,
    kinds.kept_share,
from kinds
left join fit_subjects as subjects on subjects.subject_index = kinds.subject_index
left join fit_categories as categories on categories.category_index = kinds.category_index
left join fit_benchmarks as benchmarks on benchmarks.benchmark_index = kinds.benchmark_index
"""


def model(dbt, session):
    dbt.config(materialized="table")
    cells = dbt.ref("int_cells")
    baskets = rows(dbt.ref("int_baskets"), "category, benchmark_id, weight")
    facts = rows(dbt.ref("benchmark_definitions"), "benchmark_id, chance_0_1, is_composite")
    frozen = rows(dbt.ref("frozen_fit_parameters"), ", ".join(FROZEN))
    parameters = rows(dbt.ref("scoring_parameters"), "parameter_group, parameter, value")
    ((today,),) = rows(dbt.ref("int_as_of_dates").filter("is_current"), "as_of_on")
    table = CellTable(
        subjects=[Subject(*row) for row in rows(cells, f"distinct {SUBJECT}")],
        benchmarks=[row[0] for row in rows(cells, "distinct benchmark_id")],
        **cells.query("chosen", NUMBERED).fetchnumpy(),
    )
    scored = score_days(
        table,
        baskets=map(BasketRow._make, baskets),
        facts={benchmark: BenchmarkFacts(*known) for benchmark, *known in facts},
        frozen=[dict(zip(FROZEN, row, strict=True)) for row in frozen],
        today=today,
        fit=settings_from(FitSettings, parameters),
        basket=settings_from(BasketSettings, parameters),
        anomaly=settings_from(AnomalySettings, parameters),
    )
    # A name in SQL means a table of the warehouse first: none is called like this.
    return as_rows(session, today, **{f"fit_{name}": part for name, part in vars(scored).items()})


def as_rows(
    session,
    today,
    fit_subjects,
    fit_benchmarks,
    fit_categories,
    fit_curves,
    fit_abilities,
    fit_expected,
    fit_variances,
    fit_verdicts,
):
    """Put ids to the answer's indices. DuckDB finds the tables by the names that they have here."""
    return session.sql(NAMED, params={"today": today})


def rows(relation, columns):
    """Return the chosen columns of a relation as rows, in a fixed order."""
    return relation.query("chosen", f"select {columns} from chosen order by all").fetchall()
