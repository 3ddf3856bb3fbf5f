"""A company with amounts of any size: nothing overflows, and everything is right to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from builds import built

pytestmark = pytest.mark.slow(
    reason="it builds a company of its own; decimals and their products are held by quick tests"
)

# The largest amount of a row: decimal(18, 4).
LARGEST = Decimal("99999999999999.9999")
CENT = Decimal("0.01")
ORDER = "order_id,customer_id,ordered_at,status,currency,gross_amount,discount_amount,net_amount\n"
# Order -> currency and net amount, as its header says.
HEADERS = {
    "million": ("CNY", Decimal("1000000.00")),
    "milliard": ("CNY", Decimal("1000000000.01")),
    "billion": ("CNY", Decimal("1000000000000.99")),
    "max-1": ("CNY", LARGEST),
    "max-2": ("CNY", LARGEST),
    "max-3": ("CNY", LARGEST),
    "max-idr": ("IDR", LARGEST),
    "max-xau": ("XAU", LARGEST),
}
RATES = {
    "VND": Decimal("0.00027451"),
    "IDR": Decimal("0.00043219"),
    "KRW": Decimal("0.00491327"),
    "XAU": Decimal("99999999.99999999"),
}


def rounded(amount: Decimal) -> Decimal:
    """Round as the project does, for an amount above zero."""
    return (amount + Decimal("0.00005")) // Decimal("0.0001") * Decimal("0.0001")


def write(raw: Path, name: str, text: str) -> None:
    """Write a raw file."""
    (raw / name).parent.mkdir(parents=True, exist_ok=True)
    (raw / name).write_text(text, "utf-8")


def write_company(raw: Path) -> None:
    """Write forty ordinary customers, and beside them every amount that is large."""
    first_day = date(2026, 1, 1)
    ordinary = "".join(
        f"o{customer}-{number},C{customer},"
        f"{first_day + timedelta(days=3 * customer % 50 + number * (customer % 11 + 4))} 12:00:00,"
        f"paid,CNY,,,{20 + 3 * customer + number}.50\n"
        for customer in range(40)
        for number in range(1 + customer % 4)
    )
    # It closes March, so that the history keeps the month of the large amounts.
    ordinary += "last,C1,2026-04-02 12:00:00,paid,CNY,,,19.50\n"
    headers = "".join(
        f"{order_id},B{number % 3},2026-03-{10 + number} 12:00:00,paid,{currency},,,{net}\n"
        for number, (order_id, (currency, net)) in enumerate(HEADERS.items())
    )
    by_lines = (
        "vnd,B0,2026-03-05 12:00:00,paid,VND,,,\n"
        "krw,B1,2026-03-05 12:00:00,paid,KRW,,,\n"
        "units,B2,2026-03-05 12:00:00,paid,CNY,,,\n"
        "lines,B2,2026-03-06 12:00:00,paid,CNY,,,\n"
        # the discount of the header goes to the lines by their value
        "spread,B0,2026-03-07 12:00:00,paid,CNY,,,888888888888.88\n"
    )
    write(raw, "shop/orders.csv", ORDER + ordinary + headers + by_lines)
    write(
        raw,
        "shop/order_items.csv",
        "order_id,line_number,product_id,quantity,unit_price,discount_amount\n"
        "vnd,1,P2,20000,600000,\n"
        "krw,1,P1,10000000,9999999,\n"
        "units,1,P2,10000000,12.34,\n"
        + "".join(f"lines,{number},P1,1,{LARGEST},\n" for number in range(3))
        + "".join(f"spread,{number},P1,1,333333333333.3333,\n" for number in range(3))
        # a bar code typed as quantity, and numbers that are too large by themselves
        + "units,2,P2,6901234567890,19.90,\n"
        "units,3,P2,1,100000000000000,\n"
        "units,4,P2,100000000000000000000000000000000000000000,1,\n"
        "units,5,P2,1e400,1,\n",
    )
    write(
        raw,
        "shop/payments.csv",
        "payment_id,order_id,payment_type,status,currency,amount,paid_at\n"
        f"p1,max-1,payment,succeeded,CNY,{LARGEST},2026-03-14 12:00:00\n"
        f"p2,max-1,payment,succeeded,CNY,{LARGEST},2026-03-15 12:00:00\n"
        # paid and refunded in another currency than the order's
        f"p3,max-2,payment,succeeded,XAU,{LARGEST},2026-03-15 12:00:00\n"
        "p4,billion,payment,succeeded,CNY,1000000000000.99,2026-03-15 12:00:00\n"
        "p5,billion,refund,succeeded,CNY,333333333333.33,2026-03-16 12:00:00\n"
        "p6,vnd,payment,succeeded,CNY,3294120,2026-03-05 12:00:00\n"
        f"p7,max-idr,refund,succeeded,XAU,{LARGEST},2026-03-17 12:00:00\n"
        f"p8,max-xau,payment,succeeded,VND,{LARGEST},2026-03-17 12:00:00\n",
    )
    write(
        raw,
        "shop/products.csv",
        "product_id,product_name,category,brand,list_price,unit_cost,currency\n"
        f"P1,Palace,Houses,Royal,{LARGEST},{LARGEST},XAU\n"
        "P2,Tea,Food,Lanxi,12.34,5.55,CNY\n",
    )
    write(
        raw,
        "marketplace/orders.csv",
        "order_id,buyer_id,ordered_at,status,currency,gross_amount,discount_amount,refund_amount,"
        "refunded_at\n"
        f"m1,B9,2026-03-05T12:00:00Z,completed,CNY,{LARGEST},0.9999,{LARGEST},"
        "2026-03-09T12:00:00Z\n",
    )
    write(
        raw,
        "marketplace/fees.csv",
        "fee_id,order_id,fee_type,currency,amount\n"
        f"f1,m1,commission,XAU,{LARGEST}\nf2,m1,payment,XAU,{LARGEST}\n",
    )
    write(
        raw,
        "crm/loyalty_points.csv",
        "entry_id,system,native_id,kind,points,occurred_at\n"
        f"e1,shop,B0,earn,{LARGEST},2026-03-05T12:00:00Z\n"
        f"e2,shop,B0,earn,{LARGEST},2026-03-06T12:00:00Z\n"
        "e3,shop,B0,spend,1,2026-03-07T12:00:00Z\n",
    )
    # A rate of ten thousand million is none.
    absurd = "".join(f"{day},XAG,CNY,9999999999\n" for day in ("2026-03-05", "2026-03-20"))
    write(
        raw,
        "ops/fx_rates.csv",
        "rate_date,from_currency,to_currency,rate\n"
        + "".join(
            f"{date(2026, 3, 1) + timedelta(days=day)},{currency},CNY,{rate}\n"
            for currency, rate in RATES.items()
            for day in range(40)
        )
        + absurd,
    )


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the published build of the company."""
    folder = tmp_path_factory.mktemp("large")
    write_company(folder / "raw")
    return built(folder / "raw", folder / "warehouse", accept_drift="true")


