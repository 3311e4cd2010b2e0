"""The date in the id of each canonical model that has one: one row per way of reading it."""

import json

from matching.id_dates import read_id_dates

COLUMNS = {
    "model_id": "varchar",
    "source_id": "varchar",
    "reading": "integer",
    "year": "integer",
    "month": "integer",
    "day": "integer",
    "first_seen_at": "timestamp",
}


def model(dbt, session):
    dbt.config(materialized="table")
    resolved = dbt.ref("int_name_resolution").filter("kind = 'model'")
    models = [json.loads(payload) for (payload,) in resolved.project("payload").fetchall()]
    rows = [
        {
            **reading._asdict(),
            "model_id": model["model_id"],
            "source_id": model["first_seen_source"],
            "first_seen_at": model["first_seen_at"],
        }
        for model in sorted(models, key=lambda model: model["model_id"])
        for reading in read_id_dates(model["model_id"])
    ]
    return session.sql(
        "select unnest(from_json($rows, $columns), recursive := true)",
        params={"rows": json.dumps(rows), "columns": json.dumps([COLUMNS])},
    )
