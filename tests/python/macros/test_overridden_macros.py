"""Macros that take the place of dbt's own or of the adapter's: what they were written against.

Neither package promises these macros. Where one of them changes, so may what ours has to do.
"""

import re
from importlib.resources import files

import pytest

DBT_COUNTS_FAILURES = """
    {% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
        select
          {{ fail_calc }} as failures,
          {{ fail_calc }} {{ warn_if }} as should_warn,
          {{ fail_calc }} {{ error_if }} as should_error
        from (
          {{ main_sql }}
          {{ "limit " ~ limit if limit != none }}
        ) dbt_internal_test
    {%- endmacro %}
"""

ADAPTER_LOADS_A_SEED = """
    {% macro duckdb__load_csv_rows(model, agate_table) %}
        {% if config.get('fast', true) %}
            {% set seed_file_path = adapter.get_seed_file_path(model) %}
            {% set delimiter = config.get('delimiter', ',') %}
            {% set sql %}
              COPY {{ this.render() }} FROM '{{ seed_file_path }}'
                (FORMAT CSV, HEADER TRUE, DELIMITER '{{ delimiter }}')
            {% endset %}
            {% do adapter.add_query(sql, abridge_sql_log=True) %}
            {{ return(sql) }}
        {% endif %}
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("global_project/macros/materializations/tests/helpers.sql", DBT_COUNTS_FAILURES),
        ("duckdb/macros/seed.sql", ADAPTER_LOADS_A_SEED),
    ],
    ids=["default__get_test_sql", "duckdb__load_csv_rows"],
)
def test_what_is_overridden_is_as_it_was(path: str, expected: str) -> None:
    installed = files("dbt").joinpath("include", path).read_text(encoding="utf-8")
    assert words(expected) in words(installed), f"{path} changed: compare our macro with it"


def words(text: str) -> str:
    return re.sub(r"\s+", "", text)
