"""What a new user gets from the shipped snapshots."""

import pytest

CATEGORIES = (
    "coding",
    "math",
    "reasoning",
    "creative_writing",
    "general",
    "question",
    "chat",
)


@pytest.mark.parametrize("category", CATEGORIES)
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
            where method = 'layered' and layer in ('benchmarks', 'analytics')
            group by category, model_id having count(distinct layer) = 2
        )
        """
    )
    assert models >= 20


def test_no_model_is_ranked_on_static_facts_only(shipped):
    assert not shipped.query(
        """
        select category, model_id from rankings
        anti join (select * from score_contributions where layer in ('benchmarks', 'analytics'))
            using (category, model_id)
        where is_ranked
        """
    )


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
    pytest.importorskip("sentence_transformers", reason="the extra 'semantic' is not installed")
    proposed = shipped.query("select status, model_id from crosswalk where method = 'semantic'")
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
