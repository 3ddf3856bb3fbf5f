"""Recompute the totals of customers from the raw files of all systems, by plain Python.

The second account of orders, revenue, value and the last 30 days where one customer has records in
several systems. It shares no code with the models or with landing: it reads the CSV files of a raw
folder and follows docs/money.md. Which records are one customer is given, never found out here.

    python tests/oracle/recompute_customers.py tests/cases/raw shop:S-THIRTY

prints the account of one customer. Amounts are in the reporting currency, rounded per document.
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from recompute_cases import (
    PROJECT,
    REPORTING_CURRENCY,
    TABLES,
    WINDOW_DAYS,
    ZERO,
    Row,
    Table,
    business_date,
    cast_row,
    files_of,
    quantized,
    rate_on,
    read_rates,
    table,
)

# Longer than this without an event ends a visit.
VISIT_GAP = timedelta(minutes=30)

Record = tuple[str, str]  # system and native id

# The columns that no measure needs are left out where nothing in them can reject a row.
FACTS = {
    "receipts": table(
        "pos/receipts",
        "receipt_id",
        "receipt_id:text! member_id issued_at:time!~ voided_at:time~ currency:currency"
        " gross_amount:decimal discount_amount:decimal net_amount:decimal original_receipt_id"
        " updated_at:time~",
    ),
    "receipt_items": table(
        "pos/receipt_items",
        "receipt_id line_number",
        "receipt_id:text! line_number:text! product_id quantity:decimal!"
        " unit_price:decimal|line_amount line_amount:decimal discount_amount:decimal"
        " updated_at:time~",
    ),
    "platform_orders": table(
        "marketplace/orders",
        "order_id",
        "order_id:text! buyer_id order_type status ordered_at:time!~ cancelled_at:time~"
        " currency:currency gross_amount:decimal discount_amount:decimal net_amount:decimal"
        " original_order_id refund_amount:decimal refunded_at:time~ updated_at:time~",
    ),
    "platform_items": table(
        "marketplace/order_items",
        "order_id line_number",
        "order_id:text! line_number:text! product_id seller_product_id quantity:decimal!"
        " unit_price:decimal|line_amount line_amount:decimal discount_amount:decimal"
        " updated_at:time~",
    ),
    "events": table(
        "app/events",
        "event_id",
        "event_id:text! device_id customer_id event_type:text! occurred_at:utc!~ received_at:utc~?",
    ),
    **{name: TABLES[name] for name in ("orders", "order_items", "payments", "fx_rates")},
}


# ---------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------


def accepted_rows(contract: Table, raw: Path, as_of: date | None) -> list[Row]:
    """Return the newest sound version of each key, of what was loaded until a given as-of date."""
    newest: dict[tuple, Row] = {}
    for file in files_of(contract, raw):
        match = re.search(r"load_date=(\d{4}-\d{2}-\d{2})", str(file))
        load_date = date.fromisoformat(match[1]) if match else None
        if as_of and load_date and load_date > as_of:
            continue
        with file.open(encoding="utf-8-sig", newline="") as stream:
            records = csv.reader(stream)
            header = next(records)
            name = str(file.relative_to(raw))
            sound = (record for record in records if len(record) == len(header))
            for number, record in enumerate(sound, 1):
                values = dict(zip(header, record, strict=True))
                row = cast_row(contract, values, name, number, load_date)
                key = tuple(row[column] for column in contract.key)
                if not row.reasons and (key not in newest or age(row) > age(newest[key])):
                    newest[key] = row
    return list(newest.values())


def age(row: Row) -> tuple:
    """Return what orders the versions of a key: version, load date, file, row; later is newer."""
    load_date = row.load_date or date.min
    loaded_at = datetime(load_date.year, load_date.month, load_date.day, tzinfo=UTC)
    version = row["updated_at"] or row["received_at"] or loaded_at
    return version, load_date, row.file, row.number


def read_status_words(name: str) -> dict[str, dict[str, str]]:
    """Return the rows of a seed of words by word, its first column."""
    path = PROJECT / "seeds" / "staging" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {next(iter(row.values())): row for row in csv.DictReader(stream)}


def word_key(word: str) -> str:
    """Return a word as the seeds hold it: lower case, no accents, one blank for signs."""
    word = re.sub(r"([a-z])([A-Z])", r"\1 \2", re.sub(r"^wc-", "", word, flags=re.IGNORECASE))
    word = re.sub(r"[\s_–—/.:,()-]+", " ", word.lower()).strip()
    return "".join(unmarked(letter) for letter in word)


def unmarked(letter: str) -> str:
    """Return a letter without its accents, in the scripts up to Arabic."""
    if letter.isascii() or letter >= "\u0900":
        return letter
    return "".join(sign for sign in unicodedata.normalize("NFD", letter) if sign.isalpha())


# ---------------------------------------------------------------------------------------------
# Documents
# ---------------------------------------------------------------------------------------------


@dataclass
class Line:
    """One line of a document, with the units of a sale that no return has taken back yet."""

    document: Document
    product: str | None
    quantity: Decimal
    gross: Decimal
    discount: Decimal
    left: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Return the value after discount, negative where goods come back."""
        return self.gross - self.discount

    @property
    def shelf(self) -> tuple:
        """Return what a sale and a return without reference must share."""
        return self.document.record, self.product, self.document.currency


