"""The accounts: which person is known in which system, since when, and what is wrong with it."""

from dataclasses import dataclass

import numpy as np

from portrait.generator.calendar import DAY, Calendar
from portrait.generator.people import (
    CHANGES_EMAIL,
    CHANGES_PHONE,
    COUPON_ABUSER,
    HONEST,
    LIFE,
    MARRIES,
    NEVER,
    REGULAR,
    RESELLER,
    TEST,
    People,
)
from portrait.generator.profile import Profile
from portrait.generator.random_streams import Flags, Ints, alternatives, scattered, stream

SHOP, POS, MARKETPLACE, CRM = 0, 1, 2, 3
SYSTEMS = ("shop", "pos", "marketplace", "crm")
NAME_DIRT = ("name_typo", "name_swapped", "name_abbreviated", "name_missing", "name_full_width")
EMAIL_DIRT = (
    "email_typo", "email_placeholder", "email_missing", "email_untidy", "email_of_organisation",
)  # fmt: skip
PHONE_DIRT = (
    "phone_typo", "phone_placeholder", "phone_missing", "phone_untidy", "phone_full_width",
    "phone_of_store", "masked_phone", "phone_of_organisation",
)  # fmt: skip
ACCOUNTS_PER_PERSON = 8
ID_MULTIPLIERS = (48_271_003, 69_621_017, 40_692_029, 27_644_437)  # by system


@dataclass(frozen=True)
class Accounts:
    """Arrays with one value per account of a chunk, ordered by system.

    `person` is the position in the chunk; `ordinal` tells several accounts in one system apart;
    the dirt columns hold 1 + the place in NAME_DIRT and so on, 0 for none; `tells` has a column
    for each event of LIFE: whether the system was told of it. `first` and `second` find the
    accounts of a person: a row per system, -1 for none.
    """

    system: Ints
    person: Ints
    ordinal: Ints
    number: Ints
    registered: Ints
    is_delivered: Flags
    name_dirt: Ints
    name_is_masked: Flags
    email_dirt: Ints
    phone_dirt: Ints
    birth_dirt: Ints
    has_email: Flags
    has_phone: Flags
    has_staff_email: Flags
    has_birth_date: Flags
    has_address: Flags
    has_gender: Flags
    is_split: Flags
    tells: Flags
    noise: Ints
    first: Ints
    second: Ints

    def __len__(self) -> int:
        """How many accounts."""
        return len(self.system)


def make_accounts(
    seed: int, chunk: int, people: People, calendar: Calendar, profile: Profile
) -> Accounts:
    """Draw the accounts of the people of a chunk."""
    dice = stream(seed, chunk, "accounts")
    system, person, ordinal = _memberships(dice, people, profile)
    size = len(system)
    # A customer joins one system first and the others as time goes by.
    wait = (dice.random(size) ** 2 * 240 * DAY).astype(np.int64)
    is_first = np.zeros(size, dtype=bool)
    order = np.lexsort((dice.random(size), ordinal, person))
    is_first[order[np.unique(person[order], return_index=True)[1]]] = True
    registered = people.joined[person] + np.where(is_first, 0, wait + 3600)
    registered = np.minimum(registered, calendar.end - DAY)

    text = profile["text_dirt"]
    contact = profile["contact"]
    names = np.array([[contact.get(f"{name}_{what}", 0.0) for name in SYSTEMS]
                      for what in ("email", "phone", "birth_date")])  # fmt: skip
    is_latin = people.is_latin[person]
    name_dirt = alternatives(dice, [text[name] for name in NAME_DIRT[:-1]], size)
    wide = (name_dirt == 0) & is_latin & (dice.random(size) < text["name_full_width"])
    name_dirt = np.where(wide, len(NAME_DIRT), name_dirt)
    # What only the staff of organisations have is marked later (organisations.py).
    phone_dirt = alternatives(dice, [text[name] for name in PHONE_DIRT[:-2]], size)
    store_number = PHONE_DIRT.index("phone_of_store") + 1
    phone_dirt[(phone_dirt == store_number) & (system != POS)] = 0
    is_market = system == MARKETPLACE
    masked = is_market & (dice.random(size) < text["masked_phone"])
    phone_dirt[masked] = PHONE_DIRT.index("masked_phone") + 1
    # Each system has its own numbers: equal numbers mean nothing.
    number = np.empty(size, dtype=np.int64)
    for place, multiplier in enumerate(ID_MULTIPLIERS):
        some = system == place
        whose = people.number[person[some]] * ACCOUNTS_PER_PERSON + ordinal[some]
        number[some] = scattered(whose, 99_999_989, multiplier)
    tells = dice.random((size, len(LIFE))) < profile["records"]["tells_system"]
    # What happened before the system knew the person is known to it from the start.
    accounts = Accounts(
        system=system,
        person=person,
        ordinal=ordinal,
        number=number,
        registered=registered,
        is_delivered=(dice.random(size) >= profile["records"]["undelivered"])
        | (people.kind[person] != REGULAR),
        name_dirt=name_dirt,
        name_is_masked=is_market & (dice.random(size) < text["masked_name"]),
        email_dirt=alternatives(dice, [text[name] for name in EMAIL_DIRT[:-1]], size),
        phone_dirt=phone_dirt,
        birth_dirt=(dice.random(size) < text["birth_date_typo"]).astype(np.int64),
        has_email=dice.random(size) < names[0][system],
        has_phone=dice.random(size) < names[1][system],
        has_staff_email=np.zeros(size, dtype=bool),
        has_birth_date=dice.random(size) < names[2][system],
        has_address=dice.random(size) < contact["address"],
        has_gender=dice.random(size) < contact["gender"],
        is_split=dice.random(size) < np.array([0.5, 0.25, 0.0, 0.6])[system],
        tells=tells,
        noise=dice.integers(0, 1 << 30, size),
        first=_accounts_of(system, person, ordinal, len(people), 0),
        second=_accounts_of(system, person, ordinal, len(people), 1),
    )
    _mark_testers(accounts, people)
    return accounts


