"""Write the raw files of the cases: a small invented company, by a fixed seed.

Run by hand (`python tests/cases/make_cases.py`); the files it writes are committed. `--check`
writes nothing and fails if a committed file differs from what would be written. Standard library
only. The hand-written cases are in hand_written_cases.py and are described in README.md; the
regular customers around them are made here.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

sys.dont_write_bytecode = True

from hand_written_cases import add_hand_written_cases  # noqa: E402

SEED = 20260630
FIRST_DAY = date(2025, 7, 1)
DAYS = 365
CUSTOMER_BASE_LOAD = "2025-07-01"  # customers registered before the first order
LOADS = ["2025-10-01", "2026-01-01", "2026-04-01", "2026-06-30"]
LAST_LOAD = LOADS[-1]
CENT = Decimal("0.01")

Row = dict[str, str]
Line = tuple  # (product_id, quantity, unit_price) or (product_id, quantity, unit_price, discount)


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


COLUMNS = {
    "shop/customers": words(
        "customer_id full_name first_name last_name email phone birth_date gender country region"
        " city address postcode occupation education income_band organisation has_email_consent"
        " has_sms_consent inviter_customer_id registered_at updated_at"
    ),
    "shop/orders": words(
        "order_id customer_id order_type status ordered_at cancelled_at currency gross_amount"
        " discount_amount net_amount original_order_id coupon_code updated_at"
    ),
    "shop/order_items": words(
        "order_id line_number product_id description quantity unit_price discount_amount updated_at"
    ),
    "shop/payments": words(
        "payment_id order_id customer_id payment_type status method currency amount paid_at"
        " product_id quantity updated_at"
    ),
    "shop/products": words(
        "product_id product_name product_type category subcategory brand list_price unit_cost"
        " currency launched_at updated_at"
    ),
    "ops/fx_rates": words("rate_date from_currency to_currency rate"),
    "ops/order_costs": words(
        "cost_id system order_id cost_type currency amount charged_at updated_at"
    ),
    "ops/marketing_costs": words(
        "cost_date channel source campaign_id currency amount impressions clicks updated_at"
    ),
    "shop/order_events": words(
        "order_event_id order_id event actor carrier tracking_number place note occurred_at"
        " updated_at"
    ),
    "shop/coupon_issues": words(
        "coupon_issue_id coupon_code system native_id campaign_id channel issued_at expires_at"
        " updated_at"
    ),
    "shop/coupon_redemptions": words(
        "order_id coupon_code coupon_issue_id currency discount_amount redeemed_at updated_at"
    ),
    "crm/campaigns": words(
        "campaign_id campaign_name channel kind coupon_code holdout_pct window_days cost_amount"
        " contact_cost_amount start_date end_date updated_at"
    ),
    "crm/campaign_arms": words("campaign_id arm is_holdout share_pct updated_at"),
    "crm/campaign_contacts": words(
        "campaign_contact_id campaign_id system native_id arm is_holdout failure assigned_at"
        " sent_at delivered_at bounced_at opened_at clicked_at unsubscribed_at updated_at"
    ),
}
# What the files of this name have beside the columns of their table.
CHARGES = {
    "shop/orders": words(
        "shipping_amount tax_amount prices_include_tax tip_amount is_test seller_id approved_at"
        " shipped_at delivered_at promised_at"
    ),
    "shop/order_items": words("line_amount line_type"),
    "shop/payments": words("goods_amount shipping_amount tax_amount installments_count"),
}
# Optional columns that a file lacks, by table and load.
ABSENT = {
    ("shop/customers", "2025-10-01"): {"education", "income_band"},
    ("shop/order_items", LAST_LOAD): {"description"},
}
# A column that the contract does not know, by table and load: left out and reported by landing.
EXTRA = {("shop/orders", "2026-04-01"): ("warehouse_note", "leave at the door")}
# This file begins with a byte order mark.
BYTE_ORDER_MARK = {("shop/customers", "2026-01-01")}

# product, name, type, category, subcategory, price in CNY, price in USD
PRODUCTS = [
    ("P-TEA", "龙井绿茶 250 克", "goods", "食品", "茶", "150.00", "21.00"),
    ("P-MUG", "Stoneware mug", "goods", "家居", "餐具", "40.00", "5.60"),
    ("P-TOWEL", "纯棉毛巾", "goods", "家居", "家纺", "60.00", "8.50"),
    ("P-SHIRT-M", "亚麻衬衫 M", "goods", "服装", "上衣", "120.00", "17.00"),
    ("P-SHIRT-L", "亚麻衬衫 L", "goods", "服装", "上衣", "120.00", "17.00"),
    ("P-KETTLE", "Kettle 1.5 l", "goods", "家电", "厨房电器", "300.00", "42.00"),
    ("P-LAMP", "Desk lamp", "goods", "家电", "灯具", "200.00", "28.00"),
    ("P-SCARF", "羊毛围巾", "goods", "服装", "配饰", "80.00", "11.50"),
    ("P-BOOK", "Notebook, dotted", "goods", "文具", "本册", "50.00", "7.00"),
    ("P-CASE", "Gift case", "goods", "文具", "礼盒", "99.00", "14.00"),
    ("P-COFFEE", "云南咖啡豆 500 克", "goods", "食品", "咖啡", "89.00", "12.50"),
    ("P-HONEY", "槐花蜜", "goods", "食品", "蜂蜜", "58.00", "8.20"),
    ("P-NUTS", "坚果礼盒", "goods", "食品", "坚果", "128.00", "18.00"),
    ("P-CREAM", "Hand cream", "goods", "美妆", "护手霜", "36.00", "5.00"),
    ("P-MASK", "面膜 10 片", "goods", "美妆", "面膜", "79.90", "11.20"),
    ("P-LIPSTICK", "口红", "goods", "美妆", "彩妆", "168.00", "23.50"),
    ("P-RAZOR", "Safety razor", "goods", "美妆", "剃须", "139.00", "19.50"),
    ("P-BOTTLE", "保温杯", "goods", "家居", "杯壶", "119.00", "16.70"),
    ("P-PAN", "铸铁锅 26 厘米", "goods", "家居", "厨具", "269.00", "37.70"),
    ("P-SOCKS", "Wool socks, 3 pairs", "goods", "服装", "袜子", "45.00", "6.30"),
    ("P-COAT", "羽绒服", "goods", "服装", "外套", "599.00", "84.00"),
    ("P-PEN", "钢笔", "goods", "文具", "书写", "188.00", "26.30"),
    ("P-TOY", "积木 120 块", "goods", "母婴", "玩具", "149.00", "20.90"),
    ("P-DOG", "狗粮 5 公斤", "goods", "宠物", "主粮", "215.00", "30.10"),
    ("P-CABLE", "USB-C cable", "goods", "数码", "配件", "29.90", "4.20"),
    ("P-BUDS", "Wireless earbuds", "goods", "数码", "耳机", "399.00", "55.90"),
    ("P-REPAIR", "衣物修补", "service", "服务", "修补", "100.00", "14.00"),
    ("P-SHIP", "运费", "fee", "服务", "运费", "12.00", "2.00"),
]
REGULAR_PRODUCTS = [row for row in PRODUCTS if row[2] == "goods" and row[0] != "P-CASE"]


@dataclass
class Book:
    """Collects the rows of every file, in the order in which they are added.

    `files` maps (table, load date or "", file name) to its rows; a row of text stands for a line
    that is written as it is.
    """

    files: dict[tuple[str, str, str], list[Row | str]] = field(default_factory=dict)

    def add(self, table: str, load: str, row: Row | str, name: str = "") -> None:
        """Append one row to a table's file of that load."""
        name = name or table.split("/")[1]
        self.files.setdefault((table, load, name), []).append(row)

    def broken_line(self, table: str, load: str, line: str) -> None:
        """Append a line without any change."""
        self.add(f"shop/{table}", load, line)

    def customer(self, customer_id: str, *, load: str = CUSTOMER_BASE_LOAD, **columns: str) -> None:
        """Add one version of a customer, written at registration unless `updated_at` says else."""
        row = {"customer_id": customer_id, "updated_at": columns["registered_at"], **columns}
        self.add("shop/customers", load, row)

    def item(
        self,
        order_id: str,
        line_number: int,
        product_id: str,
        quantity: str,
        unit_price: str,
        discount: str = "",
        *,
        load: str,
        updated_at: str = "",
    ) -> None:
        """Add one version of an order line."""
        names = {product[0]: product[1] for product in PRODUCTS}
        row = {
            "order_id": order_id,
            "line_number": str(line_number),
            "product_id": product_id,
            "description": names[product_id],
            "quantity": quantity,
            "unit_price": unit_price,
            "discount_amount": discount,
            "updated_at": updated_at,
        }
        self.add("shop/order_items", load, row)

    def order(
        self,
        order_id: str,
        customer_id: str,
        ordered_at: str,
        lines: Sequence[Line],
        *,
        status: str = "completed",
        currency: str = "CNY",
        header: tuple[str, str, str] | None = None,
        order_type: str = "sale",
        updated_at: str | None = None,
        load: str = "",
        lines_too: bool = True,
        paid: bool = True,
        paid_at: str = "",
        paid_amount: str = "",
        method: str = "alipay",
        **columns: str,
    ) -> None:
        """Add one version of an order, with its lines and its payment.

        Without `header` the amounts are the sums of the lines. Without `updated_at` the version is
        of five minutes after the order, or of its cancellation. The payment is of the net amount,
        five minutes after the order.
        """
        load = load or load_of(ordered_at)
        gross, discount, net = header or header_of(lines)
        written_at = updated_at
        if written_at is None:
            written_at = columns.get("cancelled_at") or minutes_after(ordered_at, 5)
        row = {
            "order_id": order_id,
            "customer_id": customer_id,
            "order_type": order_type,
            "status": status,
            "ordered_at": ordered_at,
            "currency": currency,
            "gross_amount": gross,
            "discount_amount": discount,
            "net_amount": net,
            "updated_at": written_at,
            **columns,
        }
        self.add("shop/orders", load, row)
        if lines_too:
            for number, (product_id, quantity, unit_price, *line_discount) in enumerate(lines, 1):
                self.item(
                    order_id,
                    number,
                    product_id,
                    str(quantity),
                    unit_price,
                    line_discount[0] if line_discount else "",
                    load=load,
                    updated_at=updated_at or "",
                )
        if paid:
            paid_at = paid_at or minutes_after(ordered_at, 5)
            self.payment(
                "P-" + order_id.removeprefix("O-"),
                paid_amount or net or header_of(lines)[2],
                paid_at,
                order_id=order_id,
                customer_id=customer_id,
                currency=currency,
                method=method,
                updated_at=paid_at if updated_at is None else updated_at,
                load=load,
            )

    def return_document(
        self,
        order_id: str,
        customer_id: str,
        ordered_at: str,
        lines: Sequence[Line],
        **columns: str,
    ) -> None:
        """Add a return: an order document of negative lines."""
        columns = {"order_type": "return", "status": "returned", **columns}
        self.order(order_id, customer_id, ordered_at, lines, paid=False, **columns)

    def payment(
        self,
        payment_id: str,
        amount: str,
        paid_at: str,
        *,
        payment_type: str = "payment",
        status: str = "succeeded",
        method: str = "alipay",
        currency: str = "CNY",
        load: str = "",
        name: str = "",
        updated_at: str | None = None,
        **columns: str,
    ) -> None:
        """Add one version of a payment."""
        row = {
            "payment_id": payment_id,
            "payment_type": payment_type,
            "status": status,
            "method": method,
            "currency": currency,
            "amount": amount,
            "paid_at": paid_at,
            "updated_at": paid_at if updated_at is None else updated_at,
            **columns,
        }
        self.add("shop/payments", load or load_of(paid_at), row, name)

    def refund(self, payment_id: str, amount: str, paid_at: str, **columns: str) -> None:
        """Add a refund; those of the hand-written cases are in a separate file."""
        name = "refunds" if payment_id.startswith("R-") else ""
        self.payment(payment_id, amount, paid_at, payment_type="refund", name=name, **columns)