@dataclass
class Document:
    """One order document of any system, amounts in its own currency."""

    system: str
    native_id: str
    record: Record | None
    original_id: str | None
    order_type: str
    currency: str
    rate: Decimal | None
    ordered_at: datetime
    is_cancelled: bool
    is_paid_by_status: bool
    refunded_at: datetime | None = None  # when its status said that all of it went back
    lines: list[Line] = field(default_factory=list)
    gross: Decimal = ZERO
    net: Decimal = ZERO
    has_amount: bool = True
    payment_states: list[bool] = field(default_factory=list)  # of each payment: succeeded?
    flows: list[Flow] = field(default_factory=list)  # what went back on it
    applied: Decimal = ZERO

    @property
    def date(self) -> date:
        """Return the business date."""
        return business_date(self.ordered_at)

    @property
    def is_return(self) -> bool:
        """Say whether the document as a whole takes back."""
        return self.order_type == "return"

    @property
    def is_settled(self) -> bool:
        """Say whether it was paid, whatever became of it."""
        if self.order_type == "unmapped":
            return False
        return any(self.payment_states) if self.payment_states else self.is_paid_by_status

    @property
    def is_paid(self) -> bool:
        """Say whether it counts as a paid order."""
        return self.is_settled and not self.is_return and not self.is_cancelled

    @property
    def counted_flows(self) -> list[Flow]:
        """Return what counts as refunded: goods or cash, whichever is more, of equal ones goods."""
        goods = [flow for flow in self.flows if flow.is_goods]
        cash = [flow for flow in self.flows if not flow.is_goods]
        return goods if in_order_currency(goods) >= in_order_currency(cash) else cash

    @property
    def refunded(self) -> Decimal:
        """Return what went back on the order."""
        return in_order_currency(self.counted_flows)

    @property
    def cancelled(self) -> Decimal:
        """Return what a cancellation takes out beyond what went back."""
        if not self.is_cancelled:
            return ZERO
        return self.net if self.net < 0 else max(self.net - self.refunded, ZERO)

    @property
    def open(self) -> Decimal:
        """Return what is not paid yet."""
        if self.is_cancelled or self.is_paid or self.is_return:
            return ZERO
        return max(self.net + self.applied - self.refunded, ZERO)

    @property
    def realised(self) -> Decimal:
        """Return the realised revenue of the document."""
        return self.net - self.cancelled - self.refunded - self.open + self.applied

    def taken_back(self, measure: str) -> Decimal:
        """Return what the document takes back itself: gross or net, not below zero."""
        if self.is_return:
            return -getattr(self, measure)
        return -sum((getattr(line, measure) for line in self.lines if line.quantity < 0), ZERO)

    def reporting(self, amount: Decimal) -> Decimal:
        """Return an amount in the reporting currency at the order's rate, 0 without one."""
        return ZERO if self.rate is None else quantized(amount * self.rate)


@dataclass
class Flow:
    """What went back once, as goods or as cash; `document` is the order that it counts against."""

    is_goods: bool
    record: Record | None
    document: Document | None
    date: date
    currency: str
    amount: Decimal
    rate: Decimal | None
    # In the currency of `document`; None where it cannot be converted.
    order_amount: Decimal | None = None

    @property
    def reporting(self) -> Decimal:
        """Return it at the rate of its own day, else of its order's; 0 without either."""
        if self.document and self.document.rate is None:
            return ZERO
        if self.rate is not None:
            return quantized(self.amount * self.rate)
        return self.document.reporting(self.order_amount or ZERO) if self.document else ZERO


