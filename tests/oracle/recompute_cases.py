"""Recompute the totals of the hand-checked cases from their raw files, by plain Python.

An independent second account of the rules of money, versions and windows: it shares no code with
the models, with landing or with the script that makes the cases. It reads
`tests/cases/raw/**/*.csv` and writes `tests/cases/expected.yml`; `--check` compares instead and
fails if they differ.

The contract is restated here in small (`TABLES`), on purpose.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "cases"
RAW = CASES / "raw"
EXPECTED = CASES / "expected.yml"

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
REPORTING_CURRENCY = "CNY"
RATE_DAYS = 7  # a missing rate is the last one of at most this many days
WINDOW_DAYS = 30
# Products of three numbers of 18 digits keep all of them.
getcontext().prec = 60
UNIT = Decimal("0.0001")
ZERO = Decimal(0)

BLANKS = r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u2060\ufeff]+"
# Years from 1000: an earlier one is a slip.
DAY = (
    r"(?:([1-9][0-9]{3}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2})(?: ?日)?"
    r"|([1-9][0-9]{3})([0-9]{2})([0-9]{2}))"
)
TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
OFFSET = r"Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?"


# ---------------------------------------------------------------------------------------------
# Reading: files, casts, versions
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """The contract of a table: `columns` maps each column to its type, in order.

    A `!` after a type says required, `|name` that it is where the column of that name is empty, a
    `~` that the column is the time of an event.
    """

    path: str
    key: tuple[str, ...]
    columns: dict[str, str]


def table(path: str, key: str, columns: str) -> Table:
    """Build a table from words `name:type`; a word without a type is text.

    Behind the type, `!` means required, `~` a moment that cannot lie after the load, and `?` that a
    value that cannot be read is left out and rejects no row.
    """
    pairs = [word.partition(":") for word in columns.split()]
    return Table(path, tuple(key.split()), {name: kind or "text" for name, _, kind in pairs})


TABLES = {
    "customers": table(
        "shop/customers",
        "customer_id",
        "customer_id:text! full_name first_name last_name email phone birth_date:date? gender"
        " country region city address postcode occupation education income_band organisation"
        " has_email_consent:boolean? has_sms_consent:boolean? inviter_customer_id"
        " registered_at:time~? updated_at:time~?",
    ),
    "orders": table(
        "shop/orders",
        "order_id",
        "order_id:text! customer_id order_type status ordered_at:time!~ cancelled_at:time~"
        " currency:currency gross_amount:decimal discount_amount:decimal net_amount:decimal"
        " original_order_id coupon_code shipping_amount:decimal tax_amount:decimal"
        " prices_include_tax:boolean tip_amount:decimal is_test:boolean seller_id approved_at:time~"
        " shipped_at:time~ delivered_at:time~ promised_at:time updated_at:time~",
    ),
    "order_items": table(
        "shop/order_items",
        "order_id line_number",
        "order_id:text! line_number:text! product_id description quantity:decimal!"
        " unit_price:decimal|line_amount line_amount:decimal line_type discount_amount:decimal"
        " updated_at:time~",
    ),
    "payments": table(
        "shop/payments",
        "payment_id",
        "payment_id:text! order_id customer_id payment_type status method currency:currency"
        " amount:decimal! goods_amount:decimal shipping_amount:decimal tax_amount:decimal"
        " installments_count:decimal paid_at:time!~ product_id quantity:decimal updated_at:time~",
    ),
    "products": table(
        "shop/products",
        "product_id",
        "product_id:text! product_name product_type category subcategory brand"
        " list_price:decimal unit_cost:decimal currency:currency launched_at:date?"
        " updated_at:time~",
    ),
    "fx_rates": table(
        "ops/fx_rates",
        "rate_date from_currency to_currency",
        "rate_date:date! from_currency:currency! to_currency:currency! rate:rate!",
    ),
    "order_costs": table(
        "ops/order_costs",
        "cost_id",
        "cost_id:text! system:text! order_id:text! cost_type currency:currency amount:decimal!"
        " charged_at:time~? updated_at:time~",
    ),
    "marketing_costs": table(
        "ops/marketing_costs",
        "cost_date channel source campaign_id",
        "cost_date:date! channel:text! source campaign_id currency:currency amount:decimal!"
        " impressions clicks updated_at:time~",
    ),
    "order_events": table(
        "shop/order_events",
        "order_event_id",
        "order_event_id:text! order_id:text! event:text! actor carrier tracking_number place note"
        " occurred_at:time!~ updated_at:time~?",
    ),
    "coupon_issues": table(
        "shop/coupon_issues",
        "coupon_issue_id",
        "coupon_issue_id:text! coupon_code:text! system native_id campaign_id channel"
        " issued_at:time!~ expires_at:time? updated_at:time~?",
    ),
    "coupon_redemptions": table(
        "shop/coupon_redemptions",
        "order_id coupon_code",
        "order_id:text! coupon_code:text! coupon_issue_id currency:currency"
        " discount_amount:decimal redeemed_at:time~? updated_at:time~",
    ),
    "campaigns": table(
        "crm/campaigns",
        "campaign_id",
        "campaign_id:text! campaign_name channel kind coupon_code holdout_pct:decimal window_days"
        " cost_amount:decimal contact_cost_amount:decimal start_date:date? end_date:date?"
        " updated_at:time~",
    ),
    "campaign_arms": table(
        "crm/campaign_arms",
        "campaign_id arm",
        "campaign_id:text! arm:text! is_holdout:boolean? share_pct:decimal updated_at:time~",
    ),
    "campaign_contacts": table(
        "crm/campaign_contacts",
        "campaign_contact_id",
        "campaign_contact_id:text! campaign_id:text! system:text! native_id:text! arm"
        " is_holdout:boolean? failure assigned_at:time!~ sent_at:time~? delivered_at:time~?"
        " bounced_at:time~? opened_at:time~? clicked_at:time~? unsubscribed_at:time~?"
        " updated_at:time~?",
    ),
}


@dataclass
class Row:
    """One landed row: cast values by column, and where it came from."""

    values: dict[str, Any]
    raw: dict[str, str]
    file: str
    number: int
    load_date: date | None
    reasons: list[str] = field(default_factory=list)

    def __getitem__(self, column: str) -> Any:
        """Return the cast value of a column, None where it is empty or absent."""
        return self.values.get(column)


@dataclass
class Loaded:
    """What became of the records of one table."""

    accepted: list[Row]
    rejected: list[Row]
    landed: int
    broken: int
    superseded: int
    files: int
    extra_columns: set[str]


def load(contract: Table, raw_folder: Path = RAW) -> Loaded:
    """Read every file of a table, and keep the newest accepted version of each key."""
    files = files_of(contract, raw_folder)
    rows: list[Row] = []
    broken = 0
    extra: set[str] = set()
    for file in files:
        match = re.search(r"load_date=(\d{4}-\d{2}-\d{2})", str(file))
        load_date = date.fromisoformat(match[1]) if match else None
        with file.open(encoding="utf-8-sig", newline="") as stream:
            records = csv.reader(stream)
            header = next(records)
            extra |= set(header) - set(contract.columns)
            for number, record in enumerate(records, 1):
                if len(record) != len(header):
                    broken += 1
                    continue
                raw = dict(zip(header, record, strict=True))
                name = str(file.relative_to(raw_folder))
                rows.append(cast_row(contract, raw, name, number, load_date))
    rejected = [row for row in rows if row.reasons]
    accepted = newest_versions(contract, [row for row in rows if not row.reasons])
    superseded = len(rows) - len(rejected) - len(accepted)
    return Loaded(accepted, rejected, len(rows), broken, superseded, len(files), extra)


def files_of(contract: Table, raw_folder: Path) -> list[Path]:
    """Return the CSV files of a table: a plain one, a folder of them, or both."""
    plain = raw_folder / f"{contract.path}.csv"
    return [plain] * plain.exists() + sorted((raw_folder / contract.path).rglob("*.csv"))


def cast_row(
    contract: Table, raw: dict[str, str], file: str, number: int, load_date: date | None
) -> Row:
    """Cast a record; collect the reasons why it breaks the contract, in the contract's order."""
    row = Row({}, raw, file, number, load_date)
    for column, kind in contract.columns.items():
        text = clean(raw.get(column, ""))
        if not text:
            row.values[column] = None
            other = kind.partition("|")[2]
            if "!" in kind or (other and not clean(raw.get(other, ""))):
                row.reasons.append(f"missing_{column}")
            continue
        try:
            value = CASTS[kind.partition("|")[0].rstrip("!~?")](text)
        except ValueError:
            row.values[column] = None
            if "?" not in kind:
                row.reasons.append(f"invalid_{column}")
            continue
        row.values[column] = value
        # The plain files without a load date hold no late times: the day of the run plays no part.
        if "~" in kind and load_date and business_date(value) > load_date + timedelta(days=1):
            if "?" in kind:
                row.values[column] = None
            else:
                row.reasons.append(f"future_{column}")
    told, received = row["occurred_at"], row["received_at"]
    if told and received and told.date() > received.date() + timedelta(days=1):
        row.values["occurred_at"] = received
        row.reasons = [reason for reason in row.reasons if reason != "future_occurred_at"]
    return row


