"""Companies of other kinds build and publish: what is unusual warns, what is wrong stops.

A company's own words and limits lie beside its data, and take effect without a change of the
project.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import built, portrait

FIRST_DAY = date(2026, 1, 1)
SETTINGS = {"timezone": "Europe/Berlin", "currency": "EUR"}


def write_table(raw: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table of the contract as a CSV file with the columns of its first row."""
    rows = list(rows)
    path = raw / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_text(raw: Path, name: str, *lines: str) -> None:
    """Write a file of the company's configuration."""
    (raw / name).parent.mkdir(parents=True, exist_ok=True)
    (raw / name).write_text("\n".join([*lines, ""]), "utf-8")


def moment(number: int) -> str:
    """Return the moment of an event: four a day."""
    return f"{FIRST_DAY + timedelta(days=number // 4)} {8 + number % 4:02}:00:00"


def rows_of(published: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published / "portrait.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def warnings_of(published: Path) -> dict[str, str]:
    """Return the message of each warning of the published build, by name."""
    return dict(
        rows_of(
            published,
            "select test_name, message from quality.test_results where status = 'warn'"
            " and is_published",
        )
    )


def write_log_without_money(raw: Path) -> None:
    """Write orders of foreign words without any amount, and clicks under names of their own."""
    words = (
        "entregue no balcao",
        "entregue no balcao",
        "entregue no balcao",
        "devolvido ao estoque",
        "cancelado pela portaria",
    )
    write_table(
        raw,
        "shop/orders",
        (
            {
                "order_id": n,
                "customer_id": f"c{n % 60}" if n % 20 else "",
                "ordered_at": moment(n),
                "status": words[n % 5],
            }
            for n in range(300)
        ),
    )
    write_table(
        raw,
        "shop/order_items",
        (
            {
                "order_id": n,
                "line_number": line,
                "product_id": f"p{(n + line) % 15}",
                "quantity": 1,
                "unit_price": 0,
            }
            for n in range(300)
            for line in (1, 2)
        ),
    )
    write_table(
        raw,
        "app/events",
        (
            {
                "event_id": n,
                "device_id": f"d{n % 90}",
                "customer_id": f"c{n % 60}" if n % 90 < 45 else "",
                "event_type": ("view", "addtocart", "transaction")[n % 3],
                "occurred_at": moment(n // 4),
            }
            for n in range(1200)
        ),
    )


@pytest.mark.slow(reason="it builds two companies; the folder of a company is held by quick tests")
def test_a_log_without_money_builds_with_the_companys_own_words_and_limits(tmp_path: Path) -> None:
    """The company's files extend a seed, replace one and loosen a limit; a wrong one stops."""
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    write_log_without_money(raw)
    write_text(
        raw,
        "config/seeds/order_status_map.csv",
        "status_word,status,is_paid,is_cancelled,is_refunded",
        "entregue no balcao,completed,true,false,false",
        "devolvido ao estoque,returned,true,false,false",
        "cancelado pela portaria,cancelled,false,true,false",
    )
    tiers = "config/seeds/value_tiers.replace.csv"
    write_text(raw, tiers, "value_tier,from_share_below,to_share_below", "upper,0.6,", "rest,0,0.5")
    write_text(
        raw,
        "config/expectations.yml",
        "marts:",
        "  tables:",
        "    fct_orders:",
        "      - {name: cancelled_share_pct, at_most: 10}",
    )
    stopped = portrait(["build"], raw, warehouse, **SETTINGS)
    printed = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1
    assert f"The company changes this seed in {tiers}." in printed
    assert not (warehouse / "current").exists()

    write_text(raw, tiers, "value_tier,from_share_below,to_share_below", "upper,0.5,", "rest,0,0.5")
    write_text(
        raw,
        "config/expectations.yml",
        "marts: {tables: {fct_orders: [{name: cancelled_share_pct, at_most: 95}]}}",
    )
    published = built(raw, warehouse, **SETTINGS)
    printed = (warehouse / "printed.txt").read_text("utf-8")
    assert "config/seeds/order_status_map.csv: 3 rows added" in printed
    assert f"{tiers}: 2 rows added, 4 left out; it is the whole seed" in printed
    assert "cancelled_share_pct: at_most 95 instead of 90" in printed
    assert rows_of(
        published,
        "select file, subject, is_whole, replaced_rows_count, added_rows_count, removed_rows_count"
        " from quality.configuration_files order by file",
    ) == [
        ("expectations.yml", "expectations", False, 1, 0, 0),
        ("seeds/order_status_map.csv", "order_status_map", False, 0, 3, 0),
        ("seeds/value_tiers.replace.csv", "value_tiers", True, 0, 2, 4),
    ]
    assert rows_of(
        published,
        "select status, count(*), count(*) filter (where is_paid), sum(realised_amount)"
        " from marts.fct_orders group by status order by status",
    ) == [("cancelled", 60, 0, 0), ("completed", 180, 180, 0), ("returned", 60, 60, 0)]
    warnings = warnings_of(published)
    assert warnings.keys() == {"sales_without_amount_share_pct", "known_event_share_pct"}
    assert warnings["known_event_share_pct"].startswith(
        "0 (3 words in 1,200 rows: 'addtocart' (400), 'transaction' (400), 'view' (400))."
    )
    assert "deliver net_amount of the orders" in " ".join(printed.split())


def write_customer_list(raw: Path) -> None:
    """Write customers only, with incomes as numbers and in other notations."""
    incomes = ("58138", "35-49K", "$50,000 to $74,999", "unter 20.000 €")
    write_table(
        raw,
        "crm/contacts",
        (
            {
                "contact_id": n,
                "first_name": f"Name{n}",
                "last_name": f"Family{n}",
                "email": f"person{n}@example.test",
                "occupation": "astronaut",
                "income_band": incomes[n % 4],
                "created_at": "2014-05-01 10:00:00",
            }
            for n in range(1, 261)
        ),
    )


@pytest.mark.slow(reason="it builds a company of its own")
def test_a_customer_list_builds(tmp_path: Path) -> None:
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    write_customer_list(raw)
    published = built(raw, warehouse, **SETTINGS)
    printed = (warehouse / "printed.txt").read_text("utf-8")
    assert rows_of(published, "select count(*) from marts.dim_customers") == [(260,)]
    warnings = warnings_of(published)
    assert warnings.keys() == {
        "unmapped_occupation_share_pct",
        "unmapped_income_share_pct",
        "commonest_behavior_share_pct",
        # nobody did anything in the last 30 days
        "tag_health_is_covered_as_expected",
    }
    assert warnings["unmapped_occupation_share_pct"].startswith("100 (1 word in 260 rows).")
    assert warnings["unmapped_income_share_pct"].startswith("100 (4 words in 260 rows).")
    assert "the seed occupation_groups" in printed
    assert "astronaut" not in printed


def write_marketplace(raw: Path) -> None:
    """Write orders of a marketplace without the company's numbers, and receipts without lines."""
    write_table(
        raw,
        "marketplace/orders",
        (
            {
                "order_id": n,
                "buyer_id": f"b{n % 50}",
                "ordered_at": moment(n),
                "status": "delivered",
                "net_amount": 20,
                "currency": "EUR",
            }
            for n in range(200)
        ),
    )
    write_table(
        raw,
        "marketplace/order_items",
        (
            {
                "order_id": n,
                "line_number": 1,
                "product_id": f"a{n % 9}",
                "quantity": 2,
                "unit_price": 10,
            }
            for n in range(200)
        ),
    )
    write_table(
        raw,
        "pos/receipts",
        (
            {"receipt_id": n, "store_id": "s1", "issued_at": moment(n), "net_amount": 5}
            for n in range(100)
        ),
    )


@pytest.mark.slow(reason="it builds a third company; the log without money shows the mechanism")
def test_a_marketplace_without_own_numbers_and_receipts_without_lines_build(tmp_path: Path) -> None:
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    write_marketplace(raw)
    published = built(raw, warehouse, **SETTINGS)
    assert rows_of(
        published,
        "select system, sum(realised_amount) from marts.fct_orders group by system order by system",
    ) == [("marketplace", 4000), ("pos", 500)]
    assert {"without_company_number_share_pct", "guest_share_pct"} <= warnings_of(published).keys()


def write_campaigns(raw: Path) -> None:
    """Write customers and a campaign with a hold-out, channels as their owners write them."""
    numbers = range(1, 201)
    write_table(
        raw,
        "shop/customers",
        (
            {
                "customer_id": n,
                "email": f"person{n}@example.test",
                "gender": ("feminino", "masculino")[n % 2],
                "registered_at": "2026-03-01 10:00:00",
            }
            for n in numbers
        ),
    )
    campaign = {"campaign_id": "C1", "channel": "WhatsApp", "kind": "reconquista"}
    write_table(raw, "crm/campaigns", [campaign | {"start_date": "2026-01-01", "holdout_pct": 50}])
    write_table(
        raw,
        "crm/campaign_contacts",
        (
            {
                "campaign_contact_id": f"K{n}",
                "campaign_id": "C1",
                "system": "shop",
                "native_id": n,
                "is_holdout": n % 2 == 0,
                "assigned_at": moment(n),
                "clicked_at": moment(n + 1) if n % 6 == 1 else "",
            }
            for n in numbers
        ),
    )


@pytest.mark.slow(reason="it builds a company of its own; only it has campaigns and no orders")
def test_campaigns_without_orders_build_and_claim_nothing(tmp_path: Path) -> None:
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    write_campaigns(raw)
    published = built(raw, warehouse, **SETTINGS)
    assert rows_of(published, "select count(*) from quality.unknown_words") == [(0,)]
    assert rows_of(
        published, "select gender, count(*) from marts.dim_customers group by all order by all"
    ) == [("female", 100), ("male", 100)]
    assert rows_of(
        published,
        "select campaign_channel, campaign_kind, coalesce(bool_or(is_response_lift_sure), false)"
        " from marts.rpt_campaign_performance group by all",
    ) == [("message", "win_back", False)]
    assert rows_of(
        published,
        "select count(*) > 0, sum(attributed_orders_count) from marts.rpt_attribution"
        " where orders_share_pct is null",
    ) == [(True, 0)]
