"""What the systems wrote down about purchases and visits: queries that make rows of text."""

import duckdb
import numpy as np

from portrait.generator.accounts import MARKETPLACE, POS, SHOP, Accounts
from portrait.generator.bad_orders import DELIVERED, PAID, PAYMENT, SHIPPED, SLOW_TO_PAY
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.campaigns import campaign_id
from portrait.generator.catalogue import CURRENCIES, Catalogue
from portrait.generator.facts import channel_words
from portrait.generator.order_logs import HOME, HOUSE, TOLD, delivery, service
from portrait.generator.people import COUPON_ABUSER, ORDER_BRUSHER
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    CANCELLED,
    CANCELLED_PAID,
    DONE,
    EXCHANGE,
    PARTLY,
    REFUNDED,
    RETURN,
    SALE,
    UNPAID,
    Frame,
    is_paid,
    take,
)
from portrait.generator.random_streams import stream
from portrait.generator.record_texts import PREFIXES
from portrait.generator.visits import EVENT_TYPES, SEARCH
from portrait.sql import sql_text

# Words of each system for the states of an order; the platform's are its own.
SHOP_WORDS = {
    "open": ("待付款", "pending"),
    "paid": ("已付款", "paid", "待发货"),
    "sent": ("已发货", "shipped"),
    "done": ("已完成", "completed", "delivered"),
    "cancelled": ("已取消", "cancelled"),
    "refunded": ("已退款", "refunded"),
}
PLATFORM_WORDS = {
    "open": ("WAIT_BUYER_PAY", "待付款"),
    "paid": ("WAIT_SELLER_SEND_GOODS", "待发货"),
    "sent": ("WAIT_BUYER_CONFIRM_GOODS", "已发货"),
    "done": ("TRADE_FINISHED", "交易成功"),
    "cancelled": ("TRADE_CLOSED_BY_PLATFORM", "交易关闭"),
    "refunded": ("TRADE_CLOSED",),
}
UNKNOWN_WORDS = ("核对中", "in review")
SALE_METHODS = ("alipay", "wechat_pay", "card", "bank_transfer")
TILL_METHODS = ("cash", "alipay", "wechat_pay", "card")
SEARCHES = (
    "礼物",
    "保温杯",
    "running shoes",
    "面膜",
    "蓝牙耳机",
    "tea",
    "儿童玩具",
    "羽绒服",
    "lamp",
    "猫粮",
)
# Of these, by place: what the company has none of.
NOT_SOLD = "8, 9"
PAGES = ("home", "category", "promotion", "account", "cart", "help")
MODELS = (
    ("iPhone 15", "iOS 17.5", "6.2.1", "Apple", "premium"),
    ("iPhone 13", "iOS 16.7", "6.1.0", "Apple", "middle"),
    ("HUAWEI Mate 60", "HarmonyOS 4.2", "6.2.1", "Huawei", "旗舰"),
    ("Xiaomi 14", "Android 14", "6.2.1", "Xiaomi", "high-end"),
    ("OPPO Find X7", "Android 14", "6.0.4", "OPPO", "高端"),
    ("Redmi Note 12", "Android 13", "5.9.0", "Xiaomi", "千元机"),
    ("Chrome on Windows", "Windows 11", "", "", ""), ("Safari on Mac", "macOS 14", "", "Apple", ""),
)  # fmt: skip


