"""The purchases: who buys when, where and what, and what becomes of it.

Amounts are in hundredths of the order's currency. A *document* is an order, a receipt, or one that
takes goods back; a document that follows another one names it by position in `parent`.
"""

import numpy as np

from portrait.generator.accounts import MARKETPLACE, POS, SHOP, Accounts
from portrait.generator.bad_orders import plant_bad_orders
from portrait.generator.calendar import DAY, Calendar, hours_of
from portrait.generator.catalogue import CURRENCIES, Catalogue
from portrait.generator.facts import FOR_ALL, FOR_MEN, FOR_WOMEN
from portrait.generator.people import HONEST, RESELLER, TEST, People
from portrait.generator.profile import Profile
from portrait.generator.random_streams import (
    Flags,
    Floats,
    Ints,
    alternatives,
    places_within,
    stream,
)
from portrait.generator.vocabulary import Vocabulary

Frame = dict[str, np.ndarray]
HOUR = 3600
MOST_ORDERS = 400
# What becomes of an order.
DONE, UNPAID, CANCELLED, CANCELLED_PAID, REFUNDED, PARTLY, RETURNED, EXCHANGED = range(8)
FATES = (
    "unpaid", "cancelled", "cancelled_after_payment", "refunded", "partly_refunded", "returned",
    "exchanged",
)  # fmt: skip
SALE, RETURN, EXCHANGE = 0, 1, 2


def take(frame: Frame, rows: np.ndarray) -> Frame:
    """Some rows of a frame."""
    return {name: column[rows] for name, column in frame.items()}


def joined(frames: list[Frame]) -> Frame:
    """The rows of several frames of the same columns."""
    return {name: np.concatenate([frame[name] for frame in frames]) for name in frames[0]}


def activity_counts(dice: np.random.Generator, weights: Floats, wanted: float, most: int) -> Ints:
    """Draw how often each does something, with the wanted mean over all."""
    total = weights.sum()
    scale = wanted * len(weights) / total if total > 0 else 0.0
    return dice.poisson(np.minimum(weights * scale, most)).astype(np.int64)


def activity_moments(
    dice: np.random.Generator, people: People, calendar: Calendar, counts: Ints
) -> tuple[Ints, Ints]:
    """Draw the moments of what each does so often while a customer: (person, moment)."""
    person = np.repeat(np.arange(len(people)), counts)
    drawn = dice.random(len(person))
    # People with a rhythm act at even intervals, with some scatter.
    even = (places_within(counts) + 0.5 + 0.5 * (drawn - 0.5)) / counts[person]
    share = np.where(people.is_regular[person], even, drawn)
    begins, ends = _span(people, calendar)
    position = calendar.position(begins)[person]
    position += share * (calendar.position(ends)[person] - position)
    hours = hours_of(dice, people.hours[person])
    moment = calendar.moments_at(position, people.loves_promotions[person], hours)
    soon = begins[person] + (dice.random(len(person)) * 2 * DAY).astype(np.int64)
    moment = np.where(moment < begins[person], soon, moment)
    return person, np.minimum(moment, calendar.end - 1)


def exposure(people: People, calendar: Calendar) -> Floats:
    """The share of the period's buying that falls into each person's time as a customer."""
    begins, ends = _span(people, calendar)
    return np.maximum(calendar.position(ends) - calendar.position(begins), 0.0)


def _span(people: People, calendar: Calendar) -> tuple[Ints, Ints]:
    begins = np.maximum(people.joined, 0)
    return begins, np.clip(people.lost, begins, calendar.end)


