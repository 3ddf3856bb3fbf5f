"""The published customers against what plain Python recomputes from the raw files.

Which records are one customer is read from the published build, and, for the customers of
tests/oracle/customers.yml, from that file: these were found by eye in the raw files.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
import recompute_customers as oracle
import yaml
from builds import CASES, PROJECT, SAMPLE

CUSTOMERS = PROJECT / "tests" / "oracle" / "customers.yml"
READ_BY_EYE = yaml.safe_load(CUSTOMERS.read_text("utf-8"))["customers"]

# The oracle's name of a measure: the column that publishes it.
VALUE = {
    "as_of": "rfm.as_of_date",
    "recency_days": "rfm.recency_days",
    "frequency": "rfm.frequency",
    "monetary_amount": "rfm.monetary_amount",
    "first_paid_order_date": "segments.first_paid_order_date",
    "last_paid_order_date": "segments.last_paid_order_date",
    "since_last_visit_days": "behavior.since_last_visit_days",
}
ORDERS = {
    "orders_count": "count(*) filter (where order_type <> 'return')",
    "paid_orders_count": "count(*) filter (where is_paid)",
    "realised_amount": "coalesce(sum(realised_amount), 0)",
}
WINDOWS = {"last_30_days": "30d", "prior_30_days": "prior_30d"}
WINDOW = {
    "orders_count": "orders_{}_count",
    "paid_orders_count": "paid_orders_{}_count",
    "gross_amount": "gross_{}_amount",
    "discount_amount": "discount_{}_amount",
    "net_amount": "net_{}_amount",
    "refunded_amount": "refunded_{}_amount",
    "realised_amount": "realised_{}_amount",
    "active_days_count": "active_days_{}_count",
    "sessions_count": "sessions_{}_count",
    "page_views_count": "page_views_{}_count",
    "product_views_count": "product_views_{}_count",
    "searches_count": "searches_{}_count",
    "favourites_count": "favourites_{}_count",
    "cart_adds_count": "cart_adds_{}_count",
}


def published(folder: Path) -> tuple[dict[str, list[oracle.Record]], dict[str, dict[str, Any]]]:
    """Return records and account of each customer, as the build in a folder publishes them."""
    columns = {(None, name): column for name, column in VALUE.items()}
    columns |= {
        (window, name): "behavior." + column.format(infix)
        for window, infix in WINDOWS.items()
        for name, column in WINDOW.items()
    }
    with duckdb.connect(str(folder / "portrait.duckdb"), read_only=True) as connection:
        records = defaultdict(list)
        for customer_id, *record in connection.execute(
            "select customer_id, system, native_customer_id from marts.bridge_customer_identities"
        ).fetchall():
            records[customer_id].append(tuple(record))
        rows = connection.execute(
            f"select customer_id, {', '.join(columns.values())} from marts.customer_rfm as rfm"
            " inner join marts.customer_segments as segments using (customer_id)"
            " inner join marts.customer_behavior_30d as behavior using (customer_id)"
        ).fetchall()
        orders = connection.execute(
            f"select customer_id, {', '.join(ORDERS.values())} from marts.fct_orders group by all"
        ).fetchall()
    accounts: dict[str, dict[str, Any]] = {}
    for customer_id, *values in rows:
        accounts[customer_id] = dict.fromkeys(ORDERS, 0) | {window: {} for window in WINDOWS}
        for (window, name), value in zip(columns, values, strict=True):
            account = accounts[customer_id]
            (account[window] if window else account)[name] = value
    for customer_id, *values in orders:
        if customer_id:
            accounts[customer_id] |= dict(zip(ORDERS, values, strict=True))
    assert records.keys() == accounts.keys()
    return records, accounts


def published_measures(account: dict[str, Any]) -> dict[str, Any]:
    """Return the measures of the oracle that are published."""
    measures = {name: account[name] for name in (*VALUE, *ORDERS)}
    return measures | {
        window: {name: account[window][name] for name in WINDOW} for window in WINDOWS
    }


@pytest.mark.parametrize(
    ("build", "raw"),
    [("published_cases", CASES), ("published_sample", SAMPLE)],
    ids=["cases", "sample"],
)
def test_every_customer_is_what_the_raw_files_say(
    build: str, raw: Path, request: pytest.FixtureRequest
) -> None:
    records, accounts = published(request.getfixturevalue(build))
    recomputed = oracle.recompute(raw, records.values())
    differing = [
        (records[customer_id], published_measures(account), accounts[customer_id])
        for customer_id, account in zip(records, recomputed, strict=True)
        if published_measures(account) != accounts[customer_id]
    ]
    assert not differing, f"{len(differing)} of {len(records)} customers, such as {differing[0]}"


def test_customers_read_by_eye_have_these_records_and_accounts(published_sample: Path) -> None:
    records, accounts = published(published_sample)
    assert len(READ_BY_EYE) >= 10
    by_record = {record: customer for customer, own in records.items() for record in own}
    people = [[tuple(record) for record in person["records"]] for person in READ_BY_EYE]
    for person, account in zip(people, oracle.recompute(SAMPLE, people), strict=True):
        customer_id = by_record[person[0]]
        assert sorted(records[customer_id]) == sorted(person)
        assert published_measures(account) == accounts[customer_id], person


def test_customers_read_by_eye_come_from_as_many_systems_as_there_are(
    published_sample: Path,
) -> None:
    """Each has records in three systems; a sample of fewer systems has no such customers."""
    records, _ = published(published_sample)
    systems = {system for own in records.values() for system, _ in own}
    for person in READ_BY_EYE:
        assert len({system for system, _ in person["records"]}) >= min(3, len(systems)), person
