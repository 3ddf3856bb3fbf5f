"""The kept months of customer_segment_history, as rows of the state store.

A month is written once, by the first build that is published after its end, and read from then on.
A restatement takes the months from one on out of use: the next build calculates and writes them
again. The rows that it replaces stay in the store, from which nothing is ever deleted.
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.sql import has_table, one_value, sql_text
from portrait.state.store import TABLES, StateStore
from portrait.warehouse import Warehouse

HISTORY, KEPT = "customer_segment_history", "int_segment_history_kept"
MONTH = re.compile(r"(\d{4})-(\d{2})")


def propose_segment_history(
    portrait: Path,
    work_build: Path,
    state: StateStore,
    proposals: StateStore,
    build_id: str,
    as_of_date: date | None,
    currency: str,
    published_at: datetime,
) -> bool:
    """Write the months of the mart in `portrait` that the build computed.

    Those are the ones after the last that it read from the store, as `work_build` says. Returns
    whether there was any: not without the mart, and not for an as-of date before the latest one
    that was published, since a look back writes nothing.
    """
    with connect(portrait, read_only=True) as connection:
        if not has_table(connection, "marts", HISTORY):
            return False
        if state.is_ahead_of(as_of_date):
            return False
        last_kept = _last_kept(work_build)
        new = f"month_end_date > date {sql_text(last_kept)}" if last_kept else "true"
        if not connection.execute(f"select 1 from marts.{HISTORY} where {new} limit 1").fetchone():
            return False
        moment = sql_text(published_at.astimezone(UTC).replace(tzinfo=None))
        stamped = {
            "build_id": sql_text(build_id),
            "published_at": f"timestamp {moment}",
            "currency": sql_text(currency),
            "customer_id": "customer_id_then",
        }
        columns = ", ".join(
            f"{stamped.get(name, name)} as {name}" for name in TABLES["segment_history"]
        )
        proposals.append_select(
            "segment_history",
            build_id,
            connection,
            f"select {columns} from marts.{HISTORY} where {new}"
            " order by month_end_date, customer_id_then",
        )
    return True


def restate_history(warehouse: Warehouse, month: str, reason: str) -> date:
    """Put the kept months from `month` (as 2026-01) on out of force; return its first day.

    PortraitError where that is no month, or no reason is given. Call it under the warehouse's lock.
    """
    match = MONTH.fullmatch(month)
    if not match or not 1 <= int(match[2]) <= 12:
        raise PortraitError(f"{month} is no month; write it as 2026-01.")
    if not reason.strip():
        raise PortraitError("Say in a sentence why the history is written again.")
    first_day = date(int(match[1]), int(match[2]), 1)
    now = datetime.now(UTC)
    event_id = f"{now:%Y%m%dT%H%M%S.%fZ}"
    warehouse.state.append(
        "history_restatements",
        event_id,
        [
            {
                "event_id": event_id,
                "event_at": now.replace(tzinfo=None),
                "from_date": first_day,
                "reason": reason.strip(),
            }
        ],
    )
    warehouse.land_state()
    return first_day


def _last_kept(work_build: Path) -> date | None:
    with connect(work_build, read_only=True) as connection:
        if not has_table(connection, "intermediate", KEPT):
            return None
        last: date | None = one_value(
            connection, f"select max(month_end_date) from intermediate.{KEPT}"
        )
        return last