def load_of(text: str) -> str:
    """Return the load that brings a row of this time: the first one after its day."""
    return next((load for load in LOADS if text[:10] < load), LAST_LOAD)


def minutes_after(text: str, minutes: int) -> str:
    """Return a naive timestamp this many minutes after another one."""
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S") + timedelta(minutes=minutes)
    return str(moment)


def header_of(lines: Sequence[Line]) -> tuple[str, str, str]:
    """Return gross, discount and net of lines, as text with two decimals."""
    gross = sum((Decimal(line[1]) * Decimal(line[2]) for line in lines), Decimal(0))
    discount = sum((Decimal(line[3]) for line in lines if len(line) > 3), Decimal(0))
    return money(gross), money(discount), money(gross - discount)


def money(value: Decimal) -> str:
    """Return an amount as text with two decimals."""
    return str(value.quantize(CENT, ROUND_HALF_UP))


# ---------------------------------------------------------------------------------------------
# The regular company
# ---------------------------------------------------------------------------------------------


class Dice:
    """Random choices by `random.Random.random()` alone, the same in every Python."""

    def __init__(self, seed: int) -> None:
        """Start the series of a seed."""
        self.random = random.Random(seed).random

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence):
        """Return one of the items."""
        return items[int(self.random() * len(items))]


