"""Sessions against a loop over events, on random logs.

dbt compiles the two models that make sessions once; hypothesis writes logs with silences around the
longest one, shared devices, logins in between, ties of time and orders nearby. A plain loop, which
walks through the events of a device one by one, says what must come out.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

MODELS = ("int_events_sessioned", "int_sessions_summarised")
# The default, for which the models are compiled.
ZONE = ZoneInfo("Asia/Shanghai")
# 23:00 in the business zone, an hour before the day that may be the last one seen.
FIRST_MOMENT = datetime(2026, 6, 29, 15, 0)
AS_OF = date(2026, 6, 30)
GAP = timedelta(minutes=30)
SLOTS = [(0, 5), (6, 7), (8, 9), (10, 12), (13, 14), (15, 17), (18, 19), (20, 21), (22, 23)]

TABLES = {
    "staging.stg_app__events": "native_event_id varchar, native_device_id varchar,"
    " native_customer_id varchar, product_id varchar, event_type varchar, page varchar,"
    " search_text varchar, occurred_at timestamp, occurred_date date, received_at timestamp",
    "staging.stg_app__devices": "native_device_id varchar, device_model varchar,"
    " operating_system varchar, app_version varchar, first_seen_at timestamp,"
    " updated_at timestamp",
    "intermediate.int_as_of": "as_of_date date, is_given boolean",
    "intermediate.int_orders_valued": "order_key bigint, record_key bigint, system varchar,"
    " order_type varchar, ordered_at timestamp",
    "reference.hour_slots": "hour_of_day int, hour_slot varchar",
}


@dataclass(frozen=True)
class Event:
    """One event of the log; `customer` is who was logged in."""

    number: str
    device: str | None
    customer: str | None
    kind: str
    at: datetime

    @property
    def day(self) -> date:
        """Return its day in the business zone."""
        return local(self.at).date()


@dataclass(frozen=True)
class Order:
    """An order of a customer of the shop, or of nobody."""

    key: int
    customer: str | None
    system: str
    kind: str
    at: datetime


@dataclass
class Session:
    """What the loop collects."""

    events: list[Event] = field(default_factory=list)
    customer: str | None = None
    orders: int = 0

    @property
    def key(self) -> int:
        """Return the key that the model gives it."""
        return key_of(f"app:{self.events[0].number}")


def key_of(text: str | None) -> int | None:
    """Return the first 15 hex digits of the MD5, as hash_key does."""
    return None if text is None else int(hashlib.md5(text.encode()).hexdigest()[:15], 16)


def local(moment: datetime) -> datetime:
    """Return a moment in UTC as the clock of the business zone shows it."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZONE)


# ---------------------------------------------------------------------------------------------
# The loop
# ---------------------------------------------------------------------------------------------


def sessionise(events: list[Event]) -> list[Session]:
    """Walk through what each device reported, and begin a session where one must begin."""
    streams: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.day > AS_OF:
            continue
        if event.device is not None:
            streams["device", event.device].append(event)
        elif event.customer is not None:
            streams["customer", event.customer].append(event)
        else:
            streams["event", event.number].append(event)
    sessions = []
    for stream in streams.values():
        current: Session | None = None
        for event in sorted(stream, key=lambda event: (event.at, event.number)):
            is_silence = current is not None and event.at - current.events[-1].at > GAP
            is_another = (
                current is not None
                and event.customer is not None
                and current.customer is not None
                and event.customer != current.customer
            )
            if current is None or is_silence or is_another:
                current = Session()
                sessions.append(current)
            current.events.append(event)
            current.customer = current.customer or event.customer
    return sessions


def give_orders(sessions: list[Session], orders: list[Order]) -> None:
    """Give each order of the shop to the session that began last among those that fit."""
    for order in orders:
        if order.customer is None or order.system != "shop" or order.kind == "return":
            continue
        fitting = [
            session
            for session in sessions
            if session.customer == order.customer
            and session.events[0].at <= order.at <= session.events[-1].at + GAP
        ]
        if fitting:
            max(fitting, key=lambda session: (session.events[0].at, session.key)).orders += 1


def slot_of(moment: datetime) -> str:
    """Return the slot of the day of a moment."""
    hour = local(moment).hour
    return next(f"{first:02}-{last:02}" for first, last in SLOTS if first <= hour <= last)


