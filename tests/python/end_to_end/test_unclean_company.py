"""A company whose files hold words for nothing, placeholders, erased accounts and odd notations.

One build of one small company. Each order of an ordinary customer is 100 in EUR.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from builds import built

PEOPLE = 40
ERASED = 5
LOAD = "load_date=2026-06-30"


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


# What shops write where nobody is logged in, and how many orders have it.
NOBODY = {"0": 12, "NULL": 4, "undefined": 3, "N/A": 3, "guest": 2, "0000": 2}
FIRST = words(
    "Adelheid Bruno Corinna Detlef Elfriede Ferdinand Gundula Hartmut Irmgard Joachim"
    " Katharina Leopold Mechthild Norbert Ottilie Philipp Quirin Roswitha Siegfried Theresia"
    " Ulrich Veronika Wolfgang Xaver Yvonne Zacharias Annegret Balthasar Clothilde Dagobert"
    " Eusebius Friederike Gottlieb Hildegard Ingeborg Jakob Kunigunde Lothar Magdalena Nepomuk"
)
LAST = words(
    "Abendroth Buchholz Cramer Dornbusch Eisenhauer Feldmann Grabowski Holtkamp Immelmann Jessen"
    " Kaltenbach Lindwurm Morgenstern Niederegger Osterkamp Pfannkuch Quast Rautenberg Sperling"
    " Tannhof Uhlenbrock Vogelsang Wiesengrund Xylander Ysenburg Zwickel Achterberg Birnbaum"
    " Czerny Drosselmeyer Ehrlicher Finkbeiner Goldammer Hufnagel Ickstatt Junghans Kirschstein"
    " Luftmann Mondschein Nachtweih"
)


def write(raw: Path, table: str, rows: list[dict[str, str]], delimiter: str = ",") -> None:
    """Write a table of one load; a row need not have all columns."""
    folder = raw / table / LOAD
    folder.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "part.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def order(number: str, customer: str, **others: str) -> dict[str, str]:
    """Return an order of 100."""
    usual = {"ordered_at": "2026-06-20 10:00:00", "status": "paid", "currency": "EUR"}
    row = {"order_id": number, "customer_id": customer, **usual, "net_amount": "100.00", **others}
    return row | {"gross_amount": row["net_amount"]}


def customers() -> list[dict[str, str]]:
    """Return 40 people with phone numbers, five erased accounts and some with odd values."""
    people = [
        {
            "customer_id": f"C{number}",
            "first_name": FIRST[number],
            "last_name": LAST[number],
            "phone": f"0151 {20304050 + 1737373 * number}",
            "country": "DE",
            "city": "Bonn",
        }
        for number in range(PEOPLE)
    ]
    erased = [
        {"customer_id": f"X{number}", "first_name": "Deleted", "last_name": "User"}
        | {"email": "deleted@shop.example", "city": "[redacted]"}
        for number in range(ERASED)
    ]
    odd = [
        {"customer_id": "BIRTH1", "last_name": "Kern", "birth_date": "0000-00-00"},
        {"customer_id": "BIRTH2", "last_name": "Null", "birth_date": "1019-05-03"},
        {"customer_id": "BIRTH3", "last_name": "Lang", "birth_date": "sometime"},
        {"customer_id": "CONSENT", "last_name": "Moll", "has_email_consent": "subscribed"},
        {"customer_id": "WORDS", "first_name": "NULL", "last_name": "NULL", "city": r"\N"},
        {"customer_id": "IDN", "last_name": "Wenzel", "email": "ruth@müller-wenzel.example"},
        {"customer_id": "0", "last_name": "Nobody"},
    ]
    registered = {"registered_at": "2026-06-01 10:00:00", "updated_at": "2026-06-02 10:00:00 UTC"}
    return [row | registered for row in (*people, *erased, *odd)]


def orders() -> list[dict[str, str]]:
    """Return an order of each person, those of nobody, and some with odd values."""
    rows = [order(f"O{number}", f"C{number}") for number in range(PEOPLE)]
    rows += [order(f"E{number}", f"X{number}") for number in range(ERASED)]
    rows += [
        order(f"G{word}{number}", word) for word, count in NOBODY.items() for number in range(count)
    ]
    times = {
        "T-UTC": "2026-06-15 10:00:00 UTC",
        "T-CEST": "2026-06-15 12:00:00 CEST",
        "T-PLACE": "2026-06-15T12:00:00+02:00[Europe/Berlin]",
        "T-COMPACT": "20260615T100000Z",
        "T-EPOCH": "1781517600",
        "T-MILLIS": "1781517600000",
    }
    rows += [order(number, "BIRTH1", ordered_at=text) for number, text in times.items()]
    rows += [
        order("CANCEL1", "BIRTH2", cancelled_at="0000-00-00 00:00:00"),
        order("CANCEL2", "BIRTH3", cancelled_at="yes"),
        order("SIGN", "CONSENT", currency="€", net_amount="100,00 €"),
        order("MANY", "CONSENT", net_amount="1.234,50"),
    ]
    return rows


def events() -> list[dict[str, str]]:
    """Return visits of many devices without a customer, and the clock of one at 1970."""
    anonymous = [
        {
            "event_id": f"A{number}",
            "device_id": f"device-{number}",
            "customer_id": "undefined" if number < 30 else "null",
            "event_type": "page_view",
            "occurred_at": "2026-06-10T10:00:00Z",
            "received_at": "2026-06-10T10:00:10Z",
        }
        for number in range(40)
    ]
    clock = {"event_id": "CLOCK", "device_id": "old", "customer_id": "C0"}
    clock |= {"event_type": "page_view", "occurred_at": "1970-01-01T00:01:30Z"}
    return [*anonymous, clock | {"received_at": "2026-06-10T10:00:10Z"}]


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("unclean")
    raw = folder / "raw"
    write(raw, "shop/customers", customers())
    write(raw, "shop/orders", orders())
    write(
        raw,
        "shop/order_items",
        [
            {"order_id": f"O{number}", "line_number": "1", "product_id": "P1"}
            | {"quantity": "0,500" if number % 2 else "1,500", "unit_price": "1.20"}
            for number in range(PEOPLE)
        ],
        delimiter=";",
    )
    write(
        raw,
        "crm/contacts",
        [
            {"contact_id": f"K{row['customer_id']}", "phone": f"'{row['phone']}"}
            | {"first_name": row["first_name"], "last_name": row["last_name"]}
            | {"created_at": "2026-06-01 10:00:00"}
            for row in customers()[:PEOPLE]
        ],
    )
    write(raw, "app/events", events())
    settings = {"timezone": "Europe/Berlin", "currency": "EUR", "country": "DE"}
    published = built(raw, folder / "warehouse", **settings)
    shutil.rmtree(raw)
    with duckdb.connect(str(published / "portrait.duckdb"), read_only=True) as connection:
        connection.execute(
            "create temp view shop_numbers as select native_customer_id as number, customer_id"
            " from marts.bridge_customer_identities where system = 'shop'"
        )
        yield connection


def rows(portrait: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return portrait.execute(query).fetchall()


def test_orders_of_nobody_are_guests(portrait: duckdb.DuckDBPyConnection) -> None:
    guests = "select count(*), sum(realised_amount) from marts.fct_orders where customer_id is null"
    count = sum(NOBODY.values())
    assert rows(portrait, guests) == [(count, Decimal(100 * count))]
    largest = "select max(n) from (select count(*) as n from marts.fct_orders"
    assert rows(portrait, f"{largest} where customer_id is not null group by customer_id)") == [
        (6,)
    ]


def test_visits_of_nobody_are_anonymous(portrait: duckdb.DuckDBPyConnection) -> None:
    of_customers = "select count(*) from marts.fct_sessions where customer_id is not null"
    assert rows(portrait, of_customers) == [(1,)]


def test_a_clock_at_1970_is_the_time_of_receipt(portrait: duckdb.DuckDBPyConnection) -> None:
    first = "select min(started_at)::date::text from marts.fct_sessions"
    assert rows(portrait, first) == [("2026-06-10",)]
    # The customer of that device registered on 1 June; the last order is of 20 June.
    tenure = "select tenure_days from marts.customer_loyalty join shop_numbers using (customer_id)"
    assert rows(portrait, f"{tenure} where number = 'C0'") == [(19,)]


def test_erased_accounts_are_nobody(portrait: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        portrait,
        "select count(distinct customer_id), count(full_name), count(email), count(city)"
        " from shop_numbers join marts.dim_customers using (customer_id) where number like 'X%'",
    )
    assert found == [(ERASED, 0, 0, 0)]


def test_phones_of_a_default_country_join(portrait: duckdb.DuckDBPyConnection) -> None:
    joined = rows(
        portrait,
        "select count(*) from (select customer_id from marts.bridge_customer_identities"
        " group by customer_id having count(distinct system) = 2)",
    )
    assert joined == [(PEOPLE,)]


def test_words_for_nothing_are_no_names(portrait: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        portrait,
        "select number, full_name, city from shop_numbers join marts.dim_customers"
        " using (customer_id) where number in ('WORDS', 'BIRTH2') order by number",
    )
    assert found == [("BIRTH2", "Null", None), ("WORDS", None, None)]


def test_unreadable_values_leave_their_rows(portrait: duckdb.DuckDBPyConnection) -> None:
    kept = "select count(*) from shop_numbers where number in ('BIRTH1', 'BIRTH2', 'BIRTH3', 'IDN')"
    assert rows(portrait, kept) == [(4,)]
    listed = rows(
        portrait,
        "select table_name, column_name, reason, written_value, rows_count"
        " from quality.unreadable_values order by all",
    )
    assert listed == [
        ("customers", "birth_date", "impossible", "1019-05-03", 1),
        ("customers", "birth_date", "invalid", "sometime", 1),
        ("events", "occurred_at", "impossible", "1970-01-01T00:01:30Z", 1),
    ]
    consent = rows(
        portrait,
        "select has_email_consent from shop_numbers join marts.dim_customers using (customer_id)"
        " where number = 'CONSENT'",
    )
    assert consent == [(True,)]


def test_rows_that_amounts_depend_on_are_rejected(portrait: duckdb.DuckDBPyConnection) -> None:
    rejected = rows(portrait, "select reason from quality.rejected_rows order by reason")
    assert rejected == [("invalid_cancelled_at",), ("placeholder_customer_id",)]


def test_numbers_and_times_are_read(portrait: duckdb.DuckDBPyConnection) -> None:
    amounts = rows(
        portrait,
        "select order_id, net_amount from marts.fct_orders"
        " where order_id in ('shop:SIGN', 'shop:MANY', 'shop:CANCEL1') order by order_id",
    )
    assert amounts == [
        ("shop:CANCEL1", Decimal(100)),
        ("shop:MANY", Decimal("1234.5")),
        ("shop:SIGN", Decimal(100)),
    ]
    times = rows(
        portrait,
        "select count(*), count(distinct ordered_at), min(ordered_at)::text from marts.fct_orders"
        " where order_id like 'shop:T-%'",
    )
    assert times == [(6, 1, "2026-06-15 10:00:00")]
    quantities = "select distinct quantity from marts.fct_order_lines order by quantity"
    assert rows(portrait, quantities) == [(Decimal("0.5"),), (Decimal("1.5"),)]