@dataclass(frozen=True)
class Rhythm:
    """How a group of regular customers buys: days count from the first day of the year."""

    name: str
    customers: int
    gap_days: int  # mean distance of two orders; 0: a single order
    first: tuple[int, int]  # first order between these days
    last: tuple[int, int]  # no order after a day between these
    most_lines: int  # at most this many lines per order


RHYTHMS = [
    Rhythm("every two weeks, large", 5, 15, (0, 20), (362, 364), 4),
    Rhythm("every two weeks, small", 3, 16, (0, 20), (355, 364), 1),
    Rhythm("every month", 26, 30, (0, 110), (330, 364), 3),
    Rhythm("every two months", 26, 58, (0, 160), (290, 364), 2),
    Rhythm("often until winter", 10, 18, (0, 30), (150, 200), 4),
    Rhythm("now and then until spring", 16, 45, (0, 120), (200, 290), 2),
    Rhythm("large orders, seldom", 8, 110, (0, 90), (200, 364), 4),
    Rhythm("once, long ago", 14, 0, (0, 150), (0, 0), 1),
    Rhythm("once, in spring", 8, 0, (200, 310), (0, 0), 3),
    Rhythm("new", 16, 14, (325, 358), (352, 364), 3),
    Rhythm("never bought", 10, 0, (0, 0), (-1, -1), 0),
]