def in_order_currency(flows: Iterable[Flow]) -> Decimal:
    """Return the sum of flows in the currency of their order."""
    return sum((flow.order_amount or ZERO for flow in flows), ZERO)


@dataclass
class Books:
    """Orders, refunds without order and visits of each record, up to the as-of date."""

    as_of: date
    documents: dict[Record | None, list[Document]]
    unmatched: dict[Record | None, list[Flow]]
    visits: dict[Record | None, list[Visit]]


def read_books(raw: Path, as_of: date | None = None) -> Books:
    """Read a raw folder. Without an as-of date it is the latest date of what was accepted."""
    rows = {name: accepted_rows(contract, raw, as_of) for name, contract in FACTS.items()}
    headers = [
        *(shop_header(row) for row in rows["orders"]),
        *(receipt_header(row) for row in rows["receipts"]),
        *(platform_header(row) for row in rows["platform_orders"]),
    ]
    payments = [
        *(shop_payment(row) for row in rows["payments"]),
        *(platform_refund(row) for row in rows["platform_orders"] if row["refund_amount"]),
    ]
    if as_of is None:
        moments = [
            *(header["ordered_at"] for header in headers),
            *(header["cancelled_at"] for header in headers if header["cancelled_at"]),
            *(payment["paid_at"] for payment in payments),
            *(row["occurred_at"] for row in rows["events"]),
        ]
        as_of = max(business_date(moment) for moment in moments)
    rates = read_rates(rows["fx_rates"])
    lines = {
        "shop": lines_by_document(rows["order_items"], "order_id", shop_product),
        "pos": lines_by_document(rows["receipt_items"], "receipt_id", shop_product),
        "marketplace": lines_by_document(rows["platform_items"], "order_id", platform_product),
    }
    documents: dict[tuple[str, str], Document] = {
        (header["system"], header["native_id"]): make_document(
            header, lines[header["system"]][header["native_id"]], rates, as_of
        )
        for header in headers
        if business_date(header["ordered_at"]) <= as_of
    }
    payments = [payment for payment in payments if business_date(payment["paid_at"]) <= as_of]
    unmatched = [*match_returns(documents), *match_payments(documents, payments, rates)]
    count_refunds_by_status(documents, unmatched, as_of)
    events = [row for row in rows["events"] if business_date(row["occurred_at"]) <= as_of]
    return Books(
        as_of, by_record(documents.values()), by_record(unmatched), by_record(visits_of(events))
    )


def by_record(facts: Iterable[Any]) -> dict[Record | None, list[Any]]:
    """Return facts by their record."""
    groups = defaultdict(list)
    for fact in facts:
        groups[fact.record].append(fact)
    return groups


def record_of(system: str, native_id: str | None) -> Record | None:
    """Return a record, None for a guest."""
    return (system, native_id) if native_id else None


def shop_header(row: Row) -> dict[str, Any]:
    """Return an order of the shop on the shape of all systems."""
    return {
        **amounts_of(row),
        **state_of(row),
        "system": "shop",
        "native_id": row["order_id"],
        "record": record_of("shop", row["customer_id"]),
        "original_id": row["original_order_id"],
        "order_type": order_type_of(row),
        "ordered_at": row["ordered_at"],
    }


def receipt_header(row: Row) -> dict[str, Any]:
    """Return a receipt: there are no payments, so it is paid unless it was voided."""
    return {
        **amounts_of(row),
        "system": "pos",
        "native_id": row["receipt_id"],
        "record": record_of("pos", row["member_id"]),
        "original_id": row["original_receipt_id"],
        "order_type": "sale",
        "ordered_at": row["issued_at"],
        "cancelled_at": row["voided_at"],
        "is_cancelled": row["voided_at"] is not None,
        "is_paid_by_status": True,
        "refunded_at": None,
    }


def platform_header(row: Row) -> dict[str, Any]:
    """Return an order of the platform on the shape of all systems."""
    return {
        **shop_header(row),
        "system": "marketplace",
        "record": record_of("marketplace", row["buyer_id"]),
    }


def amounts_of(row: Row) -> dict[str, Any]:
    """Return the amounts of a header."""
    columns = ("gross_amount", "discount_amount", "net_amount")
    return {column: row[column] for column in columns} | {
        "currency": row["currency"] or REPORTING_CURRENCY
    }