def register_documents(
    con: duckdb.DuckDBPyConnection,
    seed: int,
    chunk: int,
    documents: Frame,
    lines: Frame,
    first_document: int,
    calendar: Calendar,
    profile: Profile,
) -> None:
    """Make the tables of a chunk's documents, their versions and lines."""
    dice = stream(seed, chunk, "texts of documents")
    dirt = profile["order_dirt"]
    size, line_count = len(documents["person"]), len(lines["document"])
    channel = documents["channel"]
    is_sale = documents["kind"] == SALE
    lines_of = np.bincount(lines["document"], minlength=size)
    at = {name: dice.random(size) < dirt[name] for name in (
        "corrected", "unknown_customer", "unknown_status", "missing_currency", "missing_amounts",
        "orphan_payment")}  # fmt: skip
    at["corrected"] &= is_sale
    at["unknown_customer"] &= (channel == SHOP) & (documents["account"] >= 0)
    at["unknown_status"] &= (channel == SHOP) & is_sale
    at["missing_currency"] &= documents["currency"] == 0
    at["missing_amounts"] &= (documents["off"] == 0) & ~at["corrected"]
    at["missing_amounts"] &= ~at["missing_currency"] & ~at["unknown_status"]
    at["missing_currency"] &= ~at["unknown_status"] & ~at["unknown_customer"]
    at["unknown_status"] &= ~at["unknown_customer"]
    at["missing_amounts"] &= ~at["unknown_customer"]
    con.register("documents_in", {
        "document": np.arange(size), "document_number": first_document + np.arange(size),
        **documents, **{f"is_{name}": flags for name, flags in at.items()},
        "is_paid": is_paid(documents), "load": calendar.load_of(documents["moment"]),
    })  # fmt: skip
    # A wrong sign on one of several lines; a line that names an order that is not there.
    wrong = dice.random(line_count) < dirt["negative_quantity"]
    wrong &= (is_sale & (channel == SHOP) & (lines_of > 1))[lines["document"]] & (
        lines["line"] == 2
    )
    con.register("lines_in", {
        "line_row": np.arange(line_count), **lines, "is_negative": wrong,
        "is_orphan": dice.random(line_count) < dirt["orphan_line"],
    })  # fmt: skip
    con.execute(f"""
        create or replace temp table documents as
        select
            placed.* exclude (country, region, city, postcode, new_region, new_city, new_postcode,
                first_street, street_count, moved, house),
            {_charges(profile)}, {delivery(profile)}, {service(profile)} as is_service
        from (
            select
                documents_in.*, {HOME}, {HOUSE} as house,
                case channel when 0 then 'S' when 1 then 'R' else 'T' end
                    || lpad(cast(document_number as varchar), 9, '0') as document_id,
                case
                    when is_unknown_customer
                        then 'X' || lpad(cast(document_number as varchar), 9, '0')
                    else accounts.native_id
                end as customer_id,
                accounts.native_id as true_customer_id,
                people.number as person_number
            from documents_in
            left join accounts on documents_in.account = accounts.account
            inner join people on documents_in.person = people.person
        ) as placed
        left join street_words as street on first_street + house % street_count = street.id
    """)
    amount_only = int(profile["charges"]["line_amount"] * 1000)
    con.execute(f"""
        create or replace temp table document_lines as
        select *, hash(line_row) % 1000 < {amount_only} as has_amount_only from lines_in
    """)
    con.unregister("documents_in")
    con.unregister("lines_in")
    con.register("document_versions_in", _document_versions(documents, at["corrected"], calendar))
    con.execute(
        "create or replace temp table document_versions as select * from document_versions_in"
    )
    con.unregister("document_versions_in")


def _document_versions(documents: Frame, corrected: np.ndarray, calendar: Calendar) -> Frame:
    """The versions that are delivered: the state at each load that brings a new one.

    `stage` is 0 for a version that is corrected later, 1 while the order is open, 2 when all that
    becomes of it is known.
    """
    some = np.arange(len(documents["person"]))
    moment, settled = documents["moment"], documents["settled"]
    is_till = documents["channel"] == POS
    changes = ~is_till | (documents["fate"] == CANCELLED)
    is_known = changes & (settled < calendar.end)
    opens = np.where(is_till, moment, np.minimum(moment + 300, calendar.end - 1))
    # Nobody sees the state between two loads.
    is_seen = ~is_known | (calendar.load_of(opens) != calendar.load_of(settled))
    frames = [
        {"document": some[corrected], "stage": np.zeros(corrected.sum(), dtype=np.int64),
         "written": moment[corrected]},
        {"document": some[is_seen], "stage": np.ones(is_seen.sum(), dtype=np.int64),
         "written": opens[is_seen]},
        {"document": some[is_known], "stage": np.full(is_known.sum(), 2),
         "written": settled[is_known]},
    ]  # fmt: skip
    versions = {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}
    # The till corrects a receipt a minute later.
    first = np.isin(versions["document"], some[corrected & is_till]) & (versions["stage"] == 1)
    versions["written"] = np.minimum(versions["written"] + 60 * first, calendar.end - 1)
    return versions


def _picked(profile: Profile, name: str) -> str:
    """Whether a document is among the share of a charge: by its number, without a draw."""
    salt = list(profile["charges"]).index(name)
    share = int(profile["charges"][name] * 1000)
    return f"hash(document_number * 16 + {salt}) % 1000 < {share}"


