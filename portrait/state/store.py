"""The state store: what outlives a build, as Parquet files `<folder>/<table>/<id>.parquet`.

It only grows. A build writes its proposals into a separate store inside its folder;
`StateStore.absorb` copies them into the store of the warehouse once the build is published. Copying
twice changes nothing, so a kill in between costs nothing.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.sql import one_value, sql_path, sql_text

# The columns of each table, in order. Timestamps are UTC.
TABLES: dict[str, dict[str, str]] = {
    # One row per event of a build: published, failed, or rolled back to.
    "builds": {
        "build_id": "VARCHAR",
        "event": "VARCHAR",
        "event_at": "TIMESTAMP",
        "started_at": "TIMESTAMP",
        "seconds": "DOUBLE",
        "project_version": "VARCHAR",
        "git_commit": "VARCHAR",
        "raw_folder": "VARCHAR",
        "as_of_date": "DATE",
        "passed_count": "BIGINT",
        "failed_count": "BIGINT",
        "message": "VARCHAR",
    },
    # One row per build and check: a dbt test, or an expectation.
    "test_results": {
        "build_id": "VARCHAR",
        "build_started_at": "TIMESTAMP",
        "is_published": "BOOLEAN",
        "kind": "VARCHAR",
        "layer": "VARCHAR",
        "subject": "VARCHAR",
        "test_name": "VARCHAR",
        "severity": "VARCHAR",
        "status": "VARCHAR",
        "failures_count": "BIGINT",
        "duration_seconds": "DOUBLE",
        "message": "VARCHAR",
    },
    # One row per source record and build that published another customer id for it than before.
    "identity_registry": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "as_of_date": "DATE",
        "record_id": "VARCHAR",
        "customer_id": "VARCHAR",
    },
    # One row per merge or split of customers that a build published.
    "identity_log": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "event": "VARCHAR",
        "from_customer_id": "VARCHAR",
        "to_customer_id": "VARCHAR",
        "event_number": "BIGINT",
        "reason": "VARCHAR",
        "evidence": "VARCHAR",
        "record_count": "BIGINT",
        "event_date": "DATE",
    },
    # One row per change of the model of scored matching: fitted, or shipped for the way back.
    "match_models": {
        "event_id": "VARCHAR",
        "event": "VARCHAR",
        "event_at": "TIMESTAMP",
        "model_version": "VARCHAR",
        "base_version": "VARCHAR",
        "record_count": "BIGINT",
        "pairs_per_record": "DOUBLE",
        "training_count": "BIGINT",
        "converged_count": "BIGINT",
    },
    # One row per fitted model and level of a comparison.
    "match_levels": {
        "model_version": "VARCHAR",
        "comparison": "VARCHAR",
        "level_name": "VARCHAR",
        "m_probability": "DOUBLE",
        "u_probability": "DOUBLE",
        "is_m_fitted": "BOOLEAN",
        "is_u_fitted": "BOOLEAN",
    },
    # One row per model of lifetime value and attempt to fit it, or end of all fits before it.
    "clv_fits": {
        "event_id": "VARCHAR",
        "model": "VARCHAR",
        "event": "VARCHAR",
        "event_at": "TIMESTAMP",
        "model_version": "VARCHAR",
        "as_of_date": "DATE",
        "currency": "VARCHAR",
        "customer_count": "BIGINT",
        "distinct_count": "BIGINT",
        "round_count": "BIGINT",
        "log_likelihood": "DOUBLE",
        "is_converged": "BOOLEAN",
        "problem": "VARCHAR",
        "r": "DOUBLE",
        "alpha_days": "DOUBLE",
        "a": "DOUBLE",
        "b": "DOUBLE",
        "p": "DOUBLE",
        "q": "DOUBLE",
        "gamma_amount": "DOUBLE",
        "holdout_customer_count": "BIGINT",
        "holdout_score": "DOUBLE",
        "churn_intercept": "DOUBLE",
        "churn_slope": "DOUBLE",
        "churn_ceiling": "DOUBLE",
    },
    # One row per customer, month end and build that published the month.
    "segment_history": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "currency": "VARCHAR",
        "month_end_date": "DATE",
        "customer_id": "VARCHAR",
        "rfm_code": "VARCHAR",
        "rfm_segment": "VARCHAR",
        "value_group_pattern": "VARCHAR",
        "value_tier": "VARCHAR",
        "lifecycle_stage": "VARCHAR",
        "recency_days": "INTEGER",
        "frequency": "BIGINT",
        "monetary_amount": "DECIMAL(38,4)",
        "is_known_by_load_date": "BOOLEAN",
    },
    # One row per published build and tag: how many customers had it.
    "tag_counts": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "as_of_date": "DATE",
        "tag_code": "VARCHAR",
        "customer_count": "BIGINT",
        "all_customer_count": "BIGINT",
    },
    # One row per published build and customer who entered or left an audience, and one without an
    # audience per build: the last build of a day says what changed on it.
    "audience_changes": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "as_of_date": "DATE",
        "audience": "VARCHAR",
        "customer_id": "VARCHAR",
        "change": "VARCHAR",
        "reason": "VARCHAR",
    },
    # One row per published build and audience in force.
    "audience_versions": {
        "build_id": "VARCHAR",
        "published_at": "TIMESTAMP",
        "as_of_date": "DATE",
        "audience": "VARCHAR",
        "definition_hash": "VARCHAR",
        "title": "VARCHAR",
        "description": "VARCHAR",
        "owner": "VARCHAR",
        "exclusive_group": "VARCHAR",
        "definition": "VARCHAR",
        "priority": "BIGINT",
        "holdout_pct": "DECIMAL(5,2)",
        "matches_count": "BIGINT",
        "members_count": "BIGINT",
        "holdout_members_count": "BIGINT",
    },
    # One row per export of an audience: counts, and nobody's name or address.
    "audience_exports": {
        "export_id": "VARCHAR",
        "exported_at": "TIMESTAMP",
        "build_id": "VARCHAR",
        "as_of_date": "DATE",
        "audience": "VARCHAR",
        "definition_hash": "VARCHAR",
        "channel": "VARCHAR",
        "purpose": "VARCHAR",
        "file_name": "VARCHAR",
        "file_sha256": "VARCHAR",
        "candidates_count": "BIGINT",
        "sent_count": "BIGINT",
        "erased_count": "BIGINT",
        "holdout_count": "BIGINT",
        "no_consent_count": "BIGINT",
        "no_address_count": "BIGINT",
        "capped_count": "BIGINT",
        "holdout_address_count": "BIGINT",
        "failed_count": "BIGINT",
    },
    # One row per unknown word that a company accepted with a build: it is not asked for again.
    "accepted_words": {
        "event_id": "VARCHAR",
        "accepted_at": "TIMESTAMP",
        "system": "VARCHAR",
        "table_name": "VARCHAR",
        "column_name": "VARCHAR",
        "word": "VARCHAR",
    },
    # One row per decision to write the months of the history from a day on again.
    "history_restatements": {
        "event_id": "VARCHAR",
        "event_at": "TIMESTAMP",
        "from_date": "DATE",
        "reason": "VARCHAR",
    },
}
# What the models read of the store, as the source `state`.
READ_BY_MODELS = (
    "identity_registry", "identity_log", "match_models", "match_levels", "clv_fits",
    "segment_history", "history_restatements", "tag_counts", "audience_changes",
    "audience_versions",
)  # fmt: skip


class StateStore:
    """A folder of append-only tables."""

    def __init__(self, folder: Path, proposals: Path | None = None) -> None:
        """Take the folder, and that of a store whose rows are read as if absorbed already.

        Neither need exist yet.
        """
        self.folder = folder
        self.proposals = proposals

    def append(self, table: str, name: str, rows: Iterable[Mapping[str, Any]]) -> Path:
        """Write the rows as the file `name` of the table, whole or not at all.

        A key that is no column of the table raises KeyError; an absent key is null.
        """
        columns = TABLES[table]
        rows = [dict(row) for row in rows]
        for row in rows:
            if unknown := row.keys() - columns.keys():
                raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
        target = self.folder / table / f"{name}.parquet"
        shape = json.dumps([columns])
        with connect() as connection:
            self._copy(
                connection,
                f"select unnest(from_json({sql_text(json.dumps(rows, default=str))}, "
                f"{sql_text(shape)}), max_depth := 2)",
                target,
            )
        return target

    def append_select(
        self, table: str, name: str, connection: duckdb.DuckDBPyConnection, select: str
    ) -> Path:
        """Write what a select gives as the file `name` of the table, whole or not at all.

        The select gives the columns of the table by their names, in any order.
        """
        columns = ", ".join(
            f"cast({name} as {type_}) as {name}" for name, type_ in TABLES[table].items()
        )
        target = self.folder / table / f"{name}.parquet"
        self._copy(connection, f"select {columns} from ({select})", target)
        return target

    def land(self, folder: Path) -> None:
        """Write the tables that models read into the folder, a file each."""
        with connect() as connection:
            for table in READ_BY_MODELS:
                self._copy(connection, self.select(table), folder / f"{table}.parquet")

    def _copy(self, connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        connection.execute(f"copy ({select}) to {sql_text(part)} (format parquet)")
        replace_durably(part, target)

    def absorb(self, proposals: Path) -> list[str]:
        """Take over the files of another store that are not here yet; return their names."""
        absorbed = []
        for source in sorted(proposals.glob("*/*.parquet")):
            target = self.folder / source.parent.name / source.name
            if target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_suffix(".part")
            shutil.copyfile(source, part)
            replace_durably(part, target)
            absorbed.append(f"{source.parent.name}/{source.stem}")
        return absorbed

    def require_writable(self) -> None:
        """Make the folder, and write and remove a file in it.

        Raises:
            PortraitError: that fails; a build must not be published then, as nothing could
                remember it.
        """
        probe = self.folder / ".probe"
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, mode=0o700)
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()
        except OSError as error:
            raise PortraitError(
                f"{self.folder}: could not be written ({error.strerror}). Nothing was published."
            ) from error

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn an error of the database into the name of the file of the store that causes it.

        Raises:
            PortraitError: a file of the store is damaged.
        """
        try:
            yield
        except duckdb.Error as error:
            damaged = self.damaged()
            if damaged is None:
                raise
            raise PortraitError(
                f"{damaged} is damaged and cannot be read ({str(error).splitlines()[0]}). Restore "
                "it from a backup; without one, move it away: what it holds is lost then."
            ) from error

    def damaged(self) -> Path | None:
        """The first file of the store that cannot be read; None where all can."""
        with connect() as connection:
            for file in sorted(self.folder.glob("*/*.parquet")):
                try:
                    connection.execute(f"select * from read_parquet({sql_path(file)})").fetchall()
                except duckdb.Error:
                    return file
        return None

    def is_ahead_of(self, as_of_date: date | None) -> bool:
        """Whether a build for a later as-of date was published: a build for this one looks back."""
        if as_of_date is None:
            return False
        with connect() as connection:
            latest = one_value(
                connection, f"select max(as_of_date) from ({self.select('identity_registry')})"
            )
        return latest is not None and as_of_date < latest

    def select(self, table: str) -> str:
        """SQL that reads the whole table: all its files, or no row where there is none."""
        columns = ", ".join(TABLES[table])
        typed = ", ".join(
            f"cast(null as {type_}) as {name}" for name, type_ in TABLES[table].items()
        )
        empty = f"select {typed} where false"
        folders = [folder for folder in (self.folder, self.proposals) if folder]
        found = [file for folder in folders for file in (folder / table).glob("*.parquet")]
        files = ", ".join(map(sql_path, sorted(found)))
        if not files:
            return empty
        # The empty relation gives older files the columns that came later.
        return (
            f"select {columns} from (select * from read_parquet([{files}], union_by_name = true) "
            f"union all by name {empty})"
        )


def replace_durably(part: Path, target: Path) -> None:
    """Rename `part` to `target` so that a power cut leaves the old state or the new one."""
    fsync(part)
    part.replace(target)
    fsync(target.parent)


def fsync(path: Path) -> None:
    """Bring a file, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
