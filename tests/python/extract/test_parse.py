"""Bytes to records: nothing lost, bad rows kept with what is wrong, bad files refused."""

import json

import pytest
from extract_helpers import entity_of, keyed, records_in, taken

from extract.parse import ParseError, canonical, decode, make_record


def keys_of(entity, fields):
    return [key for key, _ in keyed(entity, [make_record(f) for f in fields])]


LIST = entity_of(records="data[]", key=["id"])
CSV = entity_of(format="csv", key=["model"])


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("[]", [{"id": 1}], [{"id": 1}]),
        ("data[]", {"data": [{"id": 1}], "x": 2}, [{"id": 1}]),
        ("{route}", {"a": {"id": 1}}, [{"id": 1, "_route": "a"}]),
        (
            "{provider}.models.{model}",
            {"p": {"id": "p", "models": {"m": {"id": 1}}}},
            [{"id": 1, "_provider": "p", "_model": "m"}],
        ),
        ("output.rows[]", {"output": {"rows": [{"id": 1}], "text": "x"}}, [{"id": 1}]),
    ],
)
def test_paths_lead_to_the_records(path, value, expected):
    entity = entity_of(records=path, key=["id"])
    assert records_in(entity, json.dumps(value).encode()) == expected


def test_plain_values_land_under_a_captured_name():
    entity = entity_of(records="{category}[]", value="task", key=["_category", "_task"])
    assert records_in(entity, b'{"Coding": ["a", "b"]}') == [
        {"_category": "Coding", "_task": "a"},
        {"_category": "Coding", "_task": "b"},
    ]


@pytest.mark.parametrize(
    "number",
    [
        "1.000000000000000000000000000001",
        "123456789012345678901234567890",
        "1e999",
        "1e-400",
        "0.1",
        "-7e-07",
        "9" * 6000,
    ],
)
def test_numbers_keep_their_value_to_the_last_digit(number):
    text = canonical(decode(f'{{"n": {number}}}'.encode(), "json").value)
    kept = text.removeprefix('{"n":').removesuffix("}")
    assert kept == number or (len(number) < 16 and float(kept) == float(number) != 0)


@pytest.mark.parametrize(
    "text",
    ["\0num:1", "\0num:", "\0num:abc", '"\0num:1', "\\u0000num:1", '"\\u0000num:1"', "number 1"],
)
def test_text_that_looks_like_a_mark_for_numbers_stays_text(text):
    document = json.dumps({"data": [{"id": text, text: [text], "n": 1e-400}]})
    document = document.replace("0.0", "1e-400")
    _, (record,) = taken(LIST, decode(document.encode(), "json"))
    assert json.loads(record.text, parse_float=str) == {"id": text, text: [text], "n": "1e-400"}
    assert '"n":1e-400' in record.text
    assert keyed(LIST, [record]) == [(text, record)]


def test_half_a_surrogate_pair_beside_a_long_number_leaves_the_number():
    _, (record,) = taken(LIST, decode(b'{"data":[{"id":"\\ud800","n":1e-400}]}', "json"))
    assert '"id":"\ufffd","n":1e-400' in record.text


def test_nan_and_infinity_become_strings():
    value = decode(b'[{"a": NaN, "b": Infinity, "c": -Infinity}]', "json").value
    assert value == [{"a": "NaN", "b": "Infinity", "c": "-Infinity"}]


def test_a_bom_and_windows_line_ends_do_not_show():
    data = "\ufeffmodel,score\r\ngpt-4,1\r\nклод,2\r\n".encode()
    assert records_in(CSV, data) == [
        {"model": "gpt-4", "score": "1"},
        {"model": "клод", "score": "2"},
    ]


def test_cells_keep_their_spaces_quotes_and_line_breaks():
    data = b'model,score\n" a ","1\n2 ""x"""\n'
    assert records_in(CSV, data) == [{"model": " a ", "score": '1\n2 "x"'}]


def test_yaml_scalars_are_strings():
    entity = entity_of(format="yaml", records="[]", key=["model"])
    data = b"- model: a\n  commit: 1234567\n  date: 2024-05-01\n  sexagesimal: 1:30\n  on: yes\n"
    assert records_in(entity, data) == [
        {
            "model": "a",
            "commit": "1234567",
            "date": "2024-05-01",
            "sexagesimal": "1:30",
            "on": "yes",
        }
    ]


