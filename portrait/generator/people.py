"""The people: who they are, what happens in their lives, and how they buy.

Times are seconds of business time since the first day of the period; what lies before it is below
zero, and what never happens is NEVER.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from portrait.generator.profile import Profile
from portrait.generator.random_streams import (
    Flags,
    Floats,
    Ints,
    alternatives,
    choose,
    places_within,
    stream,
)
from portrait.generator.vocabulary import NAMES_OF_THE_WORLD, Vocabulary

DAY = 86_400
NEVER = np.int64(1) << 40
REGULAR, RESELLER, TEST = 0, 1, 2
KINDS = ("regular", "reseller", "test")
# How somebody takes advantage of the shop.
HONEST, COUPON_ABUSER, REFUND_ABUSER, ORDER_BRUSHER = range(4)
# Events of a life, in the order of their columns in `People.life`.
MOVES, MARRIES, CHANGES_EMAIL, CHANGES_PHONE = 0, 1, 2, 3
LIFE = ("moves", "marries", "changes_email", "changes_phone")
BEFORE_DAYS = 700
# Day numbers since 1970 of the earliest and latest birth date of a grown person.
OLDEST, YOUNGEST = -9_862, 13_500
CHILDREN_UNTIL = 15_000


@dataclass(frozen=True)
class People:
    """Arrays with one value per person of a chunk.

    `number` counts over all chunks; `birth_day` is in days since 1970; `place`, `given`, `family`
    and `married_family` index the vocabulary; `phone_of` and `device_of` name the person (by
    position) whose number and device are used; `life` has a column of times for each event of LIFE.
    """

    number: Ints
    kind: Ints
    is_female: Flags
    is_latin: Flags
    place: Ints
    given: Ints
    family: Ints
    married_family: Ints
    birth_day: Ints
    household: Ints
    phone_of: Ints
    device_of: Ints
    takes_phone_of: Ints
    joined: Ints
    lost: Ints
    life: Ints
    rate: Floats
    is_regular: Flags
    loves_promotions: Flags
    taste: Ints
    second_taste: Ints
    brand: Ints
    hours: Ints
    abuse: Ints

    def __len__(self) -> int:
        """How many people."""
        return len(self.number)


def make_people(
    seed: int,
    chunk: int,
    numbers: Ints,
    end: int,
    profile: Profile,
    words: Vocabulary,
    category_weights: tuple[Floats, Floats],
    brands: int,
) -> People:
    """Draw the people of one chunk. `category_weights` are those of women and of men."""
    shares = profile["people"]
    size = len(numbers)
    dice = stream(seed, chunk, "people")
    kind = alternatives(dice, [shares["reseller"], shares["test_account"]], size)
    is_female = dice.random(size) < 0.5
    birth_day = dice.integers(OLDEST, YOUNGEST, size)
    place = _places(dice, shares["abroad"], size, words)

    household, member, phone_of, device_of = _households(seed, chunk, kind, profile)
    leader = np.where(household >= 0, household, np.arange(size))
    place = place[leader]
    is_abroad = np.array([entry.country != "CN" for entry in words.places])[place]
    is_latin = is_abroad | (dice.random(size) < shares["latin_at_home"])[leader]
    locale = locales_of(place, is_latin, words)
    if shares["name_of_the_world"]:
        is_foreign, foreign = _names_of_the_world(seed, chunk, size, shares["name_of_the_world"])
        locale = np.where(is_foreign[leader], foreign[leader], locale)
        is_latin = is_latin | is_foreign[leader]
    # The second member of a family is a partner, the others are children.
    birth_day = np.where(
        member == 1, birth_day[leader] + dice.integers(-2500, 2500, size), birth_day
    )
    child = birth_day[leader] + dice.integers(8_000, 12_500, size)
    birth_day = np.where(member >= 2, np.minimum(child, CHILDREN_UNTIL - member * 400), birth_day)
    is_female = np.where(member == 1, ~is_female[leader], is_female)
    given, family = _names(dice, locale, is_female, words)
    married_family = _names(dice, locale, is_female, words)[1]
    takes_family = (member >= 2) | ((member == 1) & is_latin)
    family = np.where(takes_family, family[leader], family)
    given = _distinct_in_households(given, household, locale, is_female, words)
    if shares["equal_initials"]:
        is_alike = stream(seed, chunk, "equal initials").random(size) < shares["equal_initials"]
        is_alike &= household >= 0
        given = _with_equal_initials(given, household, is_alike[leader], locale, is_female, words)

    abuse = _abuse(seed, chunk, kind, household, profile)
    joined, lost = _relationship(dice, shares["customer_before"], end, size, profile)
    joined = np.where(abuse == HONEST, joined, np.minimum(joined, end // 2))
    life = _life(dice, shares, joined, end, is_latin & is_female & (member < 0), phone_of)
    gave_up = np.flatnonzero(life[:, CHANGES_PHONE] < end // 2)
    takes = dice.random(size) < shares["takes_over_phone"]
    takes_phone_of = np.full(size, -1, dtype=np.int64)
    if len(gave_up):
        takes_phone_of = np.where(takes & (member < 0), dice.choice(gave_up, size), -1)
        # Each number goes to one new owner, never to somebody who gave one up.
        first_taker = np.zeros(size, dtype=bool)
        takers = np.flatnonzero(takes_phone_of >= 0)
        first_taker[takers[np.unique(takes_phone_of[takers], return_index=True)[1]]] = True
        keeps = first_taker & (life[:, CHANGES_PHONE] == NEVER) & (phone_of == np.arange(size))
        takes_phone_of = np.where(keeps, takes_phone_of, -1)

    manner = profile["behavior"]
    rate = dice.gamma(manner["heavy_tail"], 1.0, size)
    rate *= np.where(dice.random(size) < manner["never_buys"], 0.0, 1.0)
    rate *= np.choose(kind, [1.0, 6.0, 0.2])
    by_sex = [choose(dice, weights, size) for weights in category_weights]
    second = [choose(dice, weights, size) for weights in category_weights]
    return People(
        number=numbers,
        kind=kind,
        is_female=is_female,
        is_latin=is_latin,
        place=place,
        given=given,
        family=family,
        married_family=married_family,
        birth_day=birth_day,
        household=household,
        phone_of=phone_of,
        device_of=device_of,
        takes_phone_of=takes_phone_of,
        joined=joined,
        lost=lost,
        life=life,
        rate=rate,
        is_regular=dice.random(size) < manner["regular_rhythm"],
        loves_promotions=dice.random(size) < manner["loves_promotions"],
        taste=np.where(is_female, by_sex[0], by_sex[1]),
        second_taste=np.where(is_female, second[0], second[1]),
        brand=np.where(
            dice.random(size) < manner["loyal_to_brand"], dice.integers(0, brands, size), -1
        ),
        hours=choose(dice, np.array([0.15, 0.2, 0.5, 0.15]), size),
        abuse=abuse,
    )


def _abuse(seed: int, chunk: int, kind: Ints, household: Ints, profile: Profile) -> Ints:
    """How each takes advantage of the shop: some of those who live alone."""
    shares = profile["abuse"]
    drawn = alternatives(
        stream(seed, chunk, "abuse"),
        [shares["coupon_abuser"], shares["refund_abuser"], shares["order_brusher"]],
        len(kind),
    )
    return np.where((kind == REGULAR) & (household < 0), drawn, HONEST)


def _places(dice: np.random.Generator, abroad: float, size: int, words: Vocabulary) -> Ints:
    weights = np.array([place.weight for place in words.places])
    at_home = np.array([place.country == "CN" for place in words.places])
    home = choose(dice, weights * at_home, size)
    return np.where(dice.random(size) < abroad, choose(dice, weights * ~at_home, size), home)


def _households(
    seed: int, chunk: int, kind: Ints, profile: Profile
) -> tuple[Ints, Ints, Ints, Ints]:
    """Group people next to each other into families of two to four; two may make a large one.

    Returns for each person the position of the family's first member (-1: none), the number within
    the family (-1: none), and whose phone and device is used.
    """
    shares = profile["people"]
    dice = stream(seed, chunk, "households")
    size = len(kind)
    sizes = dice.integers(2, 5, size // 2 + 1)
    sizes = sizes[np.cumsum(sizes) <= round(size * shares["in_family"])]
    if shares["large_family"]:
        sizes = _with_large_families(seed, chunk, sizes, shares["large_family"])
    own = np.arange(size)
    household = np.full(size, -1, dtype=np.int64)
    member = np.full(size, -1, dtype=np.int64)
    if not len(sizes):
        return household, member, own, own.copy()
    total = int(sizes.sum())
    household[:total] = np.repeat(np.cumsum(sizes) - sizes, sizes)
    member[:total] = places_within(sizes)
    shares_phone = np.zeros(size, dtype=bool)
    shares_device = np.zeros(size, dtype=bool)
    shares_phone[:total] = np.repeat(dice.random(len(sizes)) < shares["family_shares_phone"], sizes)
    shares_device[:total] = np.repeat(
        dice.random(len(sizes)) < shares["family_shares_device"], sizes
    )
    # Resellers and testers have no family.
    apart = kind != REGULAR
    broken = np.isin(household, household[apart & (household >= 0)])
    household[broken], member[broken] = -1, -1
    in_family = household >= 0
    phone_of = np.where(in_family & shares_phone, household, own)
    device_of = np.where(in_family & shares_device, household, own)
    return household, member, phone_of, device_of


def _with_large_families(seed: int, chunk: int, sizes: Ints, share: float) -> Ints:
    """Let some pairs of neighbouring families be one: of up to eight people."""
    pairs = len(sizes) // 2
    is_large = stream(seed, chunk, "large families").random(pairs) < share
    first, second = sizes[: 2 * pairs : 2], sizes[1 : 2 * pairs : 2]
    joined = np.stack([np.where(is_large, first + second, first), np.where(is_large, 0, second)], 1)
    sizes = np.append(joined.ravel(), sizes[2 * pairs :])
    return sizes[sizes > 0]


def _names_of_the_world(seed: int, chunk: int, size: int, share: float) -> tuple[Flags, np.ndarray]:
    """Whether each person has a name of another country, and the locale of that name."""
    dice = stream(seed, chunk, "names of the world")
    return dice.random(size) < share, dice.choice(np.array(NAMES_OF_THE_WORLD), size)


def _names(
    dice: np.random.Generator, locale: np.ndarray, is_female: Flags, words: Vocabulary
) -> tuple[Ints, Ints]:
    """Draw a given and a family name of the locale for each."""
    given = np.zeros(len(locale), dtype=np.int64)
    family = np.zeros(len(locale), dtype=np.int64)
    for name in words.family.first_of:
        for female in (True, False):
            some = np.flatnonzero((locale == name) & (is_female == female))
            group = f"{name} {'f' if female else 'm'}"
            given[some] = words.given.first_of[group] + choose(
                dice, words.given.weights_of(group), len(some)
            )
            family[some] = words.family.first_of[name] + choose(
                dice, words.family.weights_of(name), len(some)
            )
    return given, family


def locales_of(place: Ints, is_latin: Flags, words: Vocabulary) -> np.ndarray:
    """The locale of each person's name: that of the place, English for Latin names in China."""
    by_place = np.array([entry.locale for entry in words.places])[place]
    return np.where(is_latin & (by_place == "zh_CN"), "en_US", by_place)


