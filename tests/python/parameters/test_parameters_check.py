"""Slips in parameter tables: each is found before anything is built, and told of in one line."""

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

import evidence.settings
import matching.settings
import scoring.settings
from evidence.settings import EvaluationSettings, RecencySettings
from matching.settings import MatchingSettings
from parameters import DeclarationError, ParameterError, check_seeds, find_faults, load_declarations
from parameters.agreements import ROUTE_ATTRIBUTES
from parameters.cells import COMPARISONS
from parameters.check import MOST_SHOWN
from scoring.settings import AnomalySettings, BasketSettings, FitSettings, RankSettings

ROOT = Path(__file__).parents[3]
SETTINGS = (
    AnomalySettings,
    BasketSettings,
    EvaluationSettings,
    FitSettings,
    MatchingSettings,
    RankSettings,
    RecencySettings,
)

PARAMETERS = "scoring_parameters.csv"
KAPPA_LINE = next(
    number
    for number, line in enumerate((ROOT / "seeds" / PARAMETERS).open(encoding="utf-8"), start=1)
    if line.startswith("basket,kappa,")
)
BASKETS = "categories/baskets.csv"
NAMES = "benchmarks/benchmark_names.csv"
FACTS = "attributes/stated_facts.csv"
PAGE = "https://example.org/m"
#: The line of a row that is added to the facts.
FACTS_END = (ROOT / "seeds" / FACTS).read_text(encoding="utf-8").count("\n") + 1


@pytest.fixture
def seeds(tmp_path) -> Path:
    return Path(shutil.copytree(ROOT / "seeds", tmp_path / "seeds"))


def swap(old: str, new: str) -> Callable[[str], str]:
    """A slip: one text, which stands there once, becomes another."""

    def slip(text: str) -> str:
        assert text.count(old) == 1, old
        return text.replace(old, new)

    return slip


def plus(line: str) -> Callable[[str], str]:
    return lambda text: text + line + "\n"


def without(start: str) -> Callable[[str], str]:
    return lambda text: "".join(ln for ln in text.splitlines(True) if not ln.startswith(start))


def faults_after(seeds: Path, file: str, slip: Callable[[str], str]) -> list[str]:
    path = seeds / file
    path.write_text(slip(path.read_text(encoding="utf-8")), encoding="utf-8")
    return [str(fault).removeprefix(f"{seeds}/") for fault in find_faults(seeds)]


def test_route_attributes_are_those_of_the_macro() -> None:
    macro = (ROOT / "macros" / "consistency.sql").read_text(encoding="utf-8")
    (listed,) = re.findall(r"macro route_attributes.*?return\(\[(.*?)\]\)", macro, re.DOTALL)
    assert tuple(re.findall(r"'(\w+)'", listed)) == ROUTE_ATTRIBUTES


def test_shipped_seeds_have_no_fault() -> None:
    assert find_faults(ROOT / "seeds") == []


# Renamed rows of the parameters that switch a check off, one of each that SQL reads.
@pytest.mark.parametrize(
    ("group", "name", "slip"),
    [
        ("quality", "max_anomaly_score", "max_anomaly_scores"),
        ("quality", "recent_loads", "recent_load"),
        ("validation", "release_tolerance_days", "release_tolerance_day"),
        ("consistency", "disagreement_z", "disagreements_z"),
    ],
)
def test_misspelt_parameter_is_named_with_what_is_missing(seeds, group, name, slip) -> None:
    found = faults_after(seeds, PARAMETERS, swap(f"{group},{name},", f"{group},{slip},"))
    assert len(found) == 2
    missing, misspelt = found
    assert missing.startswith(f"{PARAMETERS} ({group}, {name}): the row is missing")
    assert f" ({group}, {slip}): parameter: '{slip}'; allowed: the names declared" in misspelt
    assert misspelt.endswith(f"of which {name} is missing")