def clean(text: str) -> str:
    """Return a text in NFKC, without blanks, control and zero-width characters at its ends.

    Of the words that stand for nothing the files hold these.
    """
    if text.strip() in ("0000-00-00", "--", "n/a"):
        return ""
    if text.isascii() and text.isprintable():
        return text.strip()
    return re.sub(rf"^{BLANKS}|{BLANKS}$", "", unicodedata.normalize("NFKC", text))


def cast_decimal(text: str) -> Decimal:
    """Read a number, with or without commas for thousands; more than four places are rounded."""
    return cast_number(text, UNIT)


def cast_rate(text: str) -> Decimal:
    """Read a rate above zero; more than eight places are rounded."""
    rate = cast_number(text, Decimal("0.00000001"))
    if rate <= 0:
        raise ValueError(text)
    return rate


def cast_number(text: str, unit: Decimal) -> Decimal:
    """Read a number of at most 18 digits, rounded to a unit where it has more places."""
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise ValueError(text)
    number = Decimal(text)
    if number.adjusted() + 1 > 18 + unit.adjusted():
        raise ValueError(text)
    places = -int(number.as_tuple().exponent)
    return number if places <= -unit.adjusted() else quantized(number, unit)


def quantized(number: Decimal, unit: Decimal = UNIT) -> Decimal:
    """Return a number rounded half up, away from zero."""
    return number.quantize(unit, ROUND_HALF_UP)


def cast_date(text: str) -> date:
    """Read a day written with hyphens, slashes, points or 年月日; midnight may follow it."""
    match = re.fullmatch(rf"{DAY}(?:[T ]0?0:00(?::00(?:\.0+)?)?)?", text)
    if not match:
        raise ValueError(text)
    return date(*(int(part) for part in match.groups() if part))


def cast_time(text: str, zone: ZoneInfo = BUSINESS_ZONE) -> datetime:
    """Read a timestamp as UTC: a naive one is in the zone, a day begins in the business zone."""
    clock_and_offset = rf"(?:[T ]|(?<=日)) ?(?P<clock>{TIME})(?: ?(?P<offset>{OFFSET}))?"
    match = re.fullmatch(rf"(?P<day>{DAY})(?:{clock_and_offset})?", text)
    if not match:
        raise ValueError(text)
    day, clock, offset = cast_date(match["day"]), match["clock"], match["offset"]
    if not clock:
        midnight = datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)
        return midnight.astimezone(UTC)
    hour, _, rest = clock.partition(":")
    moment = datetime.fromisoformat(f"{day}T{hour:0>2}:{rest}")
    if not offset:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    return moment.replace(tzinfo=offset_zone(offset)).astimezone(UTC)


