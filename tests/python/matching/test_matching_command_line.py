"""`python -m matching` on good and on broken input: a clear line, never a traceback."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching_support import ROOT

from matching.__main__ import COLUMNS, main
from matching.spreadsheet import guarded, restored


def run(tmp_path, content: bytes | str, *options: str):
    path = tmp_path / "names.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out = io.StringIO()
    registry = tmp_path / "models.json"
    registry.write_text('[{"id": "gpt-4o-2024-08-06", "provider": "openai"}]')
    code = main([str(path), "--registry", str(registry), *options], out)
    return code, list(csv.DictReader(io.StringIO(out.getvalue())))


def test_one_decision_row_per_name(tmp_path):
    code, rows = run(
        tmp_path,
        "source,name,org,record_id\nlitellm,azure/gpt-4o-2024-08-06,azure,\n"
        "epoch_src:hle,GPT-4o (August 2024),,\n",
    )
    assert code == 0
    assert list(rows[0]) == list(COLUMNS)
    assert {r["model_id"] for r in rows} == {"gpt-4o-2024-08-06"}
    assert {r["status"] for r in rows} == {"auto"}


def test_record_id_is_optional_and_a_byte_order_mark_is_fine(tmp_path):
    code, rows = run(tmp_path, b"\xef\xbb\xbfsource,name,org\naider,o3 (high),\n")
    assert (code, rows[0]["variant"]) == (0, "high")


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 10_000, "\x01\x02\x03", "\u202e\u200b", "\N{DOLPHIN}", "---", "()"]
)
def test_names_that_are_none_are_unmatched(tmp_path, name):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([["source", "name", "org"], ["aider", name, ""]])
    code, rows = run(tmp_path, text.getvalue())
    assert code == 0
    assert (rows[0]["status"], rows[0]["model_id"]) == ("unmatched", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("source,model,org\na,b,c\n", "lacks name"),
        ("", "lacks source, name, org"),
        (b"source,name,org\naider,caf\xe9,\n", "not UTF-8"),
        (b"\xff\xfes\x00o\x00", "not UTF-8"),
    ],
)
def test_input_that_cannot_be_read_is_one_clear_line(tmp_path, capsys, content, message):
    code, rows = run(tmp_path, content)
    error = capsys.readouterr().err
    assert (code, rows) == (2, [])
    assert message in error
    assert error.count("\n") == 1


def test_short_and_long_rows_do_not_break_it(tmp_path):
    code, rows = run(tmp_path, "source,name,org\naider\naider,o3,,extra,cells\n")
    assert code == 0
    assert {r["name"] for r in rows} == {"", "o3"}


@pytest.mark.parametrize("target", ["missing.csv", "."])
def test_a_missing_file_or_a_folder_is_one_clear_line(tmp_path, capsys, target):
    assert main([str(tmp_path / target)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_runs_as_a_module(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("source,name,org\naider,o3 (high),\naider,o3,\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "matching", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len({r["model_id"] for r in rows}) == 1


def test_bad_options_are_one_clear_line(tmp_path, capsys):
    path = tmp_path / "names.csv"
    path.write_text("source,name,org\naider,o3,\n", encoding="utf-8")
    broken = tmp_path / "broken.csv"
    broken.write_text("source,model\na,b\n", encoding="utf-8")
    for options in (
        ["--as-of", "yesterday"],
        ["--registry", str(broken)],
        ["--registry", str(tmp_path / "none.json")],
        ["--overrides", str(broken)],
        ["--vocabulary", str(tmp_path)],
    ):
        assert main([str(path), *options]) == 2
        assert capsys.readouterr().err.count("\n") == 1


FORMULAS = [
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "@a/SUM(1)",
    "@x",
    "\t=1",
    "\r=1",
    "＝1",
    "'=1",
    "''-x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_obey_is_guarded_and_comes_back(text):
    cell = guarded(text)
    assert cell == f"'{text}"
    assert restored(cell) == text


@pytest.mark.parametrize(
    "text", ["", "-1", "+1.5", "-2.5e-3", "@cf/meta/llama-3-8b", "'quoted'", "o3 (=x)"]
)
def test_numbers_and_other_texts_stay_as_they_are(text):
    assert guarded(text) == restored(text) == text


@given(st.text(alphabet="'=+-@\t\r＝1.e a"))
def test_every_text_comes_back_from_its_cell(text):
    assert restored(guarded(text)) == text


def test_the_csv_of_names_holds_no_formula(tmp_path):
    content = io.StringIO()
    rows = [["aider", text, text] for text in FORMULAS]
    csv.writer(content).writerows([["source", "name", "org"], *rows])
    _, rows = run(tmp_path, content.getvalue())
    assert {restored(row["name"]) for row in rows} == set(FORMULAS)
    for row in rows:
        assert not any(cell[:1] in ("=", "+", "@", "\t", "\r") for cell in row.values())
        assert 0 <= float(row["score"]) <= 1


def test_why_a_text_is_no_name_is_said(tmp_path):
    _, rows = run(tmp_path, "source,name,org\naider,null,\naider,7b,\naider,gpt-4o-2024-08-06,\n")
    reasons = {row["name"]: row["reason"] for row in rows}
    assert reasons == {
        "null": "a word for nothing",
        "7b": "no word of its own",
        "gpt-4o-2024-08-06": "",
    }


def matching(folder, redirect="", env=None, name="имена.csv"):
    """Run the module on a file of three names, with a redirection of the shell."""
    path = folder / name
    path.write_text("source,name,org\naider,o3 (high),\naider,клод \x1b[31m,\n", encoding="utf-8")
    return subprocess.run(
        ["sh", "-c", f'"$0" -m matching "$1" {redirect}', sys.executable, str(path)],
        cwd=ROOT,
        env=os.environ | (env or {}),
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirect", "status", "lines"),
    [
        (">/dev/full", 1, 1),
        ("2>/dev/full", 0, 0),
        (">/dev/full 2>&1", 1, 0),
        ("2>&-", 0, 0),
        ("| head -c 1", 0, 0),
    ],
)
def test_streams_that_are_full_or_gone_are_one_line_at_most(tmp_path, redirect, status, lines):
    done = matching(tmp_path, redirect)
    notes = [x for x in done.stderr.decode().splitlines() if "semantic" not in x]
    assert (done.returncode, len(notes)) == (status, lines)
    assert all("No space left on device" in note for note in notes)


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "C"],
)
def test_a_poor_locale_changes_nothing_in_the_csv(tmp_path, env):
    assert matching(tmp_path, env=env).stdout == matching(tmp_path).stdout
    done = matching(tmp_path, env=env, redirect='"$1.no"')
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


def test_a_path_that_steers_the_terminal_is_shown_as_escapes(tmp_path, capsys):
    assert main([str(tmp_path / "a\x1b[31m\nb.csv")]) == 2
    error = capsys.readouterr().err
    assert (error.count("\n"), "\x1b" in error, r"a\x1b[31m" in error) == (1, False, True)


def test_scores_are_the_parameters_given(tmp_path):
    names = "source,name,org\nepoch_src:hle,GPT-4o (August 2024),\n"
    shipped = (ROOT / "seeds" / "scoring_parameters.csv").read_text(encoding="utf-8")
    changed = tmp_path / "parameters.csv"
    changed.write_text(shipped.replace("grammar_score,0.97", "grammar_score,0.93"))
    scores = [run(tmp_path, names, *o)[1][0]["score"] for o in ((), ("--parameters", str(changed)))]
    assert scores == ["0.9700", "0.9300"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("grammar_score,0.97", "grammar_score,high"), "no table of parameters"),
        (("matching,grammar_score", "matching,gramar_score"), "matching.gramar_score"),
    ],
)
def test_parameters_that_cannot_be_read_are_one_line(tmp_path, capsys, change, message):
    shipped = (ROOT / "seeds" / "scoring_parameters.csv").read_text(encoding="utf-8")
    (tmp_path / "parameters.csv").write_text(shipped.replace(*change))
    code, _ = run(
        tmp_path, "source,name,org\na,b,\n", "--parameters", str(tmp_path / "parameters.csv")
    )
    printed = capsys.readouterr().err
    assert code == 2
    assert message in printed
    assert printed.count("\n") == 1
