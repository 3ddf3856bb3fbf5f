"""The visits: who looks at what in the app and the web shop, on which device, logged in or not."""

import numpy as np

from portrait.generator.accounts import SHOP, Accounts
from portrait.generator.calendar import Calendar
from portrait.generator.campaigns import called_by, touches
from portrait.generator.catalogue import Catalogue
from portrait.generator.facts import AD, CHANNEL_SHARES, MAIL
from portrait.generator.people import HONEST, TEST, People
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    SALE,
    Frame,
    activity_counts,
    activity_moments,
    exposure,
    joined,
    take,
)
from portrait.generator.random_streams import (
    Ints,
    alternatives,
    choose,
    places_within,
    stream,
)

MOST_VISITS = 400
MEAN_EVENTS = 5.0
MOST_EVENTS = 60
GAP_SECONDS = 25 * 60  # no pause within a visit is longer
EVENT_TYPES = (
    "page_view", "product_view", "click", "search", "favourite", "cart_add", "cart_remove", "login",
)  # fmt: skip
PAGE, VIEW, CLICK, SEARCH, FAVOURITE, CART_ADD, CART_REMOVE, LOGIN = range(8)
TYPE_WEIGHTS = np.array([0.24, 0.42, 0.14, 0.09, 0.04, 0.06, 0.01])
# How a visit shows who it is.
ANONYMOUS, FROM_START, LATER = 0, 1, 2
DEVICES_PER_PERSON = 2