def offset_zone(offset: str) -> timezone:
    """Return the zone of Z, +08, +0800 or +08:00."""
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1))


def cast_boolean(text: str) -> bool:
    """Read yes or no."""
    word = text.lower()
    if word in {"true", "t", "1", "yes", "y", "是"}:
        return True
    if word in {"false", "f", "0", "no", "n", "否"}:
        return False
    raise ValueError(text)


def cast_currency(text: str) -> str:
    """Read an ISO 4217 code."""
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError(text)
    return text.upper()


CASTS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "decimal": cast_decimal,
    "rate": cast_rate,
    "date": cast_date,
    "time": cast_time,
    "utc": lambda text: cast_time(text, ZoneInfo("UTC")),
    "boolean": cast_boolean,
    "currency": cast_currency,
}


def newest_versions(contract: Table, rows: list[Row]) -> list[Row]:
    """Return the newest version of each key: by `updated_at`, else load date; then load date."""
    versions: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        versions[tuple(row[column] for column in contract.key)].append(row)
    newest = []
    for candidates in versions.values():
        candidates.sort(key=age, reverse=True)
        first = candidates[0]
        # A tie is harmless only between equal rows: then file and row number do not matter.
        for other in candidates[1:]:
            if age(other) == age(first) and other.raw != first.raw:
                raise AssertionError(f"two newest versions: {first.raw} and {other.raw}")
        newest.append(first)
    return newest


def age(row: Row) -> tuple[datetime, date]:
    """Return the sort key for the versions of a key; a later one is newer."""
    load_date = row.load_date or date.min
    loaded_at = datetime(load_date.year, load_date.month, load_date.day, tzinfo=UTC)
    return row["updated_at"] or loaded_at, load_date


def business_date(moment: datetime) -> date:
    """Return the day in the business zone."""
    return moment.astimezone(BUSINESS_ZONE).date()


# ---------------------------------------------------------------------------------------------
# Orders: amounts, payment, refunds, returns
# ---------------------------------------------------------------------------------------------

STATUS = {
    "pending": "placed",
    "待付款": "placed",
    "paid": "paid",
    "shipped": "shipped",
    "已发货": "shipped",
    "completed": "completed",
    "已完成": "completed",
    "cancelled": "cancelled",
    "已取消": "cancelled",
    "returned": "returned",
}
SUCCEEDED = {"succeeded", None}
PAID_STATUS = {"paid", "shipped", "completed", "returned", None}
MEASURES = ["gross", "discount", "net", "cancelled", "refunded", "open", "applied", "realised"]
CHARGES = ["shipping", "tax", "tip", "gift_card", "other_charge"]
# What a line is, by its own type or the number of its product; all else are goods. A fee is
# revenue, but no unit.
LINE_KINDS = {
    "packaging": "other_charge",
    "gift_card": "gift_card",
    "FREIGHT": "shipping",
    "P-SHIP": "fee",
}


@dataclass
class Line:
    """One line of an order; `left` are the units not yet matched by a return."""

    order: Order
    number: str
    product_id: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    left: Decimal = ZERO
    amount: Decimal | None = None
    kind: str = "goods"

    @property
    def gross(self) -> Decimal:
        """Return the value of the line before discount, negative for a return."""
        return self.quantity * self.unit_price if self.amount is None else self.amount

    @property
    def net(self) -> Decimal:
        """Return the value of the line after discount, negative for a return."""
        return self.gross - self.discount


@dataclass
class Order:
    """One accepted order document, amounts in its own currency."""

    order_id: str
    customer_id: str | None
    customer_kind: str
    order_type: str
    status: str | None
    is_cancelled: bool
    currency: str
    ordered_at: datetime
    original_order_id: str | None
    rate: Decimal | None
    lines: list[Line] = field(default_factory=list)  # of goods
    charge_lines: list[Line] = field(default_factory=list)
    charges: dict[str, Decimal] = field(default_factory=dict)
    paid: Decimal = ZERO
    refund_rows: list[Row] = field(default_factory=list)
    is_paid: bool = False
    gross: Decimal = ZERO
    discount: Decimal = ZERO
    net: Decimal = ZERO
    refund_payments: Decimal = ZERO
    matched_returns: Decimal = ZERO
    applied: Decimal = ZERO

    @property
    def date(self) -> date:
        """Return the business date."""
        return business_date(self.ordered_at)

    @property
    def is_return(self) -> bool:
        """Say whether the order is a return document."""
        return self.order_type == "return"

    @property
    def is_purchase(self) -> bool:
        """Say whether the order counts for recency and frequency."""
        return self.is_paid and not self.is_cancelled and not self.is_return

    @property
    def refunded(self) -> Decimal:
        """Return the greater of refund payments and matched returns: one event booked twice."""
        return max(self.refund_payments, self.matched_returns)

    @property
    def cancelled(self) -> Decimal:
        """Return what a cancellation takes out beyond the refund."""
        return max(self.net - self.refunded, ZERO) if self.is_cancelled else ZERO

    @property
    def open(self) -> Decimal:
        """Return what is not paid yet."""
        return ZERO if self.is_cancelled or self.is_paid else self.net - self.refunded

    @property
    def realised(self) -> Decimal:
        """Return the realised revenue."""
        return self.net - self.cancelled - self.refunded - self.open + self.applied

    def amount(self, measure: str) -> Decimal:
        """Return a measure in the currency of the order."""
        return getattr(self, measure)

    def reporting(self, measure: str) -> Decimal | None:
        """Return a measure in the reporting currency, None without a rate."""
        if self.rate is None:
            return None
        return (self.amount(measure) * self.rate).quantize(UNIT, ROUND_HALF_UP)