def _charges(profile: Profile) -> str:
    """What a document charges beside its goods, in hundredths, and what it tells of them."""
    is_sale = f"kind = {SALE} and net > 0"
    return f"""
        case when {is_sale} and {_picked(profile, "shipping")}
            then 490 + noise % 3 * 300 else 0 end as shipping,
        channel = {SHOP} and noise % 3 = 0 as has_shipping_line,
        case when {is_sale} and not is_corrected and {_picked(profile, "tax")}
            then net * 13 // 113 else 0 end as tax,
        noise % 2 = 0 as holds_tax,
        case when {is_sale} and {_picked(profile, "tip")}
            then 200 + noise % 5 * 100 else 0 end as tip,
        case when {is_sale} and channel = {SHOP} and {_picked(profile, "gift_card")}
            then 5000 else 0 end as gift_card,
        {is_sale} and fate = {DONE} and {_picked(profile, "test_order")} as is_test,
        {_picked(profile, "parts_of_refund")} as tells_parts,
        channel <> {POS} and {_picked(profile, "fulfilment")} as is_followed,
        channel <> {POS} and {_picked(profile, "seller")} as has_seller,
        {_picked(profile, "instalments")} as is_in_instalments,
        {_picked(profile, "paid_by_gift_card")} as is_paid_by_gift_card,
        {_picked(profile, "several_coupons")} as has_several_coupons
    """


# What is paid beside the net amount.
BESIDE = "(shipping + tip + gift_card + case when holds_tax then 0 else tax end)"
CHARGES = """
    case when shipping > 0 and not has_shipping_line then money_text(shipping) end
        as shipping_amount,
    case when tax > 0 then money_text(tax) end as tax_amount,
    case when tax > 0 and holds_tax then 'true' end as prices_include_tax,
    case when tip > 0 then money_text(tip) end as tip_amount,
    case when is_test then 'true' end as is_test
"""
FOLLOWED = f"""
    case when has_seller then 'V' || cast(1 + noise % 9 as varchar) end as seller_id,
    case when is_followed and stage = 2 and kind = {SALE} and fate not in ({UNPAID}, {CANCELLED})
        then moment_text(least(case when bad = {SLOW_TO_PAY} then {PAID} + 60 else moment + 120 end,
            written)) end as approved_at,
    case when is_followed and stage = 2 and fate = {DONE}
        then moment_text(least({SHIPPED}, written)) end as shipped_at,
    case when is_followed and stage = 2 and fate = {DONE}
        then moment_text(least({DELIVERED}, written)) end as delivered_at,
    case when is_followed then moment_text(moment + 5 * {DAY}) end as promised_at
"""


def _words(words: dict[str, tuple[str, ...]], state: str) -> str:
    texts = ", ".join(sql_text(text) for text in words[state])
    return f"[{texts}][1 + (noise // 4) % {len(words[state])}]"


def _status(words: dict[str, tuple[str, ...]]) -> str:
    """The status word of a version of a sale."""
    unknown = ", ".join(sql_text(text) for text in UNKNOWN_WORDS)
    return f"""
        case
            when is_unknown_status then [{unknown}][1 + noise % {len(UNKNOWN_WORDS)}]
            when kind = {RETURN} then {_words(words, "done")}
            when stage = 2 then case
                when fate in ({UNPAID}, {CANCELLED}, {CANCELLED_PAID})
                    then {_words(words, "cancelled")}
                when fate = {REFUNDED} then {_words(words, "refunded")}
                else {_words(words, "done")} end
            when fate in ({UNPAID}, {CANCELLED}) then {_words(words, "open")}
            when noise % 2 = 0 then {_words(words, "paid")}
            else {_words(words, "sent")}
        end
    """


AMOUNTS = """
    case when is_missing_currency then null else {currency} end as currency,
    case
        when is_missing_amounts or kind <> 0 then null
        when stage = 0 then money_text(gross + 1000)
        else money_text(gross)
    end as gross_amount,
    case when is_missing_amounts or kind <> 0 then null else money_text(line_discount + off) end
        as discount_amount,
    case
        when is_missing_amounts then null
        when stage = 0 then money_text(net + 1000)
        else money_text(net)
    end as net_amount
"""
DOCUMENT_DIRT = """
    written as _written, document_number * 4 + stage as _order,
    case
        when stage = 0 then 'corrected'
        when is_unknown_customer then 'unknown_customer'
        when is_unknown_status then 'unknown_status'
        when is_missing_currency then 'missing_currency'
        when is_missing_amounts then 'missing_amounts'
    end as _dirt
"""


