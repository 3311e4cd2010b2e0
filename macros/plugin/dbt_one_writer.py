"""A plugin that lets dbt wait for another process that writes what it needs.

A second build would end in a traceback of DuckDB's; so would one that begins while sources land.
What has the working database or the landing file open is waited for, as long as WAIT_SECONDS says
(default 30), and named where it does not end.
"""

import sys
from pathlib import Path

import duckdb
from dbt.flags import get_flags
from dbt.plugins import dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

PROJECT = "llm_capabilities"
WORKING, LANDING = Path("build/warehouse.duckdb"), Path("landing.duckdb")
OPENING = (
    *("build", "run", "run-operation", "seed", "test", "snapshot", "compile", "show", "clone"),
    *("freshness", "generate"),
)
"""dbt's commands that open the working database."""


class OneWriter(dbtPlugin):
    """Waits until the files that a command opens are free."""

    def initialize(self) -> None:
        """Raise DbtRuntimeError with one line where a file stays held."""
        if self.project_name != PROJECT or get_flags().WHICH not in OPENING:
            return
        # dbt takes plugins from Python's path, on which the project's own packages come later.
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from console import say
        from extract.opening import lock_holder, open_when_free, wait_seconds

        for file, read_only in ((LANDING, True), (WORKING, False)):
            try:
                if file.exists():
                    open_when_free(file, wait_seconds(), say, read_only).close()
            except duckdb.Error as error:
                # What else is wrong with it is told where it is opened in earnest.
                if holder := lock_holder(error):
                    raise DbtRuntimeError(
                        f"{file} is being written by {holder}: wait until that has ended, then run "
                        "again"
                    ) from None


plugins = [OneWriter]
