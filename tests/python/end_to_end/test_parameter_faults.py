"""A slip in a parameter table stops dbt before it builds anything, and says where it is."""

import shutil

import duckdb
import pytest

from parameters import find_faults

from .projects import PARSED, Project, copy_of_project, succeed

WORKING = "build/warehouse.duckdb"
# dbt as it is where `make` has set up .venv: with the plugin's folder on Python's path.
WITH_PLUGIN = "import sys; sys.path.append('macros/plugin'); from dbt.cli.main import cli; cli()"


@pytest.fixture(scope="module")
def unbuilt(shipped, tmp_path_factory) -> Project:
    """A copy without a landing: parameters are checked before dbt looks for one."""
    return copy_of_project(tmp_path_factory.mktemp("faults") / "project", shipped.path)


def rewrite(project: Project, seed: str, old: bytes, new: bytes) -> bytes:
    """Plant a slip in a seed; return what the file held before."""
    path = project.path / "seeds" / seed
    before = path.read_bytes()
    assert before.count(old) == 1
    path.write_bytes(before.replace(old, new))
    return before


@pytest.mark.parametrize("command", ["build", "run"])
def test_misspelt_parameter_and_negative_weight_build_nothing(unbuilt, command) -> None:
    slips = {
        "scoring_parameters.csv": (b"consistency,disagreement_z,", b"consistency,disagreements_z,"),
        "categories/baskets.csv": (b"coding,humaneval,0.3", b"coding,humaneval,-1"),
    }
    before = {seed: rewrite(unbuilt, seed, *slip) for seed, slip in slips.items()}
    process = unbuilt.dbt(command)
    for seed, content in before.items():
        (unbuilt.path / "seeds" / seed).write_bytes(content)
    assert process.returncode != 0
    lines = [line.strip() for line in process.stdout.splitlines()]
    assert "3 faults in the parameters under seeds/:" in lines
    allowed = "weight: '-1'; allowed: a number above 0"
    assert f"seeds/categories/baskets.csv:8 (coding, humaneval): {allowed}" in lines
    assert any("(consistency, disagreement_z): the row is missing" in line for line in lines)
    assert "Traceback" not in process.stdout + process.stderr
    assert not (unbuilt.path / "build" / "warehouse.duckdb").exists()


def test_seed_in_another_encoding_stops_dbt_before_it_parses(unbuilt) -> None:
    seed = "categories/categories.csv"
    before = rewrite(unbuilt, seed, b"Chat,", "Chât,".encode("latin-1"))
    process = unbuilt.run("-c", WITH_PLUGIN, "--no-use-colors", "build")
    (fault,) = find_faults(unbuilt.path / "seeds")
    (unbuilt.path / "seeds" / seed).write_bytes(before)
    assert process.returncode != 0
    assert "Traceback" not in process.stdout + process.stderr
    # In the words of the check that comes after.
    assert str(fault).removeprefix(f"{unbuilt.path}/") in process.stdout


@pytest.fixture(scope="module")
def landed(shipped, tmp_path_factory) -> Project:
    """A copy with something landed, so that dbt connects."""
    project = copy_of_project(tmp_path_factory.mktemp("landed") / "project", shipped.path)
    succeed(project.extract("--source", "trun"))
    return project


def test_seeds_are_read_where_the_project_lies_and_as_they_are_written(landed):
    """A checkout that is moved or copied after dbt has parsed it reads its own files."""
    (landed.path / PARSED).unlink(missing_ok=True)
    succeed(landed.dbt("seed", "--select", "not_text_models"))
    moved = Project(landed.path.with_name("moved"))
    shutil.copytree(landed.path, moved.path)
    elsewhere = landed.path / "seeds" / "sources" / "not_text_models.csv"
    elsewhere.write_text("word,reason\nelsewhere,another project\n")
    here = moved.path / "seeds" / "sources" / "layers.csv"
    here.write_text(
        "layer_id,layer_weight,description\nstatic,0.3,'facts'\nbenchmarks,0.4,'results'\n"
        "analytics,0.3,'indices'\n"
    )
    succeed(moved.dbt("seed", "--select", "not_text_models", "layers"))
    words = moved.query("select word from parameters.not_text_models", WORKING)
    assert ("embeddings",) in words
    assert ("elsewhere",) not in words
    quoted = moved.query("select description from parameters.layers", WORKING)
    assert quoted == [("'facts'",), ("'results'",), ("'indices'",)]


def test_sql_reads_no_parameter_that_is_not_declared_and_there(landed):
    """A table may be older than its file: what it lacks is named, and never read as null."""
    project = landed
    succeed(project.dbt("seed", "--select", "scoring_parameters"))
    kappa = ("show", "--inline", "select {{ parameter('basket', 'kappa') }} as kappa")
    assert "0.25" in succeed(project.dbt(*kappa))

    undeclared = project.dbt("compile", "--inline", "select {{ parameter('basket', 'kapa') }}")
    assert undeclared.returncode != 0
    assert "parameter('basket', 'kapa') is not declared: add it to the rows of" in undeclared.stdout

    with duckdb.connect(str(project.path / "build" / "warehouse.duckdb")) as connection:
        connection.execute("delete from parameters.scoring_parameters where parameter = 'kappa'")
    missing = project.dbt(*kappa)
    assert missing.returncode != 0
    assert "parameter basket.kappa is missing: run dbt seed" in missing.stdout
