"""Who is who: hands every name to the `matching` package and returns its answer as rows.

One row per decision about a name (kind 'decision') and one per canonical model (kind 'model'), each
as JSON in the shape of the package's records.
"""

import json
from dataclasses import asdict
from pathlib import Path

from matching import CanonicalModel, Name, Override, build_vocabulary, resolve
from matching.semantic import read_vectors, write_vectors
from matching.settings import MatchingSettings
from parameters import settings_from

VECTORS = Path("build/name_vectors.json")


def model(dbt, session):
    dbt.config(materialized="table")
    names = records(dbt.ref("int_names"))
    overrides = records(dbt.ref("name_overrides"))
    vocabulary = build_vocabulary(
        {
            "matching_aliases": records(dbt.ref("matching_aliases")),
            "matching_families": records(dbt.ref("matching_families")),
            "matching_hosts": records(dbt.ref("matching_hosts")),
            "matching_known_releases": records(dbt.ref("matching_known_releases")),
            "matching_mode_releases": records(dbt.ref("matching_mode_releases")),
            "matching_providers": records(dbt.ref("matching_providers")),
            "matching_sources": records(dbt.ref("matching_sources")),
            "matching_tunes": records(dbt.ref("matching_tunes")),
            "matching_version_dates": records(dbt.ref("matching_version_dates")),
            "matching_words": records(dbt.ref("matching_words")),
        }
    )
    parameters = dbt.ref("scoring_parameters").project("parameter_group, parameter, value")
    vectors = read_vectors(VECTORS)
    known = len(vectors)
    resolution = resolve(
        names=[
            Name(
                source=name["source_id"],
                name=name["source_model_name"],
                org=name["org"],
                record_id=name["record_id"],
                role=name["role"],
                first_seen_at=name["first_observed_at"],
                efforts=tuple(name["efforts"] or ()),
                alias_of=name["alias_of"],
                released_on=name["released_on"],
            )
            for name in names
        ],
        registry=[
            CanonicalModel(
                model_id=name["source_model_name"],
                provider=name["org"],
                display_name=name["display_name"],
                api_alias=name["api_alias"],
                released_on=name["released_on"],
                first_seen_source=name["source_id"],
                first_seen_at=name["first_observed_at"],
            )
            for name in names
            if name["role"] == "registry"
        ],
        vocabulary=vocabulary,
        overrides=[
            Override(
                source=override["source_id"],
                name=override["source_model_name"],
                model_id=override["model_id"],
                valid_from=override["valid_from"],
                valid_to=override["valid_to"],
                reason=override["reason"],
            )
            for override in overrides
        ],
        as_of=dbt.config.meta_get("as_of") or None,
        semantic=True,
        embeddings=vectors,
        settings=settings_from(MatchingSettings, parameters.fetchall()),
    )
    if len(vectors) > known:
        write_vectors(VECTORS, vectors)
    for note in resolution.notes:
        print(note)
    rows = [
        {"kind": kind, "payload": asdict(record)}
        for kind, kept in (
            ("decision", resolution.decisions),
            ("model", resolution.models),
            ("twins", resolution.twins),
        )
        for record in kept
    ]
    return session.sql(
        'select unnest(from_json($rows, \'[{"kind": "varchar", "payload": "json"}]\'),'
        " recursive := true)",
        params={"rows": json.dumps(rows)},
    )


def records(relation):
    """Return a relation's rows as dicts; days and moments as ISO text."""
    cursor = relation.query("rows", "select * from rows order by all")
    return [
        {
            column: value.isoformat() if hasattr(value, "isoformat") else value
            for column, value in zip(cursor.columns, row, strict=True)
        }
        for row in cursor.fetchall()
    ]
