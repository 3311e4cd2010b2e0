"""Full disks, full or missing streams, poor locales, odd names: one line, never a traceback."""

import errno
import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from extract_helpers import Ticker, entry_of, write_catalog

from extract.__main__ import main
from extract.integrity import check
from extract.landing import open_landing

ROOT = Path(__file__).resolve().parents[3]
POOR = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale that knows ASCII only, without Python's way around it."""


def extract(*arguments, env=None, limit=None, redirect=""):
    """Run the module as a user does; `limit`: largest file in bytes; returns the finished process.

    `redirect` is a redirection of the shell, such as '>/dev/full'.
    """

    def set_limit():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [
            "sh",
            "-c",
            f'"$0" -m extract "$@" {redirect}',
            sys.executable,
            *map(os.fspath, arguments),
        ],
        cwd=ROOT,
        env=os.environ | (env or {}),
        capture_output=True,
        preexec_fn=set_limit,
        check=False,
    )


def records(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select count(*) from records").fetchone()[0]


def quiet(done):
    return b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("redirect", "status", "says"),
    [
        (">/dev/full", 1, b"error: standard output cannot be written: No space left on device\n"),
        ("2>/dev/full", 0, b""),
        (">/dev/full 2>&1", 1, b""),
        (">&-", 0, b""),
        ("2>&-", 0, b""),
        (">&- 2>&-", 0, b""),
    ],
)
def test_streams_that_are_full_or_closed_do_not_stop_the_landing(tmp_path, redirect, status, says):
    path = tmp_path / "landing.duckdb"
    done = extract("--source", "evalplus", "--db", path, redirect=redirect)
    assert (done.returncode, says in done.stderr, quiet(done)) == (status, True, True)
    assert records(path) > 100
    assert check(path).problems == []


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, POOR], ids=["ascii", "C"])
def test_a_name_that_the_locale_cannot_write_is_shown_as_escapes(tmp_path, env):
    path = tmp_path / "ключ.duckdb"
    done = extract("--source", "evalplus", "--db", path, env=env)
    assert (done.returncode, quiet(done)) == (0, True)
    assert done.stdout.endswith(rb"\u043a\u043b\u044e\u0447.duckdb: 1 landed" + b"\n")
    assert records(path) > 100
    done = extract("--source", "evalplus", "--db", tmp_path / "нет" / "x", env=env)
    assert (done.returncode, quiet(done)) == (2, True)
    assert rb"\u043d\u0435\u0442/x: its folder does not exist" in done.stderr


def test_a_file_name_that_is_not_utf_8_is_one_line(tmp_path):
    done = extract("--source", "evalplus", "--db", os.fsencode(tmp_path) + b"/\xff.duckdb")
    assert (done.returncode, quiet(done), done.stderr.count(b"\n")) == (1, True, 1)
    assert rb"\xff.duckdb' is not UTF-8" in done.stderr


@pytest.mark.parametrize("limit", [1_000, 100_000, 1_000_000])
def test_a_limit_on_file_sizes_loses_nothing_and_names_what_was_not_tried(tmp_path, limit):
    path = tmp_path / "landing.duckdb"
    assert extract("--source", "static_registry", "--db", path).returncode == 0
    before = records(path)
    done = extract("--db", path, limit=limit)
    assert (done.returncode, quiet(done)) == (1, True)
    text = (done.stdout + done.stderr).decode()
    assert text.count("error: ") >= 1
    if "not tried: " in text or "failed" in text:
        for source in ("epoch", "aider", "artificial_analysis"):
            assert source in text
    assert check(path).problems == []
    assert extract("--db", path).returncode == 0
    assert records(path) > before


def test_a_limit_on_file_sizes_leaves_no_half_backup_and_no_half_restoration(tmp_path):
    path, folder = tmp_path / "landing.duckdb", tmp_path / "backups"
    assert extract("--source", "litellm", "--db", path).returncode == 0
    before = path.read_bytes()
    done = extract("--backup", folder, "--db", path, limit=20_000)
    assert (done.returncode, quiet(done), list(folder.iterdir())) == (1, True, [])
    assert b"no backup was made (" in done.stderr
    assert extract("--backup", folder, "--db", path).returncode == 0
    (backup,) = folder.iterdir()
    done = extract("--restore", backup, "--db", path, limit=20_000)
    assert (done.returncode, quiet(done), done.stderr.count(b"\n")) == (1, True, 1)
    assert b"nothing was restored (" in done.stderr
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backups", "landing.duckdb"]


@pytest.fixture
def here(tmp_path):
    """A folder with a catalog of three sources of JSON, and files for two of them."""
    entity = {
        "entity": "rows",
        "files": ["*.json"],
        "format": "json",
        "records": "data[]",
        "key": ["id"],
        "complete": "yes",
    }
    names = ("first", "second", "third")
    write_catalog(tmp_path, *(entry_of([entity], name, archives=["*.zip"]) for name in names))
    for name in names:
        put(tmp_path / "up" / name / "rows_2026-01-01.json", '{"data": [{"id": "x"}]}')
    return tmp_path


