"""The refresh command: what makes it build, one at a time, and what a signal does to it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import refresh

ROOT = Path(__file__).resolve().parents[2]
DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
import refresh
step = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(float(sys.argv[2]))"
refresh.EXTRACT = (sys.executable, "-c", step, "extracted", "0.7")
refresh.BUILD = (sys.executable, "-c", step, "built", "0")
raise SystemExit(refresh.main(sys.argv[2:]))
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_landing(*loads):
    """A landing file with loads of (status, landed_at)."""
    with duckdb.connect("landing.duckdb") as landing:
        landing.execute("create or replace table loads (status varchar, landed_at timestamp)")
        if loads:
            landing.executemany("insert into loads values (?, ?)", loads)


def write_published(last_landed_at):
    with duckdb.connect("warehouse.duckdb") as published:
        published.execute("create or replace table build (last_landed_at timestamp)")
        published.execute("insert into build values (?)", [last_landed_at])


def started(*arguments):
    """A refresh whose steps only leave a mark, as a process of its own."""
    command = [sys.executable, "-c", DRIVER, str(ROOT), *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for(file):
    for _ in range(200):
        if Path(file).exists():
            return
        time.sleep(0.02)
    raise AssertionError(f"{file} never came")


def test_only_what_changes_the_landing_is_news(here):
    assert not refresh.has_news()
    write_landing()
    assert not refresh.has_news()
    write_landing(("landed", "2026-03-01"))
    assert refresh.has_news(), "nothing is published yet"
    write_published("2026-03-01")
    assert not refresh.has_news()
    write_landing(("landed", "2026-03-01"), ("unchanged", "2026-03-02"), ("failed", "2026-03-02"))
    assert not refresh.has_news()
    write_landing(("landed", "2026-03-01"), ("held", "2026-03-02"))
    assert refresh.has_news()


def test_a_file_that_cannot_be_read_is_one_line(here, capfd):
    Path("landing.duckdb").write_bytes(b"no database" * 2_000)
    with pytest.raises(refresh.RefreshError, match=r"landing.duckdb: cannot be read"):
        refresh.has_news()


@pytest.mark.parametrize(("landed_at", "builds"), [("2026-03-01", 0), ("2026-03-02", 1)])
def test_a_build_runs_only_on_news(here, landed_at, builds):
    write_landing(("landed", landed_at))
    write_published("2026-03-01")
    with started() as running:
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 0
    assert Path("built").exists() == bool(builds)
    assert ("nothing new since warehouse.duckdb was built" in said) == (not builds)


def test_a_second_refresh_names_the_first_and_a_killed_one_blocks_none(here):
    write_landing(("landed", "2026-03-01"))
    with started("--every", "1h") as first:
        wait_for("extracted")
        with started() as second:
            said = second.communicate(timeout=30)[1]
        assert (second.returncode, said.count("\n")) == (1, 1)
        assert f"a refresh is running (process {first.pid}, since " in said
        first.kill()
        first.communicate()
    with started() as third:
        assert third.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_between_steps(here, number):
    write_landing(("landed", "2026-03-01"))
    with started("--every", "1h") as running:
        wait_for("extracted")
        time.sleep(0.1)
        os.kill(running.pid, number)
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 130
    assert "stopping after this step" in said
    assert "stopped between steps" in said
    assert not Path("built").exists()


def test_it_goes_on_after_the_time_given(here, monkeypatch):
    runs = []

    def refreshed(steps, revalidate):
        runs.append(revalidate)
        if len(runs) == 3:
            steps.is_stopped.set()
        return 0

    monkeypatch.setattr(refresh, "refresh", refreshed)
    monkeypatch.setattr(refresh, "_seconds", lambda text: 0.01)
    assert refresh.main(["--every", "1m", "--revalidate"]) == 130
    assert runs == [True] * 3


def test_a_file_that_cannot_be_read_ends_this_refresh_and_not_those_to_come(
    here, monkeypatch, capfd
):
    runs = []

    def refreshed(steps, revalidate):
        runs.append(1)
        if len(runs) == 2:
            steps.is_stopped.set()
        raise refresh.RefreshError("landing.duckdb: cannot be read")

    monkeypatch.setattr(refresh, "refresh", refreshed)
    monkeypatch.setattr(refresh, "_seconds", lambda text: 0.01)
    assert refresh.main(["--every", "1m"]) == 130
    assert capfd.readouterr().err.count("error: landing.duckdb: cannot be read") == 2


@pytest.mark.parametrize("text", ["6", "0h", "-1h", "h", "6 weeks"])
def test_a_time_that_is_none_is_refused(here, capfd, text):
    with pytest.raises(SystemExit):
        refresh.main([f"--every={text}"])
    assert "is no time such as 30m, 6h or 1d" in capfd.readouterr().err
