"""What a new user gets from the shipped snapshots."""

from importlib.util import find_spec

import pytest

from macros.wide_contract import read_categories


@pytest.mark.parametrize("category", read_categories())
def test_category_ranks_enough_models(shipped, category):
    ((ranked,),) = shipped.query(
        f"select count(*) from rankings where category = '{category}' and is_ranked"
    )
    assert ranked >= (30 if category in ("reasoning", "general") else 10)


def test_models_combine_benchmarks_and_analytics(shipped):
    ((models,),) = shipped.query(
        """
        select count(distinct model_id) from (
            select model_id from score_contributions
            where scoring_method = 'layered' and layer_id in ('benchmarks', 'analytics')
            group by category, model_id having count(distinct layer_id) = 2
        )
        """
    )
    assert models >= 20


def test_no_model_is_ranked_on_static_facts_only(shipped):
    assert not shipped.query(
        """
        select category, model_id from rankings
        anti join (
            select * from score_contributions where layer_id in ('benchmarks', 'analytics')
        ) using (category, model_id)
        where is_ranked
        """
    )


def test_makers_and_releases_of_ranked_models_are_known(shipped):
    ranked, without_maker, without_release = shipped.query(
        """
        select
            count(distinct model_id),
            count(distinct model_id) filter (where provider_id = 'unknown'),
            count(distinct model_id) filter (where released_on is null),
        from rankings where is_ranked
        """
    )[0]
    assert ranked >= 390
    assert without_maker <= 7
    assert without_release <= 31


@pytest.mark.parametrize(
    ("model_id", "released_on", "precision", "origin"),
    [
        # What is stated is a year, or months, off the date in the id.
        ("o4-mini-deepresearch-2025-06-26", "2025-06-26", "day", "model_id"),
        ("grok-2-1212", "2024-12-12", "day", "vendor_route"),
        ("voxtral-mini-3b-2507", "2025-07-01", "month", "model_id"),
        # The date in an id may be the day on which a model was frozen.
        ("claude-opus-4-5-20251101", "2025-11-24", "day", "registry"),
        # A year alone, and what others say.
        ("sonar-pro", "2025-01-21", "day", "evaluator"),
        ("step-2-16k", None, None, None),
        ("gemma-7b-it", "2024-02-21", "day", "page"),
    ],
)
def test_a_model_came_out_when_the_first_word_says(
    shipped, model_id, released_on, precision, origin
):
    rows = shipped.query(
        f"""
        select cast(released_on as varchar), release_precision, released_on_origin
        from models where model_id = '{model_id}'
        """
    )
    assert rows == [(released_on, precision, origin)]
    facts = shipped.query(
        f"""
        select value_text, origin from model_facts
        where model_id = '{model_id}' and attribute = 'released_on'
        """
    )
    assert facts == ([(released_on, origin)] if released_on else [])


def test_no_release_contradicts_the_date_in_its_id(shipped):
    assert not shipped.query(
        r"""
        select model_id, released_on,
            try_cast(regexp_extract(model_id, '20\d\d-[01]\d-[0-3]\d') as date) as id_on,
        from models where abs(date_diff('day', released_on, id_on)) > 31
        """
    )
    (year_alone,) = shipped.query(
        "select count(*) from models where month(released_on) = 1 and day(released_on) = 1"
        " and release_precision = 'day'"
    )[0]
    assert not year_alone
    rejected = shipped.query(
        """
        select checked_item, explanation from consistency_violations
        where rule_id = 'release_fits_id' and model_id = 'o4-mini-deepresearch-2025-06-26'
        order by checked_item
        """
    )
    assert any("2024-06-26" in explanation for _, explanation in rejected)


def test_every_stated_fact_is_of_a_model(shipped):
    assert not shipped.query(
        """
        select model_id from parameters.stated_facts
        where model_id not in (select model_id from models)
        """
    )


def test_new_models_go_by_their_release(shipped):
    rows = shipped.query(
        "select model_id, released_on, new_on, is_first_load from new_models", "warehouse.duckdb"
    )
    assert len(rows) > 1000
    days = [released_on for _, released_on, _, _ in rows]
    known = [day for day in days if day]
    assert days[: len(known)] == sorted(known, reverse=True)
    # Every source was landed once: nothing is new by having been seen.
    assert all(is_first_load and new_on == day for _, day, new_on, is_first_load in rows)
    assert not [model_id for model_id, *_ in rows if model_id.endswith("-latest")]


