"""Orders that a check should stop: out of the customer's range, to a strange address, and so on."""

import numpy as np

from portrait.generator.accounts import SHOP
from portrait.generator.calendar import DAY
from portrait.generator.catalogue import Catalogue
from portrait.generator.people import HONEST, REGULAR, People
from portrait.generator.profile import Profile
from portrait.generator.random_streams import alternatives, stream

GOOD, AMOUNT, QUANTITY, ADDRESS, PAYMENT, SLOW_TO_PAY, SLOW_TO_SHIP = range(7)
KINDS = ("amount", "quantity", "address", "payment", "slow_to_pay", "slow_to_ship")
DEAREST = 5  # the dearest articles, of which an order out of range has one
# When money came and goods left, in seconds of the period: SQL over documents.
PAID = f"""(moment + 60 + noise % 540
    + case when bad = {SLOW_TO_PAY} then (6 + noise % 4) * {DAY} else 0 end)"""
SHIPPED = f"(moment + case when bad = {SLOW_TO_SHIP} then 12 else 1 end * {DAY})"
DELIVERED = f"(moment + case when bad = {SLOW_TO_SHIP} then 15 else 3 end * {DAY})"


def plant_bad_orders(
    seed: int,
    chunk: int,
    sales: dict[str, np.ndarray],
    lines: dict[str, np.ndarray],
    people: People,
    catalogue: Catalogue,
    profile: Profile,
) -> None:
    """Choose some sound orders of honest customers of the shop, and spoil each in one way.

    `sales` gets the column `bad`; what is spoilt in texts (address, payment, times) is written by
    `order_texts` and `order_logs`.
    """
    size = len(sales["person"])
    shares = profile["bad_orders"]
    dice = stream(seed, chunk, "bad orders")
    drawn = alternatives(dice, [shares[kind] for kind in KINDS], size)
    person = sales["person"]
    fits = (sales["channel"] == SHOP) & (sales["account"] >= 0) & (sales["fate"] == 0)
    fits &= (people.kind[person] == REGULAR) & (people.abuse[person] == HONEST)
    bad = np.where(fits, drawn, GOOD)
    sales["bad"] = bad
    first = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))[:size]
    dearest = np.argsort(-catalogue.price[:, 0], kind="stable")[:DEAREST]
    some = np.flatnonzero(bad == AMOUNT)
    lines["product"][first[some]] = dice.choice(dearest, len(some))
    lines["quantity"][first[some]] = dice.integers(3, 7, len(some))
    lines["percent"][first[some]] = 0
    some = np.flatnonzero(bad == QUANTITY)
    lines["quantity"][first[some]] = dice.integers(60, 200, len(some))
    # What is paid or sent late is done late.
    slow = np.isin(bad, [SLOW_TO_PAY, SLOW_TO_SHIP])
    settled = sales["moment"] + (17 + sales["noise"] % 5) * DAY
    sales["settled"] = np.where(slow, settled, sales["settled"])


def truth_bad_orders() -> str:
    """The orders that a check should stop, each with its kind; those of abusers too."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    return f"""
        select
            'shop' as system, document_id as native_order_id, documents.person_number as person_id,
            case when bad > {GOOD} then [{kinds}][bad] else 'risky_account' end as kind
        from documents inner join people using (person)
        where bad > {GOOD} or (people.abuse <> {HONEST} and documents.channel = {SHOP})
        order by document_number
    """
