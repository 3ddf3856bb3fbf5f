"""The oracle of customers against a company of two people, worked out by hand, and its casts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recompute_cases
import recompute_customers as oracle

ANN = [("shop", "A"), ("pos", "M1"), ("marketplace", "B1"), ("crm", "K1")]
BOB = [("shop", "B")]

COMPANY = {
    "ops/fx_rates.csv": """\
rate_date,from_currency,to_currency,rate
2026-04-24,USD,CNY,7.00
2026-06-05,USD,CNY,7.20
""",
    # S1 keeps 70. S2 is refunded by a payment that names no order. S3 is cancelled.
    "shop/orders.csv": """\
order_id,customer_id,status,ordered_at,currency,net_amount,updated_at
S1,A,completed,2026-06-01 00:00:00,CNY,100.00,2026-06-01 00:00:00
S1,A,pending,2026-06-01 00:00:00,CNY,999.00,2026-05-31 23:59:00
S2,A,completed,2026-04-25 12:00:00,USD,50.00,
S3,A,cancelled,2026-06-10 12:00:00,CNY,200.00,
S4,B,completed,2026-02-30 12:00:00,CNY,70.00,
""",
    "shop/payments.csv": """\
payment_id,order_id,customer_id,payment_type,status,currency,amount,paid_at
P1,S1,A,payment,succeeded,CNY,100.00,2026-06-01 00:01:00
P2,S1,A,refund,,CNY,30.00,2026-06-20 09:00:00
P3,,A,refund,,USD,50.00,2026-06-05 09:00:00
P4,,B,refund,,CNY,15.00,2026-06-02 09:00:00
P5,S1,A,refund,failed,CNY,100.00,2026-06-21 09:00:00
""",
    # R2 takes a towel back without reference, R3 exchanges one for a kettle, R4 is voided.
    "pos/receipts.csv": """\
receipt_id,member_id,issued_at,voided_at,original_receipt_id
R1,M1,2026-05-20 15:00:00,,
R2,M1,2026-06-15 15:00:00,,
R3,M1,2026-06-18 15:00:00,,R1
R4,M1,2026-06-19 15:00:00,2026-06-19 15:02:00,
R5,,2026-06-19 16:00:00,,
""",
    "pos/receipt_items.csv": """\
receipt_id,line_number,product_id,quantity,unit_price
R1,1,TOWEL,3,60.00
R2,1,TOWEL,-1,60.00
R3,1,TOWEL,-1,60.00
R3,2,KETTLE,1,300.00
R4,1,MUG,1,40.00
R5,1,MUG,1,40.00
""",
    # O1 is paid and gives 8 back, O2 is not paid.
    "marketplace/orders.csv": """\
order_id,buyer_id,status,ordered_at,refund_amount,refunded_at
O1,B1,TRADE_FINISHED,2026-06-25 20:00:00,8.00,2026-06-28 10:00:00
O2,B1,WAIT_BUYER_PAY,2026-06-26 20:00:00,,
""",
    "marketplace/order_items.csv": """\
order_id,line_number,product_id,quantity,unit_price
O1,1,900,2,44.00
O2,1,900,1,12.00
""",
    # In UTC. The visit passes midnight in Shanghai; its anonymous start is Ann's. After a rest of
    # more than 30 minutes the next visit is Bob's, until Ann logs in again. E2 comes twice.
    "app/events.csv": """\
