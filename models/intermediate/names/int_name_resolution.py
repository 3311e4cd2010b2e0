"""Who is who: hands every name to the `matching` package and returns its answer as rows.

One row per decision about a name (kind 'decision'), one per canonical model (kind 'model') and one
per pair of models that may be one release (kind 'twins'). The columns are the fields of the
package's records; those that a kind does not have are null.
"""

from pathlib import Path

from matching import build_vocabulary, resolve, tables
from matching.semantic import read_vectors, write_vectors
from matching.settings import MatchingSettings
from parameters import settings_from

VECTORS = Path("build/name_vectors.json")


def model(dbt, session):
    dbt.config(materialized="table")
    names = tables.rows_of(dbt.ref("int_names"))
    overrides = tables.rows_of(dbt.ref("name_overrides"))
    vocabulary = build_vocabulary(
        {
            "matching_aliases": tables.rows_of(dbt.ref("matching_aliases")),
            "matching_families": tables.rows_of(dbt.ref("matching_families")),
            "matching_hosts": tables.rows_of(dbt.ref("matching_hosts")),
            "matching_known_releases": tables.rows_of(dbt.ref("matching_known_releases")),
            "matching_mode_releases": tables.rows_of(dbt.ref("matching_mode_releases")),
            "matching_providers": tables.rows_of(dbt.ref("matching_providers")),
            "matching_sources": tables.rows_of(dbt.ref("matching_sources")),
            "matching_tunes": tables.rows_of(dbt.ref("matching_tunes")),
            "matching_version_dates": tables.rows_of(dbt.ref("matching_version_dates")),
            "matching_words": tables.rows_of(dbt.ref("matching_words")),
        }
    )
    parameters = dbt.ref("scoring_parameters").project("parameter_group, parameter, value")
    vectors = read_vectors(VECTORS)
    known = len(vectors)
    resolution = resolve(
        names=tables.names_of(names),
        registry=tables.registry_of(names),
        vocabulary=vocabulary,
        overrides=tables.overrides_of(overrides),
        as_of=dbt.config.meta_get("as_of") or None,
        semantic=True,
        embeddings=vectors,
        settings=settings_from(MatchingSettings, parameters.fetchall()),
    )
    if len(vectors) > known:
        write_vectors(VECTORS, vectors)
    for note in resolution.notes:
        print(note)
    return session.sql(tables.ANSWER_QUERY, params=tables.answer(resolution, names))
