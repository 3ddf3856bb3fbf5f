"""One customer's portrait in words, from the published file, for somebody who serves customers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from portrait.database import connect
from portrait.errors import PortraitError
from portrait.sql import has_table

LAST_ORDERS = 5
SINGULAR = {
    "people": "person",
    "children": "child",
    "records": "record",
    "paid orders": "paid order",
    "points": "point",
    "days ago": "day ago",
    "product views in 30 days": "product view in 30 days",
    "carts left in 90 days": "cart left in 90 days",
    "customers": "customer",
    "products": "product",
}
# What a section says: a label and its pieces, each with one column of customer_portrait or
# customer_strategy and how it is put. A piece whose column is not known is left out. A piece that
# only adds to what stands before it, such as " with {operating_system}", needs something before it;
# others stand alone as well. Of several columns, divided by |, the first that is known is shown.
SECTIONS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "Who",
        (
            ("Age and gender", "{age_band}", " {natural_gender}"),
            ("Shops for", "{shopping_gender}", " ({shopping_gender_confidence_pct:pct} sure)"),
            ("Lives in", "{region}", ", {city_level} city"),
            ("Work", "{occupation}", ", {income} income"),
            ("Education", "{education}"),
            ("Family", "{marital_status}", ", {children_count:children}"),
            ("Organisation", "{organisation_kind}"),
            ("Device", "{device_model}", " with {operating_system}"),
            ("Known since", "{first_seen_date}", ", by {records_count:records}"),
        ),
    ),
    (
        "Worth",
        (
            ("Segment", "{rfm_segment}", ", tier {value_tier}", ", {lifecycle_stage} customer"),
            ("Bought", "{paid_orders_count:paid orders}", " worth {monetary_amount:money}"),
            ("An order", "{average_order_value_amount:money} on average"),
            ("Next year", "{lifetime_value_amount:money} expected"),
            ("Leaves", "risk {churn_risk_band}", " ({churn_probability:share})"),
            ("Next purchase", "due {next_purchase_date}", "{is_overdue:, and overdue}"),
            ("Loyalty", "{loyalty_tier}", " with {points_balance:points}"),
            ("Comes back", "{return_rate_pct:pct} of the orders"),
        ),
    ),
    (
        "Does",
        (
            ("Activity", "{activity_level} in the last 30 days"),
            ("Last visit", "{last_visit_date}", " ({since_last_visit_days:days ago})"),
            ("Looks", "{product_views_30d_count:product views in 30 days}"),
            ("Carts", "{abandoned_cart_sessions_90d_count:carts left in 90 days}"),
            ("When", "{most_active_hour_slot} o'clock", ", {most_active_weekday}"),
            ("Channels", "{channels}"),
            ("Pays with", "{usual_payment_method}"),
            ("Comes by", "{usual_information_channel}"),
        ),
    ),
    (
        "Likes",
        (
            (
                "Categories",
                "{preferred_category_1}", ", {preferred_category_2}", ", {preferred_category_3}",
            ),
            ("How sure", "{preferred_category_confidence_pct:pct}"),
            ("Brand", "{preferred_brand}"),
            ("Prices", "{preferred_price_band} in the category"),
        ),
    ),
    (
        "Is moved by",
        (
            ("Discounts", "{discount_sensitivity:band}", " ({discount_share_pct:pct})"),
            ("Coupons", "{coupon_sensitivity:band}", " ({coupon_share_pct:pct})"),
            ("Promotions", "{promotion_sensitivity:band}", " ({promotion_share_pct:pct})"),
            ("Only then", "{is_promotion_only:buys in promotions only}"),
        ),
    ),
    (
        "Says",
        (
            ("Recommends", "{last_nps_score:number} of 10", " ({last_nps_group})"),
            ("Satisfied", "{mean_csat_score|last_csat_score:number} of 5"),
            ("Satisfaction", "{satisfaction_trend:band}"),
            ("Brought in", "{invited_customers_count:customers}"),
            ("Household", "{household_customers_count:customers}"),
        ),
    ),
    (
        "Needs",
        (
            ("Open tickets", "{open_tickets_count:open}"),
            ("Complains", "about {main_pain_point_kind}"),
            ("Searches", "{unmet_searches_90d_count:in vain in 90 days}"),
            (
                "In the cart",
                "{open_cart_products_30d_count:products}", " for {open_cart_30d_amount:money}",
            ),
            ("Likely next", "{likely_next_category}", " ({likely_next_category_pct:pct})"),
        ),
    ),
    (
        "May be wrong",
        (
            ("Risk", "{risk_band:band}", " ({risk_score:of 100})"),
            ("Because", "{risk_reason}"),
            ("Lists", "{risk_list_status:band}"),
        ),
    ),
    (
        "Next",
        (
            ("Next action", "{strategy_name}", " ({channel:band})"),
            ("Why", "{reason_text}"),
            ("Brings", "{expected_value_amount:money} expected"),
        ),
    ),
    (
        "This portrait",
        (
            ("Complete", "{completeness_pct:pct}"),
            ("Missing", "{largest_gap}", ", from {largest_gap_source}"),
        ),
    ),
)  # fmt: skip
PIECE = re.compile(r"(?P<before>[^{]*)\{(?P<columns>[\w|]+)(?::(?P<form>[^}]*))?\}(?P<behind>.*)")
# Values of bands that say nothing.
SILENT = ("unknown", "none")


@dataclass(frozen=True)
class Portrait:
    """What is shown of a customer; `sections` hold (label, text) of what is known."""

    customer_id: str
    heading: str
    contact: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    orders: Sequence[tuple[str, ...]]
    tags: Sequence[str]


def read_portrait(file: Path, wanted: str) -> Portrait:
    """Read the portrait of a customer, by the id of today, an earlier one, or a source record.

    Raises:
        PortraitError: nothing is published, or nobody has that id.
    """
    if not file.exists():
        raise PortraitError("Nothing is published yet: run `portrait build`.")
    with connect(file, read_only=True) as connection:
        customer_id = find_customer(connection, wanted)
        row = _row(connection, "marts.customer_portrait", customer_id)
        if has_table(connection, "marts", "customer_strategy"):
            row |= _row(connection, "marts.customer_strategy", customer_id)
        person = _row(connection, "marts.dim_customers", customer_id)
        (currency,) = connection.execute("select currency from quality.build_info").fetchone() or (
            "",
        )
        return Portrait(
            customer_id=customer_id,
            heading=_heading(person, row),
            contact=list(_contact(person)),
            sections=[
                (title, lines)
                for title, parts in SECTIONS
                if (lines := list(_lines(parts, row, currency)))
            ],
            orders=_orders(connection, customer_id, currency),
            tags=_tags(connection, customer_id),
        )


def find_customer(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The customer of today of an id, an earlier id or a record such as shop:123.

    Blanks around it and capitals in the name of the system make no difference.

    Raises:
        PortraitError: there is none.
    """
    system, colon, native_id = (part.strip() for part in wanted.strip().partition(":"))
    known_as = f"{system.lower()}:{native_id}" if colon else system
    for table, column in (
        ("marts.dim_customers", "customer_id"),
        ("marts.customer_id_aliases", "alias_customer_id"),
        ("marts.bridge_customer_identities", "record_id"),
    ):
        row = connection.execute(
            f"select customer_id from {table} where {column} = ? limit 1", [known_as]
        ).fetchone()
        if row:
            return str(row[0])
    raise PortraitError(
        f"Nobody is known as {wanted}: expected a customer_id of any build, or a source record as "
        "<system>:<native id>, such as shop:123."
    )


