"""Today's scores, and how far up or down each rank could lie given how sure the scores are."""

import numpy as np

from parameters import settings_from
from scoring.ranks import rank_intervals
from scoring.settings import RankSettings


def model(dbt, session):
    dbt.config(materialized="table")
    today = dbt.ref("int_as_of_dates").filter("is_current").fetchall()[0][0]
    parameters = dbt.ref("scoring_parameters").project("parameter_group, parameter, value")
    settings = settings_from(RankSettings, parameters.fetchall())
    scores = dbt.ref("int_category_scores").filter(f"as_of_on = date '{today}' and scope = 'model'")
    ranked = scores.filter("is_ranked").order("category, model_id").fetchnumpy()
    low, high = (np.zeros(len(ranked["category"]), dtype=np.int64) for _ in range(2))
    for category in np.unique(ranked["category"].astype(str)):
        rows = np.flatnonzero(ranked["category"] == category)
        keys = [f"{category}|{ranked['model_id'][row]}" for row in rows]
        low[rows], high[rows] = rank_intervals(
            ranked["score"][rows], ranked["sd"][rows], keys, settings
        )
    intervals = {  # noqa: F841 - DuckDB reads it by name
        "category": ranked["category"],
        "model_id": ranked["model_id"],
        "rank_low": low,
        "rank_high": high,
    }
    return session.sql(
        "select scores.*, rank_low, rank_high from scores"
        " left join intervals using (category, model_id)"
    )
