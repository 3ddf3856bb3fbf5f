"""What people tell of themselves beside names: family, home, where they heard of the company."""

from dataclasses import dataclass

import duckdb
import numpy as np

from portrait.generator.people import REGULAR, People
from portrait.generator.random_streams import Flags, Ints, choose, stream
from portrait.sql import sql_text

SINGLE, MARRIED, DIVORCED, WIDOWED = range(4)
MARITAL_STATUS = ("single", "married", "divorced", "widowed")
OWNED, RENTED = 0, 1
HOMES = ("owned", "rented")
# How the systems write it, by the script of the person's name.
MARITAL_WORDS = (("未婚", "single"), ("已婚", "married"), ("离异", "divorced"), ("丧偶", "widowed"))
HOME_WORDS = (("自有", "own"), ("租房", "rent"))
# Where visitors come from, with the share of people who mostly come from there.
INFORMATION_CHANNELS = ("search", "social", "mail", "direct", "ad")
MAIL, AD = 2, 4
CHANNEL_SHARES = np.array([0.3, 0.22, 0.12, 0.22, 0.14])
CHANNEL_WORDS = (
    ("搜索", "search"), ("小红书", "social"), ("邮件", "newsletter"), ("直接访问", "direct"),
    ("广告", "ad"),
)  # fmt: skip
# For whom somebody buys: mostly for people of the own gender.
FOR_WOMEN, FOR_MEN, FOR_ALL = 0, 1, 2
SHOPPING_GENDERS = ("female", "male", "neutral")
GROWN_UP_DAY = 10_000  # born before this day (since 1970): old enough for a family


@dataclass(frozen=True)
class Facts:
    """Arrays with one value per person of a chunk: places in the words above, and counts."""

    marital_status: Ints
    children: Ints
    household_size: Ints
    home: Ints
    information_channel: Ints
    shopping_gender: Ints


def make_facts(seed: int, chunk: int, people: People) -> Facts:
    """Draw the facts of the people of a chunk; those of a family fit each other."""
    dice = stream(seed, chunk, "facts of people")
    size = len(people)
    leader = np.where(people.household >= 0, people.household, np.arange(size))
    in_family = people.household >= 0
    family_size = np.bincount(leader, minlength=size)[leader]
    place = np.arange(size) - leader
    is_grown = people.birth_day < GROWN_UP_DAY
    drawn = choose(dice, np.array([0.42, 0.48, 0.07, 0.03]), size)
    status = np.where(is_grown, drawn, SINGLE)
    status = np.where(in_family, np.where(place < 2, MARRIED, SINGLE), status)
    children = np.minimum(dice.poisson(0.9, size), 4).astype(np.int64)
    children = np.where(status == SINGLE, 0, children)
    children = np.where(in_family & (place < 2), np.maximum(family_size - 2, 0), children)
    alone = 1 + (status == MARRIED) + np.where(status == MARRIED, children, children // 2)
    home = np.where(dice.random(size) < np.where(status == MARRIED, 0.7, 0.35), OWNED, RENTED)
    own = np.where(people.is_female, FOR_WOMEN, FOR_MEN)
    for_whom = choose(dice, np.array([0.84, 0.08, 0.08]), size)
    return Facts(
        marital_status=status,
        children=children,
        household_size=np.where(in_family, family_size, alone).astype(np.int64),
        home=home[leader],
        information_channel=choose(dice, CHANNEL_SHARES, size),
        shopping_gender=np.choose(for_whom, [own, 1 - own, np.full(size, FOR_ALL)]),
    )


def tells_facts(people: People) -> Flags:
    """Who has facts to tell: resellers and testers fill nothing in."""
    return people.kind == REGULAR


def register_facts(con: duckdb.DuckDBPyConnection, facts: Facts, people: People) -> None:
    """Make the table of a chunk's facts, in the words of the systems."""
    script = np.where(people.is_latin, 1, 0)

    def words(pairs: tuple[tuple[str, str], ...], places: Ints) -> np.ndarray:
        return np.array(pairs)[places, script]

    con.register("facts_in", {
        "person": np.arange(len(people)),
        "has_facts": tells_facts(people),
        "fact_marital_status": words(MARITAL_WORDS, facts.marital_status),
        "fact_children": facts.children,
        "fact_household_size": facts.household_size,
        "fact_home": words(HOME_WORDS, facts.home),
        "fact_source": words(CHANNEL_WORDS, facts.information_channel),
    })  # fmt: skip
    con.execute("create or replace temp table facts as select * from facts_in")
    con.unregister("facts_in")


def told_facts(share: float, turn: int) -> str:
    """Columns of a record with the facts that it tells; `turn` lets systems know other ones.

    `versions` and `facts` must be there under these names.
    """
    least = int(share * 1000)

    def told(place: int, column: str, name: str) -> str:
        return (
            f"case when has_facts and (versions.noise // {4096 * (1 + place) + 64 * turn}) % 1000"
            f" < {least} then cast({column} as varchar) end as {name}"
        )

    return ", ".join(
        told(place, column, name)
        for place, (column, name) in enumerate(
            (
                ("fact_marital_status", "marital_status"),
                ("fact_children", "children_count"),
                ("fact_household_size", "household_size"),
                ("fact_home", "home"),
            )
        )
    )


def fact_columns(facts: Facts) -> dict[str, np.ndarray]:
    """The facts as the truth shows them, as columns."""
    return {
        "marital_status": np.array(MARITAL_STATUS)[facts.marital_status],
        "children_count": facts.children,
        "household_size": facts.household_size,
        "home_kind": np.array(HOMES)[facts.home],
        "information_channel": np.array(INFORMATION_CHANNELS)[facts.information_channel],
        "shopping_gender": np.array(SHOPPING_GENDERS)[facts.shopping_gender],
    }


def channel_words() -> str:
    """The words for where a visitor comes from, as a list of SQL: by channel, then by script."""
    return "[" + ", ".join(sql_text(word) for pair in CHANNEL_WORDS for word in pair) + "]"
