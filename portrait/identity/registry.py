"""What a build proposes about identity: the customer of each record, and what merged or split.

The proposals are rows of the state store's tables `identity_registry` and `identity_log`. They lie
in the build's own folder and take effect with its publishing: a failed build mints no id.
"""

from datetime import UTC, date, datetime
from pathlib import Path

from portrait.database import connect
from portrait.sql import sql_text
from portrait.state.store import StateStore

# The marts that the proposals are read from.
BRIDGE, LOG = "bridge_customer_identities", "identity_log"


def propose_identity(
    portrait: Path,
    state: StateStore,
    proposals: StateStore,
    build_id: str,
    as_of_date: date | None,
    published_at: datetime,
) -> bool:
    """Write the choices and events of the marts in `portrait` that the store does not hold yet.

    Returns whether anything was proposed: not without the marts, and not for an as-of date before
    the latest one in the registry, since such a build sees fewer records and must not change ids.
    """
    with connect(portrait, read_only=True) as connection:
        there = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts'"
            ).fetchall()
        }
        if BRIDGE not in there or state.is_ahead_of(as_of_date):
            return False
        moment = sql_text(published_at.astimezone(UTC).replace(tzinfo=None))
        stamp = f"{sql_text(build_id)} as build_id, timestamp {moment} as published_at"
        as_of = f"cast({sql_text(as_of_date) if as_of_date else 'null'} as date) as as_of_date"
        proposals.append_select(
            "identity_registry",
            build_id,
            connection,
            f"select {stamp}, {as_of}, bridge.record_id, bridge.customer_id"
            f" from marts.{BRIDGE} as bridge left join ({latest_choices(state)}) as registered"
            " on bridge.record_id = registered.record_id"
            " where registered.customer_id is distinct from bridge.customer_id"
            " order by bridge.record_id",
        )
        if LOG in there:
            keys = "event, from_customer_id, to_customer_id, event_number"
            proposals.append_select(
                "identity_log",
                build_id,
                connection,
                f"select {stamp}, log.* rename (records_count as record_count)"
                f" from marts.{LOG} as log anti join"
                f" ({state.select('identity_log')}) as stored using ({keys}) order by {keys}",
            )
    return True


def latest_choices(state: StateStore) -> str:
    """SQL of the customer that each record was published with last: record_id, customer_id."""
    return (
        "select record_id, max_by(customer_id, build_id) as customer_id"
        f" from ({state.select('identity_registry')}) group by record_id"
    )
