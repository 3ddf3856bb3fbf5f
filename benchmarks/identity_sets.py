"""Companies of kinds that the generator does not make, as raw files with the truth beside them.

`write_set(name, seed, raw)` writes the tables of the source contract, and `<raw>_truth` with who
each record is, as `portrait generate` does. The same name, seed and size write the same files.
Further names stand in the column `aliases`, divided by semicolons.
"""

from __future__ import annotations

import csv
import os
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import ClassVar

from faker import Faker

from benchmarks.damage import SHORT_FORMS, Damage, ranked

TABLES = {
    "shop": ("customers", "customer_id", "registered_at"),
    "pos": ("members", "member_id", "joined_at"),
    "crm": ("contacts", "contact_id", "created_at"),
}
LOAD = "load_date=2026-06-30"
WRITTEN_AT = "2026-01-15 10:00:00"
# type, value, issuer
Number = tuple[str, str, str]


@dataclass
class Entry:
    """A record of a set: whose it is, which system holds it, and what it says."""

    person: str
    system: str
    columns: dict[str, str]
    numbers: list[Number] = field(default_factory=list)
    household: str = ""


@dataclass(frozen=True)
class IdentitySet:
    """A kind of company: how it is made, how large it is unless told, and what it is."""

    make: Callable[[random.Random, int], list[Entry]]
    size: int
    about: str


def write_set(
    name: str, seed: int, raw: Path, size: int | None = None, *, twice_told: bool = False
) -> None:
    """Write the raw files of a set, and its truth beside them. A published set has no seed.

    `twice_told`: every record says once more, in other fields, what it says already.
    """
    kind = SETS[name]
    entries = kind.make(random.Random(f"{name} {seed}"), size or kind.size)
    if twice_told:
        entries = [_told_twice(entry, entries) for entry in entries]
    random.Random(f"order {name} {seed}").shuffle(entries)
    ids = [f"{entry.system[0].upper()}{place + 100_000}" for place, entry in enumerate(entries)]
    columns = dict.fromkeys(name for entry in entries for name in entry.columns)
    for system, (table, key, created) in TABLES.items():
        rows = [
            {key: native_id, **entry.columns, created: WRITTEN_AT, "updated_at": WRITTEN_AT}
            for native_id, entry in zip(ids, entries, strict=True)
            if entry.system == system
        ]
        _write(raw / system / table / LOAD / f"{table}.csv", [key, *columns, created], rows)
    numbers = [
        {
            "system": entry.system,
            "native_id": native_id,
            "identifier_type": kind_of_number,
            "identifier_value": value,
            "issuer": issuer,
            "updated_at": WRITTEN_AT,
        }
        for native_id, entry in zip(ids, entries, strict=True)
        for kind_of_number, value, issuer in entry.numbers
    ]
    _write(raw / "crm" / "identifiers" / LOAD / "identifiers.csv", (), numbers)
    truth = raw.with_name(f"{raw.name}_truth")
    _write(
        truth / "records.csv",
        (),
        [
            {
                "system": entry.system,
                "native_id": native_id,
                "person_id": entry.person,
                "dirt": "",
            }
            for native_id, entry in zip(ids, entries, strict=True)
        ],
    )
    households = {entry.person: entry.household for entry in entries}
    _write(
        truth / "people.csv",
        (),
        [
            {
                "person_id": person,
                "household_id": household,
                "shares_phone": str(bool(household)).lower(),
                "shares_device": str(bool(household)).lower(),
                "organisation_id": "",
            }
            for person, household in sorted(households.items())
        ],
    )


def _told_twice(entry: Entry, entries: Sequence[Entry]) -> Entry:
    """Return an entry that repeats itself: no field that it gets is news to who knows the others.

    Fields that some entry of the set has stay as they are, but for further names and addresses. A
    name of one word is a first name as a further name only, and so is left out.
    """
    told = entry.columns
    name = told.get("full_name") or " ".join(
        filter(None, (told.get("first_name"), told.get("last_name")))
    )
    city = told.get("city", "")
    derived = {
        "region": f"Region of {city}" if city else "",
        "birth_place": city,
        "occupation": "Customer",
    }
    fields_of_set = {field for one in entries for field in one.columns}
    columns = {field: text for field, text in derived.items() if field not in fields_of_set}
    columns["aliases"] = ";".join(filter(None, (told.get("aliases"), name if " " in name else "")))
    if told.get("address") and city:
        columns["address"] = f"{told['address']}, {city}"
    again = [(kind, told[kind], "") for kind in ("email", "phone") if told.get(kind)]
    again += [
        ("tax_number", f"OF{value}", issuer)
        for kind, value, issuer in entry.numbers
        if kind == "passport"
    ]
    return replace(entry, columns=told | columns, numbers=[*entry.numbers, *again])


