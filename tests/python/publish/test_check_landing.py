"""What dbt says before it connects to a landing that it cannot read."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from extract.landing import open_landing
from macros.publish.warehouse_file import check_landing

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def landing(tmp_path):
    path = tmp_path / "landing.duckdb"
    with open_landing(path):
        pass
    return path


def test_a_landing_that_can_be_read_is_fine(landing):
    check_landing(landing)


def flip_a_header(path):
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "is missing: run `make build`"),
        (lambda path: path.write_text("hello" * 5000), "bring a backup back with `make restore`"),
        (flip_a_header, "bring a backup back with `make restore`, or move it away and run"),
    ],
)
def test_one_that_cannot_be_read_is_one_line_with_a_way_out(landing, damage, message):
    damage(landing)
    with pytest.raises(DbtRuntimeError) as stop:
        check_landing(landing)
    assert message in stop.value.msg
    assert "\n" not in stop.value.msg


def test_a_database_of_something_else_is_told_apart(tmp_path):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table other (id integer)")
    with pytest.raises(DbtRuntimeError, match="holds no landed records"):
        check_landing(path)


def test_one_that_another_process_writes_names_it_and_says_to_wait(landing):
    script = (
        "import sys; from pathlib import Path\n"
        "from macros.publish.warehouse_file import check_landing\n"
        "try:\n"
        "    check_landing(Path(sys.argv[1]))\n"
        "except Exception as error:\n"
        "    print(error.msg)\n"
    )
    with duckdb.connect(str(landing)):
        done = subprocess.run(
            [sys.executable, "-c", script, str(landing)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    program = Path(os.path.realpath(sys.executable)).name
    assert done.stdout == (
        f"{landing} is being written by {program} (process {os.getpid()}): "
        "wait until that has ended, then build again\n"
    )
