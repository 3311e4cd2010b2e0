"""A new category is rows of parameter tables, from which the wide contract is written anew."""

from .projects import HISTORY_STARTS_ON, Project, succeed

ROWS = {
    "categories": ["tool_use,Tool use,Calling tools in a dialogue,8"],
    "baskets": ["tool_use,tau2,1.0", "tool_use,tau_retail,0.8", "tool_use,ifbench,0.5"],
    "adjustments": [
        "tool_use,speed_bonus,tokens_per_second,variant,15,300,tokens per second,higher_is_better,"
        "multiply,0.02,Quicker calls: up to 2 % up or down"
    ],
    "static_indicators": [
        "tool_use,context_above_8k,context_window_tokens,greater_than,8000,tokens,Room for results"
    ],
    "layered_benchmarks": ["tool_use,benchmarks,tau_retail,1.0"],
}


def other_categories(project: Project) -> dict[str, list[tuple]]:
    marts = ("rankings", "rankings_by_variant", "score_contributions", "score_adjustments")
    return {
        mart: project.query(f"select * from {mart} where category != 'tool_use' order by all")
        for mart in marts
    }


def test_category_is_added_by_seed_rows_only(scratch):
    before = other_categories(scratch)
    scratch.start_history_on(HISTORY_STARTS_ON)
    for seed, rows in ROWS.items():
        path = scratch.path / "seeds" / "categories" / f"{seed}.csv"
        text = path.read_text()
        assert text.endswith("\n")
        path.write_text(text + "".join(f"{row}\n" for row in rows))

    stopped = scratch.build("--select", "rankings_wide")
    assert stopped.returncode != 0
    assert "`python -m macros.wide_contract` writes the contract anew" in stopped.stdout
    succeed(scratch.run("-m", "macros.wide_contract"))
    succeed(scratch.build())

    ((ranked, listed, layered),) = scratch.query(
        """
        select count(*) filter (where is_ranked), count(*), count(layered_score)
        from rankings where category = 'tool_use'
        """
    )
    ((models,),) = scratch.query("select count(*) from models")
    assert ranked >= 10
    assert listed == models
    assert layered > 0
    ((adjusted,),) = scratch.query(
        """
        select count(*) from rankings
        inner join score_adjustments using (category, model_id)
        where category = 'tool_use' and abs(score - capability * factor) < 1e-5
        """
    )
    assert adjusted > 0
    weights = scratch.query(
        """
        select distinct benchmark_id, round(weight, 6) from score_contributions
        where category = 'tool_use' and scoring_method = 'capability' order by all
        """
    )
    assert weights == [("ifbench", 0.217391), ("tau2", 0.434783), ("tau_retail", 0.347826)]
    ((days,),) = scratch.query(
        "select count(distinct as_of_on) from rankings_history where category = 'tool_use'"
    )
    assert days > 1

    assert scratch.query(
        """
        select count(*) from rankings_wide as wide
        inner join rankings on rankings.model_id = wide.model_id and category = 'tool_use'
        where wide.tool_use_score is not distinct from score
            and wide.tool_use_rank is not distinct from rank
        """
    ) == [(models,)]

    after = other_categories(scratch)
    for mart, rows in before.items():
        assert after[mart] == rows, mart
