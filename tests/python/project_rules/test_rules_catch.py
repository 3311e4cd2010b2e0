"""Every rule is shown a made-up project that breaks it, so that none can pass by seeing nothing."""

import copy
from collections.abc import Callable

import pytest
from documentation_rules import (
    models_without_grain_comment,
    undocumented_macros,
    undocumented_mart_columns,
    undocumented_models,
    undocumented_seeds,
    undocumented_source_tables,
    undocumented_sources,
)
from lineage_rules import (
    chained_views_dependencies,
    direct_join_to_source,
    exposure_parents_materializations,
    hard_coded_in,
    hard_coded_in_python,
    hard_coded_references,
    marts_or_intermediate_dependent_on_source,
    multiple_sources_joined,
    only_staging_reads_sources,
    rejoining_of_upstream_concepts,
    root_models,
    source_fanout,
    staging_dependent_on_marts,
    staging_dependent_on_staging,
    too_many_joins,
    unused_sources,
)
from made_up import (
    JOINED,
    MART,
    STAGED,
    a_model,
    a_seed,
    a_singular_test,
    a_sound_project,
    a_source,
    add,
    change,
    list_key,
    read_also,
    sql,
)
from manifests import Manifest, Rule, find
from proof_rules import (
    TESTS_OF_ALL_MARTS,
    marts_outside_shared_tests,
    marts_with_their_key_proved_twice,
    marts_without_primary_key,
    missing_primary_key_tests,
    sources_without_freshness,
    stale_freshness_exceptions,
)
from rules import RULES
from structure_rules import (
    is_plural,
    marts_that_are_not_public,
    model_directories,
    model_naming_conventions,
    public_models_without_contract,
    seeds_that_are_not_parameters,
    unread_seeds,
)


def break_chained_views(project: Manifest) -> None:
    for n in range(1, 5):
        reads = (f"model.shop.int_steps_{n - 1}",) if n > 1 else (STAGED,)
        add(project, a_model(f"intermediate/steps/int_steps_{n}.sql", reads, "view"))
    read_also(project, MART, "model.shop.int_steps_4")


def break_missing_primary_key(project: Manifest) -> None:
    lists = project["macros"]["macro.shop.mart_keys"]
    lists["macro_sql"] = lists["macro_sql"].replace("int_orders_unioned", "int_orders_united")


def break_key_proved_twice(project: Manifest) -> None:
    list_key(project, "orders")


def break_missing_primary_key_of_a_mart(project: Manifest) -> None:
    """A key with no column that may be null is no reason to have no primary key."""
    break_key_proved_twice(project)
    change(project, MART, constraints=[])


def break_too_many_joins(project: Manifest) -> None:
    for n in range(5):
        add(project, a_model(f"intermediate/orders/int_more_{n}.sql"), a_seed(f"more_rates_{n}"))
        read_also(project, MART, f"model.shop.int_more_{n}")
        read_also(project, MART, f"seed.shop.more_rates_{n}")


def break_rejoining(project: Manifest) -> None:
    read_also(project, MART, "model.shop.stg_landing__loads")


def break_only_staging_reads_sources(project: Manifest) -> None:
    add(project, a_singular_test("assert_all", (MART, "source.shop.till.orders")))


def break_seeds(project: Manifest) -> None:
    project["nodes"]["seed.shop.rates"]["columns"]["rate"]["description"] = " "


def break_sources(project: Manifest) -> None:
    project["sources"]["source.shop.web.orders"]["source_description"] = ""


