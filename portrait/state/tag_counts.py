"""How many customers had each tag in each published build, as rows of the state store."""

from datetime import UTC, date, datetime
from pathlib import Path

from portrait.database import connect
from portrait.sql import has_table, sql_text
from portrait.state.store import StateStore

TAGS, CUSTOMERS = "customer_tags", "dim_customers"


def propose_tag_counts(
    portrait: Path,
    state: StateStore,
    proposals: StateStore,
    build_id: str,
    as_of_date: date | None,
    published_at: datetime,
) -> bool:
    """Write the tags of the mart in `portrait`; return whether there were any.

    An as-of date before the latest that was published is a look back, and writes nothing.
    """
    if as_of_date is None or state.is_ahead_of(as_of_date):
        return False
    with connect(portrait, read_only=True) as connection:
        if not has_table(connection, "marts", TAGS):
            return False
        moment = sql_text(published_at.astimezone(UTC).replace(tzinfo=None))
        proposals.append_select(
            "tag_counts",
            build_id,
            connection,
            f"select {sql_text(build_id)} as build_id, timestamp {moment} as published_at,"
            f" date {sql_text(as_of_date)} as as_of_date, tag_code, count(*) as customer_count,"
            f" (select count(*) from marts.{CUSTOMERS}) as all_customer_count"
            f" from marts.{TAGS} group by tag_code order by tag_code",
        )
    return True
