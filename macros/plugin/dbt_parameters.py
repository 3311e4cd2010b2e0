"""A plugin that dbt finds by its name, `dbt_*`, and calls before it parses the project.

dbt reads every seed as UTF-8 while it parses, long before it connects and the seeds are checked: of
a file in another encoding it would say in a traceback which byte is wrong, and not in which file.
`make` puts this folder on the path of `.venv`.
"""

from pathlib import Path

from dbt.plugins import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

PROJECT = "llm_capabilities"
SEEDS = Path("seeds")


class ParametersAreText(dbtPlugin):
    """Stops dbt where a parameter table is no UTF-8."""

    def initialize(self) -> None:
        """Raise DbtRuntimeError with one line per file; other projects are not looked at."""
        found = [fault for path in sorted(SEEDS.rglob("*.csv")) if (fault := text_fault(path))]
        if found and self.project_name == PROJECT:
            raise DbtRuntimeError("\n".join(found))


def text_fault(path: Path) -> str | None:
    """Say where a file is no UTF-8, as `python -m parameters` does; None if it is."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return f"{path}:{line}: byte {error.start} is no UTF-8; allowed: text in UTF-8"
    return None


plugins = [ParametersAreText]