def make_purchases(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    calendar: Calendar,
    catalogue: Catalogue,
    profile: Profile,
    words: Vocabulary,
    shopping_gender: Ints,
    extra: Frame | None = None,
) -> tuple[Frame, Frame]:
    """Draw the documents and their lines, in the order of time.

    `extra` holds all orders of those who take advantage (abusers.py) and those that campaigns cause
    (campaigns.py), with their fate and coupon.
    """
    dice = stream(seed, chunk, "purchases")
    wanted = profile["size"]["orders_per_person"]
    # What is taken back later makes separate documents.
    with_back = 1 + profile["orders"]["returned"] + profile["orders"]["exchanged"]
    counts = activity_counts(
        dice, people.rate * exposure(people, calendar), wanted / with_back, MOST_ORDERS
    )
    person, moment = activity_moments(dice, people, calendar, counts)
    sales = _sales(dice, person, moment, people, accounts, catalogue, profile, words)
    sales["contact"] = np.full(len(person), -1, dtype=np.int64)
    if extra is not None:
        honest = np.flatnonzero(people.abuse[sales["person"]] == HONEST)
        sales = joined([take(sales, honest), {name: extra[name] for name in sales}])
    lines = _lines(dice, sales, people, calendar, catalogue, profile)
    if profile["behavior"]["suits_shopping_gender"]:
        _suit(seed, chunk, sales, lines, shopping_gender, catalogue, profile)
    _settle(dice, sales, people, calendar, profile)
    if extra is not None:
        _settle_extra(sales, extra)
    plant_bad_orders(seed, chunk, sales, lines, people, catalogue, profile)
    following, back = _following(dice, sales, lines, calendar, catalogue, profile)
    documents, lines = _in_order_of_time(joined([sales, following]), joined([lines, back]))
    _price(documents, lines, calendar, catalogue)
    _make_refunds_amounts(documents, lines)
    return documents, lines


def _sales(
    dice: np.random.Generator,
    person: Ints,
    moment: Ints,
    people: People,
    accounts: Accounts,
    catalogue: Catalogue,
    profile: Profile,
    words: Vocabulary,
) -> Frame:
    """Where each purchase is made, under which account and in which currency."""
    size = len(person)
    account = np.full(size, -1, dtype=np.int64)
    # Each person leans to some channels; one without an account there buys as a guest.
    lean = dice.random((3, len(people))) ** 2 + 0.02
    is_member = accounts.first[:3] >= 0
    lean *= np.where(is_member, 1.0, np.array([[0.12], [0.3], [0.0]]))
    steps = np.cumsum(lean, axis=0) / lean.sum(axis=0)
    drawn = dice.random(size)
    channel = (drawn[None, :] >= steps[:, person]).sum(axis=0).clip(0, 2)
    for system in (SHOP, POS, MARKETPLACE):
        first, second = accounts.first[system][person], accounts.second[system][person]
        uses_second = (second >= 0) & (dice.random(size) < 0.5)
        uses_second &= accounts.registered[second] <= moment
        chosen = np.where(uses_second, second, first)
        known = (chosen >= 0) & (accounts.registered[chosen] <= moment)
        some = channel == system
        account[some] = np.where(known, chosen, -1)[some]
    # The platform sells to its own buyers only.
    channel = np.where((channel == MARKETPLACE) & (account < 0), POS, channel)
    shares = profile["orders"]
    forgets = np.choose(channel, [shares["guest"], shares["till_without_card"], 0.0])
    account = np.where(dice.random(size) < forgets, -1, account)
    currency_of_place = np.array([CURRENCIES.index(place.currency) for place in words.places])
    # Nearly everyone goes to one store, in their own country if there is one.
    country_of_place = np.array([place.country for place in words.places])
    store = _stores(dice, people, catalogue, country_of_place)[person]
    elsewhere = dice.integers(0, len(catalogue.store_place), size)
    store = np.where(dice.random(size) < 0.1, elsewhere, store)
    currency = np.choose(
        channel,
        [
            currency_of_place[people.place[person]],
            currency_of_place[catalogue.store_place[store]],
            np.zeros(size, dtype=np.int64),
        ],
    )
    return {
        "person": person,
        "moment": moment,
        "channel": channel,
        "account": account,
        "currency": currency,
        "store": np.where(channel == POS, store, -1),
        "kind": np.full(size, SALE, dtype=np.int64),
        "parent": np.full(size, -1, dtype=np.int64),
        "noise": dice.integers(0, 1 << 30, size),
    }


