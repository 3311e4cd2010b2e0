"""Finding the files of a source in folders and archives."""

import io
import os
import zipfile
from datetime import UTC, date, datetime

import pytest
from extract_helpers import entry_of, write_catalog

from extract.archive import unpack
from extract.catalog import load_catalog
from extract.files import FetchError, SourceFile, date_in, without_query
from extract.folder import read_folder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTITY = {
    "entity": "rows",
    "files": ["*.csv"],
    "format": "csv",
    "key": ["model"],
    "complete": "yes",
}


@pytest.fixture
def make_source(tmp_path):
    def make(**fields):
        (source,) = load_catalog(write_catalog(tmp_path, entry_of([ENTITY], **fields)))
        return source

    return make


def zip_of(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prices_2026-11-23.json", date(2026, 11, 23)),
        ("table_2026_01_08.csv", date(2026, 1, 8)),
        ("2026-04-19", date(2026, 4, 19)),
        ("v2_2026-13-45_2026-01-02.json", date(2026, 1, 2)),
        ("x_2026-01_02.json", None),
        ("12026-01-022.json", None),
        ("models.json", None),
    ],
)
def test_the_date_in_a_name(name, expected):
    assert date_in(name) == expected


def test_a_folder_gives_declared_files_with_their_dates_and_reports_the_rest(make_source, tmp_path):
    folder = tmp_path / "things"
    for name in ("a_2026-01-02.csv", "2026-02-03/b.csv", "2026-02-03/c.txt", "other/d.csv", "e.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("model\nx\n")
    found = read_folder(make_source(), folder)
    assert [(f.location, f"{f.observed_at:%F}") for f in found.files] == [
        ("2026-02-03/b.csv", "2026-02-03"),
        ("a_2026-01-02.csv", "2026-01-02"),
    ]
    assert sorted(found.undeclared) == ["2026-02-03/c.txt", "e.md", "other/"]


def test_a_release_in_a_name_is_no_day_of_observation(tmp_path):
    livebench = {source.id: source for source in load_catalog()}["livebench"]
    names = ("table_2026_01_08.csv", "2026-11-05/table_2026_01_08.csv")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("model\nx\n")
    found = read_folder(livebench, tmp_path, date(2026, 12, 1))
    assert {f.location: f"{f.observed_at:%F}" for f in found.files} == {
        names[0]: "2026-12-01",
        names[1]: "2026-11-05",
    }


def test_undated_files_belong_together_and_take_the_latest_change(make_source, tmp_path):
    folder = tmp_path / "things"
    folder.mkdir()
    for name, day in (("a.csv", 5), ("b.csv", 9)):
        (folder / name).write_text("model\nx\n")
        changed = datetime(2026, 1, day, 23, 59, tzinfo=UTC).timestamp()
        os.utime(folder / name, (changed, changed))
    expected = {datetime(2026, 1, 9, tzinfo=UTC)}
    assert {f.observed_at for f in read_folder(make_source(), folder).files} == expected
    declared = read_folder(make_source(), folder, date(2025, 5, 5))
    assert {f.observed_at for f in declared.files} == {datetime(2025, 5, 5, tzinfo=UTC)}


def test_a_folder_that_is_a_file_is_refused(make_source, tmp_path):
    (tmp_path / "things").write_text("x")
    with pytest.raises(FetchError, match="is no folder"):
        read_folder(make_source(), tmp_path / "things")


def test_members_of_an_archive_are_read_as_if_they_lay_beside_it(make_source, tmp_path):
    folder = tmp_path / "things"
    folder.mkdir()
    content = zip_of({"data/a.csv": "model\nx\n", "../../b.csv": "model\ny\n", "README.md": "x"})
    (folder / "all_2026-01-02.zip").write_bytes(content)
    found = read_folder(make_source(archives=["*.zip"]), folder)
    assert [(f.name, f.data) for f in found.files] == [
        ("a.csv", b"model\nx\n"),
        ("b.csv", b"model\ny\n"),
    ]
    assert found.files[0].observed_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert found.undeclared == ["all_2026-01-02.zip/README.md"]
    assert not list(tmp_path.rglob("b.csv"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zip_of({"a.csv": "x" * 300})[:-30], "not a whole zip file"),
        (b"PK", "not a whole zip file"),
        (zip_of({f"{n}.csv": "x" for n in range(4)}), "4 files in the archive, more than the 3"),
        (zip_of({"a.csv": b"\0" * 3_000_000}), "more than 2 MB unpacked"),
        (zip_of({"a/x.csv": "1", "b/x.csv": "2"}), "two files named x.csv"),
    ],
    # An archive holds the time of its making: named by their bytes, tests would change their names.
    ids=["cut_off", "no_archive", "many_files", "large_file", "equal_names"],
)
def test_a_broken_or_boundless_archive_is_refused(make_source, data, message):
    live = {"none": "x", "max_members": "3", "max_unpacked_mb": "2"}
    with pytest.raises(FetchError, match=message):
        unpack(make_source(live=live), SourceFile("all.zip", "all.zip", data, NOW), data)


def test_addresses_are_shown_without_user_password_and_query():
    assert without_query("https://u:p@h.org:8/a/b.csv?k=v#f") == "https://h.org:8/a/b.csv"
