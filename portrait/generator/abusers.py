"""People who take advantage of the shop: what they order, by which account, what becomes of it.

Their share is 0 by default; then nothing is drawn, and all other rows are the same.
"""

from dataclasses import replace

import numpy as np

from portrait.generator.accounts import SHOP, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.catalogue import CURRENCIES, Catalogue
from portrait.generator.people import (
    COUPON_ABUSER,
    HONEST,
    ORDER_BRUSHER,
    REFUND_ABUSER,
    People,
)
from portrait.generator.purchases import (
    CANCELLED,
    CANCELLED_PAID,
    DONE,
    REFUNDED,
    RETURNED,
    SALE,
    Frame,
)
from portrait.generator.random_streams import Floats, Ints, choose, stream
from portrait.generator.vocabulary import Vocabulary

# Goods come back some weeks after they were ordered: what is ordered later is still out.
LAST_DAYS = 30
# What becomes of their orders, with the share of each.
FATES: dict[int, tuple[list[int], list[float]]] = {
    COUPON_ABUSER: ([DONE], [1.0]),
    REFUND_ABUSER: ([REFUNDED, RETURNED, DONE], [0.55, 0.37, 0.08]),
    ORDER_BRUSHER: ([CANCELLED_PAID, REFUNDED, CANCELLED], [0.55, 0.3, 0.15]),
}
BURST_SECONDS = 75  # between two orders of a burst


def with_near_accounts(
    seed: int, chunk: int, people: People, accounts: Accounts, calendar: Calendar
) -> Accounts:
    """Let abusers of coupons open their accounts in the shop within days, early enough to order."""
    some = (people.abuse[accounts.person] == COUPON_ABUSER) & (accounts.system == SHOP)
    if not some.any():
        return accounts
    dice = stream(seed, chunk, "accounts of abusers")
    base = np.clip(people.joined[accounts.person], 0, calendar.end // 2)
    opened = base + accounts.ordinal * 2 * DAY + dice.integers(0, DAY, len(accounts))
    return replace(
        accounts,
        registered=np.where(some, opened, accounts.registered),
        is_delivered=accounts.is_delivered | some,
    )


def make_abuse(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    calendar: Calendar,
    catalogue: Catalogue,
    words: Vocabulary,
) -> Frame:
    """Draw the orders of the abusers of a chunk, in the columns of all sales.

    Beside them `fate` and `coupon` (-1: none) say what becomes of each.
    """
    dice = stream(seed, chunk, "orders of abusers")
    person, account, moment = [], [], []
    for one in np.flatnonzero(people.abuse != HONEST):
        own = np.flatnonzero((accounts.person == one) & (accounts.system == SHOP))
        chosen, moments = _moments(dice, int(people.abuse[one]), own, accounts, calendar)
        person.append(np.full(len(moments), one, dtype=np.int64))
        account.append(chosen)
        moment.append(moments)
    whose = np.concatenate(person)
    size = len(whose)
    kinds = people.abuse[whose]
    fate = np.full(size, DONE, dtype=np.int64)
    for kind, (fates, shares) in FATES.items():
        some = np.flatnonzero(kinds == kind)
        fate[some] = np.array(fates)[choose(dice, np.array(shares), len(some))]
    moments = np.concatenate(moment)
    currency = np.array([CURRENCIES.index(place.currency) for place in words.places])
    # The last coupon is valid always, two begin with every quarter.
    of_quarter = 2 * (moments // DAY // 91)
    coupon = np.where(dice.random(size) < 0.6, len(catalogue.coupons) - 1, of_quarter)
    return {
        "person": whose,
        "moment": moments,
        "channel": np.full(size, SHOP, dtype=np.int64),
        "account": np.concatenate(account),
        "currency": currency[people.place[whose]],
        "store": np.full(size, -1, dtype=np.int64),
        "kind": np.full(size, SALE, dtype=np.int64),
        "parent": np.full(size, -1, dtype=np.int64),
        "noise": dice.integers(0, 1 << 30, size),
        "fate": fate,
        "coupon": np.where(kinds == COUPON_ABUSER, coupon, -1),
        "contact": np.full(size, -1, dtype=np.int64),
    }


def _moments(
    dice: np.random.Generator, kind: int, own: Ints, accounts: Accounts, calendar: Calendar
) -> tuple[Ints, Ints]:
    """The accounts and moments of one abuser's orders."""
    last = calendar.end - LAST_DAYS * DAY
    first = np.maximum(accounts.registered[own], 0) + 3600
    if kind == COUPON_ABUSER:
        # One or two orders with each account, in the days after it was opened.
        chosen = np.repeat(np.arange(len(own)), dice.integers(1, 3, len(own)))
        waits = (dice.random(len(chosen)) * 5 * DAY).astype(np.int64)
        return own[chosen], np.minimum(first[chosen] + waits, calendar.end - 1)
    start = min(int(first[0]), max(last - DAY, 0))
    if kind == REFUND_ABUSER:
        count = int(dice.integers(8, 17))
        return np.full(count, own[0]), _between(dice.random(count), start, last)
    bursts = int(dice.integers(2, 6))
    sizes = dice.integers(6, 11, bursts)
    begins = np.repeat(_between(dice.random(bursts), start, last), sizes)
    steps = np.concatenate([np.arange(size) for size in sizes]) * BURST_SECONDS
    return np.full(len(begins), own[0]), np.minimum(begins + steps, calendar.end - 1)


def _between(shares: Floats, start: int, end: int) -> Ints:
    return (start + shares * max(end - start, 1)).astype(np.int64)