event_id,device_id,customer_id,event_type,occurred_at
E4,D1,A,cart_add,2026-06-29 16:05:00
E1,D1,,page_view,2026-06-29 15:40:00
E2,D1,,product_view,2026-06-29 15:50:00
E2,D1,,product_view,2026-06-29 15:50:00
E3,D1,A,login,2026-06-29 15:55:00
E5,D1,A,Search,2026-06-29 16:35:00
E6,D1,,page_view,2026-06-29 17:05:01
E7,D1,B,login,2026-06-29 17:10:00
E8,D1,A,login,2026-06-29 17:12:00
E9,D1,,favourite,2026-06-29 17:13:00
E10,D2,,page_view,2026-06-29 17:13:00
""",
}

NOTHING = {
    "orders_count": 0,
    "paid_orders_count": 0,
    "gross_amount": 0,
    "discount_amount": 0,
    "net_amount": 0,
    "refunded_amount": 0,
    "realised_amount": 0,
    "active_days_count": 0,
    "sessions_count": 0,
    "page_views_count": 0,
    "product_views_count": 0,
    "searches_count": 0,
    "favourites_count": 0,
    "cart_adds_count": 0,
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for path, text in COMPANY.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def test_records_of_several_systems_add_up_as_worked_out_by_hand(raw: Path) -> None:
    (ann,) = oracle.recompute(raw, [ANN])
    assert ann == {
        "as_of": date(2026, 6, 30),
        "orders_count": 8,  # all but R2, a return
        "paid_orders_count": 5,  # S1 S2 R1 R3 O1
        "realised_amount": 510,  # S1 70, R1 180 - 2 * 60, R3 240 + 60, O1 88 - 8
        "first_paid_order_date": date(2026, 4, 25),
        "last_paid_order_date": date(2026, 6, 25),
        "recency_days": 5,
        "frequency": 5,
        "monetary_amount": 510,
        "purchase_days": {  # S2, all refunded, R1, S1, R3, O1
            date(2026, 4, 25): 0,
            date(2026, 5, 20): 60,
            date(2026, 6, 1): 70,
            date(2026, 6, 18): 300,
            date(2026, 6, 25): 80,
        },
        "since_last_visit_days": 0,
        "last_30_days": {
            "orders_count": 6,  # S1 S3 R3 R4 O1 O2
            "paid_orders_count": 3,  # S1 R3 O1
            "gross_amount": 740,  # 100 + 200 + 300 + 40 + 88 + 12
            "discount_amount": 0,
            "net_amount": 740,
            "refunded_amount": 518,  # 30 + 50 * 7.20 + 60 + 60 + 8
            "realised_amount": -30,  # 740 - cancelled 240 - open 12 - 518
            "active_days_count": 8,  # six of orders, and 29 and 30 June
            "sessions_count": 2,
            "page_views_count": 1,
            "product_views_count": 1,
            "searches_count": 1,
            "favourites_count": 1,
            "cart_adds_count": 1,
        },
        "prior_30_days": NOTHING
        | {
            "orders_count": 1,  # R1
            "paid_orders_count": 1,
            "gross_amount": 180,
            "net_amount": 180,
            "realised_amount": 180,
            "active_days_count": 1,
        },
    }


def test_a_refund_that_finds_no_order_counts_all_the_same(raw: Path) -> None:
    (bob,) = oracle.recompute(raw, [BOB])
    assert bob["orders_count"] == 0  # S4 is of 30 February
    assert bob["realised_amount"] == 0
    assert bob["monetary_amount"] == -15
    assert bob["recency_days"] is None
    assert bob["last_30_days"] == NOTHING | {
        "refunded_amount": 15,
        "realised_amount": -15,
        "active_days_count": 1,
        "sessions_count": 1,
        "page_views_count": 1,
    }


def test_customers_without_a_fact_have_nothing(raw: Path) -> None:
    (nobody,) = oracle.recompute(raw, [[("pos", "M9")]])
    assert nobody["last_30_days"] == nobody["prior_30_days"] == NOTHING
    assert nobody["since_last_visit_days"] is None


def test_an_earlier_as_of_date_sees_nothing_later(raw: Path) -> None:
    (ann,) = oracle.recompute(raw, [ANN], date(2026, 6, 19))
    assert ann["orders_count"] == 6  # S1 S2 S3 R1 R3 R4
    # S1 is not refunded yet: 100, R1 60, R3 300.
    assert ann["realised_amount"] == 460
    assert ann["since_last_visit_days"] is None


# ---------------------------------------------------------------------------------------------
# Casts: what the macros promise, the oracle reads too
# ---------------------------------------------------------------------------------------------


def cast(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the value of a cast, None where it refuses."""
    try:
        return function(*arguments)
    except ValueError:
        return None


def table(name: str) -> list[dict[str, str | None]]:
    """Return a table of texts and answers, with None for `null`."""
    path = recompute_cases.PROJECT / "tests" / "macros" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {column: None if text == "null" else text for column, text in row.items()}
            for row in csv.DictReader(stream)
        ]


@pytest.mark.parametrize(
    ("name", "function", "read"),
    [
        ("parse_decimal", recompute_cases.cast_decimal, Decimal),
        ("parse_date", recompute_cases.cast_date, date.fromisoformat),
        ("parse_boolean", recompute_cases.cast_boolean, lambda text: text == "true"),
    ],
)
def test_values_are_read_as_the_macros_read_them(
    name: str, function: Callable[[str], Any], read: Callable[[str], Any]
) -> None:
    """The oracle reads what its files hold, and nothing otherwise than the macro does.

    The notations that no file of the cases and the sample holds it does not read at all.
    """
    counted = 0
    for row in table(name):
        if row["text"] is not None and row.get("point", ".") in (".", ".?"):
            expected = None if row["expected"] is None else read(row["expected"])
            answer = cast(function, row["text"])
            if is_ambiguous(name, row["text"]) or (answer is None and expected is not None):
                continue
            assert answer == expected, row
            counted += 1
    assert counted >= 14


def is_ambiguous(name: str, text: str) -> bool:
    """Whether a number needs its file to be read: the oracle takes its comma for thousands."""
    return name == "parse_decimal" and re.fullmatch(r"[+-]?[0-9]{1,3},[0-9]{3}", text) is not None


def test_timestamps_are_read_as_the_macro_reads_them() -> None:
    counted = 0
    for row in table("parse_timestamp"):
        if row["text"] is not None:
            moment = cast(recompute_cases.cast_time, row["text"], ZoneInfo(str(row["zone"])))
            expected = row["expected"] and datetime.fromisoformat(
                # Python 3.11 wants three or six decimals.
                row["expected"] + "0" * (-len(row["expected"].partition(".")[2]) % 3)
            )
            if moment is None and expected:
                continue  # a notation that no file of the cases and the sample holds
            assert (moment and moment.replace(tzinfo=None)) == expected, row
            counted += 1
    assert counted >= 40