# (rule, how a sound project is broken, what the rule must then say)
BROKEN: list[tuple[Rule, Callable[[Manifest], None], list[str]]] = [
    (chained_views_dependencies, break_chained_views, ["orders waits for 5 views in a row"]),
    (
        direct_join_to_source,
        lambda p: read_also(p, JOINED, "source.shop.till.orders"),
        ["int_orders_unioned reads till.orders beside models"],
    ),
    (
        exposure_parents_materializations,
        lambda p: change(p, MART, config={"materialized": "view"}),
        ["dashboard reads orders"],
    ),
    (
        exposure_parents_materializations,
        lambda p: read_also(p, "exposure.shop.dashboard", "source.shop.till.orders"),
        ["dashboard reads till.orders"],
    ),
    (
        hard_coded_references,
        lambda p: change(p, MART, raw_code=sql("select * from landing.main.records")),
        ["orders reads landing.main.records"],
    ),
    (
        hard_coded_references,
        lambda p: change(p, MART, language="python", raw_code='open("seeds/rates.csv")'),
        ["orders reads seeds/rates.csv"],
    ),
    (
        marts_or_intermediate_dependent_on_source,
        lambda p: read_also(p, MART, "source.shop.till.orders"),
        ["orders reads till.orders"],
    ),
    (
        marts_outside_shared_tests,
        lambda p: find(p, f"test.shop.{TESTS_OF_ALL_MARTS[1]}")["depends_on"]["nodes"].clear(),
        [
            f"orders is not read by {TESTS_OF_ALL_MARTS[1]}: "
            "add ref('orders') to macros/quality/marts.sql"
        ],
    ),
    (marts_that_are_not_public, lambda p: change(p, MART, access="private"), ["orders"]),
    (marts_with_their_key_proved_twice, break_key_proved_twice, ["orders"]),
    (marts_without_primary_key, break_missing_primary_key_of_a_mart, ["orders"]),
    (missing_primary_key_tests, break_missing_primary_key, ["int_orders_unioned"]),
    (missing_primary_key_tests, lambda p: change(p, MART, constraints=[]), ["orders"]),
    (
        model_directories,
        lambda p: change(p, STAGED, original_file_path="models/staging/web/stg_till__orders.sql"),
        ["models/staging/web/stg_till__orders.sql"],
    ),
    (
        model_directories,
        lambda p: change(p, MART, original_file_path="models/marts/orders.sql"),
        ["models/marts/orders.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, JOINED, name="orders_joined"),
        ["orders_joined in models/intermediate/orders/int_orders_unioned.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, MART, name="order"),
        ["order in models/marts/sales/orders.sql"],
    ),
    (
        model_naming_conventions,
        lambda p: change(p, MART, name="fct_orders"),
        ["fct_orders in models/marts/sales/orders.sql"],
    ),
    (
        models_without_grain_comment,
        lambda p: change(p, MART, raw_code="-- What it is.\n\nselect 1 -- Grain: too late\n"),
        ["orders"],
    ),
    (
        multiple_sources_joined,
        lambda p: read_also(p, STAGED, "source.shop.web.orders"),
        ["stg_till__orders reads till.orders, web.orders"],
    ),
    (
        only_staging_reads_sources,
        break_only_staging_reads_sources,
        ["assert_all reads till.orders"],
    ),
    (
        public_models_without_contract,
        lambda p: change(p, MART, contract={"enforced": False}),
        ["orders"],
    ),
    (
        rejoining_of_upstream_concepts,
        break_rejoining,
        ["orders reads stg_landing__loads again beside int_orders_unioned, its only reader"],
    ),
    (root_models, lambda p: change(p, STAGED, depends_on={"nodes": []}), ["stg_till__orders"]),
    (
        seeds_that_are_not_parameters,
        lambda p: read_also(p, STAGED, "seed.shop.rates"),
        ["stg_till__orders reads rates"],
    ),
    (
        seeds_that_are_not_parameters,
        lambda p: change(p, "seed.shop.rates", config={"schema": "main"}),
        ["rates lies in schema main"],
    ),
    (
        source_fanout,
        lambda p: read_also(p, "model.shop.stg_web__orders", "source.shop.till.orders"),
        ["till.orders is read by model.shop.stg_till__orders, model.shop.stg_web__orders"],
    ),
    (
        sources_without_freshness,
        lambda p: change(p, "source.shop.till.orders", freshness=None),
        ["till.orders"],
    ),
    (
        staging_dependent_on_marts,
        lambda p: read_also(p, STAGED, MART),
        ["stg_till__orders reads orders"],
    ),
    (
        staging_dependent_on_staging,
        lambda p: read_also(p, STAGED, "model.shop.stg_web__orders"),
        ["stg_till__orders reads stg_web__orders"],
    ),
    (
        stale_freshness_exceptions,
        lambda p: p["sources"].pop("source.shop.landing.loads") and None,
        ["landing.loads"],
    ),
    (
        too_many_joins,
        break_too_many_joins,
        [
            "orders has 7 parents: int_more_0, int_more_1, int_more_2, int_more_3, int_more_4,"
            " int_orders_unioned, stg_landing__sources"
        ],
    ),
    (
        undocumented_macros,
        lambda p: change(p, "macro.shop.rounded", description=""),
        ["rounded"],
    ),
    (
        undocumented_macros,
        lambda p: change(p, "macro.shop.rounded", arguments=[]),
        ["rounded(column)"],
    ),
    (
        undocumented_mart_columns,
        lambda p: change(p, MART, columns={"id": {"name": "id", "description": "The key."}}),
        ["orders.id has no data_type"],
    ),
    (undocumented_models, lambda p: change(p, JOINED, description=""), ["int_orders_unioned"]),
    (undocumented_seeds, break_seeds, ["rates.rate"]),
    (
        undocumented_source_tables,
        lambda p: change(p, "source.shop.web.orders", description=None),
        ["web.orders"],
    ),
    (unread_seeds, lambda p: add(p, a_seed("discounts")), ["discounts"]),
    (undocumented_sources, break_sources, ["web"]),
    (
        unused_sources,
        lambda p: add(p, a_source("till", "refunds")),
        ["till.refunds"],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_sound_project_breaks_no_rule(rule: Rule) -> None:
    assert rule(a_sound_project()) == []


@pytest.mark.parametrize(
    ("rule", "break_it", "offenders"), BROKEN, ids=[rule.__name__ for rule, _, _ in BROKEN]
)
def test_rule_catches(
    rule: Rule, break_it: Callable[[Manifest], None], offenders: list[str]
) -> None:
    project = copy.deepcopy(a_sound_project())
    break_it(project)
    assert rule(project) == offenders


def test_key_that_may_be_null_is_tested_instead_of_declared() -> None:
    project = a_sound_project()
    change(project, MART, constraints=[])
    list_key(project, "orders", "['id']")
    assert marts_without_primary_key(project) == []


def test_a_list_of_keys_that_no_test_reads_proves_nothing() -> None:
    project = a_sound_project()
    project["nodes"]["test.shop.assert_keys"]["depends_on"]["macros"] = []
    assert "int_orders_unioned" in missing_primary_key_tests(project)


def test_every_rule_is_shown_a_broken_project() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", True),
        ("new_orders", True),
        ("orders_by_customer", True),
        ("orders_wide", True),
        ("orders_history", True),
        ("order", False),
        ("orders_total", False),
        ("order_by_customers", False),
        ("address", False),
        ("s", False),
    ],
)
def test_the_noun_of_a_mart_is_a_plural(name: str, expected: bool) -> None:
    assert is_plural(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from {{ ref('a') }} left join {{ source('b', 'c') }} on true", []),
        ("with a as (select 1), b as (select * from a) select * from b join a on true", []),
        ("select * from {{ ref('a') }} as a where a.x is not distinct from a.y", []),
        ("select extract(year from a.b), unnest(c) from {{ relation }}, unnest([1, 2])", []),
        ("select * from {{ ref('a') }} as a cross join json_tree(a.record) as leaf", []),
        ("select * from (select 1) as a -- from nowhere.at_all", []),
        ("{# from a.b #} select * from {{ ref('a') }} {% if x %} join b.c {% endif %}", ["b.c"]),
        ('select * from "main"."orders"', ['"main"."orders"']),
        ("select * from orders", ["orders"]),
        ("select * from read_csv('orders.csv')", ["read_csv"]),
        ("select * from 'orders.parquet'", ["'orders.parquet'"]),
        ("select * from {{ var('orders') }}", ["from {{ var('orders') }}"]),
    ],
)
def test_hard_coded_references_are_told_from_sound_sql(text: str, expected: list[str]) -> None:
    assert list(hard_coded_in(text)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('rows = dbt.ref("a")\nsession.sql("select * from rows")', []),
        ('relation.query("chosen", f"select {columns} from chosen order by all")', []),
        ('"""Reads seeds/a.csv, says the docstring."""', []),
        ('VECTORS = Path("build/name_vectors.json")', []),
        ('VOCABULARY = Path("seeds/matching")', ["seeds/matching"]),
        ('duckdb.connect("build/warehouse.duckdb")', ["build/warehouse.duckdb"]),
        ('session.sql("select * from main.rankings")', ["main.rankings"]),
        ("load_vocabulary(default_folder())", ["load_vocabulary()", "default_folder()"]),
    ],
)
def test_hard_coded_references_are_told_from_sound_python(code: str, expected: list[str]) -> None:
    assert list(hard_coded_in_python(code)) == expected
