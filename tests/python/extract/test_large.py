"""Large files: the same records and the same faults as where all of a file is held."""

import json

import pytest
from extract_helpers import entity_of, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract import large, parse
from extract.large import OnDisk, read_or_leave
from extract.parse import ParseError, decode

PATHS = ["[]", "data[]", "{route}", "{provider}.models.{model}", "data.rows[]", "{a}[]"]

texts = st.sampled_from(["", "a", "b", "data", "models", "rows", "ü", "\U0001f600", "x" * 40])
numbers = st.sampled_from(["0", "-0", "1.10", "1E5", "1e-400", "9" * 25, "0.1", "NaN", "-Infinity"])
scalars = st.one_of(
    numbers,
    st.sampled_from(["null", "true", '"\\ud800"', '"\\u00fc\\n"', '"\\ud83d\\ude00"']),
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
)
space = st.sampled_from(["", " ", "\n", "\r\n  "])


def containers(inner):
    members = st.tuples(texts.map(json.dumps), space, inner).map(lambda m: f"{m[0]}{m[1]}:{m[2]}")
    lists = st.tuples(space, st.lists(inner, max_size=5), space)
    objects = st.tuples(space, st.lists(members, max_size=5), space)
    return st.one_of(
        lists.map(lambda x: f"[{x[0]}{f',{x[2]}'.join(x[1])}{x[2]}]"),
        objects.map(lambda x: f"{{{x[0]}{f',{x[2]}'.join(x[1])}{x[2]}}}"),
    )


documents = st.recursive(scalars, containers, max_leaves=25)


def outcome(data, entity, roots=frozenset()):
    """What comes of a file: its records with what is said beside them, or the fault."""
    try:
        found, records = taken(entity, decode(data, entity.format), roots=roots)
    except ParseError as error:
        return str(error)
    return found, records


def both(monkeypatch, data, entity, piece, roots=frozenset()):
    """The outcome of a file that is held, and of the same file piece by piece."""
    held = outcome(data, entity, roots)
    with monkeypatch.context() as patch:
        patch.setattr(parse, "size_of", lambda data: large.HELD + 1)
        patch.setattr(large, "PIECE", piece)
        return held, outcome(data, entity, roots)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=documents,
    path=st.sampled_from(PATHS),
    piece=st.integers(1, 60),
    cut=st.integers(0, 60),
    bom=st.booleans(),
)
def test_pieces_of_any_size_give_what_the_whole_gives(monkeypatch, text, path, piece, cut, bom):
    """Also of documents that break off or have something in the middle that does not belong."""
    entity = entity_of(records=path, key=["id"], require=["a"])
    for damaged in (text, text[: len(text) - cut], text[:cut] + "]" + text[cut:], text + " x"):
        data = damaged.encode("utf-8-sig" if bom else "utf-8")
        held, pieces = both(monkeypatch, data, entity, piece)
        assert pieces == held


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 20, 64])
@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,2\n3,4\n",
        b'\xef\xbb\xbfa,b\r\n1,"x\r\ny"\r\n\r\n3\r\n',
        b"a,b\n1,2\n3,4",
        b"a,a\n1,2\n",
        b'a,b\n1,"2\n',
        b"c,b\n1,2\n",
        b"a,b\n",
        "a,b\nü,\U0001f600\n".encode(),
        b"a,b\n1,\xff\n",
        b"\xef\xbb\xbfa,b\n1,2\n3,\xfc\n",
        b"a,b\n1,\xe2\x82",
        b" \n \n",
        b"<!doctype html><p>",
    ],
)
def test_a_csv_gives_what_the_whole_gives(monkeypatch, data, piece):
    held, pieces = both(monkeypatch, data, entity_of(format="csv", key=["a"]), piece)
    assert pieces == held


@pytest.mark.parametrize("piece", [1, 5, 16, 1000])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("{route}", '{"a": {"v": 1}, "b": {"v": 2}, "a": {"v": 3}, "b": {"v": 2}, "c": {}}'),
        ("data[]", '{"data": [{"id": 1}], "x": 5, "data": [{"id": 2}, {"id": 3, "id": 4}]}'),
        ("data[]", '{"page": {"n": 1}, "others": [1, 2, 3], "data": [{"id": [[1, 2], {}]}, 5]}'),
        ("data[]", '{"data": [{"id": 1}]} {}'),
        ("[]", "[" * 100_000),
        ("[]", '[{"a": "' + "x" * 5000),
        ("[]", '[{"a": 123456789012345678901234567890123456789012345678901234567890}]'),
    ],
)
def test_repeats_siblings_and_faults_are_those_of_the_whole(monkeypatch, path, text, piece):
    entity = entity_of(records=path, key=["id"])
    roots = frozenset({"others"})
    held, pieces = both(monkeypatch, text.encode(), entity, piece, roots)
    assert pieces == held


def test_a_large_file_stays_on_disk_and_must_not_change(tmp_path, monkeypatch):
    path = tmp_path / "rows.json"
    path.write_text("[" + ",".join(f'{{"id": {n}}}' for n in range(1000)) + "]")
    assert read_or_leave(path) == path.read_bytes()
    monkeypatch.setattr(large, "HELD", 100)
    monkeypatch.setattr(parse, "HELD", 100)
    monkeypatch.setattr(large, "PIECE", 50)
    data = read_or_leave(path)
    assert isinstance(data, OnDisk)
    entity = entity_of(records="[]", key=["id"])
    document = decode(data, "json")
    assert taken(entity, document)[0].count == 1000
    path.write_text("[]")
    for read in (lambda: decode(data, "json"), lambda: taken(entity, document)):
        with pytest.raises(ParseError, match="was changed while it was read: land it again"):
            read()
