"""Publishes a build that passed: in a new folder, then by one rename of the readers' link."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from portrait.build.outcomes import Outcome, count_statuses, read_artifact
from portrait.database import connect
from portrait.dictionary.page import write_dictionary
from portrait.errors import PortraitError
from portrait.identity.registry import propose_identity
from portrait.publishing.analyst import allowed_tables, write_analyst_file
from portrait.report.page import write_report
from portrait.sql import sql_name, sql_text
from portrait.state.audiences import propose_audiences
from portrait.state.segment_history import propose_segment_history
from portrait.state.store import StateStore, fsync
from portrait.state.tag_counts import propose_tag_counts
from portrait.warehouse import UNPUBLISHED, Warehouse, make_folder, set_mode

KEPT_BUILDS = 5
# Who may read what is published: its owner and their group; nobody writes into it.
FOLDER_MODE, FILE_MODE = 0o750, 0o440
# The switch that this process last began, so that a stop can be told truly: (link, build).
last_switch: list[tuple[Warehouse, str]] = []

BUILD_INFO_COLUMNS = {
    "build_id": ("varchar", "Id of the build; sorts by time."),
    "started_at": ("timestamp", "When the build started, UTC."),
    "finished_at": ("timestamp", "When its files were written, UTC."),
    "as_of_date": ("date", "The day that every window ends on."),
    "project_version": ("varchar", "Version of the project that built it."),
    "git_commit": ("varchar", "Commit of the project; null outside of a repository."),
    "dbt_version": ("varchar", "Version of dbt-core."),
    "duckdb_version": ("varchar", "Version of DuckDB."),
    "raw_folder": ("varchar", "Name of the raw folder."),
    "timezone": ("varchar", "Business time zone, an IANA name."),
    "currency": ("varchar", "Reporting currency, ISO 4217."),
    "land_seconds": ("double", "Seconds of the landing."),
    "dbt_seconds": ("double", "Seconds of the dbt build."),
    "check_seconds": ("double", "Seconds of the expectation suites."),
    "is_published": ("boolean", "Whether all checks passed, so that the build was published."),
}
TEST_RESULTS_COMMENTS = {
    "build_id": "Id of the build that ran the check.",
    "build_started_at": "When that build started, UTC.",
    "is_published": "Whether that build was published; false: something failed.",
    "kind": "test (dbt) or expectation.",
    "layer": "Last layer that the check reads.",
    "subject": "Table, model or seed that the check is about.",
    "test_name": "Name of the check.",
    "severity": "error: a failure stops the build; warn: it does not.",
    "status": "pass, warn, fail, error or skipped.",
    "failures_count": "Failing rows or values; null where they were not counted.",
    "duration_seconds": "Seconds that the check took; null for expectations.",
    "message": "Of a warning: what was found, and what to do about it; null otherwise.",
}


@dataclass(frozen=True)
class BuildInfo:
    """The row of quality.build_info: which build a file is."""

    build_id: str
    started_at: datetime
    finished_at: datetime | None
    as_of_date: date | None
    project_version: str | None
    git_commit: str | None
    dbt_version: str | None
    duckdb_version: str
    raw_folder: str
    timezone: str
    currency: str
    land_seconds: float | None = None
    dbt_seconds: float | None = None
    check_seconds: float | None = None
    is_published: bool = True

    def values(self) -> list[Any]:
        """The values in the order of the columns; timestamps as naive UTC."""
        return [_naive(getattr(self, field.name)) for field in fields(self)]


@dataclass(frozen=True)
class Published:
    """A published build."""

    build_id: str
    folder: Path
    has_lasting_pseudonyms: bool
    removed: tuple[str, ...]


class PublishedWithTrouble(PortraitError):
    """The build is published, but something after the switch failed."""


def _naive(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def project_version(project: Path) -> str | None:
    """The version in pyproject.toml."""
    try:
        with (project / "pyproject.toml").open("rb") as file:
            return tomllib.load(file)["project"]["version"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return None


def git_commit(project: Path) -> str | None:
    """The commit checked out in the project folder, if that is the top of a repository."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(project), "rev-parse", "--show-toplevel", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    if len(answer) != 2 or not Path(answer[0]).samefile(project):
        return None
    return answer[1]