def _write(path: Path, first: Sequence[str], rows: Sequence[dict[str, str]]) -> None:
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys([*first, *(name for row in rows for name in row)]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# Published sets ------------------------------------------------------------------------------


def _published(*parts: str) -> Iterator[dict[str, str]]:
    """Rows of a file in the folder that PORTRAIT_REAL_DATA names (default data/real)."""
    path = Path(os.environ.get("PORTRAIT_REAL_DATA", "data/real")).joinpath(*parts)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {name: (text or "").strip() for name, text in row.items()}


def _febrl(number: int, kind_of_number: str) -> Callable[[random.Random, int], list[Entry]]:
    def make(_: random.Random, __: int) -> list[Entry]:
        return [
            Entry(
                person=row["rec_id"].split("-")[1],
                system="shop",
                columns={
                    "first_name": row["given_name"],
                    "last_name": row["surname"],
                    "birth_date": _iso(row["date_of_birth"]),
                    "country": "AU",
                    "region": row["state"],
                    "city": row["suburb"],
                    "address": ", ".join(
                        filter(
                            None,
                            [
                                f"{row['street_number']} {row['address_1']}".strip(),
                                row["address_2"],
                            ],
                        )
                    ),
                    "postcode": row["postcode"],
                },
                numbers=[(kind_of_number, row["soc_sec_id"], "")] if row["soc_sec_id"] else [],
            )
            for row in _published("febrl", f"dataset{number}.csv")
        ]

    return make


def _iso(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits


def _fake_1000(_: random.Random, __: int) -> list[Entry]:
    return [
        Entry(
            person=row["cluster"],
            system="shop",
            columns={
                "first_name": row["first_name"],
                "last_name": row["surname"],
                "birth_date": row["dob"],
                "city": row["city"],
                "email": row["email"],
            },
        )
        for row in _published("fake_1000", "fake_1000.csv")
    ]


# Words ---------------------------------------------------------------------------------------


class Words:
    """Names and places of a country, from Faker, drawn with a die."""

    _known: ClassVar[dict[str, Words]] = {}

    def __init__(self, locale: str) -> None:
        """Draw the words of a locale, always the same ones."""
        fake = Faker(locale)
        fake.seed_instance(20260630)

        def some(draw: Callable[[], str], count: int = 1500) -> list[str]:
            return list(dict.fromkeys(draw() for _ in range(count)))

        self.given = {"f": some(fake.first_name_female), "m": some(fake.first_name_male)}
        self.family = {
            sex: [" ".join(reversed(name.split(", "))) for name in some(draw)]
            for sex, draw in (
                ("f", getattr(fake, "last_name_female", fake.last_name)),
                ("m", getattr(fake, "last_name_male", fake.last_name)),
            )
        }
        self.cities = some(fake.city, 400)
        self.streets = some(fake.street_name, 1500)
        self.jobs = some(fake.job, 120)

    @classmethod
    def of(cls, locale: str) -> Words:
        """The words of a locale, made once."""
        if locale not in cls._known:
            cls._known[locale] = cls(locale)
        return cls._known[locale]


def _a_day(dice: random.Random, first: int, last: int) -> date:
    return date(first, 1, 1) + timedelta(days=dice.randrange((last - first + 1) * 365))


# A small company of the whole world ----------------------------------------------------------

# Locale, country, and whether the family name comes first.
WORLD = (
    ("en_US", "US", False), ("en_GB", "GB", False), ("de_DE", "DE", False), ("fr_FR", "FR", False),
    ("es_ES", "ES", False), ("es_MX", "MX", False), ("pt_BR", "BR", False), ("it_IT", "IT", False),
    ("pl_PL", "PL", False), ("tr_TR", "TR", False), ("nl_NL", "NL", False), ("sv_SE", "SE", False),
    ("cs_CZ", "CZ", False), ("en_NG", "NG", False), ("en_IN", "IN", False), ("id_ID", "ID", False),
    ("hu_HU", "HU", True), ("vi_VN", "VN", True), ("zh_CN", "CN", True), ("ja_JP", "JP", True),
    ("ko_KR", "KR", True), ("ru_RU", "RU", False), ("el_GR", "GR", False),
)  # fmt: skip


@dataclass
class Somebody:
    """A person of the small company."""

    person: str
    given: str
    family: str
    gender: str
    born: date
    country: str
    is_family_first: bool
    city: str
    email: str
    phone: str
    numbers: list[Number]
    alias: str = ""
    household: str = ""


def _somebody(dice: random.Random, person: str) -> Somebody:
    locale, country, is_family_first = dice.choice(WORLD)
    words = Words.of(locale)
    gender = dice.choice("fm")
    given, family = dice.choice(words.given[gender]), dice.choice(words.family[gender])
    return Somebody(
        person=person,
        given=given,
        family=family,
        gender=gender,
        born=_a_day(dice, 1945, 2004),
        country=country,
        is_family_first=is_family_first,
        city=dice.choice(words.cities),
        email=_mail(dice, given, family),
        phone=_phone(dice),
        numbers=_numbers(dice, country),
    )


def _phone(dice: random.Random) -> str:
    return f"+4930{dice.randrange(10**6, 10**7)}"


def _mail(dice: random.Random, given: str, family: str) -> str:
    """An address, mostly made of the name."""
    letters = "".join(
        sign for sign in f"{given}.{family}".lower() if sign.isascii() and sign != " "
    )
    if len(letters) < 6 or dice.random() < 0.3:
        letters = "".join(dice.choice("abcdefghijklmnoprstuvw") for _ in range(8))
    number = dice.choice(["", str(dice.randrange(1, 99))])
    return f"{letters}{number}@{dice.choice(['mail', 'post', 'inbox'])}.example"


def _numbers(dice: random.Random, country: str) -> list[Number]:
    passport = f"{dice.choice('ABCEGKLNPR')}{dice.randrange(10**7, 10**8)}"
    national = f"{dice.randrange(10**9, 10**10)}"
    return [("passport", passport, country), ("national_id", national, country)]


def _relative(dice: random.Random, of: Somebody, person: str, kind: str) -> Somebody:
    """A partner, child, twin, or son of his father's name: at one place, often with one number."""
    words = Words.of(next(locale for locale, country, _ in WORLD if country == of.country))
    gender = {"partner": "m" if of.gender == "f" else "f", "namesake": of.gender}.get(
        kind, dice.choice("fm")
    )
    given = of.given
    while kind != "namesake" and given == of.given:
        given = dice.choice(words.given[gender])
        # half of the families have equal initials, and some have names of one stem
        alike = [name for name in words.given[gender] if name[0] == of.given[0] != name]
        stem = [name for name in alike if name[:3] == of.given[:3] and name != of.given]
        if alike and dice.random() < 0.5:
            given = dice.choice(stem or alike)
    years = {"partner": dice.randrange(-6, 7), "twin": 0}.get(kind, dice.randrange(20, 36))
    is_twin = kind == "twin"
    return replace(
        of,
        person=person,
        given=given,
        gender=gender,
        born=of.born if is_twin else of.born + timedelta(days=years * 365 + dice.randrange(365)),
        email=of.email
        if kind != "namesake" and dice.random() < 0.3
        else _mail(dice, given, of.family),
        phone=of.phone if dice.random() < 0.6 else _phone(dice),
        numbers=_numbers(dice, of.country),
        alias="",
        household=of.person,
    )


def _small(dice: random.Random, size: int) -> list[Entry]:
    """About `size` clean records of few fields: namesakes, families, aliases, identity numbers."""
    people: list[Somebody] = []
    while len(people) < size * 0.55:
        one = _somebody(dice, f"P{len(people)}")
        kind = dice.random()
        if kind < 0.12:
            one.alias = _somebody(dice, "").given + " " + one.family
        people.append(one)
        if 0.12 <= kind < 0.34:
            other = _somebody(dice, f"P{len(people)}")
            people.append(
                replace(other, given=one.given, family=one.family, gender=one.gender,
                        country=one.country, is_family_first=one.is_family_first,
                        city=dice.choice([one.city, other.city, other.city]),
                        numbers=_numbers(dice, one.country),
                        email=_mail(dice, one.given, one.family))
            )  # fmt: skip
        elif 0.34 <= kind < 0.56:
            one.household = one.person
            one.born = one.born.replace(year=min(one.born.year, 1979), day=min(one.born.day, 28))
            for relation in dice.sample(["partner", "child", "twin", "namesake"], 2):
                people.append(_relative(dice, one, f"P{len(people)}", relation))
    entries: list[Entry] = []
    while len(entries) < size and people:
        one = people.pop(0)
        count = dice.choices([1, 2, 3, 4], [0.35, 0.35, 0.2, 0.1])[0]
        anchor = dice.choice(["born", "born", "number", "email", "city"])
        # of another name, only a number says who it is
        anchor = "number" if one.alias else anchor
        entries += [_small_entry(dice, one, anchor, turn) for turn in range(count)]
    return entries


def _small_entry(dice: random.Random, one: Somebody, anchor: str, turn: int) -> Entry:
    """A record that mostly shows what ties the person's records together, and little else."""

    def shows(what: str, share: float) -> bool:
        return dice.random() < (0.95 if what == anchor else share)

    columns: dict[str, str] = {}
    given, family = _written_name(dice, one)
    if one.alias and turn == 1:
        columns["full_name"] = one.alias
    elif dice.random() < 0.6:
        order = [family, given] if one.is_family_first else [given, family]
        joined = "" if one.country in ("CN", "JP", "KR") else " "
        columns["full_name"] = joined.join(order)
    else:
        columns |= {"first_name": given, "last_name": family}
    if one.alias and turn != 1 and dice.random() < 0.7:
        columns["aliases"] = one.alias
    if shows("born", 0.4):
        columns["birth_date"] = one.born.isoformat()
    if dice.random() < 0.8:
        columns["country"] = one.country
    if shows("city", 0.4):
        columns["city"] = one.city
    if shows("email", 0.2):
        name, domain = one.email.split("@")
        columns["email"] = f"{name}+shop@{domain}" if dice.random() < 0.1 else one.email
    if dice.random() < 0.2:
        columns["phone"] = one.phone
    if dice.random() < 0.3:
        columns["gender"] = one.gender
    numbers = [number for number in one.numbers[:1] if shows("number", 0.2)]
    numbers += [number for number in one.numbers[1:] if dice.random() < 0.1]
    system = dice.choice(list(TABLES))
    return Entry(one.person, system, columns, numbers, one.household)


def _written_name(dice: random.Random, one: Somebody) -> tuple[str, str]:
    """Given and family name; some without accents, with a short form, or with an initial."""
    given, family = one.given, one.family
    if dice.random() < 0.06 and given in SHORT_FORMS:
        given = SHORT_FORMS[given]
    elif dice.random() < 0.04 and given.isascii():
        given = f"{given[0]}."
    if dice.random() < 0.2:
        given, family = _without_accents(given), _without_accents(family)
    return given, family


def _without_accents(text: str) -> str:
    """The text without its accents, where it is in Latin letters."""
    if not unicodedata.name(text[0], "").startswith("LATIN"):
        return text
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


# Three lists of people and organisations -----------------------------------------------------

# One name each line, as lists of different countries write it.
ARABIC_GIVEN = (
    "Muhammad Mohammed Mohamed Mohammad", "Ahmad Ahmed", "Yusuf Yousef Youssef", "Umar Omar",
    "Abdullah Abdallah", "Husayn Hussein Hussain", "Hasan Hassan", "Khalid Khaled",
    "Sulayman Suleiman Sulaiman", "Ibrahim Ebrahim", "Mustafa Moustafa", "Faysal Faisal",
    "Tariq Tarek", "Usama Osama", "Jamal Gamal", "Nur Noor", "Walid Waleed", "Said Saeed",
    "Rashid Rasheed", "Mahmud Mahmoud", "Fatima Fatimah", "Maryam Mariam", "Layla Leila",
)  # fmt: skip
ARABIC_FAMILY = (
    "al-Masri Al-Masri El-Masry", "al-Hashimi Al Hashemi", "al-Tikriti Altikriti", "Qasim Kassem",
    "al-Husayni Al-Hussaini", "Khalil Khaleel", "al-Baghdadi Al Baghdadi", "Salih Saleh",
    "al-Rawi Al-Rawi Alrawi", "Abbas Abas", "al-Sharif El Sherif", "Haddad Hadad",
    "al-Zawi Al Zawy", "Mansur Mansour", "al-Dulaymi Al-Dulaimi", "Nasir Nasser",
)  # fmt: skip
RUSSIAN_GIVEN = (
    "Sergey Sergei", "Yuriy Yuri Yury", "Dmitry Dmitri Dmitriy", "Alexey Aleksei", "Andrey Andrei",
    "Evgeny Yevgeny Evgeniy", "Mikhail Michail", "Alexander Aleksandr", "Viktor Victor",
    "Vasily Vasiliy", "Oxana Oksana", "Yulia Julia", "Ekaterina Yekaterina", "Nikolay Nikolai",
)  # fmt: skip
RUSSIAN_FAMILY = (
    "Kovalyov Kovalev", "Tchernov Chernov", "Vorobyov Vorobiev", "Zaytsev Zaitsev",
    "Grigoryev Grigoriev", "Soloviev Solovyov", "Timofeyev Timofeev", "Yakovlev Iakovlev",
    "Bogatyryov Bogatyrev", "Shcherbakov Scherbakov", "Mischenko Mishchenko", "Alekseev Alexeyev",
)  # fmt: skip
TRADES = ("Trading", "Shipping", "Logistics", "Construction", "Petrochemical", "Electronics")
FORMS = ("Company", "Co.", "LLC", "Ltd", "Group", "Foundation", "Establishment")
COUNTRY_NAMES = ("IQ", "SY", "LB", "RU", "UA", "MX", "CO", "NG", "PK", "AE")


@dataclass
class Listed:
    """Whom the lists name: a person, or an organisation, whose first names are empty."""

    person: str
    givens: list[list[str]]
    families: list[list[str]]
    born: date
    country: str
    birth_place: str
    numbers: list[Number]
    aliases: list[str]
    gender: str = ""
    name: str = ""


def _listed_person(dice: random.Random, person: str) -> Listed:
    culture = dice.choice(["arabic", "arabic", "russian", "spanish", "english"])
    if culture in ("arabic", "russian"):
        given_lines, family_lines = {
            "arabic": (ARABIC_GIVEN, ARABIC_FAMILY),
            "russian": (RUSSIAN_GIVEN, RUSSIAN_FAMILY),
        }[culture]
        givens = [line.split() for line in dice.sample(given_lines, 2)]
        families = [_spellings(dice.choice(family_lines))]
        country = dice.choice(COUNTRY_NAMES[:3] if culture == "arabic" else COUNTRY_NAMES[3:5])
        words = Words.of("en_GB")
    else:
        words = Words.of("es_MX" if culture == "spanish" else "en_NG")
        givens = [[dice.choice(words.given["m"])] for _ in range(2)]
        families = [[dice.choice(words.family["m"])] for _ in range(1 + (culture == "spanish"))]
        country = dice.choice(COUNTRY_NAMES[5:7] if culture == "spanish" else COUNTRY_NAMES[7:8])
    aliases = []
    for _ in range(dice.choices([0, 1, 2], [0.5, 0.35, 0.15])[0]):
        kind = dice.random()
        if kind < 0.5:
            aliases.append(f"Abu {dice.choice(givens[1])} {dice.choice(families[0])}")
        else:
            aliases.append(
                f"{dice.choice(Words.of('en_NG').given['m'])}"
                f" {dice.choice(Words.of('es_MX').family['m'])}"
            )
    return Listed(
        person=person,
        givens=givens,
        families=families,
        born=_a_day(dice, 1940, 1990),
        country=country,
        birth_place=dice.choice(words.cities),
        numbers=[
            ("passport", f"{dice.choice('ABGHNS')}{dice.randrange(10**7, 10**8)}", country),
            ("national_id", f"{dice.randrange(10**10, 10**11)}", country),
            ("driving_licence", f"{dice.choice('DL')}{dice.randrange(10**6, 10**7)}", country),
        ],
        aliases=aliases,
        gender="m",
    )


def _spellings(line: str) -> list[str]:
    """The spellings of a family name; a blank before a capital divides them, except after `Al`."""
    spellings: list[str] = []
    for word in line.split():
        if spellings and spellings[-1] in ("Al", "El"):
            spellings[-1] += f" {word}"
        else:
            spellings.append(word)
    return spellings


def _listed_organisation(dice: random.Random, person: str) -> Listed:
    names = [_spellings(dice.choice(lines))[0] for lines in (ARABIC_FAMILY, RUSSIAN_FAMILY)]
    root = dice.choice([*names, dice.choice(Words.of("en_GB").cities)])
    trade = dice.choice(TRADES)
    country = dice.choice(COUNTRY_NAMES)
    return Listed(
        person=person,
        givens=[],
        families=[],
        born=date(2000, 1, 1),
        country=country,
        birth_place=dice.choice(Words.of("en_GB").cities),
        numbers=[("registration_number", f"{dice.randrange(10**5, 10**7)}", country)],
        aliases=[f"{root} {trade}"] if dice.random() < 0.4 else [],
        name=f"{root} {dice.choice(['General ', '', ''])}{trade}",
    )


def _lists(dice: random.Random, size: int) -> list[Entry]:
    """About `size` records of three lists: aliases, spellings, organisations, few fields."""
    entries: list[Entry] = []
    person = 0
    while len(entries) < size:
        person += 1
        is_organisation = dice.random() < 0.25
        one = (_listed_organisation if is_organisation else _listed_person)(dice, f"L{person}")
        on = dice.sample(list(TABLES), dice.choices([1, 2, 3], [0.3, 0.4, 0.3])[0])
        on += dice.sample(on, 1) if dice.random() < 0.06 else []
        entries += [_listed_entry(dice, one, system) for system in on]
        if dice.random() < 0.35:
            person += 1
            other = _confusable(dice, one, f"L{person}")
            entries += [
                _listed_entry(dice, other, system)
                for system in dice.sample(list(TABLES), dice.choice([1, 2]))
            ]
    return entries


def _confusable(dice: random.Random, one: Listed, person: str) -> Listed:
    """Somebody else of the same name, a brother of one birth place, or a firm of the owner's."""
    if one.name:
        other = _listed_organisation(dice, person)
        root = one.name.split(" ")[0]
        return replace(
            other, name=f"{root} {dice.choice(TRADES)} {dice.choice(['International', 'East'])}",
            country=one.country, birth_place=one.birth_place,
        )  # fmt: skip
    other = _listed_person(dice, person)
    if dice.random() < 0.5:
        return replace(other, givens=one.givens, families=one.families, country=one.country)
    return replace(
        other,
        givens=[*other.givens[:1], *one.givens[1:]],
        families=one.families,
        country=one.country,
        birth_place=one.birth_place,
        born=one.born + timedelta(days=dice.randrange(400, 2500)),
    )


def _listed_entry(dice: random.Random, one: Listed, system: str) -> Entry:
    columns: dict[str, str] = {}
    names = [_listed_name(dice, one), *one.aliases]
    if one.aliases and dice.random() < 0.15:
        names = [names[1], names[0], *names[2:]]
    columns["full_name"] = names[0]
    if len(names) > 1 and dice.random() < 0.7:
        columns["aliases"] = ";".join(names[1:])
    if not one.name:
        drawn = dice.random()
        if drawn < 0.75:
            columns["birth_date"] = one.born.isoformat()
        elif drawn < 0.83:
            columns["birth_date"] = str(one.born.year)
        if dice.random() < 0.5:
            columns["birth_place"] = one.birth_place
        if dice.random() < 0.3:
            columns["gender"] = one.gender
    if dice.random() < 0.7:
        columns["country"] = one.country
    if dice.random() < (0.6 if one.name else 0.3):
        columns["city"] = one.birth_place
    shares = {"passport": 0.6, "national_id": 0.35, "driving_licence": 0.2}
    numbers = [
        (kind, _punctuated(dice, value), issuer if dice.random() < 0.5 else "")
        for kind, value, issuer in one.numbers
        if dice.random() < shares.get(kind, 0.6)
    ]
    return Entry(one.person, system, columns, numbers)


def _listed_name(dice: random.Random, one: Listed) -> str:
    if one.name:
        return f"{one.name} {dice.choice(FORMS)}" if dice.random() < 0.7 else one.name
    givens = [dice.choice(line) for line in one.givens[: 1 + (dice.random() < 0.4)]]
    families = [dice.choice(line) for line in one.families]
    if len(families) > 1 and dice.random() < 0.4:
        families = families[:1]
    if dice.random() < 0.35:
        return f"{' '.join(families).upper()}, {' '.join(givens)}"
    return " ".join([*givens, *families])


def _punctuated(dice: random.Random, number: str) -> str:
    drawn = dice.random()
    if drawn < 0.15:
        return f"{number[:3]}-{number[3:]}"
    if drawn < 0.25:
        return f"{number[:1]} {number[1:]}"
    if drawn < 0.32:
        return f"No. {number}"
    return number


# Badly damaged records -----------------------------------------------------------------------


@dataclass
class Ancestor:
    """A person of the damaged records; outward is the first half of the postcode."""

    person: str
    given: str
    middle: str
    family: str
    other_family: str
    gender: str
    born: date
    birth_place: str
    city: str
    outward: str
    inward: str
    street: str
    job: str


def _postcodes(words: Words, dice: random.Random) -> dict[str, str]:
    """The first half of the postcodes of each town."""
    letters = "ABCDEFGHKLMNPRSTW"
    return {
        city: f"{dice.choice(letters)}{dice.choice(letters)}{dice.randrange(1, 30)}"
        for city in words.cities
    }


def _inward(dice: random.Random) -> str:
    return f"{dice.randrange(10)}{dice.choice('ABDEFGHJLNPQ')}{dice.choice('ABDEFGHJLNPQ')}"


def _damaged(dice: random.Random, size: int) -> list[Entry]:
    """Records without mail and phone, about ten a person, most of them damaged in several ways."""
    words, damage = Words.of("en_GB"), Damage(dice)
    family_names = list(dict.fromkeys([*words.family["f"], *Words.of("en_US").family["f"]]))
    outward = _postcodes(words, dice)
    entries: list[Entry] = []
    people: list[Ancestor] = []
    while len(entries) < size:
        gender = dice.choice("fm")
        city = ranked(words.cities, dice)
        one = Ancestor(
            person=f"D{len(people)}",
            given=ranked(words.given[gender], dice, 0.9),
            middle=ranked(words.given[gender], dice, 0.9) if damage.happens(0.5) else "",
            family=ranked(family_names, dice, 0.5),
            other_family=dice.choice(family_names),
            gender=gender,
            born=_a_day(dice, 1915, 2005),
            birth_place=city if damage.happens(0.6) else ranked(words.cities, dice),
            city=city,
            outward=outward[city],
            inward=_inward(dice),
            street=f"{dice.randrange(1, 180)} {dice.choice(words.streets)}",
            job=ranked(words.jobs, dice),
        )
        if people and damage.happens(0.06):
            # a brother or sister, one in five a twin
            older = people[-1]
            apart = 0 if damage.happens(0.2) else dice.randrange(400, 3000)
            one = replace(
                one, family=older.family, born=older.born + timedelta(days=apart),
                birth_place=older.birth_place, city=older.city, outward=older.outward,
                inward=older.inward, street=older.street,
            )  # fmt: skip
        people.append(one)
        count = min(max(1, round(dice.gammavariate(2.2, 4.5))), 40)
        entries += [_damaged_entry(damage, one, words, family_names, outward) for _ in range(count)]
    return entries[:size]


def _damaged_entry(
    damage: Damage,
    one: Ancestor,
    words: Words,
    family_names: Sequence[str],
    outward: dict[str, str],
) -> Entry:
    """One in five records is nearly clean, one in three much worse than the usual one."""
    dice = damage.dice
    force = dice.choices([0.15, 1.0, 1.6], [0.2, 0.5, 0.3])[0]

    def happens(share: float) -> bool:
        return dice.random() < share * force

    given, family, middle = one.given, one.family, one.middle
    if happens(0.14):
        given = damage.short_form(given)
    elif happens(0.05) and middle:
        given, middle = middle, ""
    elif happens(0.09):
        given = given[0]
    given = damage.name(given, 0.16 * force, 0.1 * force) if len(given) > 1 else given
    if one.gender == "f" and happens(0.1):
        family = one.other_family
    family = damage.name(family, 0.18 * force, 0.1 * force)
    if middle and happens(0.5):
        middle = middle[0] if happens(0.4) else ""
    parts = [given, middle, family]
    if happens(0.05):
        parts = [family, given]
    elif happens(0.04):
        parts = [family]
    elif happens(0.03):
        parts = [given]
    columns = {"full_name": " ".join(filter(None, parts)), "country": "GB"}
    if not happens(0.22):
        born = one.born
        if happens(0.18):
            born = damage.birth_date(born, 2 if happens(0.2) else 1)
        elif happens(0.07):
            born = date(born.year, 1, 1)
        columns["birth_date"] = born.isoformat()
    if not happens(0.12):
        columns["birth_place"] = damage.name(one.birth_place, 0.12 * force, 0.02)
    moved = happens(0.1)
    city = dice.choice(words.cities) if moved else one.city
    if not happens(0.25):
        columns["city"] = damage.name(city, 0.1 * force, 0.02)
    if not happens(0.25):
        inward = _inward(dice) if moved or happens(0.2) else one.inward
        columns["postcode"] = f"{outward[city]} {inward}"
    if not moved and not happens(0.6):
        number, street = one.street.split(" ", 1)
        columns["address"] = f"{number} {street}" if happens(0.6) else damage.name(street, 0.1, 0)
    if not happens(0.2):
        wrong = "m" if one.gender == "f" else "f"
        columns["gender"] = wrong if happens(0.02) else one.gender
    if not happens(0.35):
        columns["occupation"] = dice.choice(words.jobs) if happens(0.15) else one.job
    return Entry(one.person, dice.choice(list(TABLES)), columns)


# A census, taken twice -----------------------------------------------------------------------


@dataclass
class Member:
    """A member of a household in a census."""

    person: str
    given: str
    family: str
    gender: str
    born: date
    suffix: str = ""


@dataclass
class Home:
    """Where a household lives."""

    address: str
    city: str
    postcode: str


def _census(dice: random.Random, size: int) -> list[Entry]:
    """Two censuses five years apart: households of one name, twins, father and son of one name."""
    words, damage = Words.of("en_US"), Damage(dice)
    codes = {city: f"{dice.randrange(10_000, 99_000)}" for city in words.cities[:60]}
    entries: list[Entry] = []
    count = household = 0

    def a_home() -> Home:
        city = ranked(list(codes), dice, 0.8)
        street = f"{dice.randrange(1, 900)} {ranked(words.streets, dice, 0.3)}"
        return Home(street, city, codes[city])

    def somebody(family: str, gender: str, born: date, given: str = "") -> Member:
        nonlocal count
        count += 1
        return Member(
            f"C{count}", given or ranked(words.given[gender], dice, 0.6), family, gender, born
        )

    while len(entries) < size:
        household += 1
        family = ranked(words.family["f"], dice, 0.6)
        head = somebody(family, dice.choice("fm"), _a_day(dice, 1925, 1990))
        members = [head]
        if damage.happens(0.65):
            gender = "m" if head.gender == "f" else "f"
            name = family if damage.happens(0.85) else ranked(words.family["f"], dice, 0.6)
            born = head.born + timedelta(days=dice.randrange(-2500, 2500))
            members.append(somebody(name, gender, born))
            members += _children(dice, damage, head, somebody)
        home = a_home()
        later_home = a_home() if damage.happens(0.15) else home
        for member in members:
            stays = damage.happens(0.93)
            leaves = member not in members[:2] and member.born.year < 2000 and damage.happens(0.3)
            own_home = a_home() if leaves else later_home
            later = replace(member)
            marries = member.gender == "f" and (leaves or len(members) == 1)
            if marries and damage.happens(0.4):
                later.family = ranked(words.family["f"], dice, 0.6)
            name = f"H{household}"
            entries.append(_census_entry(damage, member, home, "shop", name))
            if damage.happens(0.02):
                entries.append(_census_entry(damage, member, home, "shop", name))
            if stays:
                entries.append(_census_entry(damage, later, own_home, "crm", name))
    return entries


def _children(
    dice: random.Random, damage: Damage, head: Member, somebody: Callable[..., Member]
) -> list[Member]:
    children: list[Member] = []
    born = head.born + timedelta(days=dice.randrange(7500, 11000))
    for _ in range(dice.choices([0, 1, 2, 3, 4], [0.25, 0.25, 0.3, 0.15, 0.05])[0]):
        if born.year > 2014:
            break
        gender = dice.choice("fm")
        child = somebody(head.family, gender, born)
        if gender == "m" and head.gender == "m" and not children and damage.happens(0.06):
            child.given, head.suffix, child.suffix = head.given, "Sr", "Jr"
        while any(child.given == other.given for other in [*children, head]) and not child.suffix:
            child.given = ranked(Words.of("en_US").given[gender], dice, 0.1)
        children.append(child)
        if damage.happens(0.03):
            twin = somebody(head.family, dice.choice([gender, gender, "f"]), born)
            # No parents call twins Steven and Stephen, but some call them Darla and Darlene.
            alike = [
                name
                for name in Words.of("en_US").given[twin.gender]
                if name[0] == child.given[0]
                and SequenceMatcher(None, name, child.given).ratio() < 0.76
            ]
            if alike and damage.happens(0.4):
                twin.given = dice.choice(alike)
            while twin.given == child.given:
                twin.given = ranked(Words.of("en_US").given[twin.gender], dice, 0.1)
            children.append(twin)
        born += timedelta(days=dice.randrange(400, 1500))
    return children


def _census_entry(damage: Damage, one: Member, home: Home, system: str, household: str) -> Entry:
    given, family = one.given, one.family
    if damage.happens(0.05):
        given = damage.short_form(given)
    elif damage.happens(0.02):
        given = given[0]
    else:
        given = damage.name(given, 0.05, 0.01)
    family = damage.name(family, 0.05, 0.01)
    columns = {"first_name": given, "last_name": family, "country": "US"}
    if damage.happens(0.01):
        columns |= {"first_name": family, "last_name": given}
    if one.suffix and damage.happens(0.7):
        columns["last_name"] = f"{columns['last_name']} {one.suffix}"
    if not damage.happens(0.03):
        born = damage.birth_date(one.born) if damage.happens(0.07) else one.born
        columns["birth_date"] = born.isoformat()
    if not damage.happens(0.03):
        number, street = home.address.split(" ", 1)
        columns["address"] = f"{number} {damage.name(street, 0.04, 0.01)}"
    columns["city"] = damage.name(home.city, 0.02, 0)
    if not damage.happens(0.04):
        code = home.postcode
        columns["postcode"] = damage.digits(code) if damage.happens(0.02) else code
    if not damage.happens(0.05):
        columns["gender"] = one.gender
    return Entry(one.person, system, columns, [], household)


# Two tables ----------------------------------------------------------------------------------


def _two_tables(dice: random.Random, size: int) -> list[Entry]:
    """Two tables of `size` in the manner of FEBRL 4: everybody once in each, the second damaged."""
    words, damage = Words.of("en_AU"), Damage(dice)
    suburbs = {city: f"{dice.randrange(2000, 7999)}" for city in words.cities}
    states = ("nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt")
    entries: list[Entry] = []
    for number in range(size):
        gender = dice.choice("fm")
        city = ranked(words.cities, dice, 0.4)
        person = {
            "first_name": ranked(words.given[gender], dice).lower(),
            "last_name": ranked(words.family[gender], dice, 0.4).lower(),
            "birth_date": _a_day(dice, 1910, 1999).isoformat(),
            "street_number": str(dice.randrange(1, 300)),
            "street": dice.choice(words.streets).lower(),
            "rest": dice.choice(words.cities).lower() if damage.happens(0.6) else "",
            "city": city.lower(),
            "postcode": suburbs[city],
            "region": states[int(suburbs[city]) % 8],
            "number": str(dice.randrange(10**6, 10**7)),
        }
        again = dict(person)
        for name in dice.choices(
            list(again), k=dice.choices([1, 2, 3, 4, 5, 6], [3, 3, 3, 2, 1, 1])[0]
        ):
            again[name] = _damaged_field(damage, name, again[name])
        if damage.happens(0.03):
            again["first_name"], again["last_name"] = again["last_name"], again["first_name"]
        for system, values in (("shop", person), ("pos", again)):
            first_line = f"{values['street_number']} {values['street']}".strip()
            columns = {
                **{
                    name: values[name]
                    for name in (
                        "first_name", "last_name", "birth_date", "city", "postcode", "region",
                    )
                },
                "address": ", ".join(filter(None, [first_line, values["rest"]])),
                "country": "AU",
            }  # fmt: skip
            numbers = [("social_security", values["number"], "")] if values["number"] else []
            entries.append(Entry(f"T{number}", system, columns, numbers))
    return entries


def _damaged_field(damage: Damage, name: str, value: str) -> str:
    """A field that is left out, or written with a slip or two."""
    if not value or damage.happens(0.25):
        return ""
    if name == "birth_date":
        return damage.birth_date(date.fromisoformat(value)).isoformat()
    if value.isdigit():
        return damage.digits(value)
    if name == "region":
        return damage.dice.choice(["nsw", "vic", "qld"])
    return damage.slips(value, 1 + damage.happens(0.4))


SETS = {
    "febrl1": IdentitySet(_febrl(1, "social_security"), 1000, "FEBRL 1, whole records"),
    "febrl3": IdentitySet(_febrl(3, "social_security"), 5000, "FEBRL 3, whole records"),
    "febrl3_national_id": IdentitySet(
        _febrl(3, "national_id"), 5000, "FEBRL 3, its number as an identity number that joins"
    ),
    "fake_1000": IdentitySet(_fake_1000, 1000, "fake_1000 of Splink"),
    "small": IdentitySet(_small, 120, "few fields, many countries, namesakes and families"),
    "lists": IdentitySet(_lists, 160, "three lists with aliases and organisations"),
    "damaged": IdentitySet(_damaged, 5000, "badly damaged, about ten records a person"),
    "damaged_50k": IdentitySet(_damaged, 50_000, "the same, 50,000 records"),
    "census": IdentitySet(_census, 20_000, "two censuses of households"),
    "two_tables": IdentitySet(_two_tables, 5000, "two tables in the manner of FEBRL 4"),
}
