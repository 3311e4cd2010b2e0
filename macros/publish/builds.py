"""What the working database remembers of builds, and whether it holds a whole one.

A full build in which everything passed marks the working database as whole; every command that
begins to change it takes the mark away first, so that a failed, partial or killed one leaves none.
Nothing is published without the mark. All of it lies in the schema `operations`.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
from dbt_common.exceptions import DbtRuntimeError


class Column(NamedTuple):
    """A column of the table that names a build."""

    name: str
    type: str
    description: str


#: One row names a build: the mark of the working database and main.build of a published file.
BUILD_COLUMNS = (
    Column("build_id", "varchar not null", "The build, as in `builds`."),
    Column(
        "schema_version",
        "integer not null",
        "Version of the tables of this file; CHANGELOG.md says what each changed.",
    ),
    Column("as_of_on", "date not null", "The day that the build speaks of."),
    Column("known_at", "timestamp", "Only loads landed by then exist, UTC; null = every load."),
    Column(
        "is_of_another_day",
        "boolean not null",
        "true where as_of was not the day of the build, or known_at was given.",
    ),
    Column("last_landed_at", "timestamp", "When the newest load that it read was landed, UTC."),
    Column("seeds_hash", "varchar not null", "MD5 over all seed files: equal = same parameters."),
    Column("project_version", "varchar not null", "Version of the project that built it."),
    Column("dbt_version", "varchar not null", "Version of dbt-core that built it."),
    Column("built_at", "timestamp not null", "When everything had been built and checked, UTC."),
)
BUILD_COMMENT = "Which build this is: one row."

#: Goes up by one when a published table or column goes, comes or changes its name or its meaning.
#: CHANGELOG.md says what changed, tests/python/fixtures/published_columns.json what there is.
SCHEMA_VERSION = 3

MARK = "operations.whole_build"
LAST_CHANGE = "operations.last_change"
KEPT = "operations.builds"
REMEDY = "`dbt build` builds and publishes all of it"


def begin_change(connection: duckdb.DuckDBPyConnection, command: str) -> None:
    """Take the mark away before `command` changes anything, and note who did.

    In a new working database this also makes room for the builds to come.
    """
    rename_kept_builds(connection)
    connection.execute(
        f"""
        begin;
        create schema if not exists operations;
        create table if not exists {KEPT} (build_id varchar primary key, build json);
        drop table if exists {MARK};
        create or replace table {LAST_CHANGE} as
            select {text(command)} as command, date_trunc('second', now() at time zone 'utc') as at;
        commit
        """
    )


def rename_kept_builds(connection: duckdb.DuckDBPyConnection) -> None:
    """Let builds that an earlier version kept be rows of `builds`: they were rows of `runs`."""
    kept_as_runs = connection.execute(
        "select 1 from duckdb_columns() where database_name = current_database() "
        "and schema_name || '.' || table_name = ? and column_name = 'run_id'",
        [KEPT],
    ).fetchone()
    if kept_as_runs:
        connection.execute(
            f"""
            begin;
            update {KEPT} set build = json_merge_patch(
                build,
                json_object('build_id', run_id, 'last_landed_at', build->>'landed_at')
            );
            alter table {KEPT} rename column run_id to build_id;
            commit
            """
        )


def drop_unknown_tables(connection: duckdb.DuckDBPyConnection, known: list[str]) -> None:
    """Drop the tables that the project does not make any more.

    `known` are the names with schema of those that it makes; schemas of none of them are left
    alone. A table that an earlier version left would be published, or taken for one of today's.
    """
    schemas = {name.split(".")[0] for name in known}
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database() and list_contains($schemas, schema_name)",
        {"schemas": sorted(schemas)},
    ).fetchall()
    for schema, table in found:
        if f"{schema}.{table}" not in known:
            connection.execute(f'drop table {schema}."{table}"')


def create_build_table(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Create the empty table `relation` for the row that names a build, with its comments."""
    columns = ", ".join(f"{column.name} {column.type}" for column in BUILD_COLUMNS)
    comments = "".join(
        f"comment on column {relation}.{column.name} is {text(column.description)};"
        for column in BUILD_COLUMNS
    )
    connection.execute(
        f"create or replace table {relation} ({columns});"
        f"comment on table {relation} is {text(BUILD_COMMENT)}; {comments}"
    )


def mark_whole(connection: duckdb.DuckDBPyConnection, build: dict[str, Any]) -> None:
    """Mark the working database as whole; `build` has the keys of BUILD_COLUMNS but the version
    and built_at.
    """
    build = build | {"schema_version": SCHEMA_VERSION}
    given = [build.get(column.name) for column in BUILD_COLUMNS[:-1]]
    connection.execute("begin")
    create_build_table(connection, MARK)
    connection.execute(
        f"insert into {MARK} values ({'?, ' * len(given)} now() at time zone 'utc')", given
    )
    connection.execute("commit")