@pytest.fixture
def cli(here, capsys):
    def run(*arguments):
        status = main(
            [*map(str, arguments), "--db", str(here / "landing.duckdb")],
            catalog=here / "sources.yml",
            snapshots=here / "up",
            clock=Ticker(),
        )
        return status, capsys.readouterr()

    return run


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_full_temporary_folder_is_an_error_and_the_rest_is_told(cli, here, monkeypatch):
    from extract import run

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run.tempfile, "TemporaryDirectory", full)
    status, told = cli()
    assert status == 1
    assert "No space left on device" in told.err
    for name in ("first", "second", "third"):
        assert name in told.err
    monkeypatch.undo()
    status, told = cli()
    assert (status, "3 landed" in told.out) == (0, True)


def test_a_report_is_given_of_what_landed_before_the_end(cli, monkeypatch):
    from extract import __main__ as command

    real = command.run_source

    def failing(connection, source, *rest):
        if source.id == "second":
            raise duckdb.IOException("IO Error: the disk is gone\nmore")
        return real(connection, source, *rest)

    monkeypatch.setattr(command, "run_source", failing)
    status, told = cli()
    assert status == 1
    assert "IO Error: the disk is gone while landing second\nnot tried: third\n" in told.err
    assert "1 landed" in told.out


HOSTILE = "a\x1b[31m\n\u202eb\x07"
SHOWN = r"a\x1b[31m\n\u202eb\x07"


def steers(text):
    return bool(set(text) & {"\x1b", "\u202e", "\x07"})


def test_names_in_archives_and_folders_do_not_steer_the_terminal(cli, here):
    with zipfile.ZipFile(here / "up" / "first" / "a_2026-01-02.zip", "w") as archive:
        archive.writestr(f"{HOSTILE}.txt", "x")
        archive.writestr(f"{HOSTILE}.json", "{")
    put(here / "up" / "second" / f"{HOSTILE}.txt", "x")
    put(here / "up" / HOSTILE, "x")
    status, told = cli("--from", here / "up")
    assert status == 1
    assert f"error: first: a_2026-01-02.zip/{SHOWN}.json: not valid JSON" in told.err
    assert f"not declared  second/{SHOWN}.txt\n" in told.out
    assert f"not declared  {SHOWN}\n" in told.out
    assert not steers(told.out + told.err)


def test_values_in_error_texts_do_not_steer_the_terminal(cli, here):
    put(here / "up" / "first" / "rows_2026-01-01.json", json.dumps({HOSTILE: 1}))
    put(
        here / "up" / "second" / "rows_2026-01-01.json",
        '{"data": [{"id": "x", "\\u001b]0;": 1, "\\u001b]0;": 2}]}',
    )
    status, told = cli()
    assert (status, steers(told.out + told.err)) == (1, False)
    assert told.err.count("error: ") == 2


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000num:1", "\\u0000num:x", "\\u0000", "num:1"])
def test_odd_texts_anywhere_in_a_document_land(cli, here, text):
    document = f'{{"note": "{text}", "data": [{{"id": "{text}", "{text}": "{text}"}}]}}'
    put(here / "up" / "second" / "rows_2026-01-01.json", document)
    status, told = cli()
    assert (status, "3 landed" in told.out) == (0, True)
    meant = json.loads(f'"{text}"').replace("\ud800", "\ufffd")
    with duckdb.connect(str(here / "landing.duckdb"), read_only=True) as connection:
        key, record = connection.execute(
            "select record_key, record::varchar from records where source = 'second'"
        ).fetchone()
    found = json.loads(record)
    assert (found["id"], found[meant]) == (meant, meant)
    assert key == meant or key.startswith("sha256:")


def test_a_name_that_is_not_utf_8_is_reported_and_the_rest_lands(cli, here):
    folder = os.fsencode(here / "up" / "second")
    for name in (b"\xff.txt", b"\xff_2026-01-01.json"):
        with open(folder + b"/" + name, "w") as file:  # noqa: PTH123
            file.write('{"data": [{"id": "y"}]}')
    (here / "up" / "second" / "rows_2026-01-01.json").unlink()
    status, told = cli("--from", here / "up")
    assert (status, "3 landed" in told.out) == (0, True)
    assert "not declared  second/\\xff.txt\n" in told.out


def test_who_holds_the_landing_is_said_by_every_way_to_open_it(cli, here, tmp_path, capsys):
    with open_landing(here / "landing.duckdb"):
        script = (
            "import sys; from pathlib import Path\n"
            "from extract.__main__ import main\n"
            "from macros.publish.warehouse_file import check_landing\n"
            "db = sys.argv[1]\n"
            "for words in (['--check'], ['--backup', db + '.b'], []):\n"
            "    print(main([*words, '--db', db]))\n"
            "try:\n"
            "    check_landing(Path(db))\n"
            "except Exception as error:\n"
            "    print(error.msg, file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(here / "landing.duckdb")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == ["1", "1", "1"]
    told = done.stderr.splitlines()
    assert len(told) == 4
    assert all(
        f"(process {os.getpid()})" in line and "wait until that has ended" in line for line in told
    )
    assert not any("make build" in line for line in told)