def _stores(
    dice: np.random.Generator, people: People, catalogue: Catalogue, country: np.ndarray
) -> Ints:
    own = np.zeros(len(people), dtype=np.int64)
    store_country = country[catalogue.store_place]
    person_country = country[people.place]
    for name in np.unique(person_country):
        there = np.flatnonzero(store_country == name)
        some = np.flatnonzero(person_country == name)
        options = there if len(there) else np.arange(len(store_country))
        own[some] = dice.choice(options, len(some))
    return own


def _lines(
    dice: np.random.Generator,
    sales: Frame,
    people: People,
    calendar: Calendar,
    catalogue: Catalogue,
    profile: Profile,
) -> Frame:
    """What is on each purchase: the customer's tastes, the season and the rest."""
    counts = 1 + np.minimum(dice.poisson(0.9, len(sales["person"])), 7).astype(np.int64)
    document = np.repeat(np.arange(len(counts)), counts)
    person = sales["person"][document]
    size = len(document)
    month = calendar.months[sales["moment"][document] // DAY]
    product = _popular(dice, catalogue.weight, size)
    why = dice.random(size)
    by_taste = np.where(why < 0.5, people.taste[person], people.second_taste[person])
    category = np.where(why < 0.7, by_taste, -1)
    brand = np.where(dice.random(size) < 0.7, people.brand[person], -1)
    for number in range(len(catalogue.category_names)):
        goods = catalogue.of_category(number)
        some = np.flatnonzero(category == number)
        product[some] = goods[_popular(dice, catalogue.weight[goods], len(some))]
        for name in range(int(catalogue.brand.max()) + 1):
            own = goods[catalogue.brand[goods] == name]
            loyal = some[brand[some] == name]
            if len(own) and len(loyal):
                product[loyal] = own[_popular(dice, catalogue.weight[own], len(loyal))]
    for number in range(1, 13):
        goods = np.flatnonzero(catalogue.peak_month == number)
        some = np.flatnonzero((why >= 0.7) & (why < 0.82) & (month == number))
        if len(goods) and len(some):
            product[some] = goods[_popular(dice, catalogue.weight[goods], len(some))]
    # A repair in the store, and the postage of small orders of the shop.
    repair, postage = len(catalogue.names) - 2, len(catalogue.names) - 1
    extra = dice.random(size)
    channel = sales["channel"][document]
    last = np.append(document[1:] != document[:-1], True) & (counts[document] > 1)
    product = np.where(last & (channel == POS) & (extra < 0.03), repair, product)
    product = np.where(last & (channel == SHOP) & (extra < 0.12), postage, product)
    quantity = np.minimum(dice.geometric(0.75, size), 9).astype(np.int64)
    bulk = people.kind[person] == RESELLER
    quantity = np.where(bulk, quantity * dice.integers(5, 30, size), quantity)
    quantity = np.where(product >= repair, 1, quantity)
    has_discount = (dice.random(size) < profile["orders"]["line_discount"]) & (product < repair)
    percent = np.where(has_discount, dice.choice([5, 10, 20, 30], size), 0)
    return {
        "document": document,
        "product": product,
        "quantity": quantity,
        "percent": percent,
        "noise": dice.integers(0, 1 << 30, size),
    }


def _popular(dice: np.random.Generator, weights: Floats, size: int) -> Ints:
    steps = np.cumsum(weights)
    return np.searchsorted(steps, dice.random(size) * steps[-1], side="right").astype(np.int64)


def _settle(
    dice: np.random.Generator, sales: Frame, people: People, calendar: Calendar, profile: Profile
) -> None:
    """What becomes of each purchase and when, and whether a coupon is used."""
    shares = profile["orders"]
    size = len(sales["person"])
    fate = alternatives(dice, [shares[name] for name in FATES], size)
    is_till = sales["channel"] == POS
    is_market = sales["channel"] == MARKETPLACE
    # Tills know neither open nor refunded receipts: goods come back on a receipt.
    fate = np.where(is_till & np.isin(fate, [UNPAID, CANCELLED_PAID]), DONE, fate)
    # A till voids a receipt while the customer is there, which is rare.
    keeps = is_till & (fate == CANCELLED) & (dice.random(size) < 0.7)
    fate = np.where(keeps, DONE, fate)
    fate = np.where(is_till & np.isin(fate, [REFUNDED, PARTLY]), RETURNED, fate)
    fate = np.where(is_market & np.isin(fate, [RETURNED, EXCHANGED]), REFUNDED, fate)
    # Testers cancel what they order.
    fate = np.where(people.kind[sales["person"]] == TEST, CANCELLED, fate)
    soon = HOUR + (dice.random(size) * 40 * HOUR).astype(np.int64)
    later = 3 * DAY + (dice.random(size) * 18 * DAY).astype(np.int64)
    minutes = 60 + (dice.random(size) * 600).astype(np.int64)
    quick = np.isin(fate, [CANCELLED, CANCELLED_PAID])
    at_till = np.where(quick, minutes, 0)
    wait = np.where(quick, soon, later)
    wait = np.where(is_till, np.where(np.isin(fate, [RETURNED, EXCHANGED]), later, at_till), wait)
    settled = sales["moment"] + wait
    # A receipt is voided at once or not at all; what would end after the period is still open.
    fate = np.where(is_till & (settled >= calendar.end), DONE, fate)
    sales["fate"] = fate
    sales["settled"] = settled
    eager = np.where(people.loves_promotions[sales["person"]], 3.0, 1.0)
    sales["coupon"] = np.where(
        dice.random(size) < shares["coupon"] * eager, dice.integers(0, 997, size), -1
    )


def _suit(
    seed: int,
    chunk: int,
    sales: Frame,
    lines: Frame,
    shopping_gender: Ints,
    catalogue: Catalogue,
    profile: Profile,
) -> None:
    """Let most articles for the other gender be ones of the same category for the buyer's."""
    dice = stream(seed, chunk, "suits")
    size = len(lines["product"])
    audience = catalogue.audience[lines["product"]]
    wanted = shopping_gender[sales["person"][lines["document"]]]
    wrong = (wanted < FOR_ALL) & (audience == 1 - wanted)
    wrong &= dice.random(size) < profile["behavior"]["suits_shopping_gender"]
    category = catalogue.category[lines["product"]]
    for gender in (FOR_WOMEN, FOR_MEN):
        for number in range(len(catalogue.category_names)):
            goods = catalogue.of_category(number)
            suits = goods[catalogue.audience[goods] == gender]
            suits = suits if len(suits) else goods[catalogue.audience[goods] != 1 - gender]
            some = np.flatnonzero(wrong & (wanted == gender) & (category == number))
            if len(suits) and len(some):
                lines["product"][some] = suits[_popular(dice, catalogue.weight[suits], len(some))]


def _settle_extra(sales: Frame, extra: Frame) -> None:
    """Put what becomes of the orders added, the last ones, in place of what was drawn."""
    some = slice(len(sales["person"]) - len(extra["person"]), None)
    sales["fate"][some] = extra["fate"]
    sales["coupon"][some] = extra["coupon"]
    quick = np.isin(extra["fate"], [CANCELLED, CANCELLED_PAID])
    wait = np.where(quick, HOUR, 3 * DAY) + extra["noise"] % np.where(quick, 5 * HOUR, 18 * DAY)
    at_till = sales["channel"][some] == POS
    sales["settled"][some] = extra["moment"] + np.where(at_till, 0, wait)


def _following(
    dice: np.random.Generator,
    sales: Frame,
    lines: Frame,
    calendar: Calendar,
    catalogue: Catalogue,
    profile: Profile,
) -> tuple[Frame, Frame]:
    """The documents that take goods back, with their lines: the first line of the purchase."""
    some = np.flatnonzero(
        np.isin(sales["fate"], [RETURNED, EXCHANGED]) & (sales["settled"] < calendar.end)
    )
    documents = take(sales, some)
    exchanged = documents["fate"] == EXCHANGED
    documents["parent"] = some
    documents["contact"] = np.full(len(some), -1)
    documents["kind"] = np.where(exchanged, EXCHANGE, RETURN)
    documents["moment"] = documents["settled"]
    documents["fate"] = np.full(len(some), DONE)
    documents["coupon"] = np.full(len(some), -1)
    documents["settled"] = documents["moment"] + 2 * HOUR
    documents["noise"] = dice.integers(0, 1 << 30, len(some))
    without = dice.random(len(some)) < profile["orders"]["return_without_reference"]
    # A guest's return is taken with the receipt only.
    documents["names_parent"] = ~without | (documents["account"] < 0)
    sales["names_parent"] = np.zeros(len(sales["person"]), dtype=bool)
    first = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))
    number = len(sales["person"]) + np.arange(len(some))
    back = take(lines, first[some] if len(some) else some)
    part = dice.random(len(some)) < 0.4
    back["document"] = number
    back["quantity"] = -np.where(part, np.maximum(back["quantity"] // 2, 1), back["quantity"])
    swap = np.flatnonzero(exchanged)
    out = take(back, swap)
    out["product"] = _popular(dice, catalogue.weight, len(swap))
    out["quantity"] = -out["quantity"]
    out["percent"] = np.zeros(len(swap), dtype=np.int64)
    return documents, joined([back, out])


def _in_order_of_time(documents: Frame, lines: Frame) -> tuple[Frame, Frame]:
    order = np.lexsort((documents["person"], documents["kind"], documents["moment"]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    documents = take(documents, order)
    parent = documents["parent"]
    documents["parent"] = np.where(parent >= 0, place[parent], -1)
    lines["document"] = place[lines["document"]]
    lines = take(lines, np.argsort(lines["document"], kind="stable"))
    counts = np.bincount(lines["document"], minlength=len(order))
    lines["line"] = places_within(counts) + 1
    return documents, lines


def _price(documents: Frame, lines: Frame, calendar: Calendar, catalogue: Catalogue) -> None:
    """Amounts of lines and documents; what a coupon takes off is on the document only."""
    size = len(documents["person"])
    document = lines["document"]
    lines["price"] = catalogue.price[lines["product"], documents["currency"][document]]
    gross = lines["quantity"] * lines["price"]
    lines["discount"] = np.sign(gross) * (np.abs(gross) * lines["percent"] // 100)
    documents["gross"] = _sums(document, gross, size)
    documents["line_discount"] = _sums(document, lines["discount"], size)
    day = documents["moment"] // DAY
    chosen = documents["coupon"] % len(catalogue.coupons)
    goods = documents["gross"] - documents["line_discount"]
    is_percent = catalogue.coupon_percent[chosen] > 0
    valid = (documents["coupon"] >= 0) & (documents["kind"] == SALE)
    valid &= (catalogue.coupon_from[chosen] <= day) & (day <= catalogue.coupon_to[chosen])
    valid &= goods >= catalogue.coupon_minimum[chosen]
    valid &= is_percent | (documents["currency"] == 0)
    documents["coupon"] = np.where(valid, chosen, -1)
    off = np.where(
        is_percent, goods * catalogue.coupon_percent[chosen] // 100, catalogue.coupon_amount[chosen]
    )
    documents["off"] = np.where(valid, np.minimum(off, goods), 0)
    documents["net"] = goods - documents["off"]


def _sums(group: Ints, values: Ints, size: int) -> Ints:
    # Sums of hundredths stay far below 2^53, so that a floating sum is exact.
    return np.rint(np.bincount(group, values, size)).astype(np.int64)


def _make_refunds_amounts(documents: Frame, lines: Frame) -> None:
    """What is paid back of each document, with the product and units of a part."""
    size = len(documents["person"])
    first = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))
    line = take(lines, first[:size])
    worth = line["quantity"] * line["price"] - line["discount"]
    one = np.maximum(worth // np.maximum(np.abs(line["quantity"]), 1), 0)
    fate = documents["fate"]
    documents["refund"] = np.select(
        [np.isin(fate, [REFUNDED, CANCELLED_PAID]), fate == PARTLY],
        [documents["net"], np.minimum(one, documents["net"])],
        0,
    )
    documents["refund_product"] = np.where(fate == PARTLY, line["product"], -1)


def is_paid(documents: Frame) -> Flags:
    """Whether money was paid for the document."""
    return ~np.isin(documents["fate"], [UNPAID, CANCELLED])
