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
