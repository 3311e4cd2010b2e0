"""The catalog: the shipped one is whole, and every kind of mistake in one gets a clear line."""

import pytest
import yaml
from extract_helpers import entry_of, write_catalog

from extract.catalog import CatalogError, Step, load_catalog

ENTITY = {
    "entity": "rows",
    "files": ["*.json"],
    "format": "json",
    "records": "[]",
    "key": ["id"],
    "complete": "yes",
}

LISTED = {"listed_in": "seeds/benchmarks/epoch_columns.csv", "file": "file", "any_of": ["x"]}

SOURCES = [
    "static_registry",
    "litellm",
    "models_dev",
    "openrouter",
    "trun",
    "epoch",
    "llm_stats",
    "open_llm_leaderboard",
    "evalplus",
    "livecodebench",
    "livebench",
    "aider",
    "bigcodebench",
    "eqbench_creative",
    "artificial_analysis",
]


def test_the_shipped_catalog_names_every_source_and_not_the_validation_board():
    sources = load_catalog()
    assert [source.id for source in sources] == SOURCES
    assert all(source.attribution and source.licence for source in sources)


def test_only_a_source_that_needs_a_key_names_a_variable():
    assert [source.id for source in load_catalog() if source.auth_env] == ["artificial_analysis"]


def test_yes_and_dates_stay_what_they_are():
    sources = {source.id: source for source in load_catalog()}
    assert sources["litellm"].entities[0].complete == "yes"
    assert sources["livebench"].live.releases[0] == "2026_01_08"


def test_a_path_is_read_into_steps(tmp_path):
    entity = ENTITY | {"records": "{provider}.models.{model}", "key": ["_provider", "_model"]}
    (source,) = load_catalog(write_catalog(tmp_path, entry_of([entity])))
    assert source.entities[0].records == (
        Step("capture", "provider"),
        Step("field", "models"),
        Step("capture", "model"),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": None}, "source 'things', entities 'rows': the field 'key' is missing"),
        ({"keys": ["id"]}, "unknown field 'keys'"),
        ({"format": "xml"}, "format: 'xml' is none of json, csv, yaml"),
        ({"complete": "no"}, "complete: 'no' is none of yes, file, page, release"),
        ({"records": "data[0]"}, "records: cannot read 'data.0.'"),
        ({"records": "data"}, "no list or object to take records from"),
        ({"records": "{Model Name}"}, "cannot read '{Model Name}'"),
        ({"key": ["_route"]}, "key: nothing captures '_route'"),
        ({"key": "id"}, "key: expected a list with at least one item"),
        ({"key": []}, "key: expected a list with at least one item"),
        ({"format": "csv"}, "a CSV needs no 'records'"),
        ({"optional": "perhaps"}, "optional: 'perhaps' is none of true, false"),
        ({"entity": "Rows"}, "may hold only a-z, 0-9 and _"),
        ({"records": "{a}.x.{a}", "key": ["_a"]}, "captured name 'a' appears twice"),
        ({"records": "{a}[]", "value": "b"}, "plain values .'value'. have no fields to require"),
        ({"records": ["a"]}, "records: expected text, found a list"),
        (
            {"files": ["a", ""]},
            "^sources.yml, source 'things', entities 'rows', files 2: expected text",
        ),
        ({"key_or": [[]]}, "key_or 1: expected a list with at least one item"),
        (
            {"complete": "file"},
            "'complete: file' needs the file's name, captured, first in its key",
        ),
        ({"columns": "x.csv"}, "columns: expected fields with values, found text"),
        ({"columns": LISTED | {"any_of": "x"}}, "columns, any_of: expected a list"),
        ({"columns": LISTED | {"listed_in": "x.csv"}}, "columns: x.csv cannot be read"),
        ({"columns": LISTED | {"file": "x"}}, "columns: epoch_columns.csv has no column 'x'"),
    ],
)
def test_a_mistake_in_an_entity_is_named_in_one_line(tmp_path, change, message):
    entity = {name: value for name, value in (ENTITY | change).items() if value is not None}
    expect(tmp_path, [entry_of([entity])], message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": "gossip"}, "source 'things', layer: 'gossip' is none of"),
        ({"licence": ""}, "licence: expected text, found nothing"),
        ({"ttl_hours": "soon"}, "ttl_hours: expected a whole number above 0, found 'soon'"),
        ({"ttl_hours": "-1"}, "ttl_hours: expected a number above 0"),
        ({"ttl_hours": "1.5"}, "ttl_hours: expected a whole number above 0, found '1.5'"),
        ({"live": {}}, "live: give either 'urls' or 'none'"),
        ({"live": {"urls": ["ftp://x/y"]}}, "'ftp://x/y' is not an http or https address"),
        ({"live": {"urls": ["https://x/"]}}, "the address names no file"),
        ({"live": {"urls": [""]}}, "live, urls 1, url: expected text, found nothing"),
        ({"live": {"urls": [{"file": "x"}]}}, "live, urls 1: the field 'url' is missing"),
        ({"live": {"urls": ["https://x/y"], "unpack": "rar"}}, "unpack: 'rar' is none of zip"),
        (
            {"live": {"none": "x", "max_mb": ["5"]}},
            "max_mb: expected a number above 0, found a list",
        ),
        ({"live": {"none": "x", "tries": "0"}}, "tries: expected a number above 0, found '0'"),
        ({"live": {"none": "x", "max_mb": "nan"}}, "max_mb: expected a number above 0"),
        ({"live": "yes"}, "live: expected fields with values"),
        ({"entities": []}, "entities: expected a list"),
        ({"entities": [ENTITY, ENTITY]}, "entity 'rows' appears twice"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"snapshot": {"observed_on": "May"}}, "observed_on: 'May' is not a date"),
        ({"snapshot": {"keep": {"columns": ["id"]}}}, "keep: there is no entity 'columns'"),
        ({"snapshot": {"keep": {"rows": "id"}}}, "snapshot, keep, rows: expected a list"),
        ({"snapshot": {"rows": {"file": "f"}}}, "snapshot, rows: the field 'column' is missing"),
    ],
)
def test_a_mistake_in_a_source_is_named_in_one_line(tmp_path, change, message):
    expect(tmp_path, [entry_of([ENTITY]) | change], message)


def test_a_source_id_may_not_repeat(tmp_path):
    expect(tmp_path, [entry_of([ENTITY]), entry_of([ENTITY])], "source id 'things' appears twice")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: [", "not valid YAML at line 1"),
        ("", "expected fields with values, found nothing"),
        ("[]", "expected fields with values, found a list"),
        ("sources: 5", "expected a list"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused(tmp_path, text, message):
    path = tmp_path / "sources.yml"
    path.write_text(text)
    with pytest.raises(CatalogError, match=message):
        load_catalog(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CatalogError, match="cannot be read"):
        load_catalog(tmp_path / "sources.yml")


def expect(folder, entries, message):
    with pytest.raises(CatalogError, match=message) as caught:
        load_catalog(write_catalog(folder, *yaml.safe_load(yaml.safe_dump(entries))))
    assert "\n" not in str(caught.value)
