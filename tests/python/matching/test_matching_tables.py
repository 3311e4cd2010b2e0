"""The typed table of answers: its columns follow from the records, and every value survives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pytest

from matching import CanonicalModel, resolve, tables
from matching.model import Candidate, Decision, ModelTokens, Resolution, Twins

ROW = {
    "name_id": "id of it",
    "source_id": "s",
    "source_model_name": "gpt-4o",
    "org": None,
    "record_id": None,
    "role": "evaluator",
    "first_observed_at": "2026-05-01T12:30:00",
    "efforts": ["high"],
    "alias_of": None,
    "released_on": "2024-05-13",
    "display_name": None,
    "api_alias": None,
}


def decision(**changes) -> Decision:
    given = {
        "source": "s",
        "source_model_name": "gpt-4o",
        "org": None,
        "record_id": "r",
        "model_id": "m",
        "line_id": "l",
        "variant": "",
        "deployment": "",
        "method": "grammar",
        "score": 0.97,
        "runner_up_id": None,
        "margin": 0.1,
        "tokens_agree": ("words", "size"),
        "tokens_missing": (),
        "tokens_conflict": (),
        "status": "auto",
    }
    return Decision(**{**given, **changes})


def as_table(resolution: Resolution, names) -> list[dict]:
    relation = duckdb.connect().sql(tables.ANSWER_QUERY, params=tables.answer(resolution, names))
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def filled(row: dict) -> dict:
    return {column: value for column, value in row.items() if value is not None}


def test_every_field_of_every_record_is_a_column_with_its_own_type():
    candidate = Candidate("n", 0.8, "size 7b is not 8b")
    model = CanonicalModel(
        "m",
        provider="openai",
        released_on="2024-05-13",
        first_seen_source="s",
        first_seen_at="2026-05-01T12:30:00",
        tokens=ModelTokens(words=("gpt",), generation=("4o",), size=None),
    )
    twins = Twins("m", "n", "spelling", 0.96, ("date",))
    resolution = Resolution([decision(candidates=(candidate,), reason="why")], [model], [twins])

    decided, known, pair = as_table(resolution, [ROW])

    assert filled(decided) == {
        "kind": "decision",
        "name_id": "id of it",
        "source_id": "s",
        "source_model_name": "gpt-4o",
        "record_id": "r",
        "model_id": "m",
        "line_id": "l",
        "variant": "",
        "deployment": "",
        "method": "grammar",
        "score": 0.97,
        "margin": 0.1,
        "tokens_agree": ["words", "size"],
        "tokens_missing": [],
        "tokens_conflict": [],
        "status": "auto",
        "rule_version": decision().rule_version,
        "candidates": [{"model_id": "n", "score": 0.8, "reason": "size 7b is not 8b"}],
        "no_name_reason": "why",
    }
    assert filled(known) == {
        "kind": "model",
        "model_id": "m",
        "provider_id": "openai",
        "released_on": date(2024, 5, 13),
        "first_seen_source_id": "s",
        "first_seen_at": datetime(2026, 5, 1, 12, 30),
        "tokens": {
            "words": ["gpt"],
            "generation": ["4o"],
            "tier": [],
            "domain": [],
            "stage": [],
            "size": None,
            "base": None,
            "base_generation": None,
            "tune": None,
        },
    }
    assert filled(pair) == {
        "kind": "twins",
        "model_id": "m",
        "other_model_id": "n",
        "found_by": "spelling",
        "likeness": 0.96,
        "tokens_missing": ["date"],
    }


def test_an_answer_without_rows_still_has_all_columns():
    relation = duckdb.connect().sql(
        tables.ANSWER_QUERY, params=tables.answer(Resolution([], []), [])
    )
    assert relation.fetchall() == []
    assert relation.columns == list(tables.answer_columns())


def test_records_that_give_one_column_two_types_are_refused(monkeypatch):
    @dataclass
    class Odd:
        score: str

    monkeypatch.setitem(tables.KINDS, "odd", Odd)
    with pytest.raises(TypeError, match="Odd: score is VARCHAR, elsewhere DOUBLE"):
        tables.answer_columns()


def test_a_field_that_no_column_can_hold_is_refused(monkeypatch):
    @dataclass
    class Odd:
        anything: set

    monkeypatch.setitem(tables.KINDS, "odd", Odd)
    with pytest.raises(TypeError, match="no column holds"):
        tables.answer_columns()


def test_rows_of_a_table_become_names_and_decisions_come_back_with_their_key(vocabulary):
    registered = {
        **ROW,
        "name_id": "the registry's",
        "source_id": "static_registry",
        "org": "openai",
        "role": "registry",
        "display_name": "GPT-4o",
    }
    names, registry = tables.names_of([ROW, registered]), tables.registry_of([ROW, registered])
    assert names[0].efforts == ("high",)
    assert names[0].released_on == "2024-05-13"
    assert [(m.model_id, m.display_name) for m in registry] == [("gpt-4o", "GPT-4o")]

    rows = as_table(resolve(names, registry, vocabulary), [ROW, registered])

    found = {row["name_id"]: row["model_id"] for row in rows if row["kind"] == "decision"}
    assert found == {"id of it": "gpt-4o", "the registry's": "gpt-4o"}


def test_a_persons_rows_become_overrides():
    (override,) = tables.overrides_of(
        [
            {
                "source_id": "s",
                "source_model_name": "a",
                "model_id": None,
                "valid_from": "2026-01-01",
                "valid_to": None,
                "reason": "no model",
                "evidence_url": "https://example.org",
            }
        ]
    )
    assert (override.source, override.name, override.model_id) == ("s", "a", None)
    assert (override.valid_from, override.valid_to) == ("2026-01-01", None)
    assert override.reason == "no model"


def test_rows_are_read_in_a_fixed_order_with_days_and_moments_as_text():
    relation = duckdb.connect().sql(
        "from (values (2, date '2026-01-02', null), (1, null, timestamp '2026-01-01 10:00:00'))"
        " as t (n, on_day, at_moment)"
    )
    assert tables.rows_of(relation) == [
        {"n": 1, "on_day": None, "at_moment": "2026-01-01T10:00:00"},
        {"n": 2, "on_day": "2026-01-02", "at_moment": None},
    ]