def _amounts() -> str:
    currencies = ", ".join(f"'{currency}'" for currency in CURRENCIES)
    return AMOUNTS.format(currency=f"[{currencies}][currency + 1]")


def _coupon(catalogue: Catalogue) -> str:
    codes = ", ".join(sql_text(coupon["coupon_code"]) for coupon in catalogue.coupons)
    code, other = f"[{codes}][documents.coupon + 1]", sql_text(catalogue.coupons[0]["coupon_code"])
    return f"""
        case
            when documents.coupon > 0 and documents.has_several_coupons
                then {code} || ';' || {other}
            when documents.coupon >= 0 then {code}
        end
    """


PARENT = "left join documents as origins on documents.parent = origins.document"
VERSIONS = "from document_versions inner join documents using (document)"


def shop_orders(catalogue: Catalogue) -> str:
    """Rows of shop.orders."""
    return f"""
        select
            document_id as order_id, customer_id,
            case
                when kind = {RETURN} then 'return' when kind = {EXCHANGE} then 'sale'
                when is_service then 'service'
                when noise % 3 > 0 then 'sale'
            end as order_type,
            {_status(SHOP_WORDS)} as status, moment_text(moment) as ordered_at,
            case when stage = 2 and fate in ({UNPAID}, {CANCELLED}, {CANCELLED_PAID})
                then moment_text(settled) end as cancelled_at,
            {_amounts()}, original_id as original_order_id, coupon_code, {CHARGES}, {FOLLOWED},
            case when {TOLD[3]} is not null then {_method()} end as payment_method,
            {", ".join(TOLD)},
            moment_text(written) as updated_at, {DOCUMENT_DIRT}
        from (
            select document_versions.stage, document_versions.written, documents.*,
                {_coupon(catalogue)} as coupon_code,
                case when documents.names_parent then origins.document_id end as original_id
            {VERSIONS} {PARENT}
            where documents.channel = {SHOP}
        )
    """


def receipts(catalogue: Catalogue) -> str:
    """Rows of pos.receipts."""
    methods = ", ".join(f"'{method}'" for method in TILL_METHODS)
    return f"""
        select
            document_id as receipt_id, 'ST' || lpad(cast(store + 1 as varchar), 3, '0') as store_id,
            customer_id as member_id, moment_text(moment) as issued_at,
            case when stage = 2 and fate = {CANCELLED} then moment_text(settled) end as voided_at,
            {_amounts()}, original_id as original_receipt_id,
            [{methods}][1 + noise % {len(TILL_METHODS)}] as payment_method, coupon_code, {CHARGES},
            moment_text(written) as updated_at, {DOCUMENT_DIRT}
        from (
            select document_versions.stage, document_versions.written, documents.*,
                {_coupon(catalogue)} as coupon_code,
                case when documents.names_parent then origins.document_id end as original_id
            {VERSIONS} {PARENT}
            where documents.channel = {POS}
        )
    """


def marketplace_orders(catalogue: Catalogue) -> str:
    """Rows of marketplace.orders; what is paid back is written on the order."""
    return f"""
        select
            document_id as order_id, customer_id as buyer_id,
            case when noise % 3 = 0 then 'sale' end as order_type,
            {_status(PLATFORM_WORDS)} as status, moment_text(moment) as ordered_at,
            case when stage = 2 and fate in ({UNPAID}, {CANCELLED}, {CANCELLED_PAID})
                then moment_text(settled) end as cancelled_at,
            {_amounts()}, cast(null as text) as original_order_id,
            coupon_code, {CHARGES}, {FOLLOWED},
            case when {TOLD[3]} is not null and noise % 2 = 0 then 'alipay' end as payment_method,
            {", ".join(TOLD)},
            case when stage = 2 and refund > 0
                then money_text(refund + case when fate = {PARTLY} then 0 else {BESIDE} end)
            end as refund_amount,
            {_parts("stage = 2 and refund > 0", "refund_")},
            case when stage = 2 and refund > 0 then moment_text(settled) end as refunded_at,
            moment_text(written) as updated_at, {DOCUMENT_DIRT}
        from (
            select document_versions.stage, document_versions.written, documents.*,
                {_coupon(catalogue)} as coupon_code
            {VERSIONS} where documents.channel = {MARKETPLACE}
        )
    """


