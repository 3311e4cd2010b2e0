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
    models = resolved.project("model_id, first_seen_source_id, first_seen_at").order("model_id")
    rows = [
        {
            **reading._asdict(),
            "model_id": model_id,
            "source_id": source_id,
            "first_seen_at": first_seen_at and first_seen_at.isoformat(),
        }
        for model_id, source_id, first_seen_at in models.fetchall()
        for reading in read_id_dates(model_id)
    ]
    return session.sql(
        "select unnest(from_json($rows, $columns), recursive := true)",
        params={"rows": json.dumps(rows), "columns": json.dumps([COLUMNS])},
    )
