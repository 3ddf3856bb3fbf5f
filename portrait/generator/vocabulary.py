"""Names, streets and other words: from Faker, once for a run, as numbered tables."""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
from faker import Faker

from portrait.generator.random_streams import Floats

TABLES = Path(__file__).parent / "tables"
LOCALES = ("zh_CN", "en_US", "en_GB", "de_DE", "fr_FR")
# Names only, of people who live somewhere else.
NAMES_OF_THE_WORLD = ("es_ES", "pt_BR", "it_IT", "tr_TR", "nl_NL", "sv_SE", "cs_CZ", "hu_HU")
WORDS_PER_LOCALE = 300


@dataclass(frozen=True)
class Words:
    """Numbered words of all locales; `first_of` and `count_of` find those of one locale."""

    texts: list[str]
    weights: Floats
    first_of: dict[str, int]
    count_of: dict[str, int]

    def weights_of(self, group: str) -> Floats:
        """The weights of one group."""
        first = self.first_of[group]
        return self.weights[first : first + self.count_of[group]]


@dataclass(frozen=True)
class Place:
    """A city with what follows from it."""

    country: str
    currency: str
    calling_code: str
    locale: str
    region: str
    city: str
    postcode: str
    weight: float


@dataclass(frozen=True)
class Vocabulary:
    """All words of a run. Groups of names: `zh_CN f`, `zh_CN m`, ...; of other words: locales."""

    places: list[Place]
    given: Words
    family: Words
    streets: Words
    jobs: Words
    companies: Words
    roman_given: list[str]
    roman_family: list[str]


@cache
def vocabulary() -> Vocabulary:
    """Read and draw the words; always the same ones."""
    with (TABLES / "places.csv").open(encoding="utf-8", newline="") as file:
        places = [Place(weight=float(row.pop("weight")), **row) for row in csv.DictReader(file)]
    chinese = import_module("faker.providers.person.zh_CN").Provider
    return Vocabulary(
        places=places,
        given=_words(
            {
                f"{locale} {sex}": _given(locale, sex)
                for locale in (*LOCALES, *NAMES_OF_THE_WORLD)
                for sex in "fm"
            }
        ),
        family=_words({locale: _family(locale) for locale in (*LOCALES, *NAMES_OF_THE_WORLD)}),
        streets=_words({locale: _drawn(locale, "street_name") for locale in LOCALES}),
        jobs=_words({locale: _drawn(locale, "job") for locale in LOCALES}),
        companies=_words({locale: _drawn(locale, "company") for locale in LOCALES}),
        roman_given=sorted({ascii_word(name) for name in chinese.first_romanized_names}),
        roman_family=sorted({ascii_word(name) for name in chinese.last_romanized_names}),
    )


def ascii_word(text: str) -> str:
    """Letters a to z only, as mail addresses hold them; empty for other scripts."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o")).lower()
    return "".join(letter for letter in folded if "a" <= letter <= "z")


def _words(groups: dict[str, dict[str, float]]) -> Words:
    texts: list[str] = []
    weights: list[float] = []
    first_of, count_of = {}, {}
    for group, entries in groups.items():
        first_of[group], count_of[group] = len(texts), len(entries)
        texts += entries
        weights += entries.values()
    return Words(texts, np.array(weights), first_of, count_of)


def _provider_names(locale: str, name: str) -> dict[str, float]:
    names = getattr(import_module(f"faker.providers.person.{locale}").Provider, name)
    weighted = names if hasattr(names, "items") else dict.fromkeys(names, 1.0)
    return {text: float(weight) for text, weight in weighted.items() if " " not in text}


def _given(locale: str, sex: str) -> dict[str, float]:
    names = _provider_names(locale, "first_names_female" if sex == "f" else "first_names_male")
    if locale != "zh_CN":
        return names
    # Faker has 131 Chinese given names; most people have two characters, so they are paired too.
    single = [name for name in names if len(name) == 1]
    pairs = {one + two: 1.0 for one in single for two in single if one != two}
    return {**dict.fromkeys(names, 12.0), **pairs}


def _family(locale: str) -> dict[str, float]:
    return _provider_names(locale, "last_names")


def _drawn(locale: str, kind: str) -> dict[str, float]:
    fake = Faker(locale)
    fake.seed_instance(20260630)
    texts = {getattr(fake, kind)(): 1.0 for _ in range(WORDS_PER_LOCALE)}
    return {text.replace("\n", " "): weight for text, weight in texts.items()}