@pytest.fixture(scope="module")
def published(current: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to the published file."""
    return duckdb.connect(str(current / "portrait.duckdb"), read_only=True)


def test_headers_of_any_size_are_orders(published: duckdb.DuckDBPyConnection) -> None:
    orders = published.execute(
        "select native_order_id, net_amount_local, net_amount from marts.fct_orders"
        " where native_order_id in (from unnest($ids))",
        {"ids": list(HEADERS)},
    ).fetchall()

    assert {order_id: tuple(amounts) for order_id, *amounts in orders} == {
        order_id: (net, rounded(net * RATES.get(currency, Decimal(1))))
        for order_id, (currency, net) in HEADERS.items()
    }


def test_lines_of_any_size_are_multiplied_and_added_up(
    published: duckdb.DuckDBPyConnection,
) -> None:
    orders = published.execute(
        "select native_order_id, net_amount_local, net_amount, cost_amount from marts.fct_orders"
        " where native_order_id in ('vnd', 'krw', 'units', 'lines')"
    ).fetchall()

    assert {order_id: tuple(amounts) for order_id, *amounts in orders} == {
        "vnd": (12_000_000_000, Decimal("3294120.0000"), 111_000),
        # a cost of 10^7 x 10^14 is beyond any amount, so it is unknown
        "krw": (99_999_990_000_000, Decimal("491326950867.3000"), None),
        "units": (123_400_000, 123_400_000, 55_500_000),
        "lines": (3 * LARGEST, 3 * LARGEST, 3 * rounded(LARGEST * RATES["XAU"])),
    }


def test_rows_that_do_not_fit_are_rejected(published: duckdb.DuckDBPyConnection) -> None:
    assert published.execute(
        "select table_name, reason, count(*) from quality.rejected_rows group by all order by all"
    ).fetchall() == [
        ("fx_rates", "invalid_rate", 2),
        ("order_items", "invalid_quantity", 2),
        ("order_items", "invalid_unit_price", 1),
        ("order_items", "too_large_gross_amount", 1),
    ]


def test_parts_of_an_order_add_up_to_the_cent(current: Path) -> None:
    build = current.parent / "work" / "build.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        assert connection.execute(
            "select lines.realised_amount from intermediate.int_order_lines_realised as lines"
            " inner join intermediate.int_orders_valued as orders using (order_key)"
            " where orders.native_order_id = 'spread' order by all"
        ).fetchall() == [
            (Decimal("296296296296.2933"),),
            (Decimal("296296296296.2933"),),
            (Decimal("296296296296.2934"),),
        ]
        assert (
            connection.execute(
                "select orders.native_order_id from intermediate.int_order_lines_realised as lines"
                " inner join intermediate.int_orders_valued as orders using (order_key)"
                " group by all having sum(lines.realised_amount) <> max(orders.realised_amount)"
            ).fetchall()
            == []
        )


def test_what_is_paid_in_another_currency_is_converted(
    published: duckdb.DuckDBPyConnection,
) -> None:
    amounts = dict(
        published.execute(
            "select native_order_id, paid_amount_local from marts.fct_orders"
            " where native_order_id in ('max-1', 'max-2', 'vnd', 'billion')"
        ).fetchall()
    )
    assert amounts == {
        "max-1": 2 * LARGEST,
        "max-2": pytest.approx(LARGEST * RATES["XAU"], rel=Decimal("1e-14")),
        # 3,294,120 CNY at the rate of that day are exactly what was charged
        "vnd": 12_000_000_000,
        "billion": Decimal("1000000000000.99"),
    }


def test_all_tables_show_the_same_revenue(
    current: Path, published: duckdb.DuckDBPyConnection
) -> None:
    def total(column: str, table: str, where: str = "true") -> Decimal:
        query = f"select sum({column}) from {table} where {where}"
        return published.execute(query).fetchone()[0]

    revenue = total("realised_amount", "marts.fct_orders")
    assert revenue > 6 * LARGEST
    for column, table in (
        ("monetary_amount", "marts.customer_rfm"),
        ("realised_amount", "marts.rpt_kpis_daily"),
    ):
        assert total(column, table) == revenue, table
    # Days convert a refund by its own currency, orders by theirs: the refund of 10^22 that is no
    # amount of its order's currency to the last place makes the difference.
    by_day = total("realised_amount", "marts.fct_customer_daily_activity")
    assert by_day == pytest.approx(revenue, abs=Decimal(1_000_000))
    march = total(
        "monetary_amount", "marts.customer_segment_history", "month_end_date = date '2026-03-31'"
    )
    assert march == revenue - Decimal("19.50")
    points = "marts.customer_loyalty"
    assert total("points_earned", points) == 2 * LARGEST
    with duckdb.connect(str(current / "analyst.duckdb"), read_only=True) as analyst:
        assert analyst.execute("select sum(realised_amount) from marts.fct_orders").fetchone() == (
            revenue,
        )
