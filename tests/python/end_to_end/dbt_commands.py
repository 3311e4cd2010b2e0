"""dbt's command line without its slow start, for tests that give it many commands.

Python needs seconds to import dbt, more than most commands then take. A `Launcher` imports it once,
in a process that does nothing else; each command is a fork of that process, which goes on as
`python -m dbt.cli.main` would have, in the folder and with the environment that are given.
"""

import atexit
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

#: Seconds after which a command is ended: longer than any takes on a busy machine.
TIMEOUT = 1200

# A fork leaves the loop with its order and runs to its own end, as any other process.
LAUNCHER = """
import json, os, signal, sys
import dbt.adapters.duckdb
from dbt.cli.main import cli

def next_order():
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        fork = os.fork()
        if not fork:
            return order
        _, status = os.waitpid(fork, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)

if order := next_order():
    signal.alarm(order["timeout"])
    for number, path in (0, os.devnull), (1, order["stdout"]), (2, order["stderr"]):
        os.dup2(os.open(path, os.O_RDWR), number)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    # A name that stands for None is found by no import.
    sys.modules.update(dict.fromkeys(order["not_installed"]))
    sys.argv = ["dbt", *order["arguments"]]
    cli()
"""


class Launcher:
    """A process that has imported dbt, from which commands are forked one after the other."""

    def __init__(self) -> None:
        # -c puts "" on the path: a command imports what lies in its own folder.
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"OMP_NUM_THREADS": "1"},
            text=True,
        )

    def run(
        self,
        folder: Path,
        environment: dict[str, str],
        arguments: Sequence[str],
        not_installed: Sequence[str] = (),
    ) -> subprocess.CompletedProcess:
        """Run a dbt command in a folder, as if some packages were missing."""
        with tempfile.NamedTemporaryFile() as stdout, tempfile.NamedTemporaryFile() as stderr:
            order = {
                "folder": str(folder),
                "environment": environment,
                "arguments": arguments,
                "stdout": stdout.name,
                "stderr": stderr.name,
                "not_installed": not_installed,
                "timeout": TIMEOUT,
            }
            print(json.dumps(order), file=self.process.stdin, flush=True)
            status = int(self.process.stdout.readline())
            printed, errors = (Path(file.name).read_text() for file in (stdout, stderr))
        return subprocess.CompletedProcess(["dbt", *arguments], status, printed, errors)

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


@cache
def launcher() -> Launcher:
    """The launcher of this process, started with its first command."""
    started = Launcher()
    atexit.register(started.close)
    return started