# (file, slip, what the only fault must say, or each of several)
SLIPS = {
    "parameter left out": (
        PARAMETERS,
        without("basket,kappa,"),
        "scoring_parameters.csv (basket, kappa): the row is missing; allowed: every declared row",
    ),
    "parameter twice": (
        PARAMETERS,
        plus("basket,kappa,4,evidence,again"),
        f"(basket, kappa): the row repeats that of line {KAPPA_LINE}; allowed: one row per",
    ),
    "parameter without value": (
        PARAMETERS,
        swap("basket,kappa,0.25,", "basket,kappa,,"),
        f":{KAPPA_LINE} (basket, kappa): value: empty; allowed: a number above 0",
    ),
    "parameter out of range": (
        PARAMETERS,
        swap("basket,ranked_confidence,0.5,", "basket,ranked_confidence,50,"),
        "(basket, ranked_confidence): value: '50'; allowed: a number from 0 on, up to 1",
    ),
    "fraction of a count": (
        PARAMETERS,
        swap("ranks,draws,1000,", "ranks,draws,1000.5,"),
        "(ranks, draws): value: '1000.5'; allowed: a whole number from 1 on",
    ),
    "unknown group": (
        PARAMETERS,
        plus("bask,kappa,0.25,evidence,x"),
        "(bask, kappa): parameter_group: 'bask'; allowed: matching, twins, recency, facts, fit",
    ),
    "a proposal as sure as a match": (
        PARAMETERS,
        swap("matching,review_score,0.85,", "matching,review_score,0.9,"),
        "(matching, review_score): value: '0.9'; allowed: a number below the parameter auto_score",
    ),
    "a line that ends otherwise": (
        BASKETS,
        swap("coding,humaneval,0.3\n", "coding,humaneval,0.3\r\n"),
        "baskets.csv:8: the line ends otherwise than the first; allowed: one kind of line end",
    ),
    "doubt beyond the threshold": (
        PARAMETERS,
        swap("anomaly,doubt_from,1.5,", "anomaly,doubt_from,3.5,"),
        "(anomaly, doubt_from): value: '3.5'; allowed: a number below the parameter threshold",
    ),
    **{
        f"basket weight {weight or 'empty'}": (
            BASKETS,
            swap("coding,humaneval,0.3", f"coding,humaneval,{weight}"),
            f"baskets.csv:8 (coding, humaneval): weight: {shown}; allowed: a number above 0",
        )
        for weight, shown in [
            ("-1", "'-1'"),
            ("0", "'0'"),
            ("NaN", "'NaN'"),
            ("inf", "'inf'"),
            ("1e999", "'1e999'"),
            ("0x1p3", "'0x1p3'"),
            ("1_0", "'1_0'"),
            ('"0,3"', "'0,3'"),
            ("", "empty"),
        ]
    },
    "basket of an unknown benchmark": (
        BASKETS,
        swap("coding,humaneval,", "coding,humanevall,"),
        "benchmark_id: 'humanevall'; allowed: a value of benchmark_definitions.benchmark_id",
    ),
    "basket of an unknown category": (
        BASKETS,
        plus("cooking,humaneval,1"),
        "(cooking, humaneval): category: 'cooking'; allowed: a value of categories.category",
    ),
    "basket of a composite index": (
        BASKETS,
        plus("coding,aa_coding_index,1"),
        "benchmark_id: 'aa_coding_index'; allowed: a benchmark that is no composite index",
    ),
    "category without basket": (
        BASKETS,
        without("math,"),
        "baskets.csv: category: no row for 'math'; allowed: a row or more for every value",
    ),
    "scale upside down": (
        NAMES,
        swap(
            "aider,edit:pass_rate_2,aider_edit,0,100,", "aider,edit:pass_rate_2,aider_edit,100,0,"
        ),
        "(aider, edit:pass_rate_2): scale_min: '100'; allowed: a number below scale_max (0)",
    ),
    "scale of no length": (
        NAMES,
        swap("aider,edit:pass_rate_2,aider_edit,0,100,", "aider,edit:pass_rate_2,aider_edit,1,1,"),
        "scale_min: '1'; allowed: a number below scale_max (1)",
    ),
    "unknown kind of evidence": (
        NAMES,
        swap(
            "aider,edit:pass_rate_2,aider_edit,0,100,independent,",
            "aider,edit:pass_rate_2,aider_edit,0,100,independant,",
        ),
        "evidence_kind: 'independant'; allowed: a value of evidence_kinds.evidence_kind",
    ),
    "used name without benchmark": (
        NAMES,
        swap("artificial_analysis,aa_lcr,aa_lcr,", "artificial_analysis,aa_lcr,,"),
        "(artificial_analysis, aa_lcr): benchmark_id: empty; allowed: a value of",
    ),
    "unknown unit of effect": (
        "categories/adjustments.csv",
        swap(
            "chat,speed_bonus,tokens_per_second,variant,15,300,",
            "chat,speed_bonus,tps,variant,15,300,",
        ),
        "attribute: 'tps'; allowed: a value of attribute_precedence.attribute",
    ),
    "adjustment upside down": (
        "categories/adjustments.csv",
        swap("variant,15,300,", "variant,300,15,"),
        "(chat, speed_bonus): low: '300'; allowed: a number from 0 on, below high (15)",
    ),
    "layers that sum to more than 1": (
        "sources/layers.csv",
        swap("benchmarks,0.4,", "benchmarks,0.5,"),
        "sources/layers.csv: layer_weight: sums to 1.1; allowed: a sum of 1",
    ),
    "misspelt validation rule": (
        "quality/validation_rules.csv",
        swap("below_floor,field,", "below_flor,field,"),
        [
            "(field, below_floor): the row is missing",
            "(field, below_flor): rule_id: 'below_flor'; allowed: the names declared",
        ],
    ),
    "misspelt field of a record": (
        "quality/record_fields.csv",
        swap("litellm,routes,input_price_usd_per_1m,", "litellm,routes,input_price_usd_per_m,"),
        "field: 'input_price_usd_per_m'; allowed: model_id, source_model_name",
    ),
    "kind of field without limits": (
        "quality/field_limits.csv",
        without("speed,"),
        "quality/field_limits.csv: kind: no row for 'speed'; allowed: a row for each",
    ),
    "bound of a misspelt measurement": (
        "scoring/evaluation_bounds.csv",
        swap("hold-out concordance,", "holdout concordance,"),
        "measurement: 'holdout concordance'; allowed: hold-out MAE (0-1)",
    ),
    "operand that nobody states": (
        "quality/consistency_rules.csv",
        swap("nano_at_most_mini,tiers,nano,mini,", "nano_at_most_mini,tiers,nanno,mini,"),
        "(nano_at_most_mini): left_operand: 'nanno'; allowed: full_size, or words for tiers",
    ),
    "rule for what it cannot judge": (
        "quality/consistency_rules.csv",
        swap("nano,mini,siblings,", "nano,mini,routes,"),
        "(nano_at_most_mini): applies_to: 'routes'; allowed: siblings for tiers",
    ),
    "no rule for releases": (
        "quality/consistency_rules.csv",
        swap("release_fits_id,releases,", "releases_fit_ids,releases,"),
        [
            "stated releases have no rule; allowed: a row release_fits_id",
            "(releases_fit_ids): kind: 'releases'; allowed: releases for release_fits_id",
        ],
    ),
    "release held to something else": (
        "quality/consistency_rules.csv",
        swap("released_on,date_in_id,", "released_on,first_seen,"),
        "(release_fits_id): right_operand: 'first_seen'; allowed: date_in_id",
    ),
    "stated release that is no day": (
        FACTS,
        swap(",2023-03-30,", ",2023-03,"),
        "(vicuna-13b, released_on): value: '2023-03'; allowed: a day (YYYY-MM-DD)",
    ),
    **{
        f"stated {attribute} of {value}": (
            FACTS,
            plus(f"m,{attribute},{value},{PAGE},2026-06-30,"),
            f"{FACTS}:{FACTS_END} (m, {attribute}): value: '{value}'; allowed: {allowed}",
        )
        for attribute, value, allowed in [
            ("is_open_weights", "yes", "true or false"),
            ("parameter_count", "7B", "a number above 0, up to 1e+15"),
            ("parameter_count", "0", "a number above 0"),
            ("parameter_count", "-7", "a number above 0"),
            ("parameter_count", "1.1e15", "a number above 0, up to 1e+15"),
            ("parameter_count", "1e999", "a number above 0"),
            ("parameter_count", "NaN", "a number above 0"),
            ("released_on", "2014-12-31", "a day (YYYY-MM-DD) from 2015-01-01 on"),
            ("released_on", "2026-07-01", "a day (YYYY-MM-DD) from 2015-01-01 on, up to written"),
            ("knowledge_cutoff_on", "2026-07-01", "a day (YYYY-MM-DD) from 2015-01-01 on"),
        ]
    },
    **{
        f"stated {attribute}, of which pages have no say": (
            FACTS,
            plus(f"m,{attribute},{value},{PAGE},2026-06-30,"),
            f"{FACTS}:{FACTS_END} (m, {attribute}): attribute: '{attribute}'; allowed: an attr",
        )
        for attribute, value in [
            ("status", "beta"),
            ("successor_model_id", "n"),
            ("max_output_tokens", "8192"),
            ("max_input_tokens", "8192"),
        ]
    },
    **{
        f"page at {address}": (
            FACTS,
            plus(f"m,licence,MIT,{address},2026-06-30,"),
            f"(m, licence): address: '{address}'; allowed: an address that begins with https://",
        )
        for address in ["http://example.org/m", "example.org", "the model card"]
    },
    "threshold that is no number": (
        "categories/static_indicators.csv",
        swap("greater_than,8000,", "greater_than,8k,"),
        "(reasoning, context_above_8k): threshold: '8k'; allowed: a number",
    ),
    "no error for most scores": (
        "quality/reporting_sds.csv",
        lambda text: text.replace("\n,,", "\nepoch,,"),
        "quality/reporting_sds.csv: no row with neither source nor kind",
    ),
    "day that does not exist": (
        "history/history.csv",
        lambda text: text.replace("2025-01-31", "2025-02-29"),
        "history_starts_on: '2025-02-29'; allowed: a day (YYYY-MM-DD)",
    ),
    "one number in two spellings": (
        "scoring/evaluation_thresholds.csv",
        plus("3.50"),
        "(3.50): the row repeats that of line 5; allowed: one row per (threshold)",
    ),
    "two versions on one day": (
        "sources/composite_index_versions.csv",
        swap(",2026-06-20,,", ",2026-06-19,,"),
        "(artificial_analysis, 4.1): its days overlap with those of line 2",
    ),
    "override that ends before it begins": (
        "name_overrides.csv",
        plus("epoch,x,gpt-4o,why,,2026-11-01,2026-02-01,2026-01-01"),
        "(epoch, x, 2026-02-01): valid_from: '2026-02-01'; allowed: a day (YYYY-MM-DD) up to",
    ),
    "exception without a reason": (
        "data_test_exceptions.csv",
        plus('assert_x,"{""id"": 1}",,,2026-01-01,'),
        "reason: empty; allowed: a text that is not empty",
    ),
    "exception for rows that no JSON names": (
        "data_test_exceptions.csv",
        plus("assert_x,{},why,,2026-01-01,"),
        "row_key: '{}'; allowed: a JSON object of columns and values",
    ),
    "boolean in words": (
        "sources/source_layers.csv",
        lambda text: text.replace("trun,benchmarks,scores,true,", "trun,benchmarks,scores,yes,"),
        "(trun): calibrates: 'yes'; allowed: true or false",
    ),
    "broken regular expression": (
        "quality/price_classes.csv",
        plus("(unclosed,china,why"),
        "pattern: '(unclosed'; allowed: a regular expression",
    ),
    "space before a name": (
        "categories/categories.csv",
        lambda text: text.replace("Mathematics", " Mathematics"),
        "(math): category_name: 'Mathematics'; allowed: no space before or after",
    ),
    "Epoch column that no benchmark is": (
        "benchmarks/epoch_columns.csv",
        plus("new_external.csv,Score,,,,,,,false,"),
        "(new_external.csv, Score): no benchmark is named; allowed: a row of benchmark_names",
    ),
    "row that is too short": (
        BASKETS,
        swap("coding,humaneval,0.3", "coding,humaneval"),
        "baskets.csv:8: the row has 2 cells; allowed: 3 cells, one for each column",
    ),
    "row that is too long": (
        BASKETS,
        swap("coding,humaneval,0.3", "coding,humaneval,0.3,"),
        "baskets.csv:8: the row has 4 cells; allowed: 3 cells, one for each column",
    ),
    "misspelt column": (
        BASKETS,
        swap(",weight\n", ",wieght\n"),
        ["column weight is missing", "column 'wieght' is unknown"],
    ),
    "column that nothing reads": (
        BASKETS,
        lambda text: text.replace("\n", ",x\n"),
        "baskets.csv:1: column 'x' is unknown; allowed: the columns category, benchmark_id, weight",
    ),
    "column left out": (
        BASKETS,
        lambda text: "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines()),
        "baskets.csv:1: column weight is missing; allowed: the columns",
    ),
    "semicolons": (
        BASKETS,
        lambda text: text.replace(",", ";"),
        [
            "column category is missing",
            "column benchmark_id is missing",
            "column weight is missing",
            "column 'category;benchmark_id;weight' is unknown",
        ],
    ),
    "quote that never ends": (
        BASKETS,
        plus('coding,"humaneval,1'),
        "no CSV from here on (unexpected end of data); allowed: comma-separated cells",
    ),
    "empty file": (
        BASKETS,
        lambda _: "",
        "baskets.csv: the file is empty; allowed: the header category,benchmark_id,weight and rows",
    ),
}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("parameter_count", "1e15"),
        ("parameter_count", "0.5"),
        ("released_on", "2015-01-01"),
        ("released_on", "2026-06-30"),
        ("licence", "MIT"),
    ],
)
def test_fact_of_a_page_at_its_bounds_is_no_fault(seeds, attribute, value) -> None:
    assert faults_after(seeds, FACTS, plus(f"m,{attribute},{value},{PAGE},2026-06-30,")) == []