SURNAMES = [
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"),
    ("赵", "Zhao"), ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"),
    ("欧阳", "Ouyang"), ("司马", "Sima"),
]  # fmt: skip
GIVEN_NAMES = [
    ("子涵", "Zihan"), ("雨桐", "Yutong"), ("浩然", "Haoran"), ("思远", "Siyuan"), ("静", "Jing"),
    ("明", "Ming"), ("晓东", "Xiaodong"), ("丽华", "Lihua"), ("文博", "Wenbo"), ("欣怡", "Xinyi"),
    ("建国", "Jianguo"), ("秀英", "Xiuying"), ("宇轩", "Yuxuan"), ("梦琪", "Mengqi"),
]  # fmt: skip
FOREIGNERS = [
    ("Emma", "Thompson", "GB", "London"), ("José", "García", "US", "Austin"),
    ("Renée", "Dupont", "FR", "Lyon"), ("Jürgen", "Müller", "DE", "Köln"),
    ("Siobhán", "O'Neill", "GB", "Belfast"), ("Noah", "Williams", "US", "Seattle"),
    ("Łukasz", "Nowak", "US", "Chicago"),
]  # fmt: skip
CITIES = [
    ("上海", "上海"), ("北京", "北京"), ("广东", "广州"), ("广东", "深圳"), ("浙江", "杭州"),
    ("江苏", "南京"), ("四川", "成都"), ("湖北", "武汉"), ("陕西", "西安"), ("福建", "厦门"),
]  # fmt: skip
METHODS = ["alipay", "wechat_pay", "card", "bank_transfer"]


@dataclass
class RegularOrder:
    """An order of the regular company before it has its number."""

    ordered_at: datetime
    customer_id: str
    currency: str
    lines: list[Line]