def _distinct_in_households(
    given: Ints,
    household: Ints,
    locale: np.ndarray,
    is_female: Flags,
    words: Vocabulary,
) -> Ints:
    """Let no two of a family have the same given name: nothing could tell them apart."""
    texts = np.array(words.given.texts)
    given = given.copy()
    while True:
        members = np.flatnonzero(household >= 0)
        pairs = np.char.add(np.char.add(household[members].astype(str), " "), texts[given[members]])
        first = np.unique(pairs, return_index=True)[1]
        again = np.delete(members, first)
        if not len(again):
            return given
        for person in again:
            group = f"{locale[person]} {'f' if is_female[person] else 'm'}"
            start, count = words.given.first_of[group], words.given.count_of[group]
            given[person] = start + (given[person] - start + 1) % count


def _with_equal_initials(
    given: Ints,
    household: Ints,
    is_alike: Flags,
    locale: np.ndarray,
    is_female: Flags,
    words: Vocabulary,
) -> Ints:
    """Let the given names of some families begin as that of the first member, as far as names go.

    A member for whom no other such name is left keeps the name that was drawn.
    """
    texts, given = words.given.texts, given.copy()
    taken: dict[int, set[str]] = {}
    for person in np.flatnonzero(is_alike):
        leader = household[person]
        names = taken.setdefault(leader, {texts[given[leader]]})
        group = f"{locale[person]} {'f' if is_female[person] else 'm'}"
        first = words.given.first_of[group]
        places = np.roll(np.arange(words.given.count_of[group]), first - int(given[person]))
        for place in first + places if person != leader else ():
            if texts[place][0] == texts[given[leader]][0] and texts[place] not in names:
                given[person] = place
                break
        names.add(texts[given[person]])
    return given


