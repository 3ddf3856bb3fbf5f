"""What orders cost the company, and the log of their states and parcels."""

from portrait.generator.accounts import MARKETPLACE, POS, SHOP
from portrait.generator.bad_orders import ADDRESS, DELIVERED, PAID, SHIPPED
from portrait.generator.catalogue import CURRENCIES
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    CANCELLED,
    CANCELLED_PAID,
    EXCHANGED,
    PARTLY,
    REFUNDED,
    RETURNED,
    SALE,
    UNPAID,
)
from portrait.generator.record_texts import DISTRICTS
from portrait.sql import sql_text

HOUR = 3600
NOT_SHIPPED = f"({UNPAID}, {CANCELLED}, {CANCELLED_PAID})"
CARRIERS = ("顺丰", "中通", "DHL", "SF Express")
# The steps of an order in their order: name, words, who does it, when, and for which orders.
STEPS = (
    ("placed", ("已下单", "placed"), "customer", "moment", "true"),
    ("paid", ("已付款", "payment received"), "customer", "paid", "is_paid and net > 0"),
    ("approved", ("已审核", "approved"), "shop", "paid + 1800 + noise % 7200", "is_paid"),
    ("packed", ("已打包", "packed"), "shop", "shipped - 2 * 3600", "is_sent"),
    ("shipped", ("已发货", "shipped"), "shop", "shipped", "is_sent"),
    ("in_transit", ("运输中", "in transit"), "carrier", "(shipped + delivered) // 2", "is_sent"),
    ("out_for_delivery", ("派送中", "out for delivery"), "carrier", "delivered - 3600", "is_sent"),
    ("delivered", ("已签收", "delivered"), "carrier", "delivered", "is_sent"),
    ("completed", ("已完成", "completed"), "shop", "settled", "is_sent and fate = 0"),
    ("cancelled", ("已取消", "cancelled"), "customer", "settled", f"fate in {NOT_SHIPPED}"),
    ("returned", ("已退货", "returned"), "customer", "settled",
     f"fate in ({RETURNED}, {EXCHANGED})"),
    ("refunded", ("已退款", "refunded"), "shop", "settled",
     f"fate in ({REFUNDED}, {PARTLY}, {CANCELLED_PAID})"),
)  # fmt: skip
# Steps that somebody forgets to note.
FORGOTTEN = ("approved", "packed", "in_transit", "out_for_delivery", "delivered")


def _chosen(salt: int, share: float, of: str = "document_number") -> str:
    """Whether something is among a share: by its number, without a draw."""
    return f"hash({of} * 64 + {salt}) % 1000 < {int(share * 1000)}"


def delivery(profile: Profile) -> str:
    """The columns of the address of delivery, of documents with their house and `street`."""
    told = f"channel <> {POS} and kind = {SALE} and " + _chosen(
        1, profile["order_logs"]["delivery_address"]
    )
    districts = ", ".join(f"'{name}'" for name in DISTRICTS)
    columns = {
        "country": "country",
        "region": f"case when {AWAY} then new_region else region end",
        "city": f"case when {AWAY} then new_city else city end",
        "address": f"""case
            when country = 'CN' then [{districts}][1 + house % {len(DISTRICTS)}] || street.text
                || cast(1 + house % 299 as varchar) || '号'
                || cast(1 + (house // 512) % 30 as varchar) || '楼'
                || cast(101 + (house // 64) % 900 as varchar) || '室'
            when country = 'DE' then street.text || ' ' || cast(1 + house % 199 as varchar)
            else cast(1 + house % 299 as varchar) || ' ' || street.text
        end""",
        "postcode": f"case when {AWAY} then new_postcode else postcode end",
    }
    return ", ".join(
        f"case when {told} then {text} end as delivery_{name}" for name, text in columns.items()
    )


def service(profile: Profile) -> str:
    """Whether an order of the shop is for a service, such as a repair."""
    return f"channel = {SHOP} and kind = {SALE} and net > 0 and " + _chosen(
        7, profile["order_logs"]["service"]
    )


# A strange address is in the place to which the person might move, at a house of nobody.
AWAY = f"(moment >= moved or bad = {ADDRESS})"
HOUSE = f"""people.home + case
    when bad = {ADDRESS} then 104729 + document_number % 997
    when moment >= people.moved then 7919 else 0 end"""
HOME = (
    "people.country, people.region, people.city, people.postcode, people.new_region, "
    "people.new_city, people.new_postcode, people.first_street, people.street_count, people.moved"
)
TOLD = (
    "delivery_country", "delivery_region", "delivery_city", "delivery_address", "delivery_postcode",
)  # fmt: skip