def add_regular_company(book: Book) -> None:
    """Add the regular customers, their orders and those of guests."""
    dice = Dice(SEED)
    orders: list[RegularOrder] = []
    number = 0
    foreign = 0
    for rhythm in RHYTHMS:
        for place in range(rhythm.customers):
            number += 1
            customer_id = f"C{number:04d}"
            # Foreign customers, who pay in dollars: one in four of the monthly ones.
            is_foreign = rhythm.name == "every month" and place % 4 == 0
            days = purchase_days(dice, rhythm)
            registered = FIRST_DAY + timedelta(days=(days[0] if days else 60) - dice.between(1, 40))
            if is_foreign:
                add_foreigner(book, dice, customer_id, FOREIGNERS[foreign], registered, foreign)
                foreign += 1
            else:
                add_chinese(book, dice, customer_id, registered, number)
            for day in days:
                currency = "USD" if is_foreign else "CNY"
                lines = basket(dice, rhythm.most_lines, currency)
                orders.append(RegularOrder(moment_of(dice, day), customer_id, currency, lines))
    for _ in range(44):  # guests
        day = dice.between(0, DAYS - 1)
        orders.append(RegularOrder(moment_of(dice, day), "", "CNY", basket(dice, 2, "CNY")))
    orders.sort(key=lambda order: (order.ordered_at, order.customer_id))
    for order_number, order in enumerate(orders, 1):
        add_regular_order(book, dice, order_number, order)


def purchase_days(dice: Dice, rhythm: Rhythm) -> list[int]:
    """Return the days on which a customer of this rhythm buys, within the year."""
    if rhythm.most_lines == 0:
        return []
    day = dice.between(*rhythm.first)
    if rhythm.gap_days == 0:
        return [day]
    last = min(dice.between(*rhythm.last), DAYS - 1)
    days = [day]
    while True:
        day += max(1, round(rhythm.gap_days * (0.6 + 0.8 * dice.random())))
        if day > last:
            return days
        days.append(day)


def moment_of(dice: Dice, day: int) -> datetime:
    """Return a time between 08:00 and 22:59 of a day of the year."""
    start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time())
    return start + timedelta(hours=dice.between(8, 22), minutes=dice.between(0, 59))


def basket(dice: Dice, most_lines: int, currency: str) -> list[Line]:
    """Return the lines of an order: different products, one in four with 10 % off."""
    price_column = 6 if currency == "USD" else 5
    chosen: dict[str, Line] = {}
    has_discount = dice.random() < 0.25
    for _ in range(dice.between(1, most_lines)):
        product = dice.pick(REGULAR_PRODUCTS)
        quantity = dice.between(1, 2 if most_lines < 4 else 3)
        price = product[price_column]
        discount = money(quantity * Decimal(price) / 10)
        line = (product[0], quantity, price)
        chosen[product[0]] = (*line, discount) if has_discount else line
    return list(chosen.values())


def add_chinese(book: Book, dice: Dice, customer_id: str, registered: date, number: int) -> None:
    """Add a regular Chinese customer."""
    surname, surname_latin = dice.pick(SURNAMES)
    given, given_latin = dice.pick(GIVEN_NAMES)
    region, city = dice.pick(CITIES)
    mail = f"{given_latin}.{surname_latin}{number}@example.com".lower()
    book.customer(
        customer_id,
        full_name=surname + given,
        email=mail if dice.random() < 0.8 else "",
        phone=f"1390000{number:04d}",
        birth_date=str(date(1955, 1, 1) + timedelta(days=dice.between(0, 18000))),
        gender=dice.pick(["f", "m", "女", "男", ""]),
        country="CN",
        region=region,
        city=city,
        has_email_consent=dice.pick(["true", "false"]),
        has_sms_consent=dice.pick(["1", "0", ""]),
        registered_at=f"{registered} {dice.between(8, 21):02d}:00:00",
        load=customer_load(registered),
    )


