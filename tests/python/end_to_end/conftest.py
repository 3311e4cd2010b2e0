"""Projects that tests of this folder share: each is built once for all processes of a test run."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.python.upstream import NO_UPSTREAM, UPSTREAM

from .projects import ROOT, Project, copy_of_project, made_once, succeed
from .small_project import small_project

#: The dbt models whose tables tests read of the complete files, with all that these need.
READ_OF_REAL = (
    *("+capability_statements", "+consistency_violations", "+crosswalk", "+deployments", "+models"),
    *("+price_disagreements", "+prices", "+quarantine", "+rankings", "+score_contributions"),
    "+score_disagreements",
)
A_PAST_DAY = date(2026, 4, 30)
MADE_UP = ROOT / "tests" / "python" / "fixtures" / "upstream"


def build_shipped(folder: Path) -> None:
    project = copy_of_project(folder, has_whole_history=True, by_meaning=True)
    succeed(project.extract())
    succeed(project.build())


@pytest.fixture(scope="session")
def shipped(tmp_path_factory) -> Project:
    """The project with the shipped snapshots landed and built, with the whole history."""
    return made_once(tmp_path_factory, "shipped", build_shipped)


@pytest.fixture
def scratch(shipped, tmp_path) -> Project:
    """A copy of the built project that a test may break."""
    shutil.copytree(shipped.path, tmp_path / "project")
    return Project(tmp_path / "project")


@pytest.fixture
def small(shipped, tmp_path_factory, tmp_path) -> Project:
    """A copy of the small project, built and published, that a test may break."""
    built = made_once(tmp_path_factory, "small", lambda folder: small_project(folder, shipped))
    shutil.copytree(built.path, tmp_path / "small")
    return Project(tmp_path / "small")


def land_an_older_answer(project: Project) -> None:
    """Land the shipped answer of Artificial Analysis as it might have been in February.

    Every evaluation was a tenth lower then, every price twice as high, and one model unheard of.
    """
    name = "legacy_v2_2026-07-31.json"
    answer = json.loads(
        (project.path / "extract" / "snapshots" / "artificial_analysis" / name).read_text()
    )
    answer["data"].pop()
    for model in answer["data"]:
        model["evaluations"] = {
            key: value and value * 0.9 for key, value in model["evaluations"].items()
        }
        model["pricing"] = {key: value and value * 2 for key, value in model["pricing"].items()}
    folder = project.path / "older" / "artificial_analysis"
    folder.mkdir(parents=True)
    (folder / name.replace("2026-07-31", "2026-02-27")).write_text(json.dumps(answer))
    succeed(project.extract("--from", "older", "--source", "artificial_analysis"))


@pytest.fixture(scope="session")
def everything(shipped, tmp_path_factory) -> Project:
    """The project with every source landed, shipped or made up, and built.

    With a past: an older answer of a source, and a history from a day after it on.
    """

    def make(folder: Path) -> None:
        project = copy_of_project(folder, shipped.path)
        project.start_history_on(A_PAST_DAY)
        succeed(project.extract())
        succeed(project.extract("--from", str(MADE_UP)))
        land_an_older_answer(project)
        succeed(project.build())

    return made_once(tmp_path_factory, "everything", make)


@pytest.fixture(scope="session")
def real(shipped, tmp_path_factory) -> Project:
    """The project with the complete files of every source landed upon the shipped ones.

    Built up to what is read of it; `printed.txt` is what landing the files printed.
    """
    if not UPSTREAM.is_dir():
        pytest.skip(NO_UPSTREAM)

    def make(folder: Path) -> None:
        project = copy_of_project(folder, shipped.path, by_meaning=True)
        succeed(project.extract())
        printed = succeed(project.extract("--from", str(UPSTREAM)))
        (folder / "printed.txt").write_text(printed)
        succeed(project.build("--select", *READ_OF_REAL))

    return made_once(tmp_path_factory, "real", make)