@dataclass
class Match:
    """One return line or refund payment without order: what it was counted against."""

    source: str
    rule: str
    against: dict[str, Decimal]  # order: units of a return line, amount of a refund
    matched: Decimal
    unmatched: Decimal
    currency: str
    unmatched_bucket: str | None = None
    # Of a refund payment that found no order: who got the money.
    refunded_customer_id: str | None = None


def read_rates(rows: list[Row]) -> dict[str, dict[date, Decimal]]:
    """Return the rates to the reporting currency by currency and day."""
    rates: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for row in rows:
        if row["to_currency"] == REPORTING_CURRENCY:
            rates[row["from_currency"]][row["rate_date"]] = row["rate"]
    return rates


def rate_on(rates: dict[str, dict[date, Decimal]], currency: str, day: date) -> Decimal | None:
    """Return the rate of a day, else the last one of at most seven days before."""
    if currency == REPORTING_CURRENCY:
        return Decimal(1)
    for days in range(RATE_DAYS + 1):
        rate = rates.get(currency, {}).get(day - timedelta(days=days))
        if rate is not None:
            return rate
    return None


def build_orders(loaded: dict[str, Loaded]) -> dict[str, Order]:
    """Return the accepted orders by id, with lines and amounts, not yet matched."""
    known = {row["customer_id"] for row in loaded["customers"].accepted}
    rates = read_rates(loaded["fx_rates"].accepted)
    items = defaultdict(list)
    for row in loaded["order_items"].accepted:
        items[row["order_id"]].append(row)
    orders = {}
    for row in loaded["orders"].accepted:
        if row["is_test"]:
            continue
        status = STATUS[row["status"]] if row["status"] else None
        customer_id = row["customer_id"]
        currency = row["currency"] or REPORTING_CURRENCY
        kind = "guest" if not customer_id else "known" if customer_id in known else "inferred"
        order = Order(
            order_id=row["order_id"],
            customer_id=customer_id,
            customer_kind=kind,
            order_type=row["order_type"] or "sale",
            status=status,
            is_cancelled=status == "cancelled" or row["cancelled_at"] is not None,
            currency=currency,
            ordered_at=row["ordered_at"],
            original_order_id=row["original_order_id"],
            rate=rate_on(rates, currency, business_date(row["ordered_at"])),
        )
        for item in sorted(items[order.order_id], key=lambda item: int(item["line_number"])):
            quantity = item["quantity"]
            line = Line(
                order,
                item["line_number"],
                item["product_id"],
                quantity,
                item["unit_price"],
                item["discount_amount"] or ZERO,
                left=max(quantity, ZERO),
                amount=item["line_amount"] if item["unit_price"] is None else None,
                kind=LINE_KINDS.get(item["line_type"] or item["product_id"], "goods"),
            )
            (order.charge_lines if line.kind in CHARGES else order.lines).append(line)
        if order.lines and all(line.quantity < 0 for line in order.lines):
            order.order_type = "return"
        set_amounts(order, row)
        orders[order.order_id] = order
    return orders


def set_amounts(order: Order, row: Row) -> None:
    """Set gross, discount and net: of the header where given, else of the lines."""
    gross, discount, net = row["gross_amount"], row["discount_amount"], row["net_amount"]
    charged = sum((line.net for line in order.charge_lines), ZERO)
    if net is not None and charged and net == charged + sum(line.net for line in order.lines):
        net -= charged
        gross = gross if gross is None else gross - charged
    line_gross = sum((line.gross for line in order.lines), ZERO)
    line_discount = sum((line.discount for line in order.lines), ZERO)
    if gross is None and net is None:
        # Only the discount of the whole order, or nothing: on top of the discounts of the lines.
        discount = line_discount + (discount or ZERO)
    elif discount is None:
        discount = line_discount
    if gross is None and net is not None and not order.lines:
        gross = net + discount
    order.gross = line_gross if gross is None else gross
    order.net = order.gross - discount if net is None else net
    if row["prices_include_tax"]:
        order.gross -= row["tax_amount"]
        order.net -= row["tax_amount"]
    order.discount = order.gross - order.net
    order.charges = {
        name: row[f"{name}_amount"] or sum_of(order.charge_lines, name) for name in CHARGES
    }


def sum_of(lines: list[Line], kind: str) -> Decimal:
    """Return what the lines of a kind charge."""
    return sum((line.net for line in lines if line.kind == kind), ZERO)


def is_refund(row: Row) -> bool:
    """Say whether a payment row gives money back."""
    return row["payment_type"] == "refund" or row["amount"] < 0


def apply_payments(orders: dict[str, Order], payments: list[Row]) -> list[Match]:
    """Set who has paid and count the refunds; return those that name no accepted order."""
    states = defaultdict(set)
    for row in payments:
        if not is_refund(row):
            states[row["order_id"]].add(row["status"] or "succeeded")
    for order in orders.values():
        if order.order_id in states:
            order.is_paid = "succeeded" in states[order.order_id]
        else:
            order.is_paid = order.status in PAID_STATUS
        if order.is_cancelled:
            order.is_paid = False

    for row in payments:
        if not is_refund(row) and row["order_id"] in orders and row["status"] in SUCCEEDED:
            orders[row["order_id"]].paid += row["amount"]

    matches = []
    for row in sorted(payments, key=lambda row: (row["paid_at"], row["payment_id"])):
        if not is_refund(row) or (row["status"] or "succeeded") != "succeeded":
            continue
        amount = abs(row["amount"])
        if row["order_id"]:
            order = orders[row["order_id"]]
            if not order.is_return:  # else it is the cash side of the return document
                order.refund_rows.append(row)
            continue
        found = [order for order in orders.values() if fits(order, row, amount)]
        if found:
            order = max(found, key=lambda order: order.ordered_at)
            order.refund_payments += amount
            matches.append(
                Match(
                    row["payment_id"],
                    "product_and_quantity" if row["product_id"] else "amount",
                    {order.order_id: amount},
                    amount,
                    ZERO,
                    row["currency"],
                )
            )
        else:
            bucket = "unmatched_customer" if row["customer_id"] else "unmatched_guest"
            matches.append(
                Match(
                    row["payment_id"],
                    bucket,
                    {},
                    ZERO,
                    amount,
                    row["currency"],
                    bucket,
                    row["customer_id"] or None,
                )
            )
    for order in orders.values():
        order.refund_payments += goods_paid_back(order)
    return matches


