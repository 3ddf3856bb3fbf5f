"""A shop whose words are Portuguese, some of them Turkish: what counts, what waits, what stops.

600 orders without payments: 360 delivered, 180 cancelled, 60 that wait for their payment. Beside
them orders with words that no seed knows, words for returns and refunds of other languages, and a
refund that only a status tells of. One build; what follows it works on what it left.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, portrait

from portrait.build.pipeline import BuildFailed, built_as_of_date, require_known_words
from portrait.publishing.publish import BuildInfo, publish
from portrait.settings import Settings
from portrait.warehouse import Warehouse

SETTINGS = {"timezone": "America/Sao_Paulo", "currency": "BRL"}
STATUSES = ["entregue"] * 360 + ["cancelado"] * 180 + ["Aguardando Pagamento"] * 60
# Status words of orders of 100 each that say no sale, wait for their money, or were sent back.
NOTHING_REALISED = (
    "authorized expired failed declined rejected trash fraud draft deleted cancel"
    "|Canceled by customer|checkout-draft|wc-failed|wc-cancelled|wc-on-hold|TRADE_CLOSED_BY_TAOBAO"
    "|TRADE_CANCELED|已关闭|storniert|Stornert|annulée|partially_paid|unfulfilled"
    "|Shipped - Returned to Seller|unavailable|refunded|已退款"
)
WORDS = [
    word
    for part in NOTHING_REALISED.split("|")
    for word in (part.split() if part.startswith("authorized") else [part])
]


def amount_of(number: int) -> Decimal:
    """Return the amount of one of the 600 orders."""
    return Decimal(number * 37 % 25000) / 100 + 10


def orders() -> list[dict[str, str]]:
    """Return the rows of shop/orders."""
    rows = []

    def add(order_id: str, customer: int, net: Decimal, **columns: str) -> None:
        day = date(2026, 1, 1) + timedelta(days=len(rows) % 170)
        rows.append(
            {
                "order_id": order_id,
                "customer_id": f"C{customer}",
                "order_type": "",
                "status": "",
                "ordered_at": f"{day} 10:00:00",
                "net_amount": str(net),
                "currency": "BRL",
            }
            | columns
        )

    # Spread over the days, so that no status stands at the end.
    for number in sorted(range(600), key=lambda number: number * 7 % 600):
        add(f"N{number}", number % 390, amount_of(number), status=STATUSES[number])
    for number, word in enumerate(WORDS):
        add(f"W{number}", number, Decimal(100), status=word)
    # In no seed, in two ways of writing.
    for number in range(40):
        add(f"U{number}", number, Decimal(50), status=("hazırlanıyor", "HAZIRLANIYOR")[number == 0])
    for number, word in enumerate(("refund", "退货", "credit_note")):
        add(f"R{number}", number, Decimal(60), order_type=word)
    add("T0", 1, Decimal(60), order_type="numune")
    for number in range(4):
        add(f"P{number}", number, Decimal(40), status="pago")
    return rows


def payments() -> list[dict[str, str]]:
    """Return the rows of shop/payments: each order was paid, then a word of another language."""
    rows = []
    for number, word in enumerate(("退款", "chargeback", "partial_refund", "taksit")):
        for part, payment_type in (("a", "payment"), ("b", word)):
            rows.append(
                {
                    "payment_id": f"{number}{part}",
                    "order_id": f"P{number}",
                    "payment_type": payment_type,
                    "amount": "40",
                    "paid_at": "2026-06-19 12:00:00",
                }
            )
    return rows


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shop's raw folder."""
    folder = tmp_path_factory.mktemp("words") / "raw"
    write(folder / "shop" / "orders.csv", orders())
    write(folder / "shop" / "payments.csv", payments())
    return folder


@pytest.fixture(scope="module")
def refused(raw: Path) -> tuple[Path, str]:
    """Return the warehouse of a build that stopped at its words, and what it printed."""
    warehouse = raw.parent / "warehouse"
    run = portrait(["build"], raw, warehouse, **SETTINGS)
    assert run.returncode != 0, run.stdout
    return warehouse, run.stdout + run.stderr