def _steps(profile: Profile) -> str:
    """All steps of the logged orders of the shop, forgotten ones too, with their moments."""
    logged = _chosen(2, profile["order_logs"]["logged"])
    forgotten = "[" + ", ".join(sql_text(name) for name in FORGOTTEN) + "]"
    missing = _chosen(3, profile["order_logs"]["missing_step"], "(document_number * 16 + step)")
    parts = " union all ".join(
        f"""
        select
            *, {number} as step, '{name}' as step_name,
            ['{words[0]}', '{words[1]}'][1 + noise % 2] as word, '{actor}' as actor,
            {moment} as happened
        from logged where {condition}
        """
        for number, (name, words, actor, moment, condition) in enumerate(STEPS)
    )
    # Before it is settled, a parcel has come; a day is enough where little time is left.
    return f"""
        with logged as (
            select
                document_id, document_number, noise, fate, is_paid, net, bad, moment, settled,
                delivery_city, {PAID} as paid,
                least({SHIPPED}, settled - 30 * {HOUR}) as shipped,
                least({DELIVERED}, settled - 2 * {HOUR}) as delivered,
                fate not in {NOT_SHIPPED} as is_sent
            from documents
            where channel = {SHOP} and kind = {SALE} and not is_test and {logged}
        ),
        steps as ({parts})
        select
            *, list_contains({forgotten}, step_name) and {missing} as is_forgotten
        from steps
    """


def order_events(profile: Profile, end: int) -> str:
    """Rows of shop.order_events."""
    carriers = ", ".join(f"'{carrier}'" for carrier in CARRIERS)
    shares = profile["order_logs"]
    orphan = _chosen(4, shares["orphan"], "(document_number * 16 + step)")
    return f"""
        with steps as ({_steps(profile)})
        select
            'L' || lpad(cast(document_number * 16 + step as varchar), 11, '0') as order_event_id,
            case when {orphan} then 'S9' || substr(document_id, 3) || 'X' else document_id end
                as order_id,
            word as event, actor,
            case when step between 4 and 7
                then [{carriers}][1 + noise // 16 % {len(CARRIERS)}] end as carrier,
            case when step between 4 and 7
                then 'SF' || lpad(cast(document_number * 7919 % 9999999967 as varchar), 10, '0')
            end as tracking_number,
            case when step in (5, 6) then delivery_city end as place,
            case when step = 9 and noise % 3 = 0 then '不想要了' end as note,
            moment_text(happened) as occurred_at, moment_text(happened) as updated_at,
            happened as _written, document_number * 16 + step as _order,
            case when {orphan} then 'orphan_order_event' end as _dirt
        from steps where not is_forgotten and happened < {end}
    """


def truth_order_steps(profile: Profile, end: int) -> str:
    """When each step of a logged order really happened, also where nobody noted it."""
    return f"""
        with steps as ({_steps(profile)})
        select
            document_id as native_order_id, step_name, moment_text(happened) as happened_at,
            is_forgotten
        from steps where happened < {end} order by document_number, step
    """


def _costs(profile: Profile) -> str:
    """What orders cost, in hundredths, with the type of each cost."""
    told = _chosen(5, profile["order_logs"]["costs"])
    where = f"is_paid and net > 0 and kind = {SALE} and not is_test and {told}"
    parcel = f"channel <> {POS} and fate <> {CANCELLED_PAID}"
    parts = " union all ".join(
        f"select document_number, document_id, channel, noise, {turn} as turn, "
        f"'{cost_type}' as cost_type, {currency} as cost_currency, {amount} as amount, "
        f"{moment} as charged from documents where {where} and {condition}"
        for turn, cost_type, currency, amount, moment, condition in (
            (0, "shipping", 0, "800 + noise % 1200", SHIPPED, parcel),
            (1, "packaging", 0, "120 + noise % 4 * 60", SHIPPED, parcel),
            (2, "payment", "currency", "greatest(net * 6 // 1000, 1)", PAID,
             f"channel <> {MARKETPLACE}"),
            (3, "return", 0, "1000 + noise % 500", "settled",
             f"{parcel} and fate in ({REFUNDED}, {RETURNED}, {EXCHANGED})"),
        )
    )  # fmt: skip
    return parts


def order_costs(profile: Profile, end: int) -> str:
    """Rows of ops.order_costs."""
    currencies = ", ".join(f"'{currency}'" for currency in CURRENCIES)
    words = "case turn when 0 then ['运费', 'shipping'] when 1 then ['包装', 'packaging'] "
    words += "when 2 then ['支付手续费', 'payment fee'] else ['退货运费', 'return shipping'] end"
    orphan = _chosen(6, profile["order_logs"]["orphan"], "(document_number * 4 + turn)")
    return f"""
        select
            'K' || lpad(cast(document_number * 4 + turn as varchar), 10, '0') as cost_id,
            ['shop', 'pos', 'marketplace'][channel + 1] as system,
            case when {orphan} then 'X' || document_id else document_id end as order_id,
            ({words})[1 + noise // 8 % 2] as cost_type,
            [{currencies}][cost_currency + 1] as currency, money_text(amount) as amount,
            moment_text(charged) as charged_at, moment_text(charged) as updated_at,
            charged as _written, document_number * 4 + turn as _order,
            case when {orphan} then 'orphan_cost' end as _dirt
        from ({_costs(profile)}) where charged < {end}
    """


def truth_order_costs(profile: Profile, end: int) -> str:
    """What each order really cost by type; costs that name no order are left out."""
    currencies = ", ".join(f"'{currency}'" for currency in CURRENCIES)
    orphan = _chosen(6, profile["order_logs"]["orphan"], "(document_number * 4 + turn)")
    return f"""
        select
            ['shop', 'pos', 'marketplace'][channel + 1] as system, document_id as native_order_id,
            cost_type, [{currencies}][cost_currency + 1] as currency, money_text(amount) as amount
        from ({_costs(profile)})
        where charged < {end} and not {orphan} order by document_number, turn
    """