def print_portrait(console: Console, portrait: Portrait) -> None:
    """Print a portrait in sections, the widest label deciding the column."""
    console.print(portrait.heading, style="bold", markup=False)
    _print_lines(console, portrait.contact)
    for title, lines in portrait.sections:
        console.print(f"\n{title}", style="bold", markup=False)
        _print_lines(console, lines)
    if portrait.orders:
        console.print("\nLast orders", style="bold", markup=False)
        table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
        for _ in portrait.orders[0]:
            table.add_column()
        for order in portrait.orders:
            table.add_row(*order)
        console.print(table, markup=False)
    if portrait.tags:
        console.print("\nTags", style="bold", markup=False)
        for tag in portrait.tags:
            console.print(f"  {tag}", markup=False, soft_wrap=True)


def _print_lines(console: Console, lines: Sequence[tuple[str, str]]) -> None:
    for label, text in lines:
        console.print(f"  {label:<15} {text}", markup=False, soft_wrap=True)


def _row(connection: duckdb.DuckDBPyConnection, table: str, customer_id: str) -> dict[str, Any]:
    cursor = connection.execute(f"select * from {table} where customer_id = ?", [customer_id])
    names = [column[0] for column in cursor.description or ()]
    values = cursor.fetchone()
    return dict(zip(names, values, strict=True)) if values else {}