def state_of(row: Row) -> dict[str, Any]:
    """Return what the status word says: without one the order is accepted, else it is open."""
    state = ORDER_WORDS.get(word_key(row["status"] or ""), {})
    return {
        "cancelled_at": row["cancelled_at"],
        "is_cancelled": state.get("is_cancelled") == "true" or row["cancelled_at"] is not None,
        "is_paid_by_status": state.get("is_paid") == "true" or not row["status"],
        "refunded_at": (
            (row["updated_at"] or row["ordered_at"]) if state.get("is_refunded") == "true" else None
        ),
    }


def order_type_of(row: Row) -> str:
    """Return what the word for the type means: without one a sale, unmapped if no seed knows it."""
    if not row["order_type"]:
        return "sale"
    return ORDER_TYPES.get(word_key(row["order_type"]), {}).get("order_type", "unmapped")


ORDER_WORDS = read_status_words("order_status_map")
PAYMENT_WORDS = read_status_words("payment_status_map")
ORDER_TYPES = read_status_words("order_type_words")
PAYMENT_TYPES = read_status_words("payment_type_words")


def shop_product(row: Row) -> str | None:
    """Return the product of a line of the shop or of a receipt: they share their products."""
    return f"shop:{row['product_id']}" if row["product_id"] else None


def platform_product(row: Row) -> str | None:
    """Return the shop's product of a line of the platform, else the platform's own article."""
    if row["seller_product_id"]:
        return f"shop:{row['seller_product_id']}"
    return f"marketplace:{row['product_id']}" if row["product_id"] else None


def lines_by_document(
    rows: list[Row], document_column: str, product_of: Callable[[Row], str | None]
) -> dict[str, list[dict[str, Any]]]:
    """Return lines by the id of their document."""
    lines = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["line_number"]):
        lines[row[document_column]].append(
            {
                "product": product_of(row),
                "quantity": row["quantity"],
                "unit_price": row["unit_price"],
                "line_amount": row["line_amount"],
                "discount": abs(row["discount_amount"] or ZERO),
            }
        )
    return lines


def make_document(
    header: dict[str, Any],
    lines: list[dict[str, Any]],
    rates: dict[str, dict[date, Decimal]],
    as_of: date,
) -> Document:
    """Return a document with lines and amounts; a cancellation after the as-of date is unknown."""
    is_cancelled_later = (
        header["cancelled_at"] is not None and business_date(header["cancelled_at"]) > as_of
    )
    document = Document(
        system=header["system"],
        native_id=header["native_id"],
        record=header["record"],
        original_id=header["original_id"],
        order_type=header["order_type"],
        currency=header["currency"],
        rate=rate_on(rates, header["currency"], business_date(header["ordered_at"])),
        ordered_at=header["ordered_at"],
        is_cancelled=header["is_cancelled"] and not is_cancelled_later,
        is_paid_by_status=header["is_paid_by_status"] or is_cancelled_later,
        refunded_at=header["refunded_at"],
    )
    for line in lines:
        # A return document takes back, whichever sign it is written with.
        quantity = -abs(line["quantity"]) if document.is_return else line["quantity"]
        is_back = quantity < 0
        if line["unit_price"] is not None:
            worth = quantity * line["unit_price"]
        else:  # a line without a price states its amount
            worth = -abs(line["line_amount"]) if is_back else line["line_amount"]
        document.lines.append(
            Line(
                document,
                line["product"],
                quantity,
                quantized(worth),
                -line["discount"] if is_back else line["discount"],
                left=ZERO if is_back else quantity,
            )
        )
    set_type(document, header)
    set_amounts(document, header)
    return document


def set_type(document: Document, header: dict[str, Any]) -> None:
    """Make a return of a document that only takes back."""
    if document.is_return:
        return
    amounts = [header["net_amount"], header["gross_amount"]]
    amount = next((amount for amount in amounts if amount is not None), ZERO)
    if all(line.quantity < 0 for line in document.lines) if document.lines else amount < 0:
        document.order_type = "return"


