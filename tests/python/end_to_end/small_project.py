"""A project of few dbt models, for tests of what every build does whatever it builds.

Hooks, macros, plugins, profile and command lines are the real ones; what a build publishes and
keeps is copied from a real build. A full build takes seconds: it has a dozen dbt models and seeds
instead of two hundred.
"""

import shutil
from pathlib import Path

import yaml

from .projects import Project, copy_of_project, succeed

#: What publishing reads of a build beside its own tables: copied as it was published.
COPIED = ("model_profiles", "quality_reports", "rankings")
MODELS = "from models order by model_id limit 100"
KEPT_MODELS = ("marts/operations", "staging/landing")
KEPT_SEEDS = (("categories", "categories"), ("data_test_exceptions",))
COPY = """
{{{{ config(materialized='table', schema='main') }}}}
select * from read_parquet('published/{mart}.parquet')
"""
DATA_TEST = "select * from {{ ref('rankings') }} where category is null"


def small_project(target: Path, shipped: Project) -> Project:
    """A small project beside the landing of the shipped one, built and published."""
    project = copy_of_project(target, shipped.path)
    for folder in ("models", "tests"):
        shutil.move(target / folder, target / f"all_{folder}")
    for kept in KEPT_MODELS:
        shutil.copytree(target / "all_models" / kept, target / "models" / kept)
    shutil.copy(target / "all_models" / "_docs.md", target / "models")
    for unit_tests in (target / "models").rglob("*unit_tests.yml"):
        unit_tests.unlink()
    for folder in ("models/copied", "published", "tests/singular"):
        (target / folder).mkdir(parents=True)
    for mart in COPIED:
        rows = f"from {mart} semi join ({MODELS}) using (model_id)"
        shipped.query(f"copy ({rows}) to '{target}/published/{mart}.parquet'")
        (target / "models" / "copied" / f"{mart}.sql").write_text(COPY.format(mart=mart))
    test = target / "tests" / "singular" / "assert_rankings_have_a_category.sql"
    test.write_text(DATA_TEST)
    enable_seeds(target / "dbt_project.yml")
    shutil.copy(shipped.path / "landing.duckdb", target)
    succeed(project.build())
    return project


def enable_seeds(path: Path) -> None:
    """Load the kept seeds only; all of them are still checked."""
    settings = yaml.safe_load(path.read_text())
    seeds = settings["seeds"]["llm_capabilities"]
    seeds["+enabled"] = False
    for *folders, name in KEPT_SEEDS:
        place = seeds
        for step in (*folders, name):
            place = place.setdefault(step, {})
        place["+enabled"] = True
    path.write_text(yaml.safe_dump(settings))
