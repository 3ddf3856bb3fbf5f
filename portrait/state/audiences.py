"""Who entered and left each audience, and its versions, as rows of the state store."""

from datetime import UTC, date, datetime
from pathlib import Path

from portrait.database import connect
from portrait.sql import has_table, sql_text
from portrait.state.store import TABLES, StateStore

CHANGES, VERSIONS = "audience_changes", "audiences"


def propose_audiences(
    portrait: Path,
    state: StateStore,
    proposals: StateStore,
    build_id: str,
    as_of_date: date | None,
    published_at: datetime,
) -> bool:
    """Write the audiences of the marts in `portrait`; return whether there are such marts.

    The changes are those of the as-of date against the last day before it that was published.
    A row without an audience says that the build was there, also where nobody entered or left.
    An as-of date before the latest that was published is a look back, and writes nothing.
    """
    if as_of_date is None or state.is_ahead_of(as_of_date):
        return False
    with connect(portrait, read_only=True) as connection:
        if not has_table(connection, "marts", CHANGES):
            return False
        moment = sql_text(published_at.astimezone(UTC).replace(tzinfo=None))
        stamp = (
            f"{sql_text(build_id)} as build_id, timestamp {moment} as published_at,"
            f" date {sql_text(as_of_date)} as as_of_date"
        )
        proposals.append_select(
            "audience_changes",
            build_id,
            connection,
            f"select {stamp}, audience, customer_id_then as customer_id, change, reason"
            f" from marts.{CHANGES} where changed_date = date {sql_text(as_of_date)}"
            f" union all select {stamp}, null, null, null, null"
            " order by audience nulls first, customer_id",
        )
        stamped = ("build_id", "published_at", "as_of_date")
        columns = ", ".join(name for name in TABLES["audience_versions"] if name not in stamped)
        proposals.append_select(
            "audience_versions",
            build_id,
            connection,
            f"select {stamp}, {columns} from marts.{VERSIONS} where is_current order by audience",
        )
    return True
