"""`portrait show`: what is known in words, and nothing of what is not."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from portrait.errors import PortraitError
from portrait.show import SECTIONS, _lines, filled, find_customer, order_state

PROJECT = Path(__file__).resolve().parents[3]

ROW = {
    "age_band": "25-34",
    "natural_gender": None,
    "region": None,
    "city_level": None,
    "shopping_gender": None,
    "shopping_gender_confidence_pct": 80.0,
    "children_count": 0,
    "mean_csat_score": None,
    "last_csat_score": 4.0,
    "satisfaction_trend": "better",
    "income": "high",
    "records_count": 1,
    "monetary_amount": 1234.5,
    "paid_orders_count": 3,
    "value_tier": None,
    "rfm_segment": "Champions",
    "lifecycle_stage": "active",
    "is_overdue": True,
    "is_promotion_only": False,
    "first_seen_date": date(2026, 1, 2),
    "return_rate_pct": 0.0,
    "churn_probability": 0.256,
    "points_balance": 0,
    "loyalty_tier": "gold",
    "coupon_sensitivity": "high",
    "discount_sensitivity": "unknown",
    "discount_share_pct": 50.0,
    "largest_gap": "region",
}


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        ("{age_band}", "25-34"),
        (" {natural_gender}", ""),
        ("{paid_orders_count:paid orders}", "3 paid orders"),
        (" worth {monetary_amount:money}", " worth 1,234.50 CNY"),
        (", by {records_count:records}", ", by 1 record"),
        (", {children_count:children}", ", no children"),
        ("{mean_csat_score|last_csat_score:number} of 5", "4 of 5"),
        ("{is_overdue:, and overdue}", ", and overdue"),
        ("{is_promotion_only:buys in promotions only}", ""),
        ("{return_rate_pct:pct} of the orders", "0 % of the orders"),
        (" ({churn_probability:share})", " (26 %)"),
        ("{coupon_sensitivity:band}", "high"),
        ("{discount_sensitivity:band}", ""),
        ("{first_seen_date}", "2026-01-02"),
        ("{no_such_column}", ""),
    ],
)
def test_a_piece_says_what_is_known(piece: str, text: str) -> None:
    assert filled(piece, ROW, "CNY") == text


def said_of(row: dict[str, object]) -> dict[str, str]:
    return {label: text for _, parts in SECTIONS for label, text in _lines(parts, row, "CNY")}


def test_a_line_shows_the_pieces_that_are_known() -> None:
    said = said_of(ROW)
    assert said["Segment"] == "Champions, active customer"
    assert said["Loyalty"] == "gold"
    assert said["Known since"] == "2026-01-02, by 1 record"
    assert said["Work"] == "high income"
    assert said["Family"] == "no children"
    assert said["Satisfied"] == "4 of 5"
    assert said["Satisfaction"] == "better"
    assert "Discounts" not in said
    assert "Lives in" not in said
    assert said_of({"natural_gender": "female"}) == {"Age and gender": "female"}
    assert said_of({"is_overdue": True, "satisfaction_trend": "worse"})["Satisfaction"] == "worse"


def test_what_only_adds_to_a_piece_needs_one() -> None:
    assert "Shops for" not in said_of(ROW)
    assert said_of({"records_count": 2, "coupon_share_pct": 5.0}) == {}


@pytest.mark.parametrize(
    ("order_type", "status", "net", "refunded", "state"),
    [
        ("sale", "completed", 10, 0, "completed"),
        ("sale", "completed", 10, 4, "completed, partly returned"),
        ("sale", "completed", 10, 10, "completed, returned"),
        ("sale", "returned", 10, 10, "returned"),
        ("sale", "returned", 10, 4, "partly returned"),
        ("sale", "cancelled", 10, 10, "cancelled"),
        ("return", "completed", -10, 0, "completed"),
    ],
)
def test_an_order_says_what_came_back(
    order_type: str, status: str, net: int, refunded: int, state: str
) -> None:
    assert order_state(order_type, status, Decimal(net), Decimal(refunded)) == state


@pytest.mark.parametrize("wanted", ["shop:C1", "  SHOP : C1 ", "c1", " c1\n", "old"])
def test_a_customer_is_found_by_each_of_the_ids(wanted: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create table marts.dim_customers as select 'c1' as customer_id;
            create table marts.customer_id_aliases as
                select 'old' as alias_customer_id, 'c1' as customer_id;
            create table marts.bridge_customer_identities as
                select 'shop:C1' as record_id, 'c1' as customer_id;
        """)
        assert find_customer(connection, wanted) == "c1"
        with pytest.raises(PortraitError, match="Nobody is known as shop:c1:"):
            find_customer(connection, "shop:c1")


def test_the_example_of_the_page_is_in_the_sample() -> None:
    page = (PROJECT / "docs" / "portrait.md").read_text("utf-8")
    examples = re.findall(r"`portrait show (\w+):(\w+)`", page)
    assert examples
    for system, native_id in examples:
        files = (PROJECT / "data" / "sample" / system / "customers").rglob("*.csv")
        assert any(f"{native_id}," in file.read_text("utf-8") for file in files)
