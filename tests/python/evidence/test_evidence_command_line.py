"""`python -m evidence` on bad input, full disks and poor streams: one line, nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from console import run
from evidence import report
from evidence.__main__ import main

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Run the command with a measurement that is made already."""
    with duckdb.connect(str(tmp_path / "w.duckdb")):
        pass
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(report, "load_bounds", lambda connection: {})
    monkeypatch.setattr(report, "ladder", lambda connection: None)
    monkeypatch.setattr(report, "load_case", lambda connection: None)
    monkeypatch.setattr(report, "measure", lambda case, bounds, day: [])
    monkeypatch.setattr(report, "markdown", lambda findings: "| größe |")

    def call(*arguments):
        options = ["--db", tmp_path / "w.duckdb", "--save", tmp_path / "e.json"]
        options += ["--pairs", tmp_path / "none.csv", "--readme", readme]
        return run(lambda: main([*map(str, options), *arguments]), "evidence")

    return call


def test_the_result_is_printed_and_kept(cli, tmp_path, capsys):
    assert cli() == 0
    assert capsys.readouterr().out == "| größe |\n"
    assert (tmp_path / "e.json").read_text() == "[]"
    assert "| größe |" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_full_disk_leaves_the_readme_and_the_last_result_as_they_were(
    cli, tmp_path, capsys, monkeypatch
):
    (tmp_path / "e.json").write_text("the last result")
    before = (tmp_path / "README.md").read_bytes()
    real = Path.write_text

    def full(path, text, **options):
        real(path, text[: len(text) // 2], **options)
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", full)
    assert cli() == 1
    err = capsys.readouterr().err
    assert (err.count("\n"), "No space left on device" in err) == (1, True)
    assert (tmp_path / "e.json").read_text() == "the last result"
    assert (tmp_path / "README.md").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "e.json", "w.duckdb"]


@pytest.mark.parametrize(
    ("db", "status", "says"),
    [
        ("nowhere\x1b[31m.duckdb", 2, r"nowhere\x1b[31m.duckdb is missing"),
        ("README.md", 2, "not a valid DuckDB database"),
    ],
)
def test_what_cannot_be_measured_is_one_line_of_usage(db, status, says):
    done = subprocess.run(
        [sys.executable, "-m", "evidence", "--db", db],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (
        status,
        True,
        False,
    )


SCRIPT = """
import sys
from console import deliver, run
def main():
    return 0 if deliver("größe \\U0001f600") else 1
sys.exit(run(main, "evidence"))
"""


@pytest.mark.parametrize(
    ("redirect", "env", "status", "out", "lines"),
    [
        (">/dev/full", {}, 1, b"", 1),
        (">/dev/full 2>&1", {}, 1, b"", 0),
        (">&-", {}, 0, b"", 0),
        ("", {"PYTHONIOENCODING": "ascii"}, 0, rb"gr\xf6\xdfe \U0001f600" + b"\n", 0),
    ],
)
def test_what_all_command_lines_do_with_their_output(redirect, env, status, out, lines):
    done = subprocess.run(
        ["sh", "-c", f'"$0" -c "$1" {redirect}', sys.executable, SCRIPT],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        check=False,
    )
    found = (done.returncode, done.stdout, done.stderr.count(b"\n"))
    assert found == (status, out, lines)


def test_an_interrupt_is_one_line(capsys):
    def interrupted():
        raise KeyboardInterrupt

    assert run(interrupted, "evidence") == 130
    assert capsys.readouterr().err == "interrupted\n"
