"""dbt waits for a process that has its files open, and names it where that does not end."""

import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from macros.plugin import dbt_one_writer
from macros.plugin.dbt_one_writer import LANDING, WORKING, OneWriter

HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print(1, flush=True)"


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Files of a build, in a folder of their own; set `command.WHICH`."""
    monkeypatch.chdir(tmp_path)
    WORKING.parent.mkdir()
    for file in (WORKING, LANDING):
        duckdb.connect(str(file)).close()
    flags = SimpleNamespace(WHICH="build")
    monkeypatch.setattr(dbt_one_writer, "get_flags", lambda: flags)
    return flags


def holding(file, seconds):
    """A process that has a file open for so long."""
    script = f"{HOLD}; time.sleep({seconds})"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True
    )
    holder.stdout.readline()
    return holder


@pytest.mark.parametrize("file", [WORKING, LANDING])
def test_what_stays_held_is_one_line_that_names_the_holder(command, file):
    with holding(file, 20) as holder:
        with pytest.raises(DbtRuntimeError) as caught:
            OneWriter("llm_capabilities")
        command.WHICH = "parse"
        OneWriter("llm_capabilities")
        command.WHICH = "build"
        OneWriter("another_project")
        holder.kill()
    assert f"{file} is being written by" in str(caught.value)
    assert f"(process {holder.pid}): wait until that has ended" in str(caught.value)
    OneWriter("llm_capabilities")


def test_what_ends_in_time_is_waited_for(command, monkeypatch, capfd):
    monkeypatch.setenv("WAIT_SECONDS", "20")
    with holding(WORKING, 0.7) as holder:
        OneWriter("llm_capabilities")
    assert f"(process {holder.pid}) has it open, waiting up to 20 s" in capfd.readouterr().err


def test_readers_of_the_landing_are_in_nobodys_way(command):
    with duckdb.connect(str(LANDING), read_only=True):
        OneWriter("llm_capabilities")


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan"])
def test_a_wait_that_is_none_is_the_default(monkeypatch, text):
    from extract.opening import DEFAULT_WAIT_SECONDS, wait_seconds

    monkeypatch.setenv("WAIT_SECONDS", text)
    assert wait_seconds() == DEFAULT_WAIT_SECONDS