# ---------------------------------------------------------------------------------------------
# The models
# ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables() -> duckdb.DuckDBPyConnection:
    """Return a database with the tables that the models read, empty."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as build")
    for schema in ("staging", "intermediate", "reference"):
        connection.execute(f"create schema build.{schema}")
    for table, columns in TABLES.items():
        connection.execute(f"create table build.{table} ({columns})")
    connection.execute("insert into build.intermediate.int_as_of values (?, true)", [AS_OF])
    for first, last in SLOTS:
        for hour in range(first, last + 1):
            connection.execute(
                "insert into build.reference.hour_slots values (?, ?)",
                [hour, f"{first:02}-{last:02}"],
            )
    return connection


def build(
    tables: duckdb.DuckDBPyConnection,
    compiled: dict[str, str],
    events: list[Event],
    orders: list[Order],
) -> None:
    """Run both models on a log and its orders."""
    tables.execute("delete from build.staging.stg_app__events")
    tables.execute("delete from build.intermediate.int_orders_valued")
    for event in events:
        tables.execute(
            "insert into build.staging.stg_app__events values"
            " (?, ?, ?, null, ?, null, null, ?, ?, null)",
            [event.number, event.device, event.customer, event.kind, event.at, event.day],
        )
    for order in orders:
        tables.execute(
            "insert into build.intermediate.int_orders_valued values (?, ?, ?, ?, ?)",
            [
                order.key,
                key_of(order.customer and f"shop:{order.customer}"),
                order.system,
                order.kind,
                order.at,
            ],
        )
    for model in MODELS:
        tables.execute(f"create or replace table build.intermediate.{model} as {compiled[model]}")


# ---------------------------------------------------------------------------------------------
# The logs
# ---------------------------------------------------------------------------------------------

# Seconds: many ties, and silences at, just below and just above the longest one.
STEPS = st.sampled_from([0, 0, 1, 60, 600, 1799, 1800, 1800.000001, 1801, 3600, 20000])


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[Event], list[Order]]:
    """Draw a log in any order of delivery, and orders around its events."""
    moment, moments = FIRST_MOMENT, []
    for step in draw(st.lists(STEPS, max_size=25)):
        moment += timedelta(seconds=step)
        moments.append(moment)
    numbers = draw(st.permutations(range(len(moments))))
    events = [
        Event(
            f"e{number:02}",
            draw(st.sampled_from(["d1", "d1", "d1", "d2", None])),
            draw(st.sampled_from([None, None, "C1", "C1", "C2"])),
            draw(st.sampled_from(["page_view", "cart_add", "login", "scan"])),
            at,
        )
        for number, at in zip(numbers, moments, strict=True)
    ]
    near = st.sampled_from(moments or [FIRST_MOMENT])
    orders = [
        Order(
            key,
            draw(st.sampled_from(["C1", "C1", "C2", None])),
            draw(st.sampled_from(["shop", "shop", "shop", "pos"])),
            draw(st.sampled_from(["sale", "sale", "return"])),
            draw(near) + timedelta(seconds=draw(st.sampled_from([-1, 0, 60, 1800, 1801]))),
        )
        for key in range(draw(st.integers(0, 5)))
    ]
    return draw(st.permutations(events)), orders


@settings(max_examples=150, deadline=None)
@example(log=([], []))
@given(log=logs())
def test_models_make_the_sessions_of_the_loop(
    log: tuple[list[Event], list[Order]],
    tables: duckdb.DuckDBPyConnection,
    compiled: dict[str, str],
) -> None:
    events, orders = log
    build(tables, compiled, events, orders)
    sessions = sessionise(events)
    give_orders(sessions, orders)

    found_events = tables.execute(
        "select native_event_id, session_key, record_key, hour_slot, is_session_start, is_anonymous"
        " from build.intermediate.int_events_sessioned"
    ).fetchall()
    assert sorted(found_events, key=str) == sorted(
        (
            (
                event.number,
                session.key,
                key_of(session.customer and f"shop:{session.customer}"),
                slot_of(event.at),
                event is session.events[0],
                event.customer is None,
            )
            for session in sessions
            for event in session.events
        ),
        key=str,
    )

    found_sessions = tables.execute(
        "select session_key, record_key, native_device_id, events_count, cart_adds_count,"
        " orders_count, is_cart_abandoned, duration_seconds, started_at, ended_at, session_date,"
        " hour_slot from build.intermediate.int_sessions_summarised"
    ).fetchall()
    assert sorted(found_sessions, key=str) == sorted(
        (
            (
                session.key,
                key_of(session.customer and f"shop:{session.customer}"),
                session.events[0].device,
                len(session.events),
                sum(event.kind == "cart_add" for event in session.events),
                session.orders,
                any(event.kind == "cart_add" for event in session.events) and not session.orders,
                (session.events[-1].at - session.events[0].at) // timedelta(seconds=1),
                session.events[0].at,
                session.events[-1].at,
                session.events[0].day,
                slot_of(session.events[0].at),
            )
            for session in sessions
        ),
        key=str,
    )
