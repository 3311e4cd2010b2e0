"""Files around a build: the landing that it reads and the warehouse that it publishes.

A dbt-duckdb plugin, because both need what SQL cannot do: to speak in one line before the first
connection, and to rename a finished file into place.
"""

import os
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

REMEDY = "run `make build`, or `python -m extract`, from the project's root"


class Plugin(BasePlugin):
    """Checks the landing before dbt connects; moves a finished warehouse into place after."""

    def initialize(self, plugin_config: dict) -> None:
        """Make room for the working database; raise DbtRuntimeError if the landing is unusable."""
        Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)
        for attachment in self.creds.attach or []:
            check_landing(Path(attachment.path))

    def store(self, target_config: TargetConfig) -> None:
        """Rename the finished file `location.path` to `config.destination`, durably and at once."""
        finished = Path(target_config.location.path)
        destination = Path(target_config.config["destination"])
        destination.parent.mkdir(parents=True, exist_ok=True)
        with finished.open("rb") as file:
            os.fsync(file.fileno())
        finished.replace(destination)
        # What a killed publish left behind: its names are never used again.
        for leftover in destination.parent.glob(f"{destination.name}.*.tmp*"):
            leftover.unlink(missing_ok=True)


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