def _parts(condition: str, prefix: str = "") -> str:
    """What a refund tells of its parts; one of a part of the goods always tells that."""
    has_beside = f"fate <> {PARTLY} and tells_parts"
    tells = f"{condition} and (fate = {PARTLY} and {BESIDE} > 0 or tells_parts)"
    included = f"case when holds_tax and fate <> {PARTLY} then tax else 0 end"
    return f"""
        case when {tells} then money_text(refund - {included}) end as {prefix}goods_amount,
        case when {condition} and {has_beside} and shipping > 0 then money_text(shipping) end
            as {prefix}shipping_amount,
        case when {condition} and {has_beside} and tax > 0 then money_text(tax) end
            as {prefix}tax_amount
    """


def order_lines(channel: int) -> str:
    """Rows of the lines of a channel, with all columns that any of the tables has."""
    letter = {SHOP: "S", POS: "R", MARKETPLACE: "T"}[channel]
    return f"""
        select
            case
                when is_orphan then '{letter}9' || substr(document_id, 3) || 'X' else document_id
            end as order_id,
            cast(lines.line as varchar) as line_number, product_id,
            '7' || lpad(cast(lines.product * 7919 % 999983 as varchar), 6, '0') as article_id,
            case when lines.noise % 50 > 0 then product_id end as seller_product_id,
            product_name as description,
            cast(case when is_negative then -lines.quantity else lines.quantity end as varchar)
                as quantity,
            case when not has_amount_only then money_text(lines.price) end as unit_price,
            case when has_amount_only then money_text(
                lines.price * case when is_negative then -lines.quantity else lines.quantity end
            ) end as line_amount,
            case when has_amount_only then 'goods' end as line_type,
            case
                when lines.discount = 0 then case when lines.noise % 2 = 0 then '0.00' end
                when is_negative then money_text(-lines.discount)
                else money_text(lines.discount)
            end as discount_amount,
            moment_text(documents.moment) as updated_at,
            documents.moment as _written, document_number * 32 + lines.line * 2 as _order,
            case when is_orphan then 'orphan_line' when is_negative then 'negative_quantity' end
                as _dirt
        from document_lines as lines
        inner join documents using (document)
        inner join products on lines.product = products.product
        where documents.channel = {channel}
    """


def shop_order_items() -> str:
    """Rows of shop.order_items, with lines of shipping and of gift cards."""
    charges = " ".join(
        f"""
        union all by name
        select
            document_id as order_id, '{number}' as line_number, {text} as description,
            '1' as quantity, money_text({amount}) as unit_price, '{word}' as line_type,
            moment_text(moment) as updated_at, moment as _written,
            document_number * 32 + {place} as _order
        from documents where channel = {SHOP} and {amount} > 0 and {condition}
        """
        for number, amount, word, text, condition, place in (
            ("90", "shipping", "shipping", "'运费'", "has_shipping_line", 30),
            ("91", "gift_card", "gift_card", "'礼品卡'", "true", 31),
        )
    )
    return f"select * from ({order_lines(SHOP)} {charges})"


def receipt_items() -> str:
    """Rows of pos.receipt_items."""
    return f"select order_id as receipt_id, * exclude (order_id) from ({order_lines(POS)})"


def marketplace_order_items() -> str:
    """Rows of marketplace.order_items, under the platform's own article numbers."""
    return f"""
        select * exclude (product_id, article_id), article_id as product_id
        from ({order_lines(MARKETPLACE)})
    """


def _method() -> str:
    """How the customer of a document of the shop pays."""
    methods = ", ".join(f"'{method}'" for method in SALE_METHODS)
    return f"""case when is_paid_by_gift_card then 'gift_card'
        else [{methods}][1 + (noise // 8) % {len(SALE_METHODS)}] end"""