def add_foreigner(
    book: Book,
    dice: Dice,
    customer_id: str,
    person: tuple[str, str, str, str],
    registered: date,
    number: int,
) -> None:
    """Add a regular foreign customer."""
    first_name, last_name, country, city = person
    tens = f"{number:02d}"
    phone = {
        "US": f"+1 202 555 01{tens}",
        "GB": f"+44 7700 9001{tens}",
        "FR": f"+33 1 99 00 12 {tens}",
        "DE": f"+49 30 23125 0{tens}",
    }[country]
    book.customer(
        customer_id,
        first_name=first_name,
        last_name=last_name,
        email=f"customer{number}@example.org",
        phone=phone,
        country=country,
        city=city,
        has_email_consent=dice.pick(["Y", "N"]),
        registered_at=f"{registered} {dice.between(8, 21):02d}:00:00",
        load=customer_load(registered),
    )


def customer_load(registered: date) -> str:
    """Return the load that brings a customer who registered on that day."""
    return CUSTOMER_BASE_LOAD if registered < FIRST_DAY else load_of(str(registered))


def add_regular_order(book: Book, dice: Dice, number: int, order: RegularOrder) -> None:
    """Add a regular order with what becomes of it: mostly paid and completed."""
    order_id = f"SO-{number:05d}"
    ordered_at = str(order.ordered_at)
    method = dice.pick(METHODS[:2] if order.currency == "CNY" else METHODS[2:3])
    common = {"currency": order.currency, "method": method}
    fate, days_later = dice.random(), dice.between(3, 20)
    later = str(order.ordered_at + timedelta(days=days_later))
    is_in_year = later[:10] <= LAST_LOAD
    net = header_of(order.lines)[2]
    # What the refund names beside its order.
    refund = {"order_id": order_id, "customer_id": order.customer_id, **common}

    def add(**columns) -> None:
        book.order(order_id, order.customer_id, ordered_at, order.lines, **common, **columns)

    if fate < 0.02 and is_in_year:  # all of it comes back
        add(status="returned")
        book.refund(f"RF-{number:05d}", net, later, **refund)
    elif fate < 0.045 and is_in_year:  # the first line is refunded
        add()
        book.refund(f"RF-{number:05d}", header_of(order.lines[:1])[2], later, **refund)
    elif fate < 0.065 and is_in_year:  # the first line comes back with a document that names it
        add()
        product_id, quantity, price, *discount = order.lines[0]
        line = (product_id, -quantity, price, *("-" + text for text in discount))
        book.return_document(
            f"RO-{number:05d}",
            order.customer_id,
            later,
            [line],
            original_order_id=order_id,
            currency=order.currency,
        )
    elif fate < 0.085:  # cancelled before it was paid
        cancelled_at = str(order.ordered_at + timedelta(minutes=30))
        add(status="cancelled", cancelled_at=cancelled_at, paid=False)
    elif fate < 0.10 and is_in_year:  # cancelled after payment
        cancelled_at = str(order.ordered_at + timedelta(minutes=45))
        add(status="cancelled", cancelled_at=cancelled_at)
        book.refund(f"RF-{number:05d}", net, later, **refund)
    elif fate < 0.20:  # no payment row: the status decides
        add(paid=False, status="已完成" if fate < 0.13 else "completed")
    elif ordered_at[:10] >= "2026-06-28":  # not finished yet
        is_paid = fate < 0.75
        add(status="paid" if is_paid else "pending", paid=is_paid)
    else:
        load = load_of(ordered_at)
        days_to_load = (date.fromisoformat(load) - order.ordered_at.date()).days
        if load != LAST_LOAD and days_to_load <= 4:
            # Still on its way when the quarter was delivered: a newer version in the next load.
            shipped_at = str(order.ordered_at + timedelta(minutes=50))
            add(status="shipped", updated_at=shipped_at)
            add_completed_version(book, order_id, order, load)
        else:
            completed_at = str(order.ordered_at + timedelta(days=min(3, days_to_load)))
            add(status="completed", updated_at=min(completed_at, f"{LAST_LOAD} 23:00:00"))


def add_completed_version(book: Book, order_id: str, order: RegularOrder, load: str) -> None:
    """Add the completed version of an order to the load after the one that brought it."""
    book.order(
        order_id,
        order.customer_id,
        str(order.ordered_at),
        order.lines,
        currency=order.currency,
        status="completed",
        updated_at=str(order.ordered_at + timedelta(days=6)),
        load=LOADS[LOADS.index(load) + 1],
        lines_too=False,
        paid=False,
    )