def publish(
    warehouse: Warehouse,
    info: BuildInfo,
    outcomes: Sequence[Outcome],
    pseudonym_key: str,
    project: Path,
    target: Path | None = None,
) -> Published:
    """Publish the marts in the work folder as the build `info.build_id`.

    Call it under the warehouse's lock. `project` holds the models, whose YAML the dictionary reads;
    `target` holds the artifacts of the dbt run that made them (default: work/target).
    Readers see the new build from the last step on, or the old one if anything before it fails.
    PortraitError where the marts are not fit to be published, or what follows the switch failed.
    """
    part = warehouse.builds / f"{info.build_id}.tmp"
    folder = warehouse.builds / info.build_id
    warehouse.state.require_writable()
    make_folder(warehouse.builds, FOLDER_MODE)
    part.mkdir()
    try:
        proposals = StateStore(part / "state")
        proposals.absorb(warehouse.proposed_state.folder)
        write_state(proposals, info, outcomes, event="published")
        portrait = part / "portrait.duckdb"
        copy_marts(warehouse.work_portrait, portrait)
        published_at = datetime.now(UTC)
        propose_identity(
            portrait, warehouse.state, proposals, info.build_id, info.as_of_date, published_at
        )
        propose_segment_history(
            portrait, warehouse.work_build, warehouse.state, proposals, info.build_id,
            info.as_of_date, info.currency, published_at,
        )  # fmt: skip
        propose_tag_counts(
            portrait, warehouse.state, proposals, info.build_id, info.as_of_date, published_at
        )
        propose_audiences(
            portrait, warehouse.state, proposals, info.build_id, info.as_of_date, published_at
        )
        add_quality_tables(portrait, warehouse.state, proposals, info)
        tables = allowed_tables(read_artifact(target or warehouse.target, "manifest.json"))
        analyst = part / "analyst.duckdb"
        lasting = write_analyst_file(portrait, analyst, tables, pseudonym_key)
        # Beside the build that readers see now, which a rollback may have brought back.
        shown = warehouse.current_build()
        before = warehouse.builds / shown / "portrait.duckdb" if shown else None
        write_report(portrait, before, part / "report.html")
        write_dictionary(portrait, project, part / "dictionary.html")
        with connect(analyst) as connection:
            _write_build_info(connection, info)
        if warehouse.docs.is_dir():
            shutil.copytree(warehouse.docs, part / "data_docs")
        (part / UNPUBLISHED).touch()
        _fsync_tree(part)
        _protect(part)
        part.rename(folder)
        fsync(warehouse.builds)
        switch(warehouse, info.build_id)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        if warehouse.current_build() != info.build_id:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        warehouse.mark_published(info.build_id)
        warehouse.state.absorb(folder / "state")
        warehouse.land_state()
        removed = prune(warehouse)
    except (OSError, duckdb.Error) as error:
        raise PublishedWithTrouble(
            f"The build {info.build_id} is published, but what follows could not be done "
            f"({str(error).splitlines()[0]}). The next command makes it good."
        ) from error
    return Published(info.build_id, folder, lasting, tuple(removed))


def _protect(folder: Path) -> None:
    """Let the owner and their group read what is published, and nobody write; the state is hers."""
    for parent, _, files in os.walk(folder):
        is_state = (Path(parent) / "x").is_relative_to(folder / "state")
        set_mode(Path(parent), 0o700 if is_state else FOLDER_MODE)
        for file in files:
            set_mode(Path(parent) / file, 0o600 if is_state else FILE_MODE)


def write_state(
    store: StateStore,
    info: BuildInfo,
    outcomes: Sequence[Outcome],
    event: str,
    message: str | None = None,
) -> None:
    """Write the build's rows of the log and of the test results."""
    checks = [outcome for outcome in outcomes if outcome.is_check]
    counts = count_statuses(checks)
    now = datetime.now(UTC)
    store.append(
        "test_results",
        info.build_id,
        [
            {
                "build_id": info.build_id,
                "build_started_at": _naive(info.started_at),
                "is_published": event == "published",
                **outcome.row(),
            }
            for outcome in checks
        ],
    )
    store.append(
        "builds",
        info.build_id,
        [
            {
                "build_id": info.build_id,
                "event": event,
                "event_at": _naive(now),
                "started_at": _naive(info.started_at),
                "seconds": (now - info.started_at).total_seconds(),
                "project_version": info.project_version,
                "git_commit": info.git_commit,
                "raw_folder": info.raw_folder,
                "as_of_date": info.as_of_date,
                "passed_count": counts["passed"] + counts["warned"],
                "failed_count": counts["failed"],
                "message": message,
            }
        ],
    )