def whole_build(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the row that names the build which the working database holds.

    Raises DbtRuntimeError, saying why, where it holds no whole build or one of its data tests has
    failed since.
    """
    if not has_table(connection, *MARK.split(".")):
        raise DbtRuntimeError(f"Not published: {why_not_whole(connection)}; {REMEDY}")
    build = one_row(connection.execute(f"from {MARK}"))
    failing = connection.execute(
        "select test_name from main.data_tests_status "
        "where status not in ('pass', 'warn', 'not run', 'skipped') order by test_name"
    ).fetchall()
    if failing:
        names = ", ".join(name for (name,) in failing)
        raise DbtRuntimeError(f"Not published: {names} failed since the build; {REMEDY}")
    return build


def check_day(build: dict[str, Any], as_of: str | None, known_at: str | None) -> None:
    """Raise DbtRuntimeError if a day or a moment is asked for that is not that of the build."""
    if as_of is not None and as_of != str(build["as_of_on"]):
        raise DbtRuntimeError(
            f"Not published: the working database holds the build of {build['as_of_on']}, not of "
            f"{as_of}; run `dbt build` with that as_of"
        )
    if known_at is not None and datetime.fromisoformat(known_at) != build["known_at"]:
        raise DbtRuntimeError(
            f"Not published: the working database holds the build with known_at "
            f"{build['known_at']}, not {known_at}; run `dbt build` with that known_at"
        )


def why_not_whole(connection: duckdb.DuckDBPyConnection) -> str:
    """Say which command left the working database without a mark."""
    if not has_table(connection, *LAST_CHANGE.split(".")):
        return "the working database holds no whole build"
    command, at = connection.execute(f"from {LAST_CHANGE}").fetchone()
    return (
        f"the last command that changed the working database was `{command}` of {at} UTC, "
        "no whole build in which everything passed"
    )


def loads_first_seen(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What no earlier build of this working database had seen of the landing: columns of `builds`.

    How many loads there were of each status, how many answers of each HTTP status (JSON), and when
    the newest load of all was landed; nothing where the mart has not been built yet.
    """
    if not has_table(connection, "main", "loads"):
        return {}
    found = connection.execute(
        f"""
        with loads as (
            select
                *,
                landed_at > coalesce(
                    (select max(cast(build->>'last_landed_at' as timestamp)) from {KEPT}),
                    timestamp '-infinity'
                ) as is_new,
            from main.loads
        ),

        statuses as (
            select
                http_status,
                count(*) as answers,
            from loads
            where is_new and http_status is not null
            group by http_status
        )

        select
            count(*) filter (where is_new) as loads_seen,
            count(*) filter (where is_new and status = 'landed') as loads_landed,
            count(*) filter (where is_new and status = 'unchanged') as loads_unchanged,
            count(*) filter (where is_new and status = 'superseded') as loads_superseded,
            count(*) filter (where is_new and status = 'held') as loads_held,
            count(*) filter (where is_new and status = 'skipped') as loads_skipped,
            count(*) filter (where is_new and status = 'failed') as loads_failed,
            (
                select
                    coalesce(
                        cast(to_json(map_from_entries(
                            list((http_status, answers) order by http_status)
                        )) as varchar),
                        '{{}}'
                    )
                from statuses
            ) as http_status_counts,
            cast(max(landed_at) as varchar) as last_landed_at,
        from loads
        """
    )
    return one_row(found)


def models_by_status(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What became of the models, as columns of `builds`.

    How many are ranked somewhere, are known but ranked nowhere, and are ranked nowhere because
    their measurements contradict each other.
    """
    found = connection.execute(
        """
        with models as (
            select
                reports.is_validated,
                bool_or(rankings.is_ranked) as is_ranked,
            from main.rankings
            inner join main.quality_reports as reports on reports.model_id = rankings.model_id
            group by rankings.model_id, reports.is_validated
        )

        select
            count(*) filter (where is_ranked) as models_ranked,
            count(*) filter (where not is_ranked and is_validated) as models_unranked,
            count(*) filter (where not is_ranked and not is_validated) as models_not_validated,
        from models
        """
    )
    return one_row(found)


def one_row(found: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The only row of a result, by column."""
    names = [name for name, *_ in found.description]
    return dict(zip(names, found.fetchone(), strict=True))


def keep_build(connection: duckdb.DuckDBPyConnection, build: dict[str, Any]) -> None:
    """Keep a build's row of `builds`, so that one that published nothing is told of by the next.

    Kept as JSON, so that any version of `builds` reads it, and shown in the working mart.
    """
    connection.execute(
        f"insert or replace into {KEPT} values (?, ?)", [build["build_id"], json.dumps(build)]
    )
    if has_table(connection, "main", "builds"):
        add_builds(connection, "main.builds")


def add_builds(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    result: dict[str, Any] | None = None,
    alone: bool = False,
) -> int:
    """Write kept builds into a table of the shape of `builds` that lacks them; return how many.

    A `result` (build_id and columns of `builds`) overrides what was kept of that build; `alone`
    leaves all others out.
    """
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = 'main' "
        "and table_name = 'builds' and database_name = current_database() order by column_index"
    ).fetchall()
    values = ", ".join(f"cast(build->>'{name}' as {type_})" for name, type_ in columns)
    (added,) = connection.execute(
        f"""
        insert into {relation}
        select {values}
        from (
            select
                build_id,
                if(build_id = $build_id, json_merge_patch(build, $result), build) as build,
            from {KEPT}
            where build_id = $build_id or not $alone
        )
        where build_id not in (select build_id from {relation})
        order by build->>'started_at'
        """,
        {
            "build_id": (result or {}).get("build_id"),
            "result": json.dumps(result or {}),
            "alone": alone,
        },
    ).fetchone()
    return added


def note_result(connection: duckdb.DuckDBPyConnection, result: dict[str, Any]) -> None:
    """Override columns of a kept build, in the working mart, too; `result` as in add_builds."""
    connection.execute(
        f"update {KEPT} set build = json_merge_patch(build, ?) where build_id = ?",
        [json.dumps(result), result["build_id"]],
    )
    if has_table(connection, "main", "builds"):
        settings = ", ".join(f"{name} = ${name}" for name in result if name != "build_id")
        connection.execute(f"update main.builds set {settings} where build_id = $build_id", result)


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Say whether the connection's own database holds this table."""
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return found is not None


def text(value: object) -> str:
    """A value as a SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"
