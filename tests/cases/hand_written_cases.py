"""The hand-written cases: one block per case, what it shows in the comment above it.

README.md beside this file holds the expected result of each. Amounts are round, so that a person
can check them in the head. Customers are S-…, unknown customers X-…, orders O-…, payments P-…,
refunds R-…. Order O-X of an ordinary case is paid in full by payment P-X five minutes later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from make_cases import Book

# Load dates, named by the quarter that they bring.
Q3, Q4, Q1, Q2 = "2025-10-01", "2026-01-01", "2026-04-01", "2026-06-30"


def add_hand_written_cases(book: Book) -> None:
    """Add every hand-written customer, order, line, payment and rate row to the book."""
    add_customers(book)
    add_refunds_and_cancellations(book)
    add_returns_and_exchanges(book)
    add_guests_and_unknown_customers(book)
    add_currencies(book)
    add_versions_and_duplicates(book)
    add_rejected_rows(book)
    add_notations(book)
    add_amounts_and_payment_states(book)
    add_windows(book)
    add_charges(book)
    add_costs_and_logs(book)
    add_campaigns(book)


def add_customers(book: Book) -> None:
    """Add the hand-written customers: ordinary ones first, then those with odd contact data."""
    ordinary = [
        ("S-REFUND", "王芳", "f"),
        ("S-PART", "李伟", "m"),
        ("S-NOREF", "张敏", "女"),
        ("S-NOREF-AMT", "刘洋", "男"),
        ("S-NOMATCH", "陈静", "female"),
        ("S-CANCEL", "杨磊", "male"),
        ("S-ONLYCANCEL", "赵丽", "f"),
        ("S-CANCELPAID", "黄勇", "m"),
        ("S-CANCELAT", "周杰", "m"),
        ("S-RETREF", "吴娜", "f"),
        ("S-RETQTY", "徐强", "m"),
        ("S-RETPART", "孙艳", "f"),
        ("S-RETEARLY", "马军", "m"),
        ("S-RETNONE", "朱婷", "f"),
        ("S-BOTH", "胡斌", "m"),
        ("S-EXCH", "郭玲", "f"),
        ("S-EXCH-EVEN", "何平", "m"),
        ("S-NEGLINES", "高洁", "f"),
        ("S-THB", "林涛", "m"),
        ("S-LATE", "罗丹", "f"),
        ("S-CORR", "梁超", "m"),
        ("S-DUP", "宋佳", "f"),
        ("S-NOVERSION", "唐亮", "m"),
        ("S-REJVER", "韩雪", "f"),
        ("S-REJECT", "冯刚", "m"),
        ("S-WIDTH", "董倩", "f"),
        ("S-DATES", "萧燕", "f"),
        ("S-COMMA", "程鹏", "m"),
        ("S-HEADER", "曹颖", "f"),
        ("S-GIFT", "袁梅", "f"),
        ("S-NEG", "邓辉", "m"),
        ("S-OVER", "许晴", "f"),
        ("S-PEND", "傅明", "m"),
        ("S-STATUS", "沈莉", "f"),
        ("S-SIGN", "曾凯", "m"),
        ("S-NIGHT", "彭博", "m"),
        ("S-CROSS", "吕萍", "f"),
        ("S-THIRTY", "苏芮", "f"),
        ("S-LASTDAY", "卢浩", "m"),
        ("S-SERVICE", "蒋文", "other"),
    ]
    for number, (customer_id, full_name, gender) in enumerate(ordinary, start=1):
        book.customer(
            customer_id,
            full_name=full_name,
            gender=gender,
            email=f"{customer_id.lower()}@example.com",
            phone=f"1370000{number:04d}",
            country="CN",
            city="上海",
            registered_at="2025-06-15 09:00:00",
        )
    # A foreign customer who orders in dollars; Latin names with accents.
    book.customer(
        "S-USD",
        first_name="José",
        last_name="Álvarez-Núñez",
        email="jose.alvarez@example.org",
        phone="+1 202 555 0101",
        country="US",
        city="Washington",
        registered_at="2025-06-20 21:30:00",
    )

    # The rest never bought anything (Prospects). Phones in several notations.
    phones = [
        ("S-PHONE-PLUS", "秦岚", "+86 138 0000 1234", "CN"),
        ("S-PHONE-00", "史铁", "0086-138-0000-1235", "CN"),
        ("S-PHONE-BLANKS", "顾城", "138 0000 1236", "中国"),
        ("S-PHONE-WIDE", "侯波", "１３８００００１２３７", "CN"),
        ("S-PHONE-MASKED", "邵兵", "138****1234", "CN"),
        ("S-PHONE-US", "Zoë O'Brien", "(202) 555-0142", "US"),
        ("S-PHONE-GB", "Siân Müller", "020 7946 0018", "GB"),
        ("S-PHONE-GB-MOBILE", "François Lefèvre", "07700 900123", "United Kingdom"),
    ]
    for customer_id, full_name, phone, country in phones:
        book.customer(
            customer_id,
            full_name=full_name,
            phone=phone,
            country=country,
            registered_at="2025-08-10 12:00:00",
            load=Q3,
        )
    # A mail address with upper case and blanks, one with a full-width @.
    book.customer(
        "S-MAIL-CASE",
        full_name="ＺＨＡＮＧ　Ｗｅｉ",  # a full-width Latin name with an ideographic blank
        email="  Zhang.WEI@Example.COM ",
        country="CN",
        registered_at="2025-11-02 08:00:00",
        load=Q4,
    )
    book.customer(
        "S-MAIL-WIDE",
        full_name="欧阳 娜娜",
        email="na.ouyang＠example.com",
        country="CN",
        has_email_consent="是",
        has_sms_consent="否",
        registered_at="2025-11-03 08:00:00",
        load=Q4,
    )
    # Invited by another customer; the address holds a line break inside quotes.
    book.customer(
        "S-INVITED",
        full_name="司马 相如",
        country="CN",
        city="成都",
        address="锦江区人民路 1 号\n二单元 301",
        inviter_customer_id="S-REFUND",
        has_email_consent="yes",
        has_sms_consent="no",
        registered_at="2025-11-04 08:00:00",
        load=Q4,
    )
    # Moved house: the newer version wins; an older one, delivered last, must not.
    moved = {"full_name": "方圆", "country": "CN", "registered_at": "2025-06-10 10:00:00"}
    book.customer("S-MOVED", **moved, city="北京", phone="13700009001")
    book.customer(
        "S-MOVED",
        **moved,
        city="深圳",
        phone="13700009002",
        updated_at="2025-12-20 10:00:00",
        load=Q4,
    )
    book.customer(
        "S-MOVED",
        **moved,
        city="广州",
        phone="13700009003",
        updated_at="2025-11-20 10:00:00",
        load=Q1,
    )
    # A birth date that does not exist is left out and listed; the customer stays.
    book.customer(
        "S-BADBIRTH",
        full_name="毛毛",
        birth_date="1990-13-01",
        registered_at="2026-01-20 10:00:00",
        load=Q1,
    )
    book.order("O-BADBIRTH", "S-BADBIRTH", "2026-01-25 10:00:00", [("P-SCARF", 1, "80.00")])
    # Rejected: no customer id.
    book.customer("", full_name="无名", registered_at="2026-01-21 10:00:00", load=Q1)


def add_refunds_and_cancellations(book: Book) -> None:
    """Add refunds by payment, with and without a reference, and cancellations."""
    # Full refund by payment, naming the order.
    book.order(
        "O-REFUND",
        "S-REFUND",
        "2025-08-05 10:00:00",
        [("P-KETTLE", 1, "300.00")],
        status="returned",
        updated_at="2025-08-12 10:00:00",
    )
    book.refund("R-REFUND", "300.00", "2025-08-12 10:00:00", order_id="O-REFUND")

    # Partial refund: one of three.
    book.order("O-PART", "S-PART", "2025-08-06 10:00:00", [("P-TEA", 3, "150.00")])
    book.refund("R-PART", "150.00", "2025-08-16 10:00:00", order_id="O-PART")

    # Refund without reference, with product and quantity: the latest earlier order that has such a
    # line (-2), not the first (-1) and not the one after the refund (-3).
    book.order("O-NOREF-1", "S-NOREF", "2025-09-02 10:00:00", [("P-TEA", 2, "150.00")])
    book.order("O-NOREF-2", "S-NOREF", "2025-11-10 10:00:00", [("P-TEA", 2, "150.00", "20.00")])
    book.order("O-NOREF-3", "S-NOREF", "2025-12-15 10:00:00", [("P-TEA", 2, "150.00")])
    book.refund(
        "R-NOREF",
        "280.00",
        "2025-11-20 10:00:00",
        customer_id="S-NOREF",
        product_id="P-TEA",
        quantity="2",
    )

    # Refund without reference and product: the latest earlier order of that net amount (-3).
    book.order("O-AMT-1", "S-NOREF-AMT", "2025-09-05 10:00:00", [("P-LAMP", 1, "200.00")])
    book.order("O-AMT-2", "S-NOREF-AMT", "2025-10-12 10:00:00", [("P-SCARF", 1, "80.00")])
    book.order("O-AMT-3", "S-NOREF-AMT", "2025-10-20 10:00:00", [("P-LAMP", 1, "200.00")])
    book.refund("R-AMT", "200.00", "2025-11-01 10:00:00", customer_id="S-NOREF-AMT")

    # Refund without reference that matches nothing: the customer never bought a lamp.
    book.order("O-NOMATCH", "S-NOMATCH", "2025-10-15 10:00:00", [("P-BOOK", 2, "50.00")])
    book.refund(
        "R-NOMATCH",
        "200.00",
        "2025-10-25 10:00:00",
        customer_id="S-NOMATCH",
        product_id="P-LAMP",
        quantity="1",
    )
    # Refund without order and without customer.
    book.refund("R-GUEST", "60.00", "2025-12-01 10:00:00")

    # Cancelled by status, never paid; beside it an order that stands.
    book.order(
        "O-CANCEL",
        "S-CANCEL",
        "2025-10-20 10:00:00",
        [("P-LAMP", 1, "200.00")],
        status="cancelled",
        cancelled_at="2025-10-20 18:00:00",
        paid=False,
    )
    book.order("O-CANCEL-OK", "S-CANCEL", "2025-10-21 10:00:00", [("P-BOOK", 1, "50.00")])

    # Only cancelled orders, one with a Chinese status word and no time of cancellation.
    book.order(
        "O-ONLYCANCEL-1",
        "S-ONLYCANCEL",
        "2025-08-20 10:00:00",
        [("P-SHIRT-M", 1, "120.00")],
        status="cancelled",
        paid=False,
    )
    book.order(
        "O-ONLYCANCEL-2",
        "S-ONLYCANCEL",
        "2026-02-10 10:00:00",
        [("P-SCARF", 1, "80.00")],
        status="已取消",
        paid=False,
    )

    # Cancelled after payment and refunded in full: the refund takes the money out, not both.
    book.order(
        "O-CANCELPAID",
        "S-CANCELPAID",
        "2025-11-03 10:00:00",
        [("P-KETTLE", 1, "300.00")],
        status="cancelled",
        cancelled_at="2025-11-04 10:00:00",
    )
    book.refund("R-CANCELPAID", "300.00", "2025-11-05 10:00:00", order_id="O-CANCELPAID")
    # Cancelled after payment, only 200 of 300 refunded yet.
    book.order(
        "O-CANCELHELD",
        "S-CANCELPAID",
        "2026-01-15 10:00:00",
        [("P-KETTLE", 1, "300.00")],
        status="cancelled",
        cancelled_at="2026-01-16 10:00:00",
    )
    book.refund("R-CANCELHELD", "200.00", "2026-01-17 10:00:00", order_id="O-CANCELHELD")

    # The status says paid, but a time of cancellation is set: cancelled.
    book.order(
        "O-CANCELAT",
        "S-CANCELAT",
        "2026-02-03 10:00:00",
        [("P-SHIRT-L", 1, "120.00")],
        status="paid",
        cancelled_at="2026-02-04 10:00:00",
        paid=False,
    )


def add_returns_and_exchanges(book: Book) -> None:
    """Add return documents by each rule of matching, and exchanges."""
    # By reference. The refund payment names the return document: its cash side, not counted again.
    book.order("O-RETREF", "S-RETREF", "2025-09-10 10:00:00", [("P-MUG", 2, "40.00")])
    book.return_document(
        "O-RETREF-R",
        "S-RETREF",
        "2025-09-20 10:00:00",
        [("P-MUG", -1, "40.00")],
        original_order_id="O-RETREF",
    )
    book.refund("R-RETREF", "40.00", "2025-09-20 11:00:00", order_id="O-RETREF-R")

    # Without reference, by exact quantity: the latest earlier line of 3 mugs (-3).
    book.order("O-RETQTY-1", "S-RETQTY", "2025-08-01 10:00:00", [("P-MUG", 3, "40.00")])
    book.order("O-RETQTY-2", "S-RETQTY", "2025-09-01 10:00:00", [("P-MUG", 1, "40.00")])
    book.order("O-RETQTY-3", "S-RETQTY", "2025-10-05 10:00:00", [("P-MUG", 3, "40.00")])
    book.return_document("O-RETQTY-R", "S-RETQTY", "2025-10-20 10:00:00", [("P-MUG", -3, "40.00")])

    # Without reference, no line of 4: the earliest units first, all from -1.
    book.order("O-RETEARLY-1", "S-RETEARLY", "2025-11-02 10:00:00", [("P-TOWEL", 5, "60.00")])
    book.order("O-RETEARLY-2", "S-RETEARLY", "2025-12-02 10:00:00", [("P-TOWEL", 3, "60.00")])
    book.return_document(
        "O-RETEARLY-R", "S-RETEARLY", "2026-01-11 10:00:00", [("P-TOWEL", -4, "60.00")]
    )

    # Partly matching: 4 towels come back, 2 + 1 were bought, 1 stays unmatched.
    book.order("O-RETPART-1", "S-RETPART", "2025-11-01 10:00:00", [("P-TOWEL", 2, "60.00")])
    book.order("O-RETPART-2", "S-RETPART", "2025-12-01 10:00:00", [("P-TOWEL", 1, "60.00")])
    book.return_document(
        "O-RETPART-R", "S-RETPART", "2026-01-10 10:00:00", [("P-TOWEL", -4, "60.00")]
    )

    # Unmatched: the customer never bought a scarf.
    book.order("O-RETNONE", "S-RETNONE", "2026-01-05 10:00:00", [("P-KETTLE", 1, "300.00")])
    book.return_document(
        "O-RETNONE-R", "S-RETNONE", "2026-01-20 10:00:00", [("P-SCARF", -1, "80.00")]
    )

    # One event booked twice: a return document and a refund payment, both naming the order.
    book.order("O-BOTH", "S-BOTH", "2026-02-01 10:00:00", [("P-SCARF", 2, "80.00")])
    book.return_document(
        "O-BOTH-R",
        "S-BOTH",
        "2026-02-10 10:00:00",
        [("P-SCARF", -1, "80.00")],
        original_order_id="O-BOTH",
    )
    book.refund("R-BOTH", "80.00", "2026-02-10 11:00:00", order_id="O-BOTH")

    # A return document by its lines only: the order type is empty.
    book.order("O-NEGLINES", "S-NEGLINES", "2026-04-02 10:00:00", [("P-BOOK", 4, "50.00")])
    book.return_document(
        "O-NEGLINES-R",
        "S-NEGLINES",
        "2026-04-12 10:00:00",
        [("P-BOOK", -1, "50.00")],
        original_order_id="O-NEGLINES",
        order_type="",
    )

    # An exchange in one order: lamp back, kettle out, the difference of 100 paid.
    book.order("O-EXCH-0", "S-EXCH", "2026-03-02 10:00:00", [("P-LAMP", 1, "200.00")])
    book.order(
        "O-EXCH-1",
        "S-EXCH",
        "2026-03-10 10:00:00",
        [("P-LAMP", -1, "200.00"), ("P-KETTLE", 1, "300.00")],
        original_order_id="O-EXCH-0",
    )
    # An even exchange of sizes without reference: nothing to pay, matched by quantity.
    book.order("O-SIZE-0", "S-EXCH-EVEN", "2026-03-03 10:00:00", [("P-SHIRT-M", 1, "120.00")])
    book.order(
        "O-SIZE-1",
        "S-EXCH-EVEN",
        "2026-03-12 10:00:00",
        [("P-SHIRT-M", -1, "120.00"), ("P-SHIRT-L", 1, "120.00")],
        paid=False,
    )


def add_guests_and_unknown_customers(book: Book) -> None:
    """Add orders without customer, and of customers that no table holds."""
    # A guest buys; a return of the same product names no order: a guest has no history to match.
    book.order("O-GUEST-1", "", "2026-03-15 10:00:00", [("P-TEA", 1, "150.00")])
    book.return_document("O-GUEST-R", "", "2026-03-25 10:00:00", [("P-TEA", -1, "150.00")])
    # A guest return that names its order matches.
    book.order("O-GUEST-2", "", "2026-03-16 10:00:00", [("P-SCARF", 1, "80.00")])
    book.return_document(
        "O-GUEST-2-R",
        "",
        "2026-03-26 10:00:00",
        [("P-SCARF", -1, "80.00")],
        original_order_id="O-GUEST-2",
    )
    # Customers that no table holds become inferred ones; X-PAYONLY is seen in a refund only.
    book.order("O-UNKNOWN-1", "X-UNKNOWN-1", "2026-04-05 10:00:00", [("P-TEA", 1, "150.00")])
    book.order("O-UNKNOWN-2", "X-UNKNOWN-1", "2026-05-10 10:00:00", [("P-MUG", 1, "40.00")])
    book.order("O-UNKNOWN-3", "X-UNKNOWN-2", "2025-12-24 10:00:00", [("P-LAMP", 1, "200.00")])
    book.refund("R-PAYONLY", "30.00", "2026-04-08 10:00:00", customer_id="X-PAYONLY")
    # A line that names an order which no table holds.
    book.item("O-NOWHERE", 1, "P-LAMP", "1", "200.00", load=Q2)


def add_currencies(book: Book) -> None:
    """Add orders in dollars on days with and without a rate, and one in a currency without any."""
    # 2025-10-01 to 2025-10-08 are holidays without a rate: the last one is of 2025-09-30.
    for order_id, ordered_at, quantity, price in [
        ("O-USD-DAY", "2025-09-17 10:00:00", 4, "25.00"),  # a Wednesday with its own rate
        ("O-USD-WEEKEND", "2025-09-21 10:00:00", 2, "25.00"),  # a Sunday: the rate of Friday
        ("O-USD-7", "2025-10-07 10:00:00", 2, "20.00"),  # the last rate is 7 days old: used
        ("O-USD-8", "2025-10-08 10:00:00", 3, "20.00"),  # 8 days old: no reporting amount
        ("O-USD-BADRATE", "2026-03-11 10:00:00", 1, "30.00"),  # its rate is rejected: 03-10's
    ]:
        book.order(order_id, "S-USD", ordered_at, [("P-LAMP", quantity, price)], currency="USD")
    book.refund("R-USD-DAY", "25.00", "2025-09-25 10:00:00", order_id="O-USD-DAY", currency="USD")
    # A currency without any rate.
    book.order(
        "O-THB", "S-THB", "2026-02-20 10:00:00", [("P-KETTLE", 1, "1000.00")], currency="THB"
    )
    book.order("O-THB-CNY", "S-THB", "2026-02-25 10:00:00", [("P-SCARF", 1, "80.00")])


def add_versions_and_duplicates(book: Book) -> None:
    """Add late, corrected and repeated rows."""
    # Late: an older version, delivered a quarter later, must not win.
    kettle = [("P-KETTLE", 1, "300.00")]
    late = ("O-LATE", "S-LATE", "2025-09-08 10:00:00", kettle)
    book.order(*late, updated_at="2025-09-20 10:00:00")
    book.order(
        *late,
        header=("300.00", "20.00", "280.00"),
        updated_at="2025-09-10 10:00:00",
        load=Q4,
        lines_too=False,
        paid=False,
    )
    # Corrected: a newer version changes the amount of order, line and payment from 200 to 190.
    lamp = "P-LAMP", 1, "200.00"
    corrected = ("O-CORR", "S-CORR", "2025-09-15 10:00:00")
    book.order(*corrected, [lamp], updated_at="2025-09-16 10:00:00")
    book.order(*corrected, [(*lamp, "10.00")], updated_at="2025-10-10 10:00:00", load=Q4)

    # The same order, line and payment in two loads; the refund is in a file sent twice.
    for load in (Q4, Q1):
        book.order("O-DUP", "S-DUP", "2025-11-11 10:00:00", [("P-TEA", 1, "150.00")], load=load)
    book.refund("R-DUP", "50.00", "2025-11-21 10:00:00", order_id="O-DUP")

    # No version time: the later load wins.
    for load, status in ((Q3, "pending"), (Q4, "completed")):
        book.order(
            "O-NOVERSION",
            "S-NOVERSION",
            "2025-09-28 10:00:00",
            [("P-TOWEL", 1, "60.00")],
            status=status,
            updated_at="",
            load=load,
            lines_too=load == Q3,
            paid=False,
        )
    # The newer version is unreadable and rejected: the older one stays.
    rejected = ("O-REJVER", "S-REJVER", "2025-12-05 10:00:00", [("P-SCARF", 1, "80.00")])
    book.order(*rejected)
    book.order(
        *rejected,
        header=("80.00", "0.00", "abc"),
        updated_at="2026-01-10 10:00:00",
        load=Q1,
        lines_too=False,
        paid=False,
    )


def add_rejected_rows(book: Book) -> None:
    """Add rows that break the contract, each with its own reason."""
    customer_id = "S-REJECT"
    # The lines and the payment of an order whose own row is rejected belong to no order.
    book.order(
        "O-BAD-DATE",
        customer_id,
        "2026-02-30 10:00:00",
        [("P-SCARF", 1, "80.00")],
        updated_at="",
        load=Q1,
        paid_at="2026-02-28 10:05:00",
    )
    scarf = [("P-SCARF", 1, "80.00")]
    for order_id, ordered_at, header in [
        ("", "2026-02-11 10:00:00", ("80.00", "0.00", "80.00")),  # no order id
        ("", "2026-02-11 11:00:00", ("80.00", "0.00", "8O")),  # no order id, and a letter in net
        ("O-BAD-AMOUNT", "2026-02-12 10:00:00", ("abc", "0.00", "80.00")),
        ("O-FUTURE", "2062-03-05 10:00:00", ("80.00", "0.00", "80.00")),  # 2062 for 2026
        ("O-NO-DATE", "", ("80.00", "0.00", "80.00")),
    ]:
        book.order(
            order_id,
            customer_id,
            ordered_at,
            scarf,
            header=header,
            updated_at="2026-03-20 10:00:00",
            load=Q1,
            lines_too=False,
            paid=False,
        )
    # A line with too few columns is broken: it never becomes a row.
    book.broken_line("orders", Q1, "O-BROKEN,S-REJECT,sale")

    # A good order with two bad lines and three bad payments beside it.
    book.order("O-REJECT-OK", customer_id, "2026-03-06 10:00:00", [("P-BOOK", 1, "50.00")])
    book.item("O-REJECT-OK", 2, "P-MUG", "", "40.00", load=Q1)  # no quantity
    book.item("O-REJECT-OK", 3, "P-MUG", "1", "4O.00", load=Q1)  # a letter in the price
    named = {"order_id": "O-REJECT-OK", "updated_at": "2026-03-06 11:00:00", "load": Q1}
    book.payment("P-NO-AMOUNT", "", "2026-03-06 11:00:00", **named)
    book.payment("P-FUTURE", "50.00", "2062-03-06 11:00:00", **named)
    book.payment("", "50.00", "2026-03-06 11:00:00", **named)


def add_notations(book: Book) -> None:
    """Add numbers and times in the notations that real files hold."""
    # Full-width digits in date and amounts.
    book.order(
        "O-WIDTH",
        "S-WIDTH",
        "２０２６-０３-０１",
        [("P-TEA", 1, "１２３．４５")],
        header=("１２３．４５", "０", "１２３．４５"),
        updated_at="",
        load=Q1,
        paid_at="２０２６-０３-０１ 10:05:00",
        paid_amount="１２３．４５",
    )
    # Slashes, 年月日, UTC, an offset.
    book_line = [("P-BOOK", 1, "50.00")]
    for order_id, ordered_at in [
        ("O-SLASH", "2026/03/05 14:20:00"),
        ("O-NIANYUE", "2026年3月7日"),
        ("O-UTC", "2026-03-09T03:15:00Z"),
        ("O-OFFSET", "2026-03-11T20:15:00+08:00"),
    ]:
        book.order(order_id, "S-DATES", ordered_at, book_line, updated_at="", load=Q1, paid=False)
    # A comma for thousands.
    book.order(
        "O-COMMA",
        "S-COMMA",
        "2026-03-18 10:00:00",
        [("P-KETTLE", 5, "300.00", "265.50")],
        header=("1,500.00", "265.50", "1,234.50"),
        paid_amount="1,234.50",
    )


def add_amounts_and_payment_states(book: Book) -> None:
    """Add header and line amounts that differ, gifts, negative customers, and unpaid orders."""
    # The discount of the order is in its header only: lines 300, net 270.
    book.order(
        "O-HEADER",
        "S-HEADER",
        "2026-04-10 10:00:00",
        [("P-KETTLE", 1, "300.00")],
        header=("300.00", "30.00", "270.00"),
        coupon_code="SPRING30",
    )
    # Only the header's discount is given: it comes on top of the line's: 240 - 5 - 20.
    book.order(
        "O-HEADERDISC",
        "S-HEADER",
        "2026-04-11 10:00:00",
        [("P-SHIRT-M", 2, "120.00", "5.00")],
        header=("", "20.00", ""),
        paid_amount="215.00",
    )
    # No header amounts: the lines decide.
    book.order(
        "O-LINES",
        "S-HEADER",
        "2026-04-12 10:00:00",
        [("P-TEA", 2, "150.00", "30.00")],
        header=("", "", ""),
    )
    # No net: gross less discount.
    book.order(
        "O-NONET",
        "S-HEADER",
        "2026-04-13 10:00:00",
        [("P-LAMP", 1, "200.00")],
        header=("200.00", "15.00", ""),
        paid_amount="185.00",
    )
    # No currency: the reporting currency.
    book.order("O-NOCUR", "S-HEADER", "2026-04-14 10:00:00", [("P-BOOK", 1, "50.00")], currency="")

    # A gift of net 0 counts as a purchase.
    book.order(
        "O-GIFT", "S-GIFT", "2026-04-15 10:00:00", [("P-CASE", 1, "99.00", "99.00")], paid=False
    )
    # Returns what was bought before the data begin: realised revenue below zero.
    book.order("O-NEG", "S-NEG", "2026-04-16 10:00:00", [("P-MUG", 1, "40.00")])
    book.return_document("O-NEG-R", "S-NEG", "2026-04-18 10:00:00", [("P-KETTLE", -1, "300.00")])
    # Refunded more than was paid, as goodwill.
    book.order("O-OVER", "S-OVER", "2026-04-20 10:00:00", [("P-SCARF", 1, "80.00")])
    book.refund("R-OVER", "100.00", "2026-04-28 10:00:00", order_id="O-OVER")

    # Unpaid: no payment yet; a failed one; a pending one; and a failed one followed by a good one.
    pending = {"status": "pending", "paid": False}
    book.order("O-PEND", "S-PEND", "2026-06-20 10:00:00", [("P-LAMP", 1, "200.00")], **pending)
    book.order("O-FAILED", "S-PEND", "2026-06-21 10:00:00", [("P-TOWEL", 1, "60.00")], **pending)
    book.payment("P-FAILED", "60.00", "2026-06-21 10:05:00", order_id="O-FAILED", status="failed")
    book.order("O-PAYPEND", "S-PEND", "2026-06-22 10:00:00", [("P-MUG", 1, "40.00")], **pending)
    book.payment(
        "P-PAYPEND", "40.00", "2026-06-22 10:05:00", order_id="O-PAYPEND", status="pending"
    )
    book.order("O-RETRY", "S-PEND", "2026-06-23 10:00:00", [("P-BOOK", 1, "50.00")], status="paid")
    book.payment("P-RETRY-0", "50.00", "2026-06-23 10:01:00", order_id="O-RETRY", status="failed")

    # No payment rows: the status decides.
    for order_id, ordered_at, product_id, price, status in [
        ("O-STAT-DONE", "2026-04-21 10:00:00", "P-SHIRT-M", "120.00", "已完成"),
        ("O-STAT-SHIP", "2026-04-22 10:00:00", "P-BOOK", "50.00", "已发货"),
        ("O-STAT-NONE", "2026-04-23 10:00:00", "P-TOWEL", "60.00", ""),
        ("O-STAT-WAIT", "2026-04-24 10:00:00", "P-SCARF", "80.00", "待付款"),
        ("O-STAT-PEND", "2026-04-25 10:00:00", "P-MUG", "40.00", "pending"),
    ]:
        book.order(
            order_id, "S-STATUS", ordered_at, [(product_id, 1, price)], status=status, paid=False
        )

    # Negative payments are refunds, whether or not they say payment.
    book.order("O-SIGN", "S-SIGN", "2026-04-25 10:00:00", [("P-TEA", 2, "150.00")])
    book.payment("R-SIGN-1", "-60.00", "2026-04-27 10:00:00", order_id="O-SIGN", payment_type="")
    book.payment("R-SIGN-2", "-40.00", "2026-04-28 10:00:00", order_id="O-SIGN")

    # A service with a fee on a line of its own.
    book.order(
        "O-SERVICE",
        "S-SERVICE",
        "2026-02-12 10:00:00",
        [("P-REPAIR", 1, "100.00"), ("P-SHIP", 1, "12.00")],
        order_type="service",
    )


def add_windows(book: Book) -> None:
    """Add orders at the edges of the last 30 days (2026-06-01 to 06-30) and of the 30 before."""
    # 23:30 UTC on 31 May is 07:30 on 1 June in Shanghai; 23:30 +08:00 on 31 May is not.
    book.order(
        "O-NIGHT-IN",
        "S-NIGHT",
        "2026-05-31T23:30:00Z",
        [("P-MUG", 1, "40.00")],
        updated_at="",
        load=Q2,
        paid=False,
    )
    book.order(
        "O-NIGHT-OUT",
        "S-NIGHT",
        "2026-05-31T23:30:00+08:00",
        [("P-TOWEL", 1, "60.00")],
        updated_at="",
        load=Q2,
        paid=False,
    )
    # Bought in May, partly refunded in June.
    book.order("O-CROSS", "S-CROSS", "2026-05-20 10:00:00", [("P-TOWEL", 4, "60.00")])
    book.refund("R-CROSS", "60.00", "2026-06-10 10:00:00", order_id="O-CROSS")

    # Every edge: first and last moment of both windows, two orders on one day, one of them
    # cancelled, a return.
    book.order("O-30-FIRST", "S-THIRTY", "2026-06-01 00:00:00", [("P-TEA", 1, "150.00")])
    book.order("O-30-DISC", "S-THIRTY", "2026-06-15 09:00:00", [("P-MUG", 2, "40.00", "8.00")])
    book.order(
        "O-30-CANCEL",
        "S-THIRTY",
        "2026-06-15 20:00:00",
        [("P-TOWEL", 1, "60.00")],
        status="cancelled",
        paid=False,
    )
    book.return_document(
        "O-30-R",
        "S-THIRTY",
        "2026-06-20 10:00:00",
        [("P-TEA", -1, "150.00")],
        original_order_id="O-30-FIRST",
    )
    book.order("O-PRIOR-LAST", "S-THIRTY", "2026-05-31 23:50:00", [("P-BOOK", 1, "50.00")])
    book.order("O-PRIOR-FIRST", "S-THIRTY", "2026-05-02 00:00:00", [("P-BOOK", 2, "50.00")])
    book.order("O-PRIOR-BEFORE", "S-THIRTY", "2026-05-01 23:50:00", [("P-BOOK", 3, "50.00")])

    # The last accepted order decides the as-of date: ten minutes before midnight in Shanghai.
    book.order(
        "O-LASTDAY",
        "S-LASTDAY",
        "2026-06-30 23:50:00",
        [("P-BOOK", 1, "50.00")],
        status="paid",
    )


def add_charges(book: Book) -> None:
    """Add orders of guests with more than goods: shipping, tax, tips, gift cards; and a test."""
    # Goods of 40 and shipping of 4.90, all paid back: told, not told, and of the shipping alone.
    told = {"net": "40.00", "shipping_amount": "4.90"}
    charged(book, "O-SHIP", "2026-03-02", "44.90", [goods("P-MUG", "1", "40.00")], **told)
    paid_back(book, "R-SHIP", "O-SHIP", "44.90")
    charged(book, "O-SHIP-UNTOLD", "2026-03-02", "44.90", net="40.00")
    paid_back(book, "R-SHIP-UNTOLD", "O-SHIP-UNTOLD", "44.90")
    charged(book, "O-SHIP-ONLY", "2026-03-02", "44.90", [goods("P-MUG", "1", "40.00")], **told)
    paid_back(book, "R-SHIP-ONLY", "O-SHIP-ONLY", "4.90")
    # In three refunds that do not divide evenly: together they are all of the goods.
    charged(book, "O-SHIP-PARTS", "2026-03-02", "44.90", [goods("P-MUG", "1", "40.00")], **told)
    for number, amount in enumerate(("10.00", "20.00", "14.90"), 1):
        paid_back(book, f"R-SHIP-PARTS-{number}", "O-SHIP-PARTS", amount)
    # A refund that tells its parts.
    charged(book, "O-TOLD", "2026-03-02", "110.00", net="100.00", shipping_amount="10.00")
    paid_back(book, "R-TOLD", "O-TOLD", "60.00", goods_amount="50.00", shipping_amount="10.00")

    # Prices without tax, half of all paid back; not told; and prices that hold the tax.
    charged(book, "O-TAX", "2026-03-03", "119.00", net="100.00", tax_amount="19.00")
    paid_back(book, "R-TAX", "O-TAX", "59.50")
    charged(book, "O-TAX-UNTOLD", "2026-03-03", "119.00", net="100.00")
    paid_back(book, "R-TAX-UNTOLD", "O-TAX-UNTOLD", "59.50")
    included = {"net": "119.00", "tax_amount": "19.00", "prices_include_tax": "true"}
    charged(book, "O-TAX-IN", "2026-03-03", "119.00", [goods("P-TEA", "1", "119.00")], **included)
    charged(book, "O-TAX-IN-BACK", "2026-03-03", "119.00", **included)
    paid_back(book, "R-TAX-IN-BACK", "O-TAX-IN-BACK", "59.50")
    charged(book, "O-TIP", "2026-03-03", "66.00", net="60.00", tip_amount="6.00")

    # Charges on lines: beside the header, in it, and without a header.
    mugs, freight = goods("P-MUG", "2", "40.00"), {**goods("FREIGHT", "1", "12.00")}
    wrap = {**goods("", "1", "3.00"), "line_type": "packaging"}
    charged(book, "O-FREIGHT", "2026-03-04", "92.00", [mugs, freight], net="80.00")
    charged(book, "O-FREIGHT-IN", "2026-03-04", "92.00", [mugs, freight], net="92.00")
    charged(book, "O-FREIGHT-LINES", "2026-03-04", "95.00", [mugs, freight, wrap])

    # A gift card is sold, pays for goods, and gets the money of goods that are paid back.
    card = {**goods("", "1", "50.00"), "line_type": "gift_card"}
    charged(book, "O-CARD", "2026-03-05", "50.00", [card], net="50.00")
    charged(book, "O-CARD-PAYS", "2026-03-06", "50.00", net="50.00", method="gift_card")
    charged(book, "O-CARD-BACK", "2026-03-06", "80.00", net="80.00")
    paid_back(book, "R-CARD-BACK", "O-CARD-BACK", "80.00", method="gift_card")

    # Nobody bought this.
    charged(
        book, "O-TEST", "2026-03-07", "9999.00", [goods("P-TEA", "1", "9999.00")], is_test="true"
    )
    # An amount without a price of one unit; a line with neither is rejected.
    weighed = {**goods("P-NUTS", "1.2345", ""), "line_amount": "9.99"}
    neither = goods("P-NUTS", "1", "")
    charged(book, "O-WEIGHED", "2026-03-07", "9.99", [weighed, neither])
    # What else an order may tell.
    charged(
        book,
        "O-TELLS",
        "2026-03-08",
        "50.00",
        net="50.00",
        installments_count="3",
        seller_id="V1",
        coupon_code="SPRING30; NOBODYS",
        approved_at="2026-03-08 10:10:00",
        shipped_at="2026-03-09 10:00:00",
        delivered_at="2026-03-11",
        promised_at="2026-12-24",
    )


def goods(product_id: str, quantity: str, unit_price: str) -> dict[str, str]:
    """Return an order line of the cases of charges."""
    return {"product_id": product_id, "quantity": quantity, "unit_price": unit_price}


def charged(
    book: Book,
    order_id: str,
    day: str,
    paid: str,
    lines: list[dict[str, str]] | None = None,
    *,
    net: str = "",
    method: str = "alipay",
    installments_count: str = "",
    **columns: str,
) -> None:
    """Add an order of a guest to the files of charges, paid five minutes later."""
    at = f"{day} 10:00:00"
    order = {"order_id": order_id, "ordered_at": at, "net_amount": net, "updated_at": at, **columns}
    book.add("shop/orders", Q1, {"status": "completed", **order}, "charges")
    for number, line in enumerate(lines or [], 1):
        item = {"order_id": order_id, "line_number": str(number), **line}
        book.add("shop/order_items", Q1, item, "charges")
    payment = {
        "payment_id": "P-" + order_id.removeprefix("O-"),
        "order_id": order_id,
        "amount": paid,
        "method": method,
        "installments_count": installments_count,
        "paid_at": f"{day} 10:05:00",
    }
    book.add("shop/payments", Q1, payment, "charges")


def paid_back(
    book: Book, payment_id: str, order_id: str, amount: str, *, method: str = "alipay", **parts: str
) -> None:
    """Add a refund to the files of charges."""
    refund = {"payment_id": payment_id, "order_id": order_id, "payment_type": "refund"}
    money = {"amount": amount, "method": method, "paid_at": "2026-03-20 10:00:00", **parts}
    book.add("shop/payments", Q1, {**refund, **money}, "charges")


def add_costs_and_logs(book: Book) -> None:
    """Add what orders cost and go through, with rows that break the contract beside them."""
    columns = ("cost_id", "system", "order_id", "cost_type", "currency", "amount", "charged_at")
    written = "2026-06-20 10:00:00"
    for values in [
        # An order with a cost of each kind; the shipping was 7.00 before it was corrected.
        ("K-1", "shop", "O-FREIGHT", "Shipping", "CNY", "7.00", "2026-06-10 10:00:00"),
        ("K-1", "shop", "O-FREIGHT", "Shipping", "CNY", "6.50", "2026-06-10 10:00:00"),
        ("K-2", "shop", "O-FREIGHT", "包装", "CNY", "1.00", "2026-06-10 10:00:00"),
        ("K-3", "SHOP", "O-FREIGHT", "payment_fee", "CNY", "0.48", ""),
        ("K-4", "shop", "O-FREIGHT", "shipping", "CNY", "-1.00", "2026-06-12 10:00:00"),
        # In dollars, as the order is, since it says nothing.
        ("K-5", "shop", "O-USD-DAY", "Versand", "", "3.00", ""),
        # A word that no seed knows is another cost; an order that is not there has none.
        ("K-6", "shop", "O-FREIGHT", "bribe", "CNY", "2.00", ""),
        ("K-7", "shop", "O-NOWHERE", "shipping", "CNY", "5.00", ""),
        # The time in the future is left out, and the cost is of the day of the order.
        ("K-FUTURE", "shop", "O-FREIGHT", "return", "CNY", "0.50", "2062-06-10 10:00:00"),
        # Rows that break the contract.
        ("", "shop", "O-FREIGHT", "shipping", "CNY", "5.00", ""),
        ("K-BAD-AMOUNT", "shop", "O-FREIGHT", "shipping", "CNY", "abc", ""),
        ("K-NO-ORDER", "shop", "", "shipping", "CNY", "5.00", ""),
    ]:
        row = dict(zip(columns, values, strict=True))
        row["updated_at"] = "2026-06-11 10:00:00" if row["amount"] == "7.00" else written
        book.add("ops/order_costs", Q2, row)

    columns = ("order_event_id", "order_id", "event", "actor", "occurred_at")
    for values in [
        # From placed to delivered; nobody noted the packing.
        ("L-1", "O-TELLS", "已下单", "customer", "2026-03-08 10:00:00"),
        ("L-2", "O-TELLS", "Payment-Received", "customer", "2026-03-08 10:05:00"),
        ("L-3", "O-TELLS", "SHIPPED", "shop", "2026-03-09 10:00:00"),
        ("L-4", "O-TELLS", "delivered", "carrier", "2026-03-11 10:00:00"),
        # A word that no seed knows; an order that is not there.
        ("L-5", "O-TELLS", "teleported", "", "2026-03-10 10:00:00"),
        ("L-6", "O-NOWHERE", "placed", "customer", "2026-06-05 10:00:00"),
        # Rows that break the contract.
        ("L-NO-WORD", "O-TELLS", "", "shop", "2026-06-05 10:00:00"),
        ("L-NO-TIME", "O-TELLS", "packed", "shop", ""),
        ("L-FUTURE", "O-TELLS", "packed", "shop", "2062-06-05 10:00:00"),
        ("", "O-TELLS", "packed", "shop", "2026-06-05 10:00:00"),
    ]:
        row = dict(zip(columns, values, strict=True))
        book.add("shop/order_events", Q2, {**row, "updated_at": written})


def add_campaigns(book: Book) -> None:
    """Add a campaign with two treatments and a hold-out, its coupons, and what marketing cost."""
    written = "2026-06-20 10:00:00"
    spring = {
        "campaign_id": "K-SPRING", "campaign_name": "Spring", "channel": "E-Mail", "kind": "促销",
        "coupon_code": "SPRING10", "holdout_pct": "50", "window_days": "14",
        "cost_amount": "30.00", "contact_cost_amount": "0.02", "start_date": "2026-06-01",
        "end_date": "2026-07-01", "updated_at": written,
    }  # fmt: skip
    for changed in [
        {},
        # Without a hold-out nothing can be said of its effect.
        {"campaign_id": "K-ALL", "holdout_pct": "", "channel": "owl", "coupon_code": ""},
        {"campaign_id": "K-OVER", "holdout_pct": "120"},
        {"campaign_id": ""},
        {"campaign_id": "K-HALF", "holdout_pct": "half"},
    ]:
        book.add("crm/campaigns", Q2, {**spring, **changed})
    for arm, is_holdout, share in [
        ("Big", "", "25"),
        ("small", "no", "25"),
        ("Control", "", "50"),
        ("", "", "10"),
    ]:
        row = {"campaign_id": "K-SPRING", "arm": arm, "is_holdout": is_holdout}
        book.add("crm/campaign_arms", Q2, {**row, "share_pct": share, "updated_at": written})

    first = "2026-06-01 09:00:00"
    contact = {
        "campaign_id": "K-SPRING", "system": "shop", "assigned_at": "2026-06-01 08:00:00",
        "sent_at": first, "delivered_at": "2026-06-01 09:01:00", "updated_at": first,
    }  # fmt: skip
    nothing = {"sent_at": "", "delivered_at": ""}
    for number, customer_id, arm, changed in [
        # She orders on 1 and on 15 June: the second one is a day after the window of 14 days.
        ("1", "S-THIRTY", "Big", {}),
        ("1", "S-THIRTY", "big", {"opened_at": "2026-06-01 09:30:00", "updated_at": written}),
        ("2", "S-PART", "small", {"delivered_at": "", "bounced_at": "2026-06-01 09:02:00",
                                  "failure": "mailbox full"}),
        ("3", "S-REFUND", "Control", nothing),
        ("4", "S-NIGHT", "", {"is_holdout": "yes", **nothing}),
        # A customer of no table belongs to nobody.
        ("5", "X-NOBODY", "Big", {}),
        # A group without a name is the only treatment.
        ("6", "S-PART", "", {"campaign_id": "K-ALL", "unsubscribed_at": "2026-06-02 09:00:00"}),
        # Rows that break the contract.
        ("NO-PERSON", "", "Big", {}),
        ("NO-TIME", "S-PART", "Big", {"assigned_at": ""}),
        ("FUTURE", "S-PART", "Big", {"assigned_at": "2062-06-01 08:00:00"}),
        ("NO-CAMPAIGN", "S-PART", "Big", {"campaign_id": ""}),
    ]:  # fmt: skip
        row = {**contact, "campaign_contact_id": f"M-{number}", "native_id": customer_id}
        book.add("crm/campaign_contacts", Q2, {**row, "arm": arm, **changed})

    issue = {"campaign_id": "K-SPRING", "channel": "email", "issued_at": first, "updated_at": first}
    for number, code, system, customer_id in [
        ("U-1", "SPRING10", "shop", "S-THIRTY"),
        ("U-2", "FOR-ALL", "", ""),
        ("U-NO-CODE", "", "shop", "S-PART"),
        ("", "SPRING10", "shop", "S-PART"),
    ]:
        row = {"coupon_issue_id": number, "coupon_code": code, "system": system}
        row |= {"native_id": customer_id, "expires_at": "2026-07-15 00:00:00"}
        book.add("shop/coupon_issues", Q2, {**issue, **row})
    for order_id, code, amount in [
        # Two codes, of which one took nothing off; of the other it is not told.
        ("O-TELLS", "SPRING30", "0.00"),
        ("O-TELLS", "NOBODYS", ""),
        ("O-TELLS", "", "1.00"),
        ("O-TELLS", "BAD", "x"),
    ]:
        row = {"order_id": order_id, "coupon_code": code, "discount_amount": amount}
        book.add("shop/coupon_redemptions", Q2, {**row, "updated_at": written})

    columns = ("cost_date", "channel", "source", "campaign_id", "amount", "impressions", "clicks")
    for values in [
        ("2026-06-01", "Paid-Search", "baidu", "", "100.00", "5000", "50"),
        ("2026-06-01", "Paid-Search", "baidu", "", "110.00", "5000", "55"),  # corrected
        ("2026-06-01", "ads", "baidu", "K-SPRING", "50.00", "2000", "two"),
        ("2026-06-02", "Moon", "", "", "5.00", "", ""),
        ("2026-02-30", "ads", "", "", "5.00", "", ""),
        ("2026-06-03", "ads", "", "", "", "", ""),
        ("2026-06-04", "", "", "", "5.00", "", ""),
    ]:
        row = dict(zip(columns, values, strict=True))
        row["updated_at"] = "2026-06-02 10:00:00" if row["clicks"] == "50" else written
        book.add("ops/marketing_costs", Q2, row)
