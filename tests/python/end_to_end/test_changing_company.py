"""A company whose second load deletes, edits and repeats what the first one said.

One build of one small company of several shops, in EUR.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import built

pytestmark = pytest.mark.slow(
    reason="it builds a company of its own; deliveries and versions are held by quick tests"
)

FIRST, SECOND = "load_date=2026-06-01", "load_date=2026-07-01"
PRODUCTS = {"P1": "8.00", "P2": "20.00", "P3": "1.00"}


def write(raw: Path, file: str, rows: list[dict[str, str]]) -> None:
    """Write a file below the raw folder; a row need not have all columns."""
    path = raw / file
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def order(
    number: str, customer: str, net: str, day: str = "2026-05-20", **others: str
) -> dict[str, str]:
    """Return a paid order, written on its day."""
    at = f"{day} 10:00:00"
    row = {"order_id": number, "customer_id": customer, "ordered_at": at, "status": "paid"}
    return row | {"currency": "EUR", "net_amount": net, "updated_at": at} | others


def line(number: str, position: str, product: str, price: str, **others: str) -> dict[str, str]:
    """Return a line of one unit."""
    row = {"order_id": number, "line_number": position, "product_id": product}
    return row | {"quantity": "1", "unit_price": price} | others


def customer(number: str, name: str, **others: str) -> dict[str, str]:
    """Return a registered customer."""
    row = {"customer_id": number, "full_name": name, "email": f"{number.lower()}@mail.example"}
    at = "2026-05-01 10:00:00"
    return row | {"registered_at": at, "updated_at": at} | others


def products(numbers: list[str]) -> list[dict[str, str]]:
    """Return products with their unit costs."""
    costs = {number: PRODUCTS[number] for number in numbers}
    return [
        {"product_id": number, "product_name": f"Thing {number}", "currency": "EUR"}
        | {"unit_cost": cost}
        for number, cost in costs.items()
    ]


def write_first_load(raw: Path) -> None:
    """Write what the shops said on 1 June."""
    people = {"C1": "Adelheid Abendroth", "C2": "Bruno Buchholz", "C3": "Corinna Cramer"}
    people |= {"M-MERGED": "Detlef Dornbusch", "M-NAMED": "Elfriede Eisenhauer"}
    rows = [customer(number, name) for number, name in people.items()]
    write(raw, f"shop/customers/{FIRST}/part.csv", rows)
    write(raw, f"shop/products/{FIRST}/part.csv", products(["P1", "P2", "P3"]))
    write(
        raw,
        f"shop/orders/{FIRST}/part.csv",
        [
            order("EDIT", "C1", "70.00"),
            order("GONE", "C2", "500.00"),
            order("STAYS", "M-NAMED", "11.00"),
            order("TIE", "C3", "100.00"),
            order("TIE", "C3", "900.00"),
            order("LINES", "C3", ""),
            order("#1001", "C1", "80.00"),
        ],
    )
    # A second shop whose files lie among those of the first.
    other = order("#1001", "C2", "33.00", day="2026-05-21")
    write(raw, f"shop/orders/{FIRST}/partch.csv", [other])
    write(
        raw,
        f"shop/order_items/{FIRST}/part.csv",
        [
            line("EDIT", "1", "P1", "20.00"),
            line("EDIT", "2", "P2", "50.00"),
            line("GONE", "1", "P1", "500.00"),
            *(line("LINES", "1", "P1", price) for price in ("10.00", "20.00", "30.00")),
        ],
    )
    # Two shops that say who they are, with one number each of order, customer and product.
    for shop, name, net in (
        ("berlin", "Gundula Grabowski", "80.00"),
        ("wien", "Ida Pohl", "33.00"),
    ):
        write(raw, f"shop@{shop}/customers/{FIRST}/part.csv", [customer("C1", name)])
        write(raw, f"shop@{shop}/orders/{FIRST}/part.csv", [order("#2002", "C1", net)])
        write(raw, f"shop@{shop}/order_items/{FIRST}/part.csv", [line("#2002", "1", "P1", net)])


def write_second_load(raw: Path) -> None:
    """Write what the first shop said a month later: changed rows, and all of its products."""
    later, deleted = {"updated_at": "2026-06-20 10:00:00"}, {"_deleted": "true"}
    gone = [customer(number, "") | later | deleted for number in ("M-MERGED", "M-NAMED")]
    write(raw, f"shop/customers/{SECOND}/part.csv", gone)
    write(raw, f"shop/products/{SECOND}/part.csv", products(["P1", "P2"]))
    edited = order("EDIT", "C1", "20.00") | later
    write(
        raw,
        f"shop/orders/{SECOND}/part.csv",
        [edited, order("GONE", "C2", "500.00") | later | deleted, order("NEW", "C1", "5.00")],
    )
    write(
        raw,
        f"shop/order_items/{SECOND}/part.csv",
        [line("EDIT", "1", "P1", "20.00"), line("GONE", "1", "P1", "500.00", _deleted="true")],
    )
    write_deliveries = raw / "config" / "deliveries.yml"
    write_deliveries.parent.mkdir(parents=True, exist_ok=True)
    write_deliveries.write_text("shop/products: snapshot\n", encoding="utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changing")
    # A raw folder may have any name.
    raw = folder / 'it\'s #1? 50% "raw"'
    write_first_load(raw)
    write_second_load(raw)
    settings = {"timezone": "Europe/Berlin", "currency": "EUR", "country": "DE"}
    return built(raw, folder / "warehouse", **settings)


@pytest.fixture(scope="module")
def portrait(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published / "portrait.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def printed(published: Path) -> str:
    return (published.parent / "printed.txt").read_text("utf-8")


def rows(portrait: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return portrait.execute(sql).fetchall()


def test_a_line_that_an_edit_removed_is_gone(portrait):
    lines = "from marts.fct_order_lines as l join marts.fct_orders as o using (order_id)"
    margin = "l.line_number, l.cost_amount, o.net_amount - l.cost_amount"
    assert rows(portrait, f"select {margin} {lines} where o.native_order_id = 'EDIT'") == [
        ("1", Decimal(8), Decimal(12))
    ]


def test_a_deleted_order_is_in_no_table(portrait):
    assert not rows(portrait, "from marts.fct_orders where native_order_id = 'GONE'")
    assert not rows(portrait, "from marts.fct_order_lines where net_amount = 500")


def test_a_deleted_customer_is_gone_or_stays_without_a_name(portrait):
    records = "from marts.bridge_customer_identities where native_customer_id like 'M-%'"
    assert rows(portrait, f"select count(*) {records}") == [(1,)]
    names = "select full_name, email from marts.dim_customers"
    names += " where full_name like 'Detlef%' or full_name like 'Elfriede%' or email like 'm-%'"
    assert not rows(portrait, names)
    net = "select net_amount from marts.fct_orders where native_order_id = 'STAYS'"
    assert rows(portrait, net) == [(Decimal(11),)]


def test_a_product_that_the_newest_snapshot_lacks_is_gone(portrait):
    numbers = "select native_product_id from marts.dim_products where not is_inferred"
    found = {number for (number,) in rows(portrait, numbers)}
    assert found == {"P1", "P2"}
    subjects = rows(portrait, "select file, subject from quality.configuration_files")
    assert subjects == [("deliveries.yml", "deliveries")]


def test_one_number_in_two_shops_is_two_orders_of_two_customers(portrait):
    orders = "select native_order_id, net_amount, customer_id from marts.fct_orders"
    found = rows(portrait, f"{orders} where native_order_id like '%/#2002' order by all")
    assert [row[:2] for row in found] == [
        ("berlin/#2002", Decimal(80)),
        ("wien/#2002", Decimal(33)),
    ]
    first_customer = rows(portrait, f"{orders} where native_order_id = 'EDIT'")[0][2]
    assert len({first_customer, *(row[2] for row in found)}) == 3


def test_what_contradicts_itself_is_listed_with_its_amounts(portrait, printed):
    amounts = "list_sort(list(set_aside_amount_local) || [any_value(used_amount_local)])"
    assert rows(
        portrait,
        f"select table_name, doubt, doubt_key, {amounts} from quality.doubtful_versions "
        "group by all order by all",
    ) == [
        ("order_items", "equal_version", "LINES / 1", [10, 20, 30]),
        ("orders", "equal_version", "TIE", [100, 900]),
        ("orders", "other_customer", "#1001", [33, 80]),
    ]
    assert "each with its key and amounts: quality.doubtful_versions" in printed
    warned = "select subject, message from quality.test_results"
    warned += " where test_name = 'contradicted_rows' and status = 'warn' order by all"
    assert [(subject, message.split(". ")[0]) for subject, message in rows(portrait, warned)] == [
        ("base_shop__order_items", "2"),
        ("base_shop__orders", "2"),
    ]
