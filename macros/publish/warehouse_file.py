"""Files around a build: the landing that it reads and the warehouse that it publishes.

A dbt-duckdb plugin, because both need what SQL cannot do: to speak in one line before the first
connection, to read a file that may be of any shape, and to rename finished files into place.
"""

import os
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from matching import load_vocabulary
from matching.rewriting import compile_rules
from parameters import DeclarationError, ParameterError, check_seeds

#: What readers take for the warehouse of today.
CURRENT = Path("warehouse.duckdb")
SEEDS = Path("seeds")
REMEDY = "run `make build`, or `python -m extract`, from the project's root"


class Plugin(BasePlugin):
    """Checks seeds and landing before dbt connects; moves a finished warehouse into place after."""

    def initialize(self, plugin_config: dict) -> None:
        """Make room for the working database.

        Raises DbtRuntimeError where the parameters or the landing cannot be used: nothing is built
        with either of them half right.
        """
        check_parameters(SEEDS)
        Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)
        for attachment in self.creds.attach or []:
            check_landing(Path(attachment.path))

    def store(self, target_config: TargetConfig) -> None:
        """Publish the finished file `location.path` as `config.destination`."""
        destination = Path(target_config.config["destination"])
        finished = Path(target_config.location.path)
        if target_config.config["speaks_of_another_day"]:
            check_not_current(finished, destination)
        destination.parent.mkdir(parents=True, exist_ok=True)
        publish(finished, destination)


def check_not_current(finished: Path, destination: Path) -> None:
    """Raise DbtRuntimeError if a build of another day is about to replace the current warehouse."""
    if destination.resolve() == CURRENT.resolve():
        finished.unlink(missing_ok=True)
        raise DbtRuntimeError(
            f"Not published: a build of another day never replaces {CURRENT}; "
            "name another file with publish_to"
        )


def publish(finished: Path, destination: Path) -> None:
    """Move a finished warehouse to `destination` and its profiles beside it, or change nothing.

    All that can fail is done before the first rename. Without profiles an older file of them goes,
    so that it is never taken for the profiles of this warehouse.
    """
    carry_over_builds(finished, destination)
    profiles = profiles_path(destination)
    new_profiles = profiles.with_name(f"{profiles.name}.{finished.name}.tmp")
    has_profiles = write_profiles(finished, new_profiles)
    _flush(finished)
    finished.replace(destination)
    if has_profiles:
        new_profiles.replace(profiles)
    else:
        profiles.unlink(missing_ok=True)
    # What a killed publish left behind: its names are never used again.
    for published in (destination, profiles):
        for leftover in published.parent.glob(f"{published.name}.*.tmp*"):
            leftover.unlink(missing_ok=True)


def carry_over_builds(finished: Path, earlier: Path) -> int:
    """Add the builds told of in the published file `earlier` to the finished one; return how many.

    Both keep them as the rows with run_kind 'build' of main.runs. Columns that only one has are
    left out; an earlier file that is missing, unreadable or of another shape has nothing to tell.
    """
    if not earlier.exists():
        return 0
    with duckdb.connect(str(finished)) as connection:
        try:
            connection.execute(f"attach {_text(earlier)} as earlier (read_only)")
            shared = connection.execute(
                """
                select column_name
                from duckdb_columns()
                where schema_name = 'main' and table_name = 'runs'
                    and database_name in (current_database(), 'earlier')
                group by column_name
                having count(*) = 2
                order by min(column_index)
                """
            ).fetchall()
            columns = ", ".join(f'"{name}"' for (name,) in shared)
            added = connection.execute(
                f"""
                insert into main.runs by name
                select {columns} from earlier.main.runs
                where run_kind = 'build' and run_id not in (select run_id from main.runs)
                order by started_at
                """
            ).fetchone()
        except duckdb.Error:
            return 0
    return added[0]


def profiles_path(warehouse: Path) -> Path:
    """Where the profiles of a published warehouse stand: beside it, under a name of its own."""
    stem = "" if warehouse.name == "warehouse.duckdb" else f"{warehouse.stem}."
    return warehouse.with_name(f"{stem}enhanced_models.json")


def write_profiles(warehouse: Path, target: Path) -> bool:
    """Write the documents of main.model_profiles (model_id, document) as one JSON array.

    One document per line, in the order of model_id. Returns False, and writes nothing, where the
    warehouse has no such table.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        is_there = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'main' "
            "and table_name = 'model_profiles' and database_name = current_database()"
        ).fetchone()
        if not is_there:
            return False
        documents = connection.execute(
            "select cast(document as varchar) from main.model_profiles order by model_id"
        )
        with target.open("w", encoding="utf-8") as file:
            file.write("[")
            separator = "\n"
            while row := documents.fetchone():
                file.write(separator + row[0])
                separator = ",\n"
            file.write("\n]\n")
    _flush(target)
    return True


def _flush(path: Path) -> None:
    """Wait until the file is on disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _text(path: Path) -> str:
    """A path as a SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


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
            tables = {name for (name,) in connection.execute("show tables").fetchall()}
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise DbtRuntimeError(f"{path} cannot be read ({reason}): {REMEDY}") from None
    if not {"records", "loads"} <= tables:
        raise DbtRuntimeError(f"{path} holds no landed records: {REMEDY}")
