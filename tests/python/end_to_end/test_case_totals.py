"""The published cases against the totals that plain Python computes from the raw files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from builds import CASES

AMOUNTS = {
    "gross": "gross",
    "discount": "discount",
    "net": "net",
    "cancelled": "cancelled",
    "refunded": "refunded",
    "open": "open",
    "applied": "applied_return",
    "realised": "realised",
}


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    return yaml.safe_load((CASES.parent / "expected.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def marts(published_cases: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published_cases / "portrait.duckdb"), read_only=True) as connection:
        yield connection


def rows(marts: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return marts.execute(sql).fetchall()


def by_key(marts: duckdb.DuckDBPyConnection, sql: str) -> dict[Any, Any]:
    """Return a mapping of the first column to the rest (or to the value, where it is one)."""
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in rows(marts, sql)}


def test_rows_of_each_table(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    counted = {
        (table, bucket): count
        for table, bucket, count in rows(
            marts,
            "select subject, bucket, rows_count from quality.reconciliation"
            " where topic in ('rows_of_files', 'rows_of_landing')",
        )
    }
    for table, totals in expected["records"].items():
        for bucket in ("landed", "broken", "accepted", "superseded", "rejected"):
            assert counted.get((table, bucket), 0) == totals[bucket], (table, bucket)


def test_each_rejected_row(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    there = set(
        rows(
            marts,
            "select file, position_number, reason from quality.rejected_rows"
            " where rejected_as = 'row'",
        )
    )
    assert there == {(row["file"], row["row"], row["reason"]) for row in expected["rejected_rows"]}


def test_customers(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    counts = by_key(marts, "select is_inferred, count(*) from marts.dim_customers group by all")
    assert counts[False] == expected["customers"]["known"]
    assert counts[True] == expected["customers"]["inferred"]
    inferred = rows(
        marts,
        "select native_customer_id from marts.bridge_customer_identities where is_inferred",
    )
    assert {row[0] for row in inferred} == set(expected["customers"]["inferred_ids"])


def test_mail_and_phone(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    contacts = by_key(
        marts,
        "select records.native_customer_id, customers.email, customers.phone"
        " from marts.dim_customers as customers"
        " inner join marts.bridge_customer_identities as records using (customer_id)",
    )
    for customer, contact in expected["customers"]["contacts"].items():
        assert contacts[customer] == (contact["email"], contact["phone_e164"]), customer


@pytest.mark.parametrize(
    ("total", "grouping"),
    [
        ("amounts_by_currency", "currency"),
        ("amounts_by_currency_and_customer_kind", "currency || ' ' || customer_kind"),
    ],
)
def test_amounts_in_order_currency(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any], total: str, grouping: str
) -> None:
    sums = ", ".join(f"sum({column}_amount_local)" for column in AMOUNTS.values())
    there = by_key(marts, f"select {grouping}, {sums} from marts.fct_orders group by all")
    assert set(there) == set(expected[total])
    for group, amounts in expected[total].items():
        assert dict(zip(AMOUNTS, there[group], strict=True)) == {
            name: Decimal(amounts[name]) for name in AMOUNTS
        }, group


def test_amounts_in_reporting_currency(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    sums = ", ".join(f"sum({column}_amount)" for column in AMOUNTS.values())
    (there,) = rows(marts, f"select {sums} from marts.fct_orders")
    amounts = expected["amounts_in_reporting_currency"]
    assert dict(zip(AMOUNTS, there, strict=True)) == {
        name: Decimal(amounts[name]) for name in AMOUNTS
    }


def test_orders_by_type_and_kind(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    orders = expected["orders"]
    for column, total in {
        "order_type": "by_type",
        "customer_kind": "by_customer_kind",
        "currency": "by_currency",
    }.items():
        there = by_key(marts, f"select {column}, count(*) from marts.fct_orders group by all")
        assert there == orders[total]
    without_rate = rows(marts, "select native_order_id from marts.fct_orders where not has_fx_rate")
    assert {row[0] for row in without_rate} == set(orders["without_rate"])


def test_each_order_checked_by_hand(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    columns = ", ".join(f"{column}_amount_local" for column in AMOUNTS.values())
    there = by_key(
        marts,
        "select native_order_id, customer_kind, order_type, cast(ordered_date as varchar),"
        f" currency, is_cancelled, realised_amount, {columns} from marts.fct_orders",
    )
    for order, hand in expected["orders_by_hand"].items():
        realised = hand["realised_reporting"]
        assert there[order] == (
            hand["customer_kind"],
            hand["order_type"],
            str(hand["date"]),
            hand["currency"],
            hand["is_cancelled"],
            None if realised is None else Decimal(realised),
            *(Decimal(hand[name]) for name in AMOUNTS),
        ), order


def test_each_order_that_charges_more_than_goods(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    names = ("shipping", "tax", "tip", "gift_card", "other_charge", "paid")
    columns = ", ".join(f"{name}_amount_local" for name in names)
    there = by_key(
        marts,
        f"select native_order_id, {columns}, paid_amount_local - total_amount_local"
        " from marts.fct_orders",
    )
    charging = {
        order for order, (*charges, _, _) in there.items() if any(charge != 0 for charge in charges)
    }
    assert charging == set(expected["charges_by_hand"])
    for order, hand in expected["charges_by_hand"].items():
        assert there[order] == tuple(Decimal(hand[name]) for name in (*names, "unexplained")), order


def test_charges_are_no_items(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    """Two mugs are two items, whatever is charged beside them; a fee among the goods is none."""
    there = by_key(marts, "select native_order_id, items_count from marts.fct_orders")
    assert [there[f"O-FREIGHT{name}"] for name in ("", "-IN", "-LINES")] == [2, 2, 2]
    assert (there["O-CARD"], there["O-SERVICE"]) == (0, 1)
    assert there["O-WEIGHED"] == Decimal("1.2345")
    lines = by_key(marts, "select line_type, count(*) from marts.fct_order_lines group by all")
    assert lines == {name: expected["order_lines"][name] for name in ("sale", "return", "charge")}


def test_a_test_order_is_in_no_figure_but_counted(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    tests = expected["test_orders"]
    assert not set(tests) & set(by_key(marts, "select native_order_id, 1 from marts.fct_orders"))
    assert set(
        rows(
            marts,
            "select subject, rows_count, amount_local from quality.reconciliation"
            " where bucket = 'test_order'",
        )
    ) == {
        ("orders", len(tests), None),
        ("order_items", 1, Decimal("9999")),
        ("payments", 1, Decimal("9999")),
    }


def test_what_else_an_order_tells(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select seller_id, installments_count, coupons_count, coupon_code,"
        " cast(approved_at as varchar), cast(shipped_at as varchar),"
        " cast(delivered_at as varchar), cast(promised_at as varchar)"
        " from marts.fct_orders where native_order_id = 'O-TELLS'",
    ) == [
        (
            *("V1", 3, 2, "SPRING30; NOBODYS"),
            *("2026-03-08 02:10:00", "2026-03-09 02:00:00"),
            *("2026-03-10 16:00:00", "2026-12-23 16:00:00"),
        )
    ]


def test_returns_and_refunds_by_rule(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    there = {
        (topic, f"{bucket} {currency}"): (count, amount)
        for topic, currency, bucket, count, amount in rows(
            marts,
            "select topic, subject, bucket, rows_count, amount_local from quality.reconciliation",
        )
    }
    for rule, total in expected["returns_matched"].items():
        key = ("returns_by_rule", rule)
        assert there[key] == (total["count"], Decimal(total["amount"])), rule
    for rule, total in expected["refunds_without_order_matched"].items():
        key = ("refunds_by_rule", rule.replace("product_and_quantity", "product"))
        assert there[key] == (total["count"], Decimal(total["amount"])), rule


def test_segments(marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]) -> None:
    there = by_key(marts, "select rfm_segment, count(*) from marts.customer_segments group by all")
    assert there == expected["segments"]


def test_each_customer_checked_by_hand(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any]
) -> None:
    there = by_key(
        marts,
        "select native_customer_id, recency_days, frequency, monetary_amount, rfm_code, rfm_segment"
        " from marts.customer_rfm inner join marts.customer_segments using (customer_id)"
        " inner join marts.bridge_customer_identities using (customer_id)",
    )
    for customer, hand in expected["customers_by_hand"].items():
        assert there[customer] == (
            hand["recency_days"],
            hand["frequency"],
            Decimal(hand["monetary"]),
            hand["rfm_code"],
            hand["rfm_segment"],
        ), customer


@pytest.mark.parametrize(
    ("window", "total"), [("30d", "last_30_days"), ("prior_30d", "prior_30_days")]
)
def test_thirty_days(
    marts: duckdb.DuckDBPyConnection, expected: dict[str, Any], window: str, total: str
) -> None:
    (there,) = rows(
        marts,
        f"select sum(orders_{window}_count), sum(paid_orders_{window}_count),"
        f" sum(gross_{window}_amount), sum(discount_{window}_amount), sum(net_{window}_amount),"
        f" sum(items_{window}_count) from marts.customer_behavior_30d",
    )
    customers = expected[total]["customers"]
    assert there == (
        customers["orders_count"],
        customers["paid_orders_count"],
        Decimal(customers["gross_amount"]),
        Decimal(customers["discount_amount"]),
        Decimal(customers["net_amount"]),
        customers["items_count"],
    )


def test_costs_logs_campaigns_and_coupons_are_staged_as_the_readme_says(
    cases_warehouse: Path,
) -> None:
    with duckdb.connect(str(cases_warehouse / "work" / "build.duckdb"), read_only=True) as staged:
        costs = by_key(
            staged,
            "select native_order_id, sum(amount_local) from staging.stg_ops__order_costs"
            " group by all",
        )
        assert costs["O-FREIGHT"] == Decimal("9.48")
        assert (costs["O-USD-DAY"], costs["O-NOWHERE"]) == (3, 5)
        assert rows(
            staged,
            "select order_event from staging.stg_shop__order_events"
            " where native_order_id = 'O-TELLS' order by occurred_at",
        ) == [("placed",), ("paid",), ("shipped",), (None,), ("delivered",)]
        assert by_key(
            staged, "select campaign_id, holdout_pct from staging.stg_crm__campaigns"
        ) == {"K-SPRING": 50, "K-ALL": None, "K-OVER": None}
        assert by_key(staged, "select arm, share_pct from staging.stg_crm__campaign_arms") == {
            "big": 25, "small": 25, "holdout": 50
        }  # fmt: skip
        assert by_key(
            staged,
            "select campaign_contact_id, arm, opened_at is not null"
            " from staging.stg_crm__campaign_contacts",
        ) == {
            "M-1": ("big", True), "M-2": ("small", False), "M-3": ("holdout", False),
            "M-4": ("holdout", False), "M-5": ("big", False), "M-6": ("treatment", False),
        }  # fmt: skip
        assert by_key(
            staged, "select coupon_code, native_customer_id from staging.stg_shop__coupon_issues"
        ) == {"SPRING10": "S-THIRTY", "FOR-ALL": None}
        assert by_key(
            staged,
            "select coupon_code, discount_amount_local from staging.stg_shop__coupon_redemptions",
        ) == {"SPRING30": 0, "NOBODYS": None}
        assert by_key(
            staged,
            "select information_channel, sum(amount_local), sum(clicks_count)"
            " from staging.stg_ops__marketing_costs group by all",
        ) == {"ad": (160, 55), "other": (5, None)}
