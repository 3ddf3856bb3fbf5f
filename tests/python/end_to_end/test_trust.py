"""A small company whose files lie in several ways: each lie is named, the figures are right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from builds import built

pytestmark = pytest.mark.slow(
    reason="it builds a company of its own; gaps, guards and quotes are held by quick tests"
)

NAMES = (
    "Ada Berg", "Bruno Castell", "Carla Dietz", "Dmitri Egorov", "Elif Faruk", "Fabio Greco",
    "Greta Holm", "Hassan Idris", "Ines Jansen", "Jonas Kraus", "Kaito Lindqvist", "Lucia Moreno",
    "Milan Novak", "Nadia Okafor", "Oskar Petrov", "Priya Quint", "Quentin Rossi", "Rosa Silva",
    "Sven Tanaka", "Tilda Urban",
)  # fmt: skip
CUSTOMERS = len(NAMES)
LAST_DAY = date(2024, 3, 27)
STRAY_DAY = date(2024, 11, 20)
COLUMNS = "order_id,customer_id,status,ordered_at,currency,net_amount,coupon_code,updated_at"


def order(number: int, day: date | str, coupon: str = "") -> str:
    customer = number % CUSTOMERS
    return f"o{number},c{customer},paid,{day} 10:00:00,CNY,100.00,{coupon},{day} 10:00:00"


def person(number: int) -> str:
    name = NAMES[number % CUSTOMERS]
    return f"c{number},{name},{name.replace(' ', '.').lower()}@shop{number}.example"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty orders of three months, and beside them what should move no figure."""
    raw = tmp_path_factory.mktemp("trust") / "raw"
    days = [LAST_DAY - timedelta(days=number * 86 // 59) for number in range(60)]
    orders = [order(number, day) for number, day in enumerate(days)]
    # Two stray quotes: the second of these three rows is between them.
    orders[10] = order(10, days[10], '"WELCOME')
    orders[12] = order(12, days[12], '10"')
    # What a program writes where it knows no date.
    orders.append(order(60, "1900-01-01"))
    people = [person(i) for i in range(CUSTOMERS)]
    files = {
        "shop/orders.csv": [COLUMNS, *orders],
        "shop/customers.csv": ["customer_id,full_name,email", *people],
        # The clock of a device that nobody has logged in on.
        "app/events.csv": [
            "event_id,device_id,event_type,occurred_at",
            f"e1,d1,view,{STRAY_DAY}T10:00:00Z",
        ],
    }
    for name, lines in files.items():
        file = raw / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([*lines, ""]), "utf-8")
    built(raw, raw.parent / "warehouse")
    return raw.parent / "warehouse"


@pytest.fixture(scope="module")
def marts(company: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(company / "current" / "portrait.duckdb"), read_only=True) as connection:
        yield connection


def test_a_stray_event_moves_no_window(marts: duckdb.DuckDBPyConnection, company: Path) -> None:
    as_of = marts.sql("select as_of_date from quality.build_info").fetchall()
    assert as_of == [(LAST_DAY,)]
    recency = marts.sql("select min(recency_days), max(recency_days) from marts.customer_rfm")
    # Each customer's last order is at most 27 days old, but for the one whose last order is broken.
    assert recency.fetchall() == [(0, 43)]
    assert marts.sql("select count(*) from marts.fct_sessions").fetchall() == [(0,)]
    left_out = marts.sql(
        "select topic, system, subject, bucket, rows_count::int from quality.reconciliation "
        "where topic = 'days_after_gap' or bucket = 'after_as_of_date' order by all"
    ).fetchall()
    assert left_out == [
        ("days_after_gap", "all", str(STRAY_DAY), "left_out", 1),
        ("outside_facts", "app", "events", "after_as_of_date", 1),
    ]
    printed = " ".join((company / "printed.txt").read_text("utf-8").split())
    assert (
        "Warning: 238 days without data follow the as-of date; 1 row dated 2024-11-20, behind "
        "them, is left out" in printed
    )
    assert "PORTRAIT_AS_OF=2024-11-20" in printed


def test_a_default_date_begins_no_calendar(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.sql("select count(*), min(date_day) from marts.dim_dates").fetchall() == [
        (87, LAST_DAY - timedelta(days=86))
    ]
    assert marts.sql("select count(*) from marts.rpt_kpis_daily").fetchall() == [(87,)]
    reasons = marts.sql("select reason from quality.rejected_rows where rejected_as = 'row'")
    assert reasons.fetchall() == [("early_ordered_at",)]


def test_a_swallowed_record_is_used_and_the_line_of_the_quote_is_named(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    lines = marts.sql(
        "select position_number, reason from quality.rejected_rows where rejected_as = 'line'"
    ).fetchall()
    assert lines == [(12, "broken_line: a quote swallows the records after it")]
    sums = marts.sql("select count(*), sum(net_amount) from marts.fct_orders").fetchall()
    assert sums == [(59, 5900)]


@pytest.mark.slow(reason="another build of a small company; the models have unit tests")
def test_a_customer_list_is_dated_by_its_registrations(tmp_path: Path) -> None:
    days = [date(2012, 1, 1) + timedelta(days=7 * i) for i in range(CUSTOMERS)]
    file = tmp_path / "raw" / "shop" / "customers.csv"
    file.parent.mkdir(parents=True)
    rows = [f"{person(i)},{day}" for i, day in enumerate(days)]
    file.write_text("\n".join(["customer_id,full_name,email,registered_at", *rows, ""]), "utf-8")
    current = built(tmp_path / "raw", tmp_path / "warehouse")
    with duckdb.connect(str(current / "portrait.duckdb"), read_only=True) as marts:
        assert marts.sql("select as_of_date from quality.build_info").fetchall() == [(days[-1],)]
        registered = marts.sql(
            "select date_day from marts.rpt_kpis_daily where registrations_count = 1 order by all"
        ).fetchall()
        assert registered == [(day,) for day in days]
        tenure = marts.sql("select max(tenure_days) from marts.customer_loyalty").fetchall()
        assert tenure == [((days[-1] - days[0]).days,)]