def payments(profile: Profile, end: int) -> str:
    """Rows of shop.payments: what was paid, tried and paid back."""
    failed = int(profile["orders"]["failed_payment_first"] * 1000)
    without = int(profile["orders"]["refund_without_order"] * 1000)
    currencies = ", ".join(f"'{currency}'" for currency in CURRENCIES)
    common = (
        "document_number, document_id, customer_id, account, currency, noise, fate, refund, "
        "shipping, tip, gift_card, tax, holds_tax, tells_parts, is_in_instalments, "
        "is_paid_by_gift_card, bad"
    )
    returned = ", ".join(
        f"documents.{name}" if name in ("noise", "fate") else f"origins.{name}"
        for name in common.split(", ")
    )
    return f"""
        with money as (
            select {common}, 0 as turn, 'payment' as payment_type,
                case when bad = {PAYMENT} and noise % 2 = 0 then (net + {BESIDE}) * 6 // 10
                    else net + {BESIDE} end as amount,
                {PAID} as paid, is_orphan_payment as is_orphan,
                -1 as product, 'succeeded' as state
            from documents
            where channel = {SHOP} and is_paid and net > 0 and kind <> {RETURN}
            union all
            select {common}, 1, 'payment', net + {BESIDE},
                moment + 20 + noise % 30, false, -1, 'failed'
            from documents
            where channel = {SHOP} and kind = {SALE} and net > 0
                and (
                    (is_paid and (noise // 64) % 1000 < {failed})
                    or (fate = {UNPAID} and noise % 3 = 0)
                )
            union all
            select {common}, 2, 'refund',
                refund + case when fate = {PARTLY} then 0 else {BESIDE} end, settled, false,
                case when fate = {PARTLY} then refund_product else -1 end, 'succeeded'
            from documents
            where channel = {SHOP} and refund > 0
            union all
            -- The cash side of goods that came back, where the shop books both.
            select {returned}, 3, 'refund',
                -documents.net, documents.moment + 60, false, -1, 'succeeded'
            from documents
            inner join documents as origins on documents.parent = origins.document
            where documents.channel = {SHOP} and documents.kind = {RETURN} and documents.net < 0
                and documents.names_parent and documents.noise % 5 < 2
        ),
        named as (
            select
                *,
                turn = 2 and account >= 0 and (noise // 32) % 1000 < {without} as is_nameless
            from money where paid < {end}
        )
        select
            'P' || lpad(cast(document_number * 4 + turn as varchar), 10, '0') as payment_id,
            case when is_nameless then null
                when is_orphan then 'S9' || substr(document_id, 3) || 'X' else document_id end
                as order_id,
            customer_id,
            case when (turn = 2 and noise % 10 = 0) or (turn = 0 and noise % 7 = 0) then null
                else payment_type end as payment_type,
            case when state = 'failed' then ['failed', '失败'][1 + noise % 2]
                else ['succeeded', '成功', null][1 + noise % 3] end as status,
            case when bad = {PAYMENT} and noise % 2 = 1 then 'prepaid_card' else {_method()} end
                as method,
            case when noise % 9 = 0 then null
                else [{currencies}][currency + 1] end as currency,
            money_text(case when turn = 2 and noise % 10 = 0 then -amount else amount end)
                as amount,
            {_parts("turn = 2")},
            case when is_in_instalments and turn = 0 then '3' end as installments_count,
            moment_text(paid) as paid_at,
            case when is_nameless and named.product >= 0 then product_id end as product_id,
            case when is_nameless and named.product >= 0 then '1' end as quantity,
            moment_text(paid) as updated_at, paid as _written,
            document_number * 4 + turn as _order,
            case when is_orphan then 'orphan_payment' end as _dirt
        from named left join products on named.product = products.product
    """


def fees(end: int) -> str:
    """Rows of marketplace.fees."""
    where = f"channel = {MARKETPLACE} and is_paid and net > 0"
    return f"""
        with charges as (
            select document_number, document_id, 0 as turn, 'payment' as fee_type,
                net * 6 // 1000 as amount, moment + 300 as charged
            from documents where {where}
            union all
            select document_number, document_id, 1, 'commission', net * 5 // 100, settled
            from documents where {where} and fate not in ({CANCELLED_PAID})
            union all
            select document_number, document_id, 2, 'commission', -(refund * 5 // 100), settled + 60
            from documents where {where} and fate in ({REFUNDED}, {PARTLY})
            union all
            select document_number, document_id, 3, 'advertising', 200 + noise % 800, moment + 600
            from documents where {where} and noise % 20 = 0
        )
        select
            'F' || lpad(cast(document_number * 4 + turn as varchar), 10, '0') as fee_id,
            document_id as order_id, fee_type,
            case when document_number % 3 > 0 then 'CNY' end as currency,
            money_text(amount) as amount, moment_text(charged) as charged_at,
            moment_text(charged) as updated_at, charged as _written,
            document_number * 4 + turn as _order, cast(null as text) as _dirt
        from charges where charged < {end} and amount <> 0
    """