def test_a_row_with_a_wrong_number_of_cells_lands_with_its_error():
    found, records = taken(CSV, decode(b"model,a,b\nx,1,2\ny,1\nz,1,2,3\n", "csv"))
    assert found.errors == 2
    assert records[1].fields == {
        "model": "y",
        "_error": "line 3 has 2 cells, the header has 3",
        "_row": 2,
        "_cells": ["y", "1"],
    }
    assert records[2].fields["_cells"] == ["z", "1", "2", "3"]


def test_null_and_other_rows_that_are_no_objects_land_with_their_error():
    found, records = taken(LIST, decode(b'{"data": [{"id": "a"}, null, "x", [1]]}', "json"))
    assert found.errors == 3
    assert [r.fields.get("_error") for r in records] == [
        None,
        "expected an object with fields, found null",
        "expected an object with fields, found text",
        "expected an object with fields, found a list",
    ]
    assert [r.fields.get("_row") for r in records] == [None, 2, 3, 4]
    assert records[2].fields["_value"] == "x"


def test_a_provider_without_models_is_one_bad_record():
    entity = entity_of(records="{provider}.models.{model}", key=["_provider", "_model"])
    _, records = taken(entity, decode(b'{"p": {"models": {"m": {"a": 1}}}, "q": {}}', "json"))
    assert [("_error" in r.fields, r.fields["_provider"]) for r in records] == [
        (False, "p"),
        (True, "q"),
    ]


def test_half_a_surrogate_pair_is_replaced_and_said():
    (record,) = records_in(LIST, b'{"data": [{"id": "a\\ud83d"}]}')
    assert record["id"] == "a\ufffd"
    assert "surrogate" in record["_error"]


def test_a_record_in_which_a_name_stands_with_two_values_says_so():
    data = b'{"data": [{"id": 1, "in": [{"id": 2, "id": 3}]}, {"id": 4, "id": 4}]}'
    found, records = taken(LIST, decode(data, "json"))
    assert found.errors == 2
    assert found.envelope["_repeated_names"] == ["id", "id"]
    doubtful, plain = (r.fields for r in records)
    assert doubtful["_error"] == "the name 'id' stands in it with two values"
    assert (doubtful["id"], plain) == (1, {"id": 4})


def test_a_record_whose_name_stands_again_lands_beside_the_one_that_counts():
    entity = entity_of(records="{route}", key=["_route"])
    data = b'{"a": {"v": 1}, "a": {"v": 2}, "b": {"v": 3}, "b": {"v": 3}}'
    first, a, b = (r.fields for r in taken(entity, decode(data, "json"))[1])
    assert (a, b) == ({"_route": "a", "v": 2}, {"_route": "b", "v": 3})
    assert (first["_route"], first["_value"]) == ("a", {"v": 1})
    assert "stands again" in first["_error"]


def test_names_that_repeat_outside_of_the_records_are_counted():
    found, records = taken(LIST, decode(b'{"data": [{"id": 1}], "data": [{"id": 2}]}', "json"))
    assert ([r.fields for r in records], found.errors) == ([{"id": 2}], 1)
    assert found.envelope["_repeated_names"] == ["data"]


def test_omitted_names_are_counted_not_landed():
    entity = entity_of(records="{route}", key=["_route"], omit=["sample_spec"])
    found, records = taken(entity, decode(b'{"sample_spec": {"b": 1}, "a": {"b": 1}}', "json"))
    assert ([r.fields for r in records], found.skipped) == ([{"_route": "a", "b": 1}], 1)


def test_a_name_with_nothing_in_it_is_counted_not_landed():
    entity = entity_of(records="{route}", key=["_route"])
    found, records = taken(entity, decode(b'{"x": {}, "a": {"b": 1}}', "json"))
    assert ([r.fields for r in records], found.skipped) == ([{"_route": "a", "b": 1}], 1)


def test_small_fields_beside_the_records_are_the_envelope():
    data = {
        "tier": "free",
        "data": [{"id": 1}],
        "prose": "x" * 300,
        "others": [1],
        "page": {"n": 1},
    }
    document = decode(json.dumps(data).encode(), "json")
    found, _ = taken(LIST, document, roots=frozenset({"others"}))
    assert found.envelope == {"tier": "free", "page": {"n": 1}}
    assert found.skipped == 1


