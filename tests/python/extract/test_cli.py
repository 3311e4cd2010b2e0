"""The command line: what a user sees, exit statuses, no traceback for anything a user can do."""

import io
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from extract_helpers import Ticker, entry_of, write_catalog

from extract.__main__ import main
from extract.landing import Outcome, open_landing
from extract.report import MAX_WIDTH, closing_table, progress

ROOT = Path(__file__).resolve().parents[3]


def csv_source(name, **fields):
    entity = {"entity": "rows", "files": ["*.csv"], "format": "csv", "key": ["model"]}
    return entry_of([entity | {"complete": "yes"}], name, **fields)


@pytest.fixture
def here(tmp_path):
    """A folder with a catalog of three sources, and snapshots of two of them."""
    write_catalog(tmp_path, *(csv_source(name) for name in ("static_registry", "good", "other")))
    for name in ("static_registry", "good"):
        put(tmp_path / "snapshots" / name / "rows_2026-01-01.csv", "model,score\nx,1\ny,2\n")
    return tmp_path


@pytest.fixture
def cli(here, capsys):
    """Run the command line and return (exit status, stdout, stderr)."""

    def run(*arguments, db="landing.duckdb"):
        try:
            status = main(
                [*map(str, arguments), "--db", str(here / db)],
                catalog=here / "sources.yml",
                snapshots=here / "snapshots",
                clock=Ticker(),
            )
        except SystemExit as stop:
            status = stop.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def landed(here):
    with duckdb.connect(str(here / "landing.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select source, count(*) from records group by source order by source"
        ).fetchall()


def row_of(table, source):
    return next(line for line in table.splitlines() if line.startswith(source)).split()


def test_the_snapshots_land_and_land_again_unchanged(cli, here):
    status, out, _ = cli()
    assert status == 0
    assert row_of(out, "good")[1:8] == ["rows", "2026-01-01", "landed", "2", "2", "0", "0"]
    assert "skipped  no snapshot ships" in out
    status, out, _ = cli()
    assert (status, row_of(out, "good")[3:8]) == (0, ["unchanged", "2", "0", "0", "0"])
    assert landed(here) == [("good", 2), ("static_registry", 2)]


def test_from_reads_a_folder_but_the_registry_stays_the_shipped_one(cli, here):
    for name in ("static_registry", "good"):
        put(here / "up" / name / "rows_2026-01-02.csv", "model,score\nz,9\n")
    put(here / "up" / "notes.txt", "x")
    put(here / "up" / "unknown" / "a.csv", "x")
    put(here / "up" / "good" / "read.me", "x")
    _, out, _ = cli("--from", here / "up")
    assert row_of(out, "static_registry")[2] == "2026-01-01"
    assert row_of(out, "good")[2] == "2026-01-02"
    for name in ("good/read.me", "notes.txt", "unknown/"):
        assert f"not declared  {name}\n" in out
    _, out, _ = cli("--from", here / "up", "--source", "static_registry")
    assert row_of(out, "static_registry")[2] == "2026-01-02"


def test_a_failed_source_is_one_line_and_the_others_land(cli, here):
    put(here / "snapshots" / "good" / "rows_2026-01-01.csv", 'model,score\nx,"1')
    status, out, err = cli()
    assert status == 1
    errors = [line for line in err.splitlines() if line.startswith("error")]
    assert errors == [
        "error: good: rows_2026-01-01.csv: not valid CSV at line 2: unexpected end of data: "
        "download it again"
    ]
    assert row_of(out, "good")[3] == "failed"
    assert landed(here) == [("static_registry", 2)]


def test_a_source_asked_for_by_name_must_be_in_the_folder(cli, here):
    (here / "up").mkdir()
    status, _, err = cli("--from", here / "up", "--source", "good")
    assert (status, "good: no folder 'good' in the one given" in err) == (1, True)


def test_a_source_without_an_address_has_no_live_reading(cli):
    status, out, _ = cli("--live")
    assert status == 0
    assert "no live source: local files" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "nope"], "unknown source 'nope' (known: static_registry, good, other)"),
        (["--from", "nowhere"], "--from nowhere: is not a folder"),
        (["--live", "--from", "."], "not allowed with argument"),
        (["--fast"], "unrecognized arguments: --fast"),
        (["--source"], "expected one argument"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_usage_line(cli, here, arguments, message):
    status, _, err = cli(*arguments)
    assert status == 2
    assert err.startswith("usage: python -m extract")
    assert message in err
    assert not (here / "landing.duckdb").exists()


@pytest.mark.parametrize("db", ["nowhere/landing.duckdb", "snapshots"])
def test_a_landing_file_that_cannot_be_is_wrong_usage(cli, db):
    status, _, err = cli(db=db)
    assert (status, err.startswith("usage:"), "Traceback" in err) == (2, True, False)


def test_a_landing_file_that_is_none_is_one_line(cli, here):
    (here / "landing.duckdb").write_text("hello" * 5000)
    status, _, err = cli()
    assert status == 1
    assert err.count("\n") == 1
    assert "not a DuckDB file" in err


def test_a_mistake_in_the_catalog_is_one_line(cli, here):
    write_catalog(here, csv_source("good", layer="gossip"))
    status, _, err = cli()
    assert (status, err.count("\n")) == (1, 1)
    assert "source 'good', layer: 'gossip'" in err


def test_a_landing_file_open_elsewhere_is_one_line(cli, here):
    cli()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True)"
            "; input()",
            str(here / "landing.duckdb"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "open\n"
        status, _, err = cli()
    finally:
        holder.communicate("\n")
    assert (status, err.count("\n")) == (1, 1)
    assert f"(process {holder.pid}) has it open, wait until that has ended" in err


def test_a_landing_file_open_elsewhere_is_waited_for(cli, here, monkeypatch):
    cli()
    monkeypatch.setenv("WAIT_SECONDS", "20")
    hold = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print(1, flush=True)"
    command = [sys.executable, "-c", f"{hold}; time.sleep(0.7)", str(here / "landing.duckdb")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdout.readline()
        status, _, err = cli()
    assert status == 0
    assert f"(process {holder.pid}) has it open, waiting up to 20 s" in err


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (KeyboardInterrupt, ""),
        (RuntimeError, "Query interrupted"),
        (duckdb.InterruptException, "stop"),
    ],
)
def test_an_interrupt_leaves_whole_sources_and_one_line(cli, here, monkeypatch, kind, text):
    from extract import run

    real = run.land

    def interrupted(connection, loads, clock):
        if loads[0].source == "good":
            raise kind(text)
        return real(connection, loads, clock)

    monkeypatch.setattr(run, "land", interrupted)
    status, _, err = cli()
    assert (status, "interrupted: " in err, "Traceback" in err) == (130, True, False)
    assert landed(here) == [("static_registry", 2)]