def copy_marts(source: Path, target: Path) -> None:
    """Copy the marts' file, with nothing left in its write-ahead log.

    PortraitError where it is absent, in use, or holds a view, which would break in a copy.
    """
    if not source.exists():
        raise PortraitError(f"There are no marts to publish: {source} does not exist.")
    try:
        with connect(source) as connection:
            views = connection.execute(
                "select schema_name || '.' || view_name from duckdb_views() "
                "where not internal and database_name = current_database() order by all"
            ).fetchall()
            connection.execute("checkpoint")
    except duckdb.IOException as error:
        raise PortraitError(
            f"{source} is open in another program; close it there and publish again."
        ) from error
    if views:
        raise PortraitError(
            f"{', '.join(name for (name,) in views)}: a published file holds tables only; "
            "materialise as a table."
        )
    if source.with_name(source.name + ".wal").exists():
        raise PortraitError(f"{source} has rows in its write-ahead log after a checkpoint.")
    shutil.copyfile(source, target)


def add_quality_tables(
    portrait: Path, state: StateStore, proposals: StateStore, info: BuildInfo
) -> None:
    """Write quality.build_info and quality.test_results, this build's and the earlier ones'."""
    with connect(portrait) as connection:
        _write_build_info(connection, info)
        connection.execute(
            "create or replace table quality.test_results as select * from ("
            f"{state.select('test_results')} union all {proposals.select('test_results')}"
            ") as results order by build_id, kind, layer, subject, test_name"
        )
        connection.execute(
            "comment on table quality.test_results is "
            "'One row per build and check: this build''s and the earlier ones''.'"
        )
        for column, text in TEST_RESULTS_COMMENTS.items():
            connection.execute(
                f"comment on column quality.test_results.{column} is {sql_text(text)}"
            )
        connection.execute("checkpoint")


def _write_build_info(connection: duckdb.DuckDBPyConnection, info: BuildInfo) -> None:
    connection.execute("create schema if not exists quality")
    columns = ", ".join(f"{name} {type_}" for name, (type_, _) in BUILD_INFO_COLUMNS.items())
    connection.execute(f"create or replace table quality.build_info ({columns})")
    marks = ", ".join("?" for _ in BUILD_INFO_COLUMNS)
    connection.execute(f"insert into quality.build_info values ({marks})", info.values())
    connection.execute(
        "comment on table quality.build_info is 'One row: which build this file is.'"
    )
    for column, (_, text) in BUILD_INFO_COLUMNS.items():
        connection.execute(
            f"comment on column quality.build_info.{sql_name(column)} is {sql_text(text)}"
        )
    connection.execute("checkpoint")


def _fsync_tree(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        for file in files:
            fsync(Path(parent) / file)
        fsync(Path(parent))


def switch(warehouse: Warehouse, build_id: str) -> None:
    """Point `current` at the build by one rename; relative, so that the folder may be moved."""
    part = warehouse.root / "current.tmp"
    part.unlink(missing_ok=True)
    part.symlink_to(Path("builds") / build_id, target_is_directory=True)
    last_switch[:] = [(warehouse, build_id)]
    try:
        part.replace(warehouse.current)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise PortraitError(
            f"{warehouse.current} is no link, so no build can be published there; move it away."
        ) from error
    fsync(warehouse.root)


def prune(warehouse: Warehouse, keep: int = KEPT_BUILDS) -> list[str]:
    """Remove all but the last builds and the current one; return what was removed."""
    current = warehouse.current_build()
    removed = [build for build in warehouse.kept_builds()[:-keep] if build != current]
    for build in removed:
        leftover = warehouse.builds / f"{build}.tmp"
        (warehouse.builds / build).rename(leftover)
        shutil.rmtree(leftover)
    return removed


def rollback(warehouse: Warehouse, build_id: str | None = None) -> tuple[str, str]:
    """Switch to the named build, or to the one before the current; return (from, to).

    PortraitError where there is no such build. Call it under the warehouse's lock.
    """
    current = warehouse.current_build()
    if current is None:
        raise PortraitError(f"Nothing is published in {warehouse.root} yet: run `portrait build`.")
    kept = warehouse.kept_builds()
    if build_id is None:
        earlier = [build for build in kept if build < current]
        if not earlier:
            raise PortraitError(f"There is no build before {current} to go back to.")
        build_id = earlier[-1]
    elif build_id not in kept:
        raise PortraitError(
            f"There is no build {build_id} in {warehouse.builds}. Kept are: {', '.join(kept)}."
        )
    elif build_id == current:
        raise PortraitError(f"{build_id} is the current build already.")
    switch(warehouse, build_id)
    now = datetime.now(UTC)
    warehouse.state.append(
        "builds",
        f"{now:%Y%m%dT%H%M%S.%fZ}-rollback",
        [
            {
                "build_id": build_id,
                "event": "rolled_back",
                "event_at": _naive(now),
                "message": f"from {current}",
            }
        ],
    )
    return current, build_id