def goods_paid_back(order: Order) -> Decimal:
    """Return what refunds that name an order take back of its goods.

    All are of the goods where the order charged nothing else and nothing else was paid. Else a
    refund tells its part, or is of the shipping alone, and the others share what is left.
    """
    goods = order.net
    whole = max(goods + sum(order.charges.values()), order.paid, goods)
    if whole == goods:
        return sum((abs(row["amount"]) for row in order.refund_rows), ZERO)
    told, rest = ZERO, ZERO
    for row in order.refund_rows:
        amount = abs(row["amount"])
        if row["goods_amount"] is not None:
            told += row["goods_amount"]
            goods, whole = goods - row["goods_amount"], whole - amount
        elif amount == order.charges["shipping"]:
            whole -= amount
        else:
            rest += amount
    assert rest <= whole, order.order_id
    return told + (quantized(goods * rest / whole) if rest else ZERO)


def fits(order: Order, refund: Row, amount: Decimal) -> bool:
    """Say whether a refund that names no order may belong to this one."""
    if (
        not refund["customer_id"]
        or order.customer_id != refund["customer_id"]
        or order.currency != (refund["currency"] or REPORTING_CURRENCY)
        or order.ordered_at >= refund["paid_at"]
        or order.is_return
    ):
        return False
    if not refund["product_id"]:
        return order.net == amount
    return any(
        line.product_id == refund["product_id"] and line.quantity == refund["quantity"]
        for line in order.lines
    )


def match_returns(orders: dict[str, Order]) -> list[Match]:
    """Match every return line against earlier sale lines: reference, quantity, earliest."""
    returns = [
        line
        for order in sorted(orders.values(), key=lambda order: (order.ordered_at, order.order_id))
        for line in order.lines
        if line.quantity < 0 and not order.is_cancelled
    ]
    sales = [
        line
        for order in sorted(orders.values(), key=lambda order: (order.ordered_at, order.order_id))
        for line in order.lines
        if line.quantity > 0 and not order.is_cancelled
    ]
    takes: dict[int, list[tuple[Line, Decimal, str]]] = defaultdict(list)

    def wanted(line: Line) -> Decimal:
        return -line.quantity - sum((units for _, units, _ in takes[id(line)]), ZERO)

    def take(line: Line, sale: Line, rule: str) -> None:
        units = min(wanted(line), sale.left)
        if units > 0:
            sale.left -= units
            takes[id(line)].append((sale, units, rule))

    for line in returns:  # the same product in the order that the return names
        for sale in sales:
            is_named = sale.order.order_id == line.order.original_order_id
            if is_named and sale.product_id == line.product_id:
                take(line, sale, "reference")
    for line in returns:  # the latest line of exactly that quantity
        for sale in reversed(sales):
            is_whole = wanted(line) == -line.quantity == sale.quantity == sale.left
            if is_whole and is_earlier_purchase(sale, line):
                take(line, sale, "quantity")
    for line in returns:  # what is left, first in first out
        for sale in sales:
            if is_earlier_purchase(sale, line):
                take(line, sale, "earliest")

    matches = []
    for line in returns:
        value_of_unit = line.net / line.quantity
        against: dict[str, Decimal] = defaultdict(Decimal)
        for sale, units, _ in takes[id(line)]:
            sale.order.matched_returns += units * value_of_unit
            line.order.applied += units * value_of_unit
            against[sale.order.order_id] += units
        rest = wanted(line)
        bucket = None
        if rest > 0:
            bucket = "unmatched_customer" if line.order.customer_id else "unmatched_guest"
        rules = [rule for _, _, rule in takes[id(line)]]
        matches.append(
            Match(
                f"{line.order.order_id}/{line.number}",
                rules[0] if rules else str(bucket),
                against,
                (-line.quantity - rest) * value_of_unit,
                rest * value_of_unit,
                line.order.currency,
                bucket,
            )
        )
    return matches


def is_earlier_purchase(sale: Line, line: Line) -> bool:
    """Say whether the same customer bought the same product before, in the same currency."""
    return (
        line.order.customer_id is not None
        and sale.order.customer_id == line.order.customer_id
        and sale.order.currency == line.order.currency
        and sale.product_id == line.product_id
        and sale.order.ordered_at < line.order.ordered_at
    )


# ---------------------------------------------------------------------------------------------
# Customers: recency, frequency, monetary value, the last 30 days
# ---------------------------------------------------------------------------------------------

SEGMENTS = {
    "Champions": "555 554 544 545 454 455 445",
    "Loyal": "543 444 435 355 354 345 344 335",
    "Potential Loyalist": "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353"
    " 352 351 342 341 333 323",
    "New": "512 511 422 421 412 411 311",
    "Promising": "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313",
    "Need Attention": "535 534 443 434 343 334 325 324",
    "About To Sleep": "331 321 312 221 213 231 241 251",
    "At Risk": "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133"
    " 125 124",
    "Cannot Lose": "155 154 144 214 215 115 114 113",
    "Hibernating": "332 322 233 232 223 222 132 123 122 212 211",
    "Lost": "111 112 121 131 141 151",
}
SEGMENT_OF = {code: name for name, codes in SEGMENTS.items() for code in codes.split()}