@pytest.fixture(scope="module")
def marts(refused: tuple[Path, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a copy of what the build made and did not publish."""
    warehouse, _ = refused
    copy = warehouse.parent / "copy.duckdb"
    shutil.copyfile(warehouse / "work" / "portrait.duckdb", copy)
    with duckdb.connect(str(copy), read_only=True) as connection:
        yield connection


def sums(connection: duckdb.DuckDBPyConnection, prefix: str) -> tuple[Decimal, ...]:
    """Return net, realised, cancelled, refunded and open of the orders with a prefix."""
    return connection.execute(
        "select sum(net_amount), sum(realised_amount), sum(cancelled_amount),"
        " sum(refunded_amount), sum(open_amount)"
        " from marts.fct_orders where native_order_id like ? || '%'",
        [prefix],
    ).fetchall()[0]


def test_exactly_what_was_delivered_is_realised(marts: duckdb.DuckDBPyConnection) -> None:
    delivered, cancelled, waiting = (
        sum((amount_of(number) for number in numbers), Decimal(0))
        for numbers in (range(360), range(360, 540), range(540, 600))
    )
    assert sums(marts, "N") == (
        delivered + cancelled + waiting, delivered, cancelled, 0, waiting,
    )  # fmt: skip


def test_known_words_that_say_no_sale_realise_nothing(marts: duckdb.DuckDBPyConnection) -> None:
    realised = marts.execute(
        "select status_word from marts.fct_orders"
        " where native_order_id like 'W%' and realised_amount <> 0"
    ).fetchall()
    assert realised == []
    # Five words wait for money; refunded in two languages and sent back went back.
    assert sums(marts, "W") == (2700, 0, 2000, 300, 400)
    assert marts.execute(
        "select count(*) from marts.fct_orders"
        " where native_order_id like 'W%' and status = 'unmapped'"
    ).fetchall() == [(0,)]


def test_unknown_words_are_open_with_their_reason(marts: duckdb.DuckDBPyConnection) -> None:
    assert sums(marts, "U") == (2000, 0, 0, 0, 2000)
    assert sums(marts, "T") == (60, 0, 0, 0, 60)
    assert marts.execute(
        "select distinct left(native_order_id, 1), order_type, status, open_reason, is_paid"
        " from marts.fct_orders where native_order_id similar to '[UT].*' order by 1"
    ).fetchall() == [
        ("T", "unmapped", "accepted", "unknown_order_type", False),
        ("U", "sale", "unmapped", "unknown_order_status", False),
    ]
    assert marts.execute(
        "select table_name, column_name, word, written_as, seed_name, rows_count, amount,"
        " undecided_amount from quality.unknown_words order by undecided_amount desc"
    ).fetchall() == [
        ("orders", "status", "hazırlanıyor", "hazırlanıyor", "order_status_map", 39, 1950, 1950),
        ("orders", "order_type", "numune", "numune", "order_type_words", 1, 60, 60),
        ("orders", "status", "hazirlaniyor", "HAZIRLANIYOR", "order_status_map", 1, 50, 50),
        ("payments", "payment_type", "taksit", "taksit", "payment_type_words", 1, 40, 40),
    ]


def test_words_for_returns_and_refunds_take_back(marts: duckdb.DuckDBPyConnection) -> None:
    assert sums(marts, "R") == (-180, -180, 0, 0, 0)
    assert marts.execute(
        "select native_order_id, paid_amount, refunded_amount, realised_amount"
        " from marts.fct_orders where native_order_id like 'P%' order by 1"
    ).fetchall() == [("P0", 40, 40, 0), ("P1", 40, 40, 0), ("P2", 40, 40, 0), ("P3", 40, 0, 40)]


def test_nobody_is_worth_what_nobody_knows(marts: duckdb.DuckDBPyConnection) -> None:
    """Frequency and money of the customers are those of the orders whose meaning is known."""
    assert (
        marts.execute(
            "select sum(frequency), sum(monetary_amount) from marts.customer_rfm"
        ).fetchall()
        == marts.execute(
            "select count(*) filter (where is_paid), sum(realised_amount) from marts.fct_orders"
            " where open_reason is null"
        ).fetchall()
    )
    assert marts.execute(
        "select bucket, rows_count, amount from quality.reconciliation where topic = 'doubtful'"
        " and bucket similar to 'unmapped.*' order by bucket"
    ).fetchall() == [
        ("unmapped_order_type: numune", 1, 60),
        ("unmapped_payment_type: taksit", 1, None),
        ("unmapped_status: HAZIRLANIYOR", 1, 50),
        ("unmapped_status: hazırlanıyor", 39, 1950),
    ]


def test_the_build_stops_and_names_the_words(refused: tuple[Path, str]) -> None:
    warehouse, printed = refused
    assert not (warehouse / "current").exists()
    assert (
        "shop/orders, status 'hazırlanıyor': 39 rows, 1,950.00, of it undecided 1,950.00; "
        "map 'hazırlanıyor' in order_status_map" in printed
    )
    assert "<raw>/config/seeds/<seed>.csv" in printed
    assert "--accept-words" in printed


def test_words_are_accepted_once(refused: tuple[Path, str], raw: Path) -> None:
    """They are accepted with the build that is published, and only a new word is asked for."""
    warehouse = Warehouse(refused[0])
    settings = Settings(PROJECT, raw, warehouse.root, **SETTINGS)
    with pytest.raises(BuildFailed, match="words that no seed knows hold"):
        require_known_words(settings, warehouse, "first", accept_words=False)
    require_known_words(settings, warehouse, "first", accept_words=True)
    # As long as nothing is published, nothing is accepted.
    with pytest.raises(BuildFailed):
        require_known_words(settings, warehouse, "first", accept_words=False)

    now = datetime.now(UTC)
    info = BuildInfo(
        "20260701T000000Z", now, now, built_as_of_date(warehouse), None, None, None, "",
        raw.name, SETTINGS["timezone"], SETTINGS["currency"],
    )  # fmt: skip
    publish(warehouse, info, [], "", PROJECT)
    require_known_words(settings, warehouse, "second", accept_words=False)

    with duckdb.connect(str(warehouse.work_portrait)) as connection:
        connection.execute(
            "insert into quality.unknown_words values"
            " ('shop', 'orders', 'status', 'yeni', 'yeni', 'order_status_map', 9, 9000, 9000)"
        )
    with pytest.raises(BuildFailed) as failure:
        require_known_words(settings, warehouse, "third", accept_words=False)
    assert [line for line in failure.value.errors if "map '" in line] == [
        "shop/orders, status 'yeni': 9 rows, 9,000.00, of it undecided 9,000.00; "
        "map 'yeni' in order_status_map"
    ]


@pytest.mark.slow(reason="test_words_are_accepted_once shows the same without a whole build")
def test_a_whole_build_publishes_what_is_accepted(raw: Path, tmp_path: Path) -> None:
    run = portrait(["build", "--accept-words"], raw, tmp_path, **SETTINGS)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Words that no seed knows" in run.stdout
    settings = Settings(PROJECT, raw, tmp_path, **SETTINGS)
    require_known_words(settings, Warehouse(tmp_path), "next", accept_words=False)