def set_amounts(document: Document, header: dict[str, Any]) -> None:
    """Set gross and net: those of the header where it has them, else those of the lines."""
    gross, discount, net = (
        -abs(header[column])
        if document.is_return and header[column] is not None
        else header[column]
        for column in ("gross_amount", "discount_amount", "net_amount")
    )
    has_lines = bool(document.lines)
    line_gross = sum((line.gross for line in document.lines), ZERO)
    line_discount = sum((line.discount for line in document.lines), ZERO)
    if net is None and gross is not None:
        net = gross - (discount if discount is not None else line_discount)
    elif net is None and has_lines:
        net = line_gross - line_discount - (discount or ZERO)
    if gross is None and has_lines:
        gross = line_gross
    elif gross is None and net is not None:
        gross = net + (discount or ZERO)
    document.has_amount = net is not None
    document.net = net or ZERO
    document.gross = document.net if gross is None else gross
    if document.is_return:
        document.net, document.gross = -abs(document.net), -abs(document.gross)


# ---------------------------------------------------------------------------------------------
# What goes back
# ---------------------------------------------------------------------------------------------


def match_returns(documents: dict[tuple[str, str], Document]) -> list[Flow]:
    """Count what comes back against earlier sales; return what finds none.

    By reference, then by exactly the same quantity (last in, first out), then the oldest units
    (first in, first out). The last two walk through time, where sales come first at one moment.
    """
    in_time = sorted(documents.values(), key=lambda document: document.ordered_at)
    standing = [document for document in in_time if not document.is_cancelled]
    parts: dict[int, list[tuple[Document | None, Decimal]]] = defaultdict(list)
    returns = [line for document in standing for line in document.lines if line.quantity < 0]
    open_returns = []
    touched = set()  # sale lines that a reference took units from
    for line in returns:
        original = original_of(line.document, documents)
        if original is None:
            open_returns.append(line)
            continue
        wanted = -line.quantity
        for sale in original.lines:
            is_same = line.product and sale.product == line.product
            units = min(wanted, sale.left) if is_same else ZERO
            if units > 0:
                sale.left -= units
                wanted -= units
                touched.add(id(sale))
                parts[id(line)].append((original, units))
        if wanted:
            parts[id(line)].append((original, wanted))

    sales = [line for document in standing for line in document.lines if line.left > 0]
    matchable = [line for line in open_returns if line.document.record and line.product]
    stacks: dict[tuple, list[Line]] = defaultdict(list)
    for line in in_turn([sale for sale in sales if id(sale) not in touched], matchable):
        stack = stacks[line.shelf, abs(line.quantity)]
        if line.quantity > 0:
            stack.append(line)
        elif stack:
            sale = stack.pop()
            parts[id(line)].append((sale.document, sale.left))
            sale.left = ZERO

    queues: dict[tuple, list[Line]] = defaultdict(list)
    still_open = [line for line in matchable if id(line) not in parts]
    for line in in_turn([sale for sale in sales if sale.left > 0], still_open):
        queue = queues[line.shelf]
        if line.quantity > 0:
            queue.append(line)
            continue
        wanted = -line.quantity
        while wanted and queue:
            units = min(wanted, queue[0].left)
            parts[id(line)].append((queue[0].document, units))
            queue[0].left -= units
            wanted -= units
            if not queue[0].left:
                queue.pop(0)

    for line in returns:
        units = sum((count for _, count in parts[id(line)]), ZERO)
        if units < -line.quantity:
            parts[id(line)].append((None, -line.quantity - units))
    unmatched = [flow for line in returns for flow in flows_of(line, parts[id(line)])]
    for document in standing:
        itemised = -sum((line.net for line in document.lines if line.quantity < 0), ZERO)
        rest = document.taken_back("net") - itemised
        if document.is_return and rest:
            unmatched += goods_back(document, original_of(document, documents), rest)
    return unmatched


def original_of(document: Document, documents: dict[tuple[str, str], Document]) -> Document | None:
    """Return the document that a return names, where it is another one, no return, convertible."""
    original = documents.get((document.system, document.original_id or ""))
    if original is None or original is document or original.is_return:
        return None
    is_convertible = document.rate is not None and original.rate is not None
    return original if document.currency == original.currency or is_convertible else None


def in_turn(sales: list[Line], returns: list[Line]) -> list[Line]:
    """Return lines in the order of time; at one moment sales come before returns."""
    return sorted(
        [*sales, *returns], key=lambda line: (line.document.ordered_at, line.quantity < 0)
    )


def flows_of(line: Line, parts: list[tuple[Document | None, Decimal]]) -> list[Flow]:
    """Count the parts of a return line; a part is the difference of two rounded totals."""
    unmatched, done = [], ZERO
    for original, units in parts:
        amount = share(-line.net, done + units, -line.quantity)
        amount -= share(-line.net, done, -line.quantity)
        unmatched += goods_back(line.document, original, amount)
        done += units
    return unmatched