@pytest.mark.parametrize("name", SLIPS)
def test_slip_is_told_of_in_one_line(seeds, name) -> None:
    file, slip, expected = SLIPS[name]
    expected = [expected] if isinstance(expected, str) else expected
    found = faults_after(seeds, file, slip)
    assert len(found) == len(expected), found
    for line, text in zip(found, expected, strict=True):
        assert line.startswith(file)
        assert text in line
        assert "\n" not in line


def test_seed_without_rows_is_a_fault_unless_declared_otherwise(seeds) -> None:
    found = faults_after(seeds, "categories/categories.csv", lambda text: text.split("\n")[0])
    assert "categories/categories.csv: it has no rows; allowed: one row or more" in found
    # A header alone is how data_test_exceptions is shipped.
    assert (ROOT / "seeds" / "data_test_exceptions.csv").read_text().count("\n") == 1


def test_file_in_another_encoding_is_named(seeds) -> None:
    path = seeds / "categories" / "categories.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("Chat,", "Chât,").encode("latin-1"))
    (fault,) = find_faults(seeds)
    assert str(fault).startswith(f"{path}:8: byte ")
    assert str(fault).endswith("is no UTF-8; allowed: text in UTF-8")


def test_byte_order_mark_and_other_line_ends_are_no_fault(seeds) -> None:
    path = seeds / "categories" / "categories.csv"
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert find_faults(seeds) == []