def truth_orders() -> str:
    """The person behind each order, also of guests, and what became of it."""
    fates = (
        "['done', 'unpaid', 'cancelled', 'cancelled_after_payment', 'refunded', 'partly_refunded', "
        "'returned', 'exchanged'][documents.fate + 1]"
    )
    return f"""
        select
            ['shop', 'pos', 'marketplace'][documents.channel + 1] as system,
            documents.document_id as native_order_id, documents.person_number as person_id,
            documents.true_customer_id as native_customer_id,
            ['sale', 'return', 'exchange'][documents.kind + 1] as document_kind,
            origins.document_id as original_native_order_id, {fates} as fate, documents.is_test,
            documents.is_service, money_text(documents.net) as net_amount,
            money_text(documents.shipping) as shipping_amount,
            money_text(documents.tax) as tax_amount,
            documents.holds_tax and documents.tax > 0 as prices_include_tax,
            money_text(documents.tip) as tip_amount,
            money_text(documents.gift_card) as gift_card_amount
        from documents {PARENT}
        order by documents.document_number
    """


def truth_unknown_customers() -> str:
    """The ids that orders name and no table holds."""
    return """
        select 'shop' as system, customer_id as native_id, person_number as person_id,
            0 as account_number, false as is_delivered, 'unknown_customer' as dirt
        from documents where is_unknown_customer order by native_id
    """


def register_visits(
    con: duckdb.DuckDBPyConnection,
    visits: Frame,
    events: Frame,
    accounts: Accounts,
    first_event: int,
) -> None:
    """Make the tables of a chunk's visits and events; events in the order they were received."""
    con.register("visits_in", {"visit": np.arange(len(visits["person"])), **visits})
    con.execute("create or replace temp table visits as select * from visits_in")
    con.unregister("visits_in")
    size = len(events["visit"])
    ordered = take(events, np.argsort(events["moment"] + events["delay"], kind="stable"))
    account = ordered["account"]
    con.register("events", {
        "event_number": first_event + np.arange(size), **ordered,
        "account_number": np.where(account >= 0, accounts.number[account], -1),
    })  # fmt: skip


def app_events(end: int) -> str:
    """Rows of app.events, in order and without a join: there are many."""
    types = ", ".join(f"'{name}'" for name in EVENT_TYPES)
    searches = ", ".join(sql_text(text) for text in SEARCHES)
    pages = ", ".join(f"'{page}'" for page in PAGES)
    return f"""
        select
            'E' || lpad(cast(event_number as varchar), 10, '0') as event_id,
            'D' || lpad(cast(device as varchar), 8, '0') as device_id,
            case when account_number >= 0
                then '{PREFIXES[SHOP]}' || lpad(cast(account_number as varchar), 8, '0')
            end as customer_id,
            [{types}][kind + 1] as event_type,
            utc_text(moment) as occurred_at,
            case when kind in (0, 2) then [{pages}][1 + noise % {len(PAGES)}] end as page,
            case when kind <> {SEARCH} and product >= 0
                then 'P' || lpad(cast(product + 1 as varchar), 4, '0') end as product_id,
            case when kind = {SEARCH} then [{searches}][1 + noise % {len(SEARCHES)}] end
                as search_text,
            case when kind = {SEARCH} then case
                -- what the company does not sell is searched for in vain
                when noise % {len(SEARCHES)} in ({NOT_SOLD}) and noise // 64 % 10 < 8 then '0'
                when noise // 64 % 25 = 0 then '0'
                else cast(1 + noise // 64 % 40 as varchar)
            end end as results_count,
            case when referrer >= 0 then {channel_words()}[1 + referrer] end as referrer,
            case when campaign >= 0 then {campaign_id("campaign")} end as campaign_id,
            utc_text(least(moment + delay, {end - 1})) as received_at,
            least(moment + delay, {end - 1}) as _written,
            cast(null as text) as _dirt
        from events
    """


def app_devices() -> str:
    """Rows of app.devices: those that were seen."""

    def of(place: int) -> str:
        texts = ", ".join(sql_text(model[place]) for model in MODELS)
        return f"nullif([{texts}][1 + (device * 2654435761 // 65536) % {len(MODELS)}], '')"

    return f"""
        select
            'D' || lpad(cast(device as varchar), 8, '0') as device_id, {of(3)} as brand,
            {of(0)} as device_model, {of(4)} as price_class, {of(1)} as operating_system,
            {of(2)} as app_version,
            -- an address for each home
            '10.' || cast(min(home) % 256 as varchar) || '.'
                || cast(min(home) // 256 % 256 as varchar) || '.'
                || cast(1 + min(home) // 65536 % 254 as varchar) as last_ip,
            case when max(abuse) in ({COUPON_ABUSER}, {ORDER_BRUSHER}) and device % 5 < 2
                then 'true' else 'false' end as is_emulator,
            utc_text(min(moment)) as first_seen_at, utc_text(min(moment)) as updated_at,
            min(moment) as _written, device as _order, cast(null as text) as _dirt
        from (
            select events.device, events.moment, people.home, people.abuse
            from events
            inner join visits using (visit)
            inner join people on visits.person = people.person
        )
        group by device
    """