def _memberships(
    dice: np.random.Generator, people: People, profile: Profile
) -> tuple[Ints, Ints, Ints]:
    """System, person and ordinal of each account, ordered by system and person."""
    shares = profile["records"]
    size = len(people)
    is_member = np.stack([dice.random(size) < shares[name] for name in SYSTEMS])
    nowhere = ~is_member.any(axis=0)
    in_shop = dice.random(size) < 0.6
    is_member[SHOP] |= nowhere & in_shop
    is_member[POS] |= nowhere & ~in_shop
    is_reseller, is_tester = people.kind == RESELLER, people.kind == TEST
    is_member[SHOP] |= is_reseller | is_tester
    is_member[1:, is_tester] = False
    is_member[SHOP] |= people.abuse != HONEST
    count = is_member.astype(np.int64)
    again = (dice.random(size) < shares["second_account"]) & ~is_tester
    count[SHOP] += is_member[SHOP] & (again | is_reseller)
    count[SHOP] += is_reseller
    # Who lives on coupons for new customers has four to six accounts.
    wants_more = people.abuse == COUPON_ABUSER
    count[SHOP] = np.where(wants_more, 4 + people.number % 3, count[SHOP])
    system, person, ordinal = [], [], []
    for row in range(len(SYSTEMS)):
        for turn in range(ACCOUNTS_PER_PERSON):
            some = np.flatnonzero(count[row] > turn)
            system.append(np.full(len(some), row, dtype=np.int64))
            person.append(some)
            ordinal.append(np.full(len(some), turn, dtype=np.int64))
    return np.concatenate(system), np.concatenate(person), np.concatenate(ordinal)


def _accounts_of(system: Ints, person: Ints, ordinal: Ints, people: int, turn: int) -> Ints:
    found = np.full((len(SYSTEMS), people), -1, dtype=np.int64)
    some = np.flatnonzero(ordinal == turn)
    found[system[some], person[some]] = some
    return found


def _mark_testers(accounts: Accounts, people: People) -> None:
    """Give testers' accounts the addresses that testers use, and resellers' no holes."""
    tester = people.kind[accounts.person] == TEST
    accounts.email_dirt[tester] = EMAIL_DIRT.index("email_placeholder") + 1
    accounts.phone_dirt[tester] = PHONE_DIRT.index("phone_placeholder") + 1
    accounts.name_dirt[tester] = 0
    accounts.has_email[tester] = True
    accounts.has_phone[tester] = True


def make_versions(
    accounts: Accounts, people: People, calendar: Calendar
) -> dict[str, Ints | Flags]:
    """The versions of each delivered account: one at registration, one for each event it learnt of.

    Columns: account (position), written (seconds), and for each event of LIFE whether the version
    knows what came of it.
    """
    event_at = people.life[accounts.person]
    known_before = event_at < accounts.registered[:, None]
    # A system learns of an event some days later.
    known_at = event_at + 3600 + (accounts.noise[:, None] % (20 * DAY))
    known_at = np.where(accounts.tells & ~known_before & (event_at < NEVER), known_at, NEVER)
    # Two events of one moment make two versions, a second apart.
    for event in range(1, len(LIFE)):
        known = (known_at[:, :event] == known_at[:, [event]]).any(axis=1)
        known_at[known & (known_at[:, event] < NEVER), event] -= 1
    written = np.column_stack([accounts.registered, known_at])
    account, column = np.nonzero((written < calendar.end) & accounts.is_delivered[:, None])
    moment = written[account, column]
    knows = known_before[account] | (known_at[account] <= moment[:, None])
    return {
        "account": account.astype(np.int64),
        "written": moment,
        "has_moved": knows[:, 0],
        "has_married": knows[:, MARRIES],
        "has_new_email": knows[:, CHANGES_EMAIL],
        "has_new_phone": knows[:, CHANGES_PHONE],
    }