def test_unused_name_may_be_of_a_benchmark_that_nothing_defines(seeds) -> None:
    slip = plus("aider,edit:pass_rate_9,unheard_of,0,100,independent,")
    assert len(faults_after(seeds, NAMES, slip)) == 1
    reason = swap("unheard_of,0,100,independent,", "unheard_of,0,100,independent,nobody asks")
    assert faults_after(seeds, NAMES, reason) == []


def test_missing_file_is_named(seeds) -> None:
    (seeds / BASKETS).unlink()
    with pytest.raises(ParameterError, match=r"baskets\.csv: it is not there"):
        check_seeds(seeds)


def test_file_that_nothing_declares_is_named(seeds) -> None:
    (seeds / "extra.csv").write_text("a\n1\n")
    with pytest.raises(DeclarationError, match=r"extra\.csv: no YAML file .* declares this seed"):
        find_faults(seeds)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("meta: {above: 0}", "meta: {abov: 0}", r"_seeds\.yml: \w+: meta has no word abov"),
        ("meta: {key: [rule_id]}", "meta: {}", r"consistency_rules: meta names no key"),
        ("key: [rule_id]", "key: [ruleid]", r"meta names ruleid under key"),
        ("in: layers.layer_id", "in: layer.layer_id", r"meta names layer\.layer_id, and there is"),
        ("below: scale_max", "below: scale_maxi", r"scale_min: meta names scale_maxi"),
        ("optional: {operator:", "optional: {operater:", r"attribute: meta names operater"),
        ("form: json_object", "form: json", r"form json is none of day, json_object"),
        ("scale_max: double", "scale_max: float", r"column type float is none of boolean, date"),
    ],
)
def test_misspelt_declaration_is_named(seeds, old, new, message) -> None:
    path = seeds / "_seeds.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        load_declarations(seeds)