def goods_back(document: Document, original: Document | None, amount: Decimal) -> list[Flow]:
    """Count goods against the order that sold them; return them as a list if there is none."""
    flow = Flow(
        True, document.record, original, document.date, document.currency, amount, document.rate
    )
    if original is None:
        return [flow]
    document.applied += amount
    count_against(original, flow)
    return []


def count_against(order: Document, flow: Flow) -> None:
    """Add a flow to the order that it counts against."""
    flow.document = order
    if flow.currency == order.currency:
        flow.order_amount = flow.amount
    elif flow.rate is not None and order.rate is not None:
        flow.order_amount = share(flow.amount, flow.rate, order.rate)
    order.flows.append(flow)


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return amount x part / whole in four places."""
    return quantized(quantized(amount * part / whole, Decimal("0.00000001")))


def shop_payment(row: Row) -> dict[str, Any]:
    """Return a payment or refund of the shop."""
    word = PAYMENT_WORDS.get(word_key(row["status"] or ""), {})
    of_type = PAYMENT_TYPES.get(word_key(row["payment_type"] or ""), {})
    return {
        "key": ("shop", row["payment_id"]),
        "document": ("shop", row["order_id"]),
        "record": record_of("shop", row["customer_id"]),
        "type": payment_type_of(row, of_type),
        "is_succeeded": (not row["status"] or word.get("is_succeeded") == "true")
        and of_type.get("is_money_moved", "true") == "true",
        "currency": row["currency"],
        "amount": abs(row["amount"]),
        "product": shop_product(row),
        "quantity": row["quantity"],
        "paid_at": row["paid_at"],
    }


def payment_type_of(row: Row, word: dict[str, str]) -> str:
    """Return payment or refund, which count, or other or unmapped, which count for nothing."""
    if row["payment_type"] and not word:
        return "unmapped"
    if word.get("payment_type") == "other":
        return "other"
    return "refund" if row["amount"] < 0 else word.get("payment_type", "payment")


def platform_refund(row: Row) -> dict[str, Any]:
    """Return what the platform paid back of an order, as a refund that names it."""
    return {
        "key": ("marketplace", row["order_id"]),
        "document": ("marketplace", row["order_id"]),
        "record": record_of("marketplace", row["buyer_id"]),
        "type": "refund",
        "is_succeeded": True,
        "currency": row["currency"],
        "amount": abs(row["refund_amount"]),
        "product": None,
        "quantity": None,
        "paid_at": row["refunded_at"] or row["updated_at"] or row["ordered_at"],
    }


def match_payments(
    documents: dict[tuple[str, str], Document],
    payments: list[dict[str, Any]],
    rates: dict[str, dict[date, Decimal]],
) -> list[Flow]:
    """Set who has paid and count refunds against their orders; return those that find none."""
    named, unnamed = set(), []
    for payment in payments:
        order = documents.get(payment["document"])
        if payment["type"] != "refund":
            if order and payment["type"] == "payment":
                order.payment_states.append(payment["is_succeeded"])
            continue
        if not payment["is_succeeded"]:
            continue
        if order is None:
            unnamed.append(payment)
            continue
        named.add(id(order))
        # Money paid out on a document that takes goods back is the cash side of that return.
        if order.net >= 0 or order.is_cancelled:
            count_against(order, cash_of(payment, order, rates))

    taken = set()
    unmatched = []
    for payment in sorted(unnamed, key=lambda payment: (payment["paid_at"], payment["key"])):
        fitting = [
            order
            for order in documents.values()
            if id(order) not in named and may_be_refunded(order, payment)
        ]
        latest = max(fitting, key=lambda order: (order.ordered_at, order.native_id), default=None)
        flow = cash_of(payment, latest, rates)
        # Of two refunds that point at one order, the earlier one gets it; no other order is guessed
        # for the later one.
        if latest is None or id(latest) in taken:
            flow.document = None
            unmatched.append(flow)
        else:
            taken.add(id(latest))
            count_against(latest, flow)
    return unmatched


def count_refunds_by_status(
    documents: dict[tuple[str, str], Document], unmatched: list[Flow], as_of: date
) -> None:
    """Count an order as refunded whose status alone says so.

    Where a row says what went back the row counts, even one that found no order: of the same
    customer and amount it may be the row of this order.
    """
    rows = Counter((flow.record, flow.currency, flow.amount) for flow in unmatched)
    told = [
        (business_date(document.refunded_at), document)
        for document in documents.values()
        if document.refunded_at is not None
        and business_date(document.refunded_at) <= as_of
        and document.order_type in ("sale", "service")
        and not document.is_cancelled
        and document.net > 0
        and not document.flows
    ]
    for told_on, document in sorted(told, key=lambda row: row[1].ordered_at):
        key = (document.record, document.currency, document.net)
        if rows[key]:
            rows[key] -= 1
            continue
        day = max(told_on, document.date)
        flow = Flow(False, document.record, document, day, document.currency, document.net, None)
        flow.rate = document.rate
        count_against(document, flow)


def cash_of(
    payment: dict[str, Any], order: Document | None, rates: dict[str, dict[date, Decimal]]
) -> Flow:
    """Return a refund as a flow, not yet counted; without a currency it is in its order's."""
    day = business_date(payment["paid_at"])
    currency = payment["currency"] or (order.currency if order else REPORTING_CURRENCY)
    rate = rate_on(rates, currency, day)
    return Flow(False, payment["record"], order, day, currency, payment["amount"], rate)


