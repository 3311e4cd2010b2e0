"""Macros about rejected records name the relation that they are given."""

from pathlib import Path

import jinja2

MACROS = Path(__file__).parents[2] / "macros" / "validation.sql"


def test_relation_of_rejected_records_may_have_any_name() -> None:
    macros = jinja2.Environment().from_string(MACROS.read_text(encoding="utf-8")).module
    written = [
        macros.join_by_version("refused", "routes"),
        macros.is_accepted("refused"),
        macros.unless_rejected_as("routes.host", "host", "refused"),
    ]
    for text in written:
        assert "refused." in text
        assert "rejected." not in text.replace("refused.rejected_fields", "")
    assert "rejected.rejected_fields" in macros.unless_rejected_as("routes.host", "host")