def test_message_shows_the_first_faults_and_counts_the_others(seeds) -> None:
    path = seeds / BASKETS
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(row.rpartition(",")[0] + ",-1" for row in rows)]) + "\n")
    with pytest.raises(ParameterError) as stopped:
        check_seeds(seeds)
    first, *faults, last = str(stopped.value).splitlines()
    assert first.startswith(f"{len(rows)} faults in the parameters under ")
    assert len(faults) == MOST_SHOWN
    assert last.strip().startswith(f"and {len(rows) - MOST_SHOWN} more")


# ----------------------------------------------------------------- declarations and their readers


def test_every_number_of_a_seed_is_bounded() -> None:
    open_ended = {
        f"{seed.name}.{column}"
        for seed in load_declarations(ROOT / "seeds").values()
        for column, kind in seed.types.items()
        if kind in ("double", "integer")
        and not any(getattr(seed.domains[column], word) is not None for word in COMPARISONS)
    }
    # Bounded row by row, or by the column beside it.
    assert open_ended == {
        "scoring_parameters.value",
        "benchmark_names.scale_max",
        "evaluation_bounds.at_most",
    }
    rows = load_declarations(ROOT / "seeds")["scoring_parameters"].rows
    assert not [
        f"{group}.{name}"
        for group, domains in rows.items()
        for name, domain in domains.items()
        if not any(getattr(domain, word) is not None for word in COMPARISONS)
    ]


