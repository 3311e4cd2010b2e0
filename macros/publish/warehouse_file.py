"""Files around a build: the landing that it reads and the warehouse that it publishes.

A dbt-duckdb plugin, because both need what SQL cannot do: to speak in one line before the first
connection, to read a file that may be of any shape, and to rename finished files into place.
"""

from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from extract.opening import lock_holder
from macros.publish import builds, publishing, targets
from matching import load_vocabulary
from matching.rewriting import compile_rules
from parameters import DeclarationError, ParameterError, check_seeds

SEEDS = Path("seeds")
REMEDY = "run `make build`, or `python -m extract`, from the project's root"


class Plugin(BasePlugin):
    """Checks seeds and landing before dbt connects; keeps, marks and publishes builds after.

    dbt offers a plugin one door for the latter, `store`: the macro `warehouse_file` goes through it
    with the name of a step and what the step needs.
    """

    def initialize(self, plugin_config: dict) -> None:
        """Make room for the working database.

        Raises DbtRuntimeError where the parameters or the landing cannot be used: nothing is built
        with either of them half right.
        """
        check_parameters(SEEDS)
        Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)
        for attachment in self.creds.attach or []:
            check_landing(Path(attachment.path))

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Keep the connection to the working database, which no second one may open."""
        self.connection = conn

    def store(self, target_config: TargetConfig) -> None:
        """Take a step. What stops it is one line: raised, or left in `problem` if that is given."""
        given: dict[str, Any] = dict(target_config.config)
        step = getattr(self, given.pop("step"))
        takes_problem = "problem" in given
        given.pop("problem", None)
        try:
            step(**given)
        except DbtRuntimeError as error:
            problem = error.msg
        except (OSError, duckdb.Error) as error:
            problem = f"Not published: {publishing.one_line(error)}"
        else:
            return
        if not takes_problem:
            raise DbtRuntimeError(problem)
        target_config.config["problem"] = problem

    def begin(
        self, command: str, destination: str | None, is_of_another_day: bool, known: list[str]
    ) -> None:
        """Before anything changes: refuse a destination in the way, mend it, take the mark away.

        `known` are the relations that a full build makes, by name with schema: others are dropped.
        """
        with self.connection.cursor() as cursor:
            if destination is not None:
                target = targets.target_path(destination)
                targets.check_target(target, self.in_use(), is_of_another_day)
                publishing.mend_profiles(target)
            builds.begin_change(cursor, command)
            builds.drop_unknown_tables(cursor, known)

    def keep(self, build: dict[str, Any], mark: dict[str, Any] | None) -> None:
        """Keep a build's row of `builds`; with a `mark`, mark the working database as whole."""
        with self.connection.cursor() as cursor:
            row = build | builds.loads_first_seen(cursor)
            row["schema_version"] = builds.SCHEMA_VERSION
            if mark is None:
                builds.keep_build(cursor, row)
                return
            builds.keep_build(cursor, row | builds.models_by_status(cursor))
            project = yaml.safe_load(Path("dbt_project.yml").read_text(encoding="utf-8"))
            given = {
                "last_landed_at": row.get("last_landed_at"),
                "project_version": project["version"],
            }
            builds.mark_whole(cursor, mark | given)

    def publish(
        self,
        destination: str | None,
        as_of: str | None,
        known_at: str | None,
        build_started_at: str | None,
        descriptions: publishing.Descriptions,
    ) -> None:
        """Publish the whole build that the working database holds; see publishing.publish."""
        with self.connection.cursor() as cursor:
            build = builds.whole_build(cursor)
            builds.check_day(build, as_of, known_at)
            if destination is None:
                if build["is_of_another_day"]:
                    raise DbtRuntimeError(
                        "Not published: the working database holds a build of another day, "
                        f"{build['as_of_on']}; --vars '{{publish_to: PATH}}' publishes it to a "
                        "file of its own"
                    )
                destination = str(targets.CURRENT)
            target = targets.target_path(destination)
            publishing.publish(cursor, build, target, self.in_use(), descriptions, build_started_at)

    def in_use(self) -> list[Path]:
        """The files that dbt has open: the working database and the landing."""
        return [Path(self.creds.path), *(Path(each.path) for each in self.creds.attach or [])]


def check_parameters(seeds: Path) -> None:
    """Raise DbtRuntimeError with one clear line per fault unless the seeds hold what they may."""
    try:
        check_seeds(seeds)
        # Rows that are spelled as names can contradict each other only once they are read as such.
        compile_rules(load_vocabulary(seeds / "matching"))
    except (DeclarationError, ParameterError, ValueError) as error:
        raise DbtRuntimeError(str(error)) from None


def check_landing(path: Path) -> None:
    """Raise DbtRuntimeError with one clear line unless `path` is a landing that can be read."""
    if not path.exists():
        raise DbtRuntimeError(f"{path} is missing: {REMEDY}")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute(
                "select table_name, list(column_name) from duckdb_columns() "
                "where database_name = current_database() and not internal group by table_name"
            ).fetchall()
    except duckdb.Error as error:
        if holder := lock_holder(error):
            raise DbtRuntimeError(
                f"{path} is being written by {holder}: wait until that has ended, then build again"
            ) from None
        reason = str(error).splitlines()[0]
        raise DbtRuntimeError(
            f"{path} cannot be read ({reason}): bring a backup back with `make restore`, "
            f"or move it away and {REMEDY}"
        ) from None
    columns = dict(rows)
    if not {"records", "loads"} <= columns.keys():
        raise DbtRuntimeError(f"{path} holds no landed records: {REMEDY}")
    if "part" not in columns["loads"]:
        raise DbtRuntimeError(f"{path} was made by an earlier version: {REMEDY}, to carry it on")