def may_be_refunded(order: Document, refund: dict[str, Any]) -> bool:
    """Say whether a refund that names no order may be this one's: its units, or else its amount."""
    if (
        refund["record"] is None
        or order.record != refund["record"]
        or order.currency != (refund["currency"] or REPORTING_CURRENCY)
        or order.ordered_at > refund["paid_at"]
        or order.is_return
        or not order.is_settled
    ):
        return False
    if refund["product"] is None:
        return order.net == refund["amount"]
    return any(
        line.product == refund["product"] and line.quantity == refund["quantity"]
        for line in order.lines
    )


# ---------------------------------------------------------------------------------------------
# Visits
# ---------------------------------------------------------------------------------------------


@dataclass
class Visit:
    """Events of one device without a gap, of one customer or of nobody known."""

    record: Record | None
    events: list[Row]

    @property
    def date(self) -> date:
        """Return the business date on which it began."""
        return business_date(self.events[0]["occurred_at"])


def visits_of(events: list[Row]) -> list[Visit]:
    """Split the events of each device where it rests, and where another customer is logged in.

    What happened anonymously within a visit belongs to the customer who logs in there. An event
    without a device is a visit of its own with the others of its customer.
    """
    by_device: dict[tuple, list[Row]] = defaultdict(list)
    for event in events:
        key = (event["device_id"], None) if event["device_id"] else (None, event["customer_id"])
        by_device[key].append(event)
    visits = []
    for device_events in by_device.values():
        visit = None
        last_at = None
        for event in sorted(device_events, key=lambda row: (row["occurred_at"], row["event_id"])):
            record = record_of("shop", event["customer_id"])
            is_other = bool(visit and record and visit.record and record != visit.record)
            if visit is None or event["occurred_at"] - last_at > VISIT_GAP or is_other:
                visit = Visit(record, [])
                visits.append(visit)
            visit.record = visit.record or record
            visit.events.append(event)
            last_at = event["occurred_at"]
    return visits


# ---------------------------------------------------------------------------------------------
# Customers
# ---------------------------------------------------------------------------------------------

EVENT_COUNTS = {
    "page_views": "page_view",
    "product_views": "product_view",
    "searches": "search",
    "favourites": "favourite",
    "cart_adds": "cart_add",
}


def recompute(
    raw: Path, customers: Iterable[Sequence[Record]], as_of: date | None = None
) -> list[dict[str, Any]]:
    """Return the account of each customer, given as the list of their records."""
    books = read_books(raw, as_of)
    return [account(books, records) for records in customers]