def truth_visits() -> str:
    """The person behind each visit, with the account that it shows at some time."""
    return """
        select
            'D' || lpad(cast(visits.device as varchar), 8, '0') as device_id,
            people.number as person_id, accounts.native_id as native_customer_id,
            utc_text(min(events.moment)) as first_event_at,
            utc_text(max(events.moment)) as last_event_at, count(*) as event_count,
            sum(cast(events.account >= 0 as integer)) as logged_in_event_count
        from events
        inner join visits using (visit)
        inner join people on visits.person = people.person
        left join accounts on visits.account = accounts.account
        group by visits.visit, visits.device, people.number, accounts.native_id
        order by first_event_at, device_id, visits.visit
    """


def reference_rows(
    con: duckdb.DuckDBPyConnection, catalogue: Catalogue, calendar: Calendar
) -> dict[tuple[str, str], str]:
    """Make the tables that all people share, and return their rows."""
    size = len(catalogue.names)
    con.register("products_in", {
        "product": np.arange(size), "product_id": np.array(catalogue.product_ids()),
        "product_name": np.array(catalogue.names), "product_type": np.array(catalogue.kinds),
        "category": np.array(catalogue.categories),
        "subcategory": np.array(catalogue.subcategories),
        "detail": np.array(catalogue.details), "audience": np.array(catalogue.audiences),
        "brand": np.array(catalogue.brands),
        "list_price": catalogue.price[:, 0],
    })  # fmt: skip
    con.execute("create table products as select * from products_in")
    con.unregister("products_in")
    con.register("coupons_in", {
        name: np.array([coupon[name] for coupon in catalogue.coupons])
        for name in catalogue.coupons[0]
    })  # fmt: skip
    con.execute("create table coupons as select * from coupons_in")
    con.unregister("coupons_in")
    names = ("rate_date", "from_currency", "rate")
    con.register("rates_in", {
        name: np.array([row[place] for row in catalogue.rates]) for place, name in enumerate(names)
    })  # fmt: skip
    con.execute("create table rates as select * from rates_in")
    con.unregister("rates_in")
    start = f"date '{calendar.first_day}'"
    base = -DAY
    no_dirt = "cast(null as text) as _dirt"
    return {
        ("shop", "products"): f"""
            select
                product_id, product_name, product_type, category, subcategory,
                nullif(detail, '') as category_level_3, nullif(brand, '') as brand,
                nullif(audience, '') as audience, money_text(list_price) as list_price,
                money_text(list_price * (45 + product * 7 % 25) // 100) as unit_cost,
                'CNY' as currency,
                cast({start} - cast(30 + product * 37 % 900 as integer) as varchar) as launched_at,
                moment_text({base}) as updated_at, {base} as _written, product as _order, {no_dirt}
            from products
        """,
        ("shop", "coupons"): f"""
            select
                coupon_code, coupon_name, coupon_type, nullif(discount_pct, '') as discount_pct,
                nullif(discount_amount, '') as discount_amount,
                nullif(minimum_amount, '') as minimum_amount, 'CNY' as currency, valid_from,
                valid_to, moment_text({base}) as updated_at, {base} as _written,
                coupon_code as _order, {no_dirt}
            from coupons
        """,
        ("pos", "stores"): f"""
            select
                'ST' || lpad(cast(store.id + 1 as varchar), 3, '0') as store_id,
                place.city || ' ' || cast(store.id + 1 as varchar) as store_name, place.country,
                place.region, place.city,
                cast({start} - cast(400 + store.id * 61 % 2000 as integer) as varchar) as opened_at,
                moment_text({base}) as updated_at, {base} as _written, store.id as _order, {no_dirt}
            from store_numbers as store inner join places as place on store.place = place.id
        """,
        ("ops", "fx_rates"): f"""
            select
                rate_date, from_currency, 'CNY' as to_currency, rate,
                greatest(date_diff('day', {start}, cast(rate_date as date)), -1) * {DAY}
                    as _written,
                rate_date || from_currency as _order, {no_dirt}
            from rates
        """,
    }