@dataclass
class Value:
    """Recency, frequency and monetary value of a customer."""

    recency_days: int | None
    frequency: int
    monetary: Decimal
    days_since_first: int | None = None
    code: str | None = None
    segment: str = "Prospects"


def customer_values(
    orders: Iterable[Order], customers: Iterable[str], as_of: date, matches: Iterable[Match]
) -> dict:
    """Return the `Value` of every customer; scores are among those with a purchase.

    A refund payment that found no order is still money that the customer got back (all in CNY).

    A score is min(5, 1 + floor(5 x share of customers with a strictly worse value)); the best
    recency scores 5. New is who came at most 30 days ago, Cannot Lose who bought more than once.
    """
    by_customer = group_by_customer(orders)
    unmatched_refunds: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for match in matches:
        if match.refunded_customer_id:
            assert match.currency == "CNY", match
            unmatched_refunds[match.refunded_customer_id] += match.unmatched
    values = {}
    for customer_id in customers:
        own = by_customer.get(customer_id, [])
        purchases = [order.date for order in own if order.is_purchase]
        values[customer_id] = Value(
            recency_days=(as_of - max(purchases)).days if purchases else None,
            frequency=len(purchases),
            monetary=total(own, "realised") - unmatched_refunds[customer_id],
            days_since_first=(as_of - min(purchases)).days if purchases else None,
        )
    buyers = [value for value in values.values() if value.frequency]

    def score(value: Value, goodness: Callable[[Value], Any]) -> str:
        worse = sum(goodness(other) < goodness(value) for other in buyers)
        return str(min(5, 1 + 5 * worse // len(buyers)))

    best_recency = min(value.recency_days or 0 for value in buyers)
    for value in buyers:
        recency = score(value, lambda value: -(value.recency_days or 0))
        if value.recency_days == best_recency:
            recency = "5"
        frequency = score(value, lambda value: value.frequency)
        value.code = recency + frequency + score(value, lambda value: value.monetary)
        value.segment = SEGMENT_OF[value.code]
        if value.segment == "New" and (value.days_since_first or 0) > 30:
            value.segment = "Promising"
        if value.segment == "Cannot Lose" and value.frequency == 1:
            value.segment = "Hibernating"
    return values


def group_by_customer(orders: Iterable[Order]) -> dict[str, list[Order]]:
    """Return the orders of each customer; guests are left out."""
    groups = defaultdict(list)
    for order in orders:
        if order.customer_id:
            groups[order.customer_id].append(order)
    return groups


def total(orders: Iterable[Order], measure: str) -> Decimal:
    """Return a sum in the reporting currency; orders without a rate are left out."""
    return sum((order.reporting(measure) or ZERO for order in orders), ZERO)


def window_measures(orders: list[Order], last_day: date) -> dict[str, Any]:
    """Return the measures of the thirty days that end with a day.

    Orders are all documents but returns, cancelled and unpaid ones too; realised is of all
    documents, returns too.
    """
    first_day = last_day - timedelta(days=WINDOW_DAYS - 1)
    documents = [order for order in orders if first_day <= order.date <= last_day]
    placed = [order for order in documents if not order.is_return]
    paid = [order for order in placed if order.is_purchase]
    units = [
        line.quantity
        for order in placed
        for line in order.lines
        if line.quantity > 0 and line.kind != "fee"
    ]
    return {
        "orders_count": len(placed),
        "paid_orders_count": len(paid),
        "order_days_count": len({order.date for order in placed}),
        "gross_amount": total(placed, "gross"),
        "discount_amount": total(placed, "discount"),
        "net_amount": total(placed, "net"),
        "refunded_of_orders_amount": total(placed, "refunded"),
        "returned_orders_count": sum(order.refunded > 0 for order in placed),
        "items_count": int(sum(units, ZERO)),
        "return_documents_net_amount": total([o for o in documents if o.is_return], "net"),
        "realised_amount": total(documents, "realised"),
    }


def refunds_dated(loaded: Loaded, orders: dict[str, Order], last_day: date) -> dict[str, Any]:
    """Return the refund payments of the thirty days to a day, by their own date, in CNY.

    Only of orders and refunds in the reporting currency; the cash side of return documents counts.
    """
    first_day = last_day - timedelta(days=WINDOW_DAYS - 1)
    refunds: dict[str, Decimal] = defaultdict(Decimal)
    for row in loaded.accepted:
        is_dated = first_day <= business_date(row["paid_at"]) <= last_day
        succeeded = (row["status"] or "succeeded") == "succeeded"
        if not (is_dated and succeeded and is_refund(row) and row["currency"] == "CNY"):
            continue
        order = orders.get(row["order_id"])
        customer_id = order.customer_id if order else row["customer_id"]
        refunds[customer_id or "(guests)"] += abs(row["amount"])
    return dict(sorted(refunds.items()))


def e164(phone: str | None, country: str | None) -> str | None:
    """Return the number as +country number, as far as the hand-written customers need it."""
    prefixes = {"CN": "86", "中国": "86", "US": "1", "GB": "44", "United Kingdom": "44"}
    text = unicodedata.normalize("NFKC", phone or "")
    digits = re.sub(r"\D", "", text)
    if "*" in text or not digits:
        return None
    if text.strip().startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + prefixes[country or ""] + digits.removeprefix("0")


# ---------------------------------------------------------------------------------------------
# The account
# ---------------------------------------------------------------------------------------------


def recompute() -> dict[str, Any]:
    """Return everything that `expected.yml` holds."""
    loaded = {name: load(contract) for name, contract in TABLES.items()}
    orders = build_orders(loaded)
    payments = loaded["payments"].accepted
    test_orders = sorted(row["order_id"] for row in loaded["orders"].accepted if row["is_test"])
    there = {*orders, *test_orders}
    orphan_payments = [row for row in payments if row["order_id"] and row["order_id"] not in there]
    refund_matches = apply_payments(
        orders, [row for row in payments if row["order_id"] not in test_orders]
    )
    return_matches = match_returns(orders)
    documents = sorted(orders.values(), key=lambda order: order.order_id)
    as_of = max(order.date for order in documents)

    known = sorted(row["customer_id"] for row in loaded["customers"].accepted)
    seen = {order.customer_id for order in documents} | {row["customer_id"] for row in payments}
    inferred = sorted(customer for customer in seen - set(known) if customer is not None)
    customers = known + inferred
    values = customer_values(documents, customers, as_of, refund_matches)
    by_customer = group_by_customer(documents)
    by_hand = [name for name in customers if name.startswith(("S-", "X-"))]
    item_orders = Counter(row["order_id"] for row in loaded["order_items"].accepted)
    prior_day = as_of - timedelta(days=WINDOW_DAYS)

    return {
        "as_of": as_of,
        "records": {name: describe_load(result) for name, result in loaded.items()},
        "rejected_rows": [
            {"file": row.file, "row": row.number, "reason": "; ".join(row.reasons)}
            for result in loaded.values()
            for row in result.rejected
        ],
        "orphans": {
            "order_items": {
                name: count for name, count in sorted(item_orders.items()) if name not in there
            },
            "payments": {row["payment_id"]: row["order_id"] for row in orphan_payments},
        },
        "customers": {
            "known": len(known),
            "inferred": len(inferred),
            "inferred_ids": inferred,
            "with_a_purchase": sum(value.frequency > 0 for value in values.values()),
            "guest_orders": sum(order.customer_kind == "guest" for order in documents),
            "contacts": contacts(loaded["customers"].accepted),
        },
        "orders": {
            "documents": len(documents),
            "by_type": count(documents, lambda order: order.order_type),
            "by_customer_kind": count(documents, lambda order: order.customer_kind),
            "by_status": count(documents, lambda order: order.status or "(none)"),
            "by_currency": count(documents, lambda order: order.currency),
            "cancelled": sum(order.is_cancelled for order in documents),
            "paid": sum(order.is_paid for order in documents),
            "purchases": sum(order.is_purchase for order in documents),
            "without_rate": [order.order_id for order in documents if order.rate is None],
        },
        "order_lines": {
            "of_accepted_orders": sum(
                len(order.lines) + len(order.charge_lines) for order in documents
            ),
            "charge": sum(len(order.charge_lines) for order in documents),
            "sale": sum(line.quantity > 0 for order in documents for line in order.lines),
            "return": sum(line.quantity < 0 for order in documents for line in order.lines),
        },
        "amounts_by_currency": {
            currency: amounts([order for order in documents if order.currency == currency])
            for currency in sorted({order.currency for order in documents})
        },
        "amounts_by_currency_and_customer_kind": {
            f"{currency} {kind}": amounts(group)
            for currency in sorted({order.currency for order in documents})
            for kind in ("known", "inferred", "guest")
            if (
                group := [
                    order
                    for order in documents
                    if (order.currency, order.customer_kind) == (currency, kind)
                ]
            )
        },
        "amounts_in_reporting_currency": {
            measure: total(documents, measure) for measure in MEASURES
        },
        "payments": describe_payments(payments),
        "returns_matched": describe_matches(return_matches),
        "refunds_without_order_matched": describe_matches(refund_matches),
        "matches_by_hand": [
            {
                "source": match.source,
                "rule": match.rule,
                "against": dict(match.against),
                "matched_amount": match.matched,
                "unmatched_amount": match.unmatched,
            }
            for match in [*return_matches, *refund_matches]
            if match.source.startswith(("O-", "R-"))
        ],
        "segments": dict(sorted(Counter(value.segment for value in values.values()).items())),
        "last_30_days": {
            "first_day": as_of - timedelta(days=WINDOW_DAYS - 1),
            "customers": window_measures([o for o in documents if o.customer_id], as_of),
            "all_with_guests": window_measures(documents, as_of),
            "refund_payments_by_own_date": refunds_dated(loaded["payments"], orders, as_of),
        },
        "prior_30_days": {
            "first_day": prior_day - timedelta(days=WINDOW_DAYS - 1),
            "customers": window_measures([o for o in documents if o.customer_id], prior_day),
            "all_with_guests": window_measures(documents, prior_day),
            "refund_payments_by_own_date": refunds_dated(loaded["payments"], orders, prior_day),
        },
        "orders_by_hand": {
            order.order_id: describe_order(order)
            for order in documents
            if order.order_id.startswith("O-")
        },
        "charges_by_hand": {
            order.order_id: {
                **order.charges,
                "paid": order.paid,
                "unexplained": order.paid - order.net - sum(order.charges.values()),
            }
            for order in documents
            if any(order.charges.values())
        },
        "test_orders": test_orders,
        "customers_by_hand": {
            name: {
                **describe_value(values[name]),
                **window_of(by_customer.get(name, []), "last_30_days", as_of),
                **window_of(by_customer.get(name, []), "prior_30_days", prior_day),
            }
            for name in by_hand
        },
    }


def describe_load(result: Loaded) -> dict[str, Any]:
    """Return the account of the records of a table; landed = accepted + superseded + rejected."""
    reasons = Counter("; ".join(row.reasons) for row in result.rejected)
    return {
        "files": result.files,
        "landed": result.landed,
        "broken": result.broken,
        "accepted": len(result.accepted),
        "superseded": result.superseded,
        "rejected": len(result.rejected),
        "rejected_by_reason": dict(sorted(reasons.items())),
        "extra_columns": sorted(result.extra_columns),
    }


def contacts(rows: list[Row]) -> dict[str, dict[str, str | None]]:
    """Return normalised mail and phone of the customers whose notation is a case."""
    return {
        row["customer_id"]: {
            "email": row["email"].lower() if row["email"] else None,
            "phone_e164": e164(row.raw.get("phone"), row["country"]),
        }
        for row in sorted(rows, key=lambda row: row["customer_id"])
        if row["customer_id"].startswith(("S-PHONE", "S-MAIL", "S-MOVED"))
    }


def count(orders: list[Order], attribute: Callable[[Order], str]) -> dict[str, int]:
    """Return the number of orders by an attribute."""
    return dict(sorted(Counter(attribute(order) for order in orders).items()))


def amounts(orders: list[Order]) -> dict[str, Decimal]:
    """Return every measure of orders of one currency, in that currency."""
    return {measure: sum((order.amount(measure) for order in orders), ZERO) for measure in MEASURES}


def describe_payments(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Return number and absolute amount of payments and refunds by state and currency."""
    groups: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        kind = "refund" if is_refund(row) else "payment"
        currency = row["currency"] or REPORTING_CURRENCY
        groups[f"{kind} {row['status'] or 'succeeded'} {currency}"].append(abs(row["amount"]))
    return {
        name: {"count": len(group), "amount": sum(group, ZERO)}
        for name, group in sorted(groups.items())
    }


def describe_matches(matches: list[Match]) -> dict[str, dict[str, Any]]:
    """Return matched amounts by rule and currency, and unmatched ones by bucket."""
    result: dict[str, dict[str, Any]] = {}

    def add(name: str, amount: Decimal) -> None:
        group = result.setdefault(name, {"count": 0, "amount": ZERO})
        group["count"] += 1
        group["amount"] += amount

    for match in matches:
        if match.matched:
            add(f"{match.rule} {match.currency}", match.matched)
        if match.unmatched_bucket:
            add(f"{match.unmatched_bucket} {match.currency}", match.unmatched)
    return dict(sorted(result.items()))


def describe_order(order: Order) -> dict[str, Any]:
    """Return the expected values of a hand-written order."""
    return {
        "customer_id": order.customer_id,
        "customer_kind": order.customer_kind,
        "order_type": order.order_type,
        "date": order.date,
        "currency": order.currency,
        "rate": order.rate,
        "is_paid": order.is_paid,
        "is_cancelled": order.is_cancelled,
        **{measure: order.amount(measure) for measure in MEASURES},
        "realised_reporting": order.reporting("realised"),
    }


def describe_value(value: Value) -> dict[str, Any]:
    """Return recency, frequency and monetary value, with the code and the segment."""
    return {
        "recency_days": value.recency_days,
        "frequency": value.frequency,
        "monetary": value.monetary,
        "rfm_code": value.code,
        "rfm_segment": value.segment,
    }


def window_of(orders: list[Order], name: str, last_day: date) -> dict[str, Any]:
    """Return the measures of a customer's window under a name, nothing where it is empty."""
    measures = window_measures(orders, last_day)
    return {name: measures} if any(measures.values()) else {}


# ---------------------------------------------------------------------------------------------
# YAML
# ---------------------------------------------------------------------------------------------

HEADING = """\
# The expected totals of the cases, recomputed from the raw files by plain Python:
#     python tests/oracle/recompute_cases.py
# Amounts are text, so that they stay exact. Each order's measures are in its own currency:
#     realised = net - cancelled - refunded - open + applied
# Charges stand beside the net amount; unexplained is what was paid beyond or short of all.
# applied: the value of return lines counted against earlier orders, where it is `refunded`.
# Reporting amounts leave out the orders without a rate (orders.without_rate).
# A purchase is a document that is paid, not cancelled and no return: it makes recency and
# frequency. Monetary is the realised amount of all documents, less the
# refund payments that found no order. Scores rank customers with a
# purchase; without one a customer is a prospect.
# The thirty days: orders are all documents but returns, cancelled and unpaid ones too; realised
# is of all documents of the days, returns too. Refund payments by own date are in CNY only.
"""


def to_yaml(value: Any, indent: int = 0) -> str:
    """Return nested dicts and lists as block YAML."""
    pad = "  " * indent
    if isinstance(value, dict):
        if not value:
            return " {}\n"
        text = "".join(
            f"{pad}{key_text(key)}:{to_yaml(item, indent + 1)}" for key, item in value.items()
        )
        return ("\n" if indent else "") + text
    if isinstance(value, list):
        if not value:
            return " []\n"
        if all(isinstance(item, dict) for item in value):
            return "\n" + "".join(f"{pad}- {inline(item)}\n" for item in value)
        return f" [{', '.join(scalar(item) for item in value)}]\n"
    return f" {scalar(value)}\n"


def inline(value: Any) -> str:
    """Return a dict on one line."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{key_text(key)}: {inline(item)}" for key, item in value.items()) + "}"
        )
    return scalar(value)


def key_text(key: str) -> str:
    """Return a key, in quotes unless it is a plain word."""
    return key if re.fullmatch(r"[A-Za-z][\w-]*", key) else f'"{key}"'


def scalar(value: Any) -> str:
    """Return one value; amounts as text with their own decimals, at least two."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f'"{value}"'
    if isinstance(value, Decimal):
        value = value.quantize(UNIT) if value != value.quantize(Decimal("0.01")) else value
        places = max(2, -value.normalize().as_tuple().exponent)
        return f'"{value:.{places}f}"'
    return f'"{value}"'


def main() -> int:
    """Write `expected.yml`, or compare it with `--check`; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    is_check = parser.parse_args().check
    text = HEADING + to_yaml(recompute())
    if not is_check:
        EXPECTED.write_text(text, encoding="utf-8")
        return 0
    if EXPECTED.read_text(encoding="utf-8") == text:
        return 0
    print(f"{EXPECTED.name} is not what recompute_cases.py makes of the raw files.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