def _heading(person: dict[str, Any], row: dict[str, Any]) -> str:
    name = person.get("full_name") or "A customer without a name"
    return f"{name}, customer {person['customer_id']}, on {row['as_of_date']:%Y-%m-%d}"


def _contact(person: dict[str, Any]) -> Iterator[tuple[str, str]]:
    consents = {True: "allowed", False: "refused", None: "nobody asked"}
    for label, column, consent in (
        ("Mail", "email", "has_email_consent"), ("Phone", "phone", "has_sms_consent"),
    ):  # fmt: skip
        if person.get(column):
            yield label, f"{person[column]} (marketing: {consents[person.get(consent)]})"
    place = [person.get(part) for part in ("address", "postcode", "city", "region", "country_code")]
    if any(place):
        yield "Address", ", ".join(part for part in place if part)
    if person.get("loyalty_number"):
        yield "Loyalty card", person["loyalty_number"]


def _lines(
    parts: Sequence[tuple[str, ...]], row: dict[str, Any], currency: str
) -> Iterator[tuple[str, str]]:
    for label, *pieces in parts:
        text = ""
        for piece in pieces:
            said = filled(piece, row, currency)
            if text:
                text += said
            elif not piece.partition("{")[0].lstrip(", ") or piece == pieces[0]:
                text = said.lstrip(", ")
        if text:
            yield label, text


def filled(piece: str, row: dict[str, Any], currency: str) -> str:
    """A piece of a line with the value of its column; empty where that is not known."""
    match = PIECE.fullmatch(piece)
    assert match, piece
    values = (row.get(column) for column in match["columns"].split("|"))
    value = _shown(next((v for v in values if v is not None), None), match["form"] or "", currency)
    return f"{match['before']}{value}{match['behind']}" if value else ""


def _shown(value: Any, form: str, currency: str) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return form
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    match form:
        case "money":
            return f"{value:,.2f} {currency}"
        case "pct":
            return f"{float(value):.0f} %"
        case "share":
            return f"{100 * float(value):.0f} %"
        case "number":
            return f"{float(value):g}"
        case "band":
            return "" if value in SILENT else str(value)
        case "":
            return str(value)
    number = f"{value:,.0f}"
    if number == "0":
        return "no children" if form == "children" else ""
    return f"{number} {SINGULAR.get(form, form) if number == '1' else form}"


def _orders(
    connection: duckdb.DuckDBPyConnection, customer_id: str, currency: str
) -> list[tuple[str, ...]]:
    rows = connection.execute(
        "select ordered_date, system, order_id, order_type, status, total_amount, net_amount_local,"
        " refunded_amount_local from marts.fct_orders"
        " where customer_id = ? order by ordered_at desc, order_id limit ?",
        [customer_id, LAST_ORDERS],
    ).fetchall()
    return [
        (
            f"{ordered:%Y-%m-%d}",
            system,
            order_id,
            order_state(order_type, status, net, refunded),
            "no rate" if total is None else f"{total:,.2f} {currency} in total",
        )
        for ordered, system, order_id, order_type, status, total, net, refunded in rows
    ]


def order_state(order_type: str, status: str, net: Decimal, refunded: Decimal) -> str:
    """The status of an order, and whether what was sold came back in whole or in part."""
    if order_type == "return" or status == "cancelled" or refunded <= 0:
        return status
    came_back = "returned" if refunded >= net else "partly returned"
    return came_back if status == "returned" else f"{status}, {came_back}"


def _tags(connection: duckdb.DuckDBPyConnection, customer_id: str) -> list[str]:
    if not has_table(connection, "quality", "tag_health"):
        return []
    rows = connection.execute(
        "select name_en, weight, expiry_date from marts.customer_tags"
        " inner join quality.tag_health using (tag_code) where customer_id = ? order by tag_code",
        [customer_id],
    ).fetchall()
    return [
        name
        + (f" ({100 * weight:.0f} % sure)" if weight < 1 else "")
        + (f" until {expiry:%Y-%m-%d}" if expiry else "")
        for name, weight, expiry in rows
    ]