def test_the_shipped_snapshots_land_from_the_module_with_a_reader_that_goes_away(tmp_path):
    command = f"{sys.executable} -m extract --db {tmp_path / 'l.duckdb'} | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("source")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    with duckdb.connect(str(tmp_path / "l.duckdb"), read_only=True) as connection:
        (models,) = connection.execute(
            "select count(*) from records where source = 'static_registry'"
        ).fetchone()
        secrets = connection.execute("select count(*) from loads where location like '/%'")
        assert secrets.fetchone() == (0,)
    assert models >= 60


def test_the_closing_table_keeps_its_width_whatever_the_reason():
    outcomes = [
        Outcome("open_llm_leaderboard", "provider_models", "superseded", None, *[123_456] * 4),
        Outcome("open_llm_leaderboard", "", "failed", error="open_llm_leaderboard: " + "x" * 300),
    ]
    lines = closing_table(outcomes).splitlines()
    assert max(map(len, lines)) <= MAX_WIDTH
    assert lines[-1].endswith("...")


def test_progress_is_a_bar_on_a_terminal_and_silent_elsewhere():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    class Named:
        id = "litellm"

    terminal, file = Terminal(), io.StringIO()
    assert len(list(progress([Named()], terminal))) == len(list(progress([Named()], file))) == 1
    assert "litellm" in terminal.getvalue()
    assert file.getvalue() == ""


def test_nothing_beside_a_new_landing_is_removed_but_what_a_killed_one_left(tmp_path):
    dead = 2**22 + 7  # no process has such a number
    names = [
        "landing.duckdb.backup.new",
        "landing.duckdb.2026.newest",
        f"landing.duckdb.{dead}.new",
    ]
    for name in names:
        (tmp_path / name).write_text("mine")
    with open_landing(tmp_path / "landing.duckdb"):
        pass
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted(["landing.duckdb", *names[:2]])


def test_a_landing_is_made_where_links_are_not_allowed(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("extract.landing.os.link", refuse)
    with open_landing(tmp_path / "landing.duckdb"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["landing.duckdb"]