def test_only_names_that_wait_are_in_review(shipped):
    decided = """
        select source_id, source_model_name from crosswalk
        where
            status in ('auto', 'rejected') or match_method = 'override'
            or no_name_reason is not null
        """
    assert shipped.query(f"select count(*) from ({decided}) where source_id = 'epoch'")[0][0] > 900
    assert not shipped.query(
        f"""
        select source_model_name from crosswalk_review
        semi join ({decided}) using (source_id, source_model_name)
        """
    )
    waiting = shipped.query("select source_model_name from crosswalk_review")
    assert ("gemini-1.5-flash-latest",) in waiting
    assert len(waiting) < 150


def test_published_file_stands_alone(shipped):
    assert not shipped.query("select view_name from duckdb_views() where not internal")
    schemas = shipped.query(
        "select distinct schema_name from duckdb_tables() where not internal order by 1"
    )
    assert schemas == [("main",), ("parameters",)]
    ((nullable, comment),) = shipped.query(
        """
        select is_nullable, comment from duckdb_columns()
        where table_name = 'rankings' and column_name = 'model_id'
        """
    )
    assert not nullable
    assert comment
    assert shipped.query("select comment from duckdb_tables() where table_name = 'rankings'")[0][0]


def test_landing_again_lands_nothing(scratch):
    before = scratch.query("select count(*) from records", "landing.duckdb")
    printed = scratch.extract()
    assert printed.returncode == 0
    assert scratch.query("select count(*) from records", "landing.duckdb") == before
    statuses = scratch.query(
        """
        select distinct status from loads
        where started_at >= (
            select max(started_at) from loads where source = 'static_registry'
        )
        """,
        "landing.duckdb",
    )
    assert set(statuses) <= {("unchanged",), ("skipped",)}


def test_meaning_proposes_for_review_where_the_extra_is_installed(shipped):
    # To import it takes ten seconds, and is not needed to see whether it is there.
    if find_spec("sentence_transformers") is None:
        pytest.skip("the extra 'semantic' is not installed")
    proposed = shipped.query(
        "select status, model_id from crosswalk where match_method = 'semantic'"
    )
    assert proposed
    assert all(status == "review" and model_id for status, model_id in proposed)


def test_few_ranked_models_have_weights_that_nobody_speaks_of(shipped):
    ((unknown, ranked),) = shipped.query(
        """
        select count(*) filter (where is_open_weights is null), count(*) from models
        semi join (select * from rankings where is_ranked) using (model_id)
        """
    )
    assert ranked >= 350
    assert unknown <= 60


def test_vendors_and_pages_go_before_resellers(shipped):
    """Hosts call these open, or a licence of a document does; their makers do not."""
    rows = shipped.query(
        """
        select model_id, is_open_weights from models
        where model_id in (
            'devstral-medium-2507', 'devstral-small-2507', 'gemini-2.5-flash-lite',
            'magistral-medium', 'magistral-small-2506', 'qwen-plus'
        )
        """
    )
    assert dict(rows) == {
        "devstral-medium-2507": False,
        "devstral-small-2507": True,
        "gemini-2.5-flash-lite": False,
        "magistral-medium": False,
        "magistral-small-2506": True,
        "qwen-plus": False,
    }


def test_every_stated_fact_is_of_a_model_and_counts(shipped):
    lost = shipped.query(
        """
        select stated.model_id, stated.attribute from parameters.stated_facts as stated
        anti join model_facts as facts
            on facts.model_id = stated.model_id
            and facts.attribute = stated.attribute
            and facts.origin = 'page'
            and facts.record_key = stated.address
        """
    )
    assert lost == []


def test_people_can_filter_by_what_models_can_do(shipped):
    rows = shipped.query(
        """
        select
            model_id, has_reasoning, has_image_input, has_tool_calling, is_open_weights, licence,
            parameter_count, active_parameter_count
        from models
        where model_id in ('gpt-4o-2024-08-06', 'deepseek-r1', 'qwen3-235b-a22b')
        order by model_id
        """
    )
    assert rows == [
        ("deepseek-r1", True, False, True, True, "MIT", 671_000_000_000, None),
        ("gpt-4o-2024-08-06", False, True, True, False, "proprietary", None, None),
        ("qwen3-235b-a22b", True, False, True, True, "Apache-2.0", 235_000_000_000, 22_000_000_000),
    ]