def make_visits(
    seed: int,
    chunk: int,
    people: People,
    accounts: Accounts,
    documents: Frame,
    lines: Frame,
    calendar: Calendar,
    catalogue: Catalogue,
    profile: Profile,
    information_channel: Ints,
    contacts: Frame,
) -> tuple[Frame, Frame]:
    """Draw the visits and their events, events by visit and time.

    `information_channel` says where each person mostly comes from (facts.py), `contacts` whom
    campaigns told.
    """
    dice = stream(seed, chunk, "visits")
    wanted = profile["size"]["events_per_person"] * len(people)
    if wanted == 0:
        return {}, {}
    before = _before_orders(dice, people, documents, profile)
    # Visits that end in an order have more events than others.
    rest = max(wanted - len(before["person"]) * (MEAN_EVENTS + 2), 0.1 * wanted)
    has_account = accounts.first[SHOP] >= 0
    comes = has_account | (dice.random(len(people)) < profile["visits"]["anonymous_visitor"])
    weights = (0.3 + people.rate) * dice.gamma(1.2, 1.0, len(people)) * comes
    weights *= exposure(people, calendar) * (people.kind != TEST)
    counts = activity_counts(dice, weights, rest / MEAN_EVENTS / len(people), MOST_VISITS)
    person, moment = activity_moments(dice, people, calendar, counts)
    others = {
        "person": person,
        "start": moment,
        "document": np.full(len(person), -1, dtype=np.int64),
    }
    parts = [before, others]
    if contacts and profile["campaigns"]["visits"]:
        parts.append(_after_clicks(seed, chunk, contacts, profile))
    visits = joined(parts)
    visits["length"] = 1 + np.minimum(
        dice.geometric(1 / MEAN_EVENTS, len(visits["person"])), MOST_EVENTS
    ).astype(np.int64)
    visits["length"] += np.where(visits["document"] >= 0, 2, 0)
    visits["length"] -= np.where(visits["document"] < 0, 1, 0)
    visits["device"] = _devices(dice, visits["person"], people, profile)
    _show_who(dice, visits, accounts, profile)
    _show_abusers(visits, documents, people)
    visits = _with_handed_over(dice, visits, people, accounts, profile)
    visits, events = _events(dice, visits, people, documents, lines, calendar, catalogue)
    events["referrer"] = _referrers(seed, chunk, visits, events, people, information_channel)
    is_first = np.append(True, events["visit"][1:] != events["visit"][:-1])
    # Where another source was told, that one brought the visitor, and not the mail.
    fits = is_first & ((events["referrer"] < 0) | (events["referrer"] // 2 == MAIL))
    events["campaign"] = np.where(fits, touches(contacts, visits)[events["visit"]], -1)
    if contacts:
        certain = called_by(contacts, visits, documents)[events["visit"]]
        certain = np.where(is_first, certain, -1)
        events["campaign"] = np.where(certain >= 0, certain, events["campaign"])
        events["referrer"] = np.where(certain >= 0, 2 * MAIL + 1, events["referrer"])
    return visits, events


def _referrers(
    seed: int, chunk: int, visits: Frame, events: Frame, people: People, channel: Ints
) -> Ints:
    """Where a visitor came from, on the first event of a visit: place among the words, or -1."""
    dice = stream(seed, chunk, "referrers")
    size = len(visits["person"])
    other = choose(dice, CHANNEL_SHARES, size)
    # On promotions people are called by mails and advertisements.
    called = people.loves_promotions[visits["person"]] & (dice.random(size) < 0.35)
    other = np.where(called, np.where(dice.random(size) < 0.5, MAIL, AD), other)
    own = channel[visits["person"]]
    place = 2 * np.where(dice.random(size) < 0.6, own, other) + (dice.random(size) < 0.4)
    told = dice.random(size) < 0.9
    is_first = np.append(True, events["visit"][1:] != events["visit"][:-1])
    return np.where(is_first & told[events["visit"]], place[events["visit"]], -1).astype(np.int64)


def _after_clicks(seed: int, chunk: int, contacts: Frame, profile: Profile) -> Frame:
    """Visits that begin with a click in a mail; those that end in an order come before it."""
    dice = stream(seed, chunk, "clicks")
    share = profile["campaigns"]["visits"]
    some = (contacts["clicked"] >= 0) & ~contacts["is_caused"]
    some &= dice.random(len(some)) < share
    person = contacts["person"][some]
    return {
        "person": person,
        "start": contacts["clicked"][some] + 2,
        "document": np.full(len(person), -1, dtype=np.int64),
    }


def _before_orders(
    dice: np.random.Generator, people: People, documents: Frame, profile: Profile
) -> Frame:
    """The visits in which an order of the shop is placed: they begin a quarter hour before it."""
    share = profile["visits"]["order_follows_visit"]
    is_order = (documents["channel"] == SHOP) & (documents["kind"] == SALE)
    is_order &= (dice.random(len(is_order)) < share) | (people.abuse[documents["person"]] != HONEST)
    some = np.flatnonzero(is_order)
    start = documents["moment"][some] - dice.integers(300, 1500, len(some))
    some, start = some[start > 0], start[start > 0]
    return {"person": documents["person"][some], "start": start, "document": some}


def _devices(dice: np.random.Generator, person: Ints, people: People, profile: Profile) -> Ints:
    """The device of each visit, as a number over all chunks."""
    has_second = dice.random(len(people)) < profile["visits"]["second_device"]
    owner = people.device_of[person]
    shares = people.device_of[person] != person
    second = has_second[person] & (dice.random(len(person)) < 0.3) & ~shares
    return people.number[owner] * DEVICES_PER_PERSON + second


def _show_who(
    dice: np.random.Generator, visits: Frame, accounts: Accounts, profile: Profile
) -> None:
    """Whether the visitor is logged in, and with which account."""
    size = len(visits["person"])
    shares = profile["visits"]
    mode = alternatives(dice, [shares["logged_in"], shares["logs_in_later"]], size)
    first = accounts.first[SHOP][visits["person"]]
    second = accounts.second[SHOP][visits["person"]]
    other = (second >= 0) & (dice.random(size) < 0.3)
    account = np.where(other, second, first)
    late = accounts.registered[account] > visits["start"]
    account = np.where(late, first, account)
    known = (account >= 0) & (accounts.registered[account] <= visits["start"])
    visits["mode"] = np.where(known, mode, ANONYMOUS)
    visits["account"] = np.where(known & (mode != ANONYMOUS), account, -1)


def _show_abusers(visits: Frame, documents: Frame, people: People) -> None:
    """Who takes advantage is logged in with the account that orders."""
    some = (visits["document"] >= 0) & (people.abuse[visits["person"]] != HONEST)
    visits["mode"][some] = FROM_START
    visits["account"][some] = documents["account"][visits["document"][some]]


def _with_handed_over(
    dice: np.random.Generator,
    visits: Frame,
    people: People,
    accounts: Accounts,
    profile: Profile,
) -> Frame:
    """Let another of the family go on with a shared device within minutes, logged in."""
    person = visits["person"]
    # The next in the family, by position; the last one hands it to the first.
    after = np.minimum(person + 1, len(people) - 1)
    same = (people.household[after] == people.household[person]) & (after != person)
    after = np.where(same, after, people.household[person])
    shares = (people.household[person] >= 0) & (people.device_of[after] == people.device_of[person])
    account = np.where(shares, accounts.first[SHOP][after], -1)
    start = visits["start"] + dice.integers(120, 900, len(person))
    fits = (account >= 0) & (accounts.registered[account] <= start) & (after != person)
    hands = fits & (dice.random(len(person)) < profile["visits"]["handed_over"])
    hands &= visits["account"] >= 0
    some = np.flatnonzero(hands)
    again = take(visits, some)
    again["person"] = after[some]
    again["start"] = start[some]
    again["account"] = account[some]
    again["mode"] = np.full(len(some), FROM_START)
    again["document"] = np.full(len(some), -1)
    # What goes on is short, and so is what came before it.
    again["length"] = np.minimum(again["length"], 4)
    return joined([visits, again])


def _events(
    dice: np.random.Generator,
    visits: Frame,
    people: People,
    documents: Frame,
    lines: Frame,
    calendar: Calendar,
    catalogue: Catalogue,
) -> tuple[Frame, Frame]:
    """The events of the visits; an order's visit ends with its first product in the cart."""
    visits = take(visits, np.lexsort((visits["person"], visits["device"], visits["start"])))
    length = visits["length"]
    visit = np.repeat(np.arange(len(length)), length)
    place = places_within(length)
    size = len(visit)
    buys = visits["document"][visit] >= 0
    pause = np.minimum(dice.exponential(70, size), GAP_SECONDS).astype(np.int64) + 1
    # Now and then the visitor is away for a while, and still on the same visit.
    away = (dice.random(size) < 0.02) & ~buys
    pause = np.where(away, dice.integers(600, GAP_SECONDS, size), pause)
    pause = np.where(buys, np.minimum(pause, 120), pause)
    pause[place == 0] = 0
    total = np.cumsum(pause)
    since = total - np.repeat(total[place == 0], length)
    moment = visits["start"][visit] + since
    kind = choose(dice, TYPE_WEIGHTS, size)
    kind[(place == 0) & (dice.random(size) < 0.7)] = PAGE
    # The last but one event of an order's visit puts its product into the cart.
    is_cart = buys & (place == length[visit] - 2)
    kind[is_cart] = CART_ADD
    kind[buys & (place == length[visit] - 3)] = VIEW
    product = _seen_products(dice, visits["person"][visit], people, catalogue)
    first_line = np.flatnonzero(np.append(True, lines["document"][1:] != lines["document"][:-1]))
    bought = lines["product"][first_line][np.maximum(visits["document"], 0)]
    ends = buys & (place >= length[visit] - 3)
    product = np.where(ends, bought[visit], product)
    # A later login comes somewhere in the visit; orders are placed logged in.
    later = visits["mode"] == LATER
    login = 1 + (dice.random(len(length)) * np.maximum(length - 2, 1)).astype(np.int64)
    login = np.minimum(login, length - 1)
    is_login = later[visit] & (place == login[visit]) & (length[visit] > 1) & ~is_cart
    kind[is_login] = LOGIN
    has_login = np.bincount(visit[is_login], minlength=len(length)) > 0
    visits["account"] = np.where(later & ~has_login, -1, visits["account"])
    shows = (visits["mode"][visit] == FROM_START) | (later[visit] & (place >= login[visit]))
    kept = moment < calendar.end
    events = {
        "visit": visit,
        "moment": moment,
        "kind": kind,
        "product": np.where(np.isin(kind, [PAGE, CLICK, LOGIN]), -1, product),
        "account": np.where(shows, visits["account"][visit], -1),
        "device": visits["device"][visit],
        "delay": 1 + np.minimum(dice.exponential(15, size), 600).astype(np.int64),
        "noise": dice.integers(0, 1 << 30, size),
    }
    return visits, take(events, np.flatnonzero(kept))


def _seen_products(
    dice: np.random.Generator, person: Ints, people: People, catalogue: Catalogue
) -> Ints:
    """Products of the visitor's tastes, and popular ones."""
    size = len(person)
    product = choose(dice, catalogue.weight, size)
    liked = np.where(dice.random(size) < 0.6, people.taste[person], people.second_taste[person])
    liked = np.where(dice.random(size) < 0.7, liked, -1)
    for number in range(len(catalogue.category_names)):
        goods = catalogue.of_category(number)
        some = np.flatnonzero(liked == number)
        product[some] = goods[choose(dice, catalogue.weight[goods], len(some))]
    return product