def account(books: Books, records: Iterable[Record]) -> dict[str, Any]:
    """Return orders, value and the last 30 days of the records of one customer."""
    wanted = {(system, native_id) for system, native_id in records}
    own = Own(
        documents=[document for record in wanted for document in books.documents[record]],
        unmatched=[flow for record in wanted for flow in books.unmatched[record]],
        visits=[visit for record in wanted for visit in books.visits[record]],
    )
    paid = [document for document in own.documents if document.is_paid]
    realised = total(own.documents, lambda document: document.realised)
    # A refund for which no order was found was paid back nevertheless.
    unmatched_cash = sum((flow.reporting for flow in own.unmatched if not flow.is_goods), ZERO)
    last_paid = max((document.date for document in paid), default=None)
    last_visit = max((day_of(event) for event in own.events), default=None)
    return {
        "as_of": books.as_of,
        "orders_count": len(own.orders),
        "paid_orders_count": len(paid),
        "realised_amount": realised,
        "first_paid_order_date": min((document.date for document in paid), default=None),
        "last_paid_order_date": last_paid,
        "recency_days": (books.as_of - last_paid).days if last_paid else None,
        "frequency": len(paid),
        "monetary_amount": realised - unmatched_cash,
        "purchase_days": purchase_days(paid),
        "since_last_visit_days": (books.as_of - last_visit).days if last_visit else None,
        "last_30_days": window(own, books.as_of),
        "prior_30_days": window(own, books.as_of - timedelta(days=WINDOW_DAYS)),
    }


@dataclass
class Own:
    """What belongs to one customer."""

    documents: list[Document]
    unmatched: list[Flow]
    visits: list[Visit]

    @property
    def orders(self) -> list[Document]:
        """Return the documents that are no returns."""
        return [document for document in self.documents if not document.is_return]

    @property
    def flows(self) -> list[Flow]:
        """Return all that went back, whether an order was found for it or not."""
        counted = [flow for document in self.documents for flow in document.counted_flows]
        return counted + self.unmatched

    @property
    def events(self) -> list[Row]:
        """Return the events of the visits."""
        return [event for visit in self.visits for event in visit.events]


def day_of(event: Row) -> date:
    """Return the business date of an event."""
    return business_date(event["occurred_at"])


def window(own: Own, last_day: date) -> dict[str, Any]:
    """Return the measures of the thirty days that end with a day, each by its own date.

    An order counts with what it sells, on its day; what goes back counts on the day it goes back.
    """
    days = {last_day - timedelta(days=days) for days in range(WINDOW_DAYS)}
    orders = [order for order in own.orders if order.date in days]
    events = [event for event in own.events if day_of(event) in days]
    gross = total(orders, lambda order: order.gross + order.taken_back("gross"))
    net = total(orders, lambda order: order.net + order.taken_back("net"))
    refunded = sum((flow.reporting for flow in own.flows if flow.date in days), ZERO)
    cancelled = total(
        [order for order in orders if order.is_cancelled],
        lambda order: order.cancelled + order.taken_back("net"),
    )
    still_open = total(orders, lambda order: order.open)
    types = [re.sub("[ -]+", "_", event["event_type"].lower()) for event in events]
    return {
        "orders_count": len(orders),
        "paid_orders_count": sum(order.is_paid for order in orders),
        "gross_amount": gross,
        "discount_amount": gross - net,
        "net_amount": net,
        "refunded_amount": refunded,
        "realised_amount": net - cancelled - still_open - refunded,
        "active_days_count": len({order.date for order in orders} | {day_of(e) for e in events}),
        "sessions_count": sum(visit.date in days for visit in own.visits),
        **{f"{name}_count": types.count(kind) for name, kind in EVENT_COUNTS.items()},
    }


def purchase_days(paid: list[Document]) -> dict[date, Decimal | None]:
    """Return the total of each day's orders; None where no order has an amount or a rate."""
    days: dict[date, Decimal | None] = {}
    for document in sorted(paid, key=lambda document: document.date):
        amount = days.setdefault(document.date, None)
        if document.has_amount and document.rate is not None:
            days[document.date] = (amount or ZERO) + document.reporting(document.realised)
    return days


def total(orders: list[Document], amount_of: Callable[[Document], Decimal]) -> Decimal:
    """Return a sum in the reporting currency; orders without a rate are left out."""
    return sum((order.reporting(amount_of(order)) for order in orders), ZERO)


def main(arguments: list[str]) -> int:
    """Print the account of one customer: a raw folder, then records as system:native_id."""
    if len(arguments) < 2:
        print(__doc__)
        return 2
    raw, *records = arguments
    parts = [record.partition(":") for record in records]
    (result,) = recompute(Path(raw), [[(system, native_id) for system, _, native_id in parts]])
    for name, value in result.items():
        if not isinstance(value, dict):
            print(f"{name}: {value}")
            continue
        print(
            f"{name}:", *(f"  {measure}: {number}" for measure, number in value.items()), sep="\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