def _relationship(
    dice: np.random.Generator, before: float, end: int, size: int, profile: Profile
) -> tuple[Ints, Ints]:
    """When each person becomes a customer, and when the company loses them."""
    already = dice.random(size) < before
    earlier = -dice.random(size) * BEFORE_DAYS * DAY
    joined = np.where(already, earlier, dice.random(size) * (end - DAY)).astype(np.int64)
    life = dice.exponential(profile["behavior"]["mean_lifetime_days"] * DAY, size)
    return joined, np.minimum(joined + life, float(NEVER)).astype(np.int64)


def _life(
    dice: np.random.Generator,
    shares: Mapping[str, float],
    joined: Ints,
    end: int,
    may_marry: Flags,
    phone_of: Ints,
) -> Ints:
    """When each event happens: at any time between becoming a customer and the end."""
    size = len(joined)
    life = np.full((size, len(LIFE)), NEVER, dtype=np.int64)
    for column, name in enumerate(LIFE):
        share = shares[name]
        if column == MARRIES:
            # A marriage is seen only for people whose name changes.
            share = min(1.0, share * size / max(1, int(may_marry.sum())))
        happens = dice.random(size) < share
        if column == MARRIES:
            happens &= may_marry
        if column == CHANGES_PHONE:
            happens &= phone_of == np.arange(size)
        start = np.maximum(joined, 0)
        when = start + (dice.random(size) * np.maximum(end - DAY - start, 1)).astype(np.int64)
        life[:, column] = np.where(happens, when, NEVER)
    # The first of a family that shares its phone keeps the number.
    shared = np.bincount(phone_of, minlength=size) > 1
    life[shared, CHANGES_PHONE] = NEVER
    return life