def test_every_parameter_is_declared_and_read() -> None:
    """SQL reads by macro parameter, Python by the records: no third way, no row for nobody."""
    rows = load_declarations(ROOT / "seeds")["scoring_parameters"].rows
    declared = {(group, name) for group, names in rows.items() for name in names}
    files = [*(ROOT / "models").rglob("*.sql"), *(ROOT / "tests" / "singular").glob("*.sql")]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    call = re.compile(r"\bparameter\('(\w+)', '(\w+)'\)")
    in_sql = {pair for text in texts.values() for pair in call.findall(text)}
    in_python = {(kind.GROUP, name) for kind in SETTINGS for name in asdict(kind())}
    assert in_sql | in_python == declared
    assert [path.name for path, text in texts.items() if "scoring_parameters" in text] == []
    calls = sum(len(re.findall(r"\bparameter\(", text)) for text in texts.values())
    assert calls == sum(len(call.findall(text)) for text in texts.values())


def test_records_of_settings_are_the_declared_rows_with_their_shipped_values() -> None:
    declared = load_declarations(ROOT / "seeds")["scoring_parameters"].rows
    with (ROOT / "seeds" / PARAMETERS).open(encoding="utf-8") as file:
        shipped = {
            (row["parameter_group"], row["parameter"]): float(row["value"])
            for row in csv.DictReader(file)
        }
    for kind in SETTINGS:
        defaults = asdict(kind())
        assert set(defaults) == set(declared[kind.GROUP]), kind.GROUP
        for name, value in defaults.items():
            assert shipped[kind.GROUP, name] == value, (kind.GROUP, name)
    modules = (evidence.settings, matching.settings, scoring.settings)
    every = {name for module in modules for name in vars(module) if name.endswith("Settings")}
    assert every == {kind.__name__ for kind in SETTINGS}