# ---------------------------------------------------------------------------------------------
# Products and exchange rates: one plain file each
# ---------------------------------------------------------------------------------------------


def add_products(book: Book) -> None:
    """Add the products; the lamp in two versions, and one row without a key."""
    for product_id, name, product_type, category, subcategory, price, _ in PRODUCTS:
        row = {
            "product_id": product_id,
            "product_name": name,
            "product_type": product_type,
            "category": category,
            "subcategory": subcategory,
            "brand": "Yun" if product_type == "goods" else "",
            "list_price": price,
            "unit_cost": money(Decimal(price) * Decimal("0.6")),
            "currency": "CNY",
            "launched_at": "2025/05/01" if product_id == "P-BUDS" else "2025-03-01",
            "updated_at": "2025-06-01 09:00:00",
        }
        book.add("shop/products", "", row)
        if product_id == "P-LAMP":
            # An older version that comes after the newer one must not win.
            older = {**row, "list_price": "180.00", "updated_at": "2025-04-01 09:00:00"}
            book.add("shop/products", "", older)
    book.add("shop/products", "", {"product_id": "", "product_name": "样品"})


def add_rates(book: Book) -> None:
    """Add a rate of the dollar for every working day outside the October holidays.

    Two decimals, so that an amount in dollars times a rate can be checked by hand.
    """
    dice = Dice(SEED + 1)
    cents = 717
    for day in range(-1, DAYS):
        rate_date = FIRST_DAY + timedelta(days=day)
        if rate_date.weekday() >= 5 or date(2025, 10, 1) <= rate_date <= date(2025, 10, 8):
            continue
        cents = min(722, max(705, cents + dice.pick([-1, 0, 0, 1])))
        rate = "n/a" if str(rate_date) == "2026-03-11" else f"{cents // 100}.{cents % 100:02d}"
        row = {
            "rate_date": str(rate_date),
            "from_currency": "USD",
            "to_currency": "CNY",
            "rate": rate,
        }
        book.add("ops/fx_rates", "", row)


# ---------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------


def contents(book: Book) -> dict[str, str]:
    """Return the text of every file by its path below the raw folder."""
    texts = {}
    for (table, load, name), rows in book.files.items():
        absent = ABSENT.get((table, load), set())
        known = [*COLUMNS[table], *(CHARGES[table] if name == "charges" else [])]
        columns = [column for column in known if column not in absent]
        extra = EXTRA.get((table, load))
        header = [*columns, extra[0]] if extra else columns
        buffer = io.StringIO()
        if (table, load) in BYTE_ORDER_MARK:
            buffer.write("\ufeff")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if isinstance(row, str):
                buffer.write(row + "\n")
                continue
            unknown = row.keys() - set(known)
            if unknown:
                raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
            values = [row.get(column, "") for column in columns]
            writer.writerow([*values, extra[1]] if extra else values)
        path = f"{table}/load_date={load}/{name}.csv" if load else f"{table}.csv"
        texts[path] = buffer.getvalue()
        if name == "refunds" and load == "2026-01-01":
            texts[path.replace("refunds", "refunds-sent-again")] = buffer.getvalue()
    return texts


def make_cases() -> dict[str, str]:
    """Return the text of every file by its path below the raw folder."""
    book = Book()
    add_products(book)
    add_rates(book)
    add_hand_written_cases(book)
    add_regular_company(book)
    return contents(book)


def main() -> int:
    """Write the files, or compare them with `--check`; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    is_check = parser.parse_args().check
    folder = Path(__file__).parent / "raw"
    texts = make_cases()
    differing = []
    for path, text in sorted(texts.items()):
        file = folder / path
        if is_check:
            if not file.exists() or file.read_bytes() != text.encode():
                differing.append(path)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    differing += [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*.csv"))
        if str(file.relative_to(folder)) not in texts
    ]
    if differing:
        print("Not as make_cases.py writes them:", *differing, sep="\n  ")
        return 1
    size = sum(len(text.encode()) for text in texts.values())
    print(f"{len(texts)} files, {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