def test_when_and_unless_choose_the_entity():
    old = entity_of(records="data[]", key=["id"], unless=["pagination"])
    new = entity_of(records="data[]", key=["id"], when=["pagination"])
    legacy = decode(b'{"data": [{"id": 1}]}', "json")
    current = decode(b'{"data": [{"id": 1}], "pagination": {}}', "json")
    assert [taken(e, d)[0] is None for e in (old, new) for d in (legacy, current)] == [
        False,
        True,
        True,
        False,
    ]


def test_names_captured_from_the_file_name_are_in_every_record():
    entity = entity_of(format="csv", key=["_release", "model"], file_name="table_{release}.csv")
    (record,) = records_in(entity, b"model,a\nx,1\n", "table_2026_01_08.csv")
    assert record == {"model": "x", "a": "1", "_release": "2026_01_08"}


def test_an_optional_part_may_be_missing():
    entity = entity_of(records="output.rows[]", key=["id"], when=["output"], optional="true")
    found, records = taken(entity, decode(b'{"output": {"a": "prose", "b": []}}', "json"))
    assert (records, found.skipped) == ([], 2)


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("entity", "data", "message"),
    [
        (LIST, b"", "the file is empty"),
        (LIST, b" \n", "the file is empty"),
        (LIST, b"\xff\xfe{", "not UTF-8 text at byte 1"),
        (LIST, b'{"data": [{"id": 1}', "line 1, column 20.*ends too early"),
        (LIST, b'{"data": [{"id": 1},]}', "not valid JSON at line 1, column 2"),
        (LIST, b"<!DOCTYPE html><html>", "a web page, not data"),
        (LIST, b'{"data": []}', "holds no things"),
        (LIST, b'{"error": "gone"}', "no field 'data' .found 'error'"),
        (LIST, b"[1]", "expected an object, found a list"),
        (LIST, b"null", "expected an object, found null"),
        (LIST, b'{"data": {"id": 1}}', "expected a list, found an object"),
        (LIST, b'{"data": [{"name": 1}]}', "none of its 1 things has the field 'id'"),
        (LIST, b'{"data": [null, 5]}', "none of its things can be read: expected an object"),
        (LIST, DEEP, "nested too deeply"),
        (CSV, b"model,a\n", "holds no things"),
        (CSV, b"name,a\nx,1\n", "line 1: no column 'model' .found 'name', 'a'"),
        (CSV, b"model,a,b\nx,1,2\ny,1", "line 3, the last, has no line end"),
        (CSV, b"model,a,b\nx,1,2\ny,1,2", "line 3, the last, has no line end"),
        (CSV, b"model,a,a\nx,1,2\n", "line 1: the column 'a' stands twice"),
        (CSV, b'model,a\nx,"1\n', "not valid CSV at line 2: unexpected end of data"),
        (
            entity_of(format="yaml", records="[]", key=["m"]),
            b"- m: [a\n- b",
            "valid YAML at line 3, column 1",
        ),
        (entity_of(format="yaml", records="[]", key=["m"]), b"- m: &a x\n- m: *a\n", "aliases"),
        (entity_of(format="yaml", records="[]", key=["m"]), b"m: x\n", "expected a list"),
    ],
)
def test_a_bad_file_is_refused_with_what_and_where(entity, data, message):
    with pytest.raises(ParseError, match=message) as caught:
        taken(entity, decode(data, entity.format))
    assert "\n" not in str(caught.value)


def test_records_are_known_by_key_then_fallback_then_hash():
    entity = entity_of(records="[]", key=["_file", "id"], key_or=[["ID"]], file_name="{file}")
    by_hash = make_record({"_file": "f", "id": " "})
    fields = [{"_file": "f", "id": 7}, {"_file": "f", "ID": "x"}, by_hash.fields]
    assert sorted(keys_of(entity, fields)) == ["f|7", f"sha256:{by_hash.hash}", "x"]


def test_parts_of_a_key_cannot_run_into_each_other():
    entity = entity_of(records="[]", key=["a", "b"])
    fields = [{"a": "x|y", "b": "z"}, {"a": "x", "b": "y|z"}]
    assert sorted(keys_of(entity, fields)) == ["x\\|y|z", "x|y\\|z"]


def test_the_hash_does_not_depend_on_the_order_of_fields():
    assert make_record({"a": 1, "b": [2]}).hash == make_record({"b": [2], "a": 1}).hash
    assert make_record({"a": 1, "b": "ü"}).text == '{"a":1,"b":"ü"}'
