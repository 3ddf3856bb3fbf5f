"""Writes given_names.csv from the lists of first names of the Python package Faker (MIT licence).

Run by hand when a newer version is wanted: `python seeds/identity/make_given_names.py`. A name is
taken if the lists of two countries have it, or the list of English names. Names of three or more
Latin letters only: shorter ones are initials, and other scripts are not compared letter by letter.
"""

import csv
import importlib
import pkgutil
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import faker.providers.person as person

OUTPUT = Path(__file__).with_name("given_names.csv")
ENGLISH = "en"
FEWEST_COUNTRIES = 2


def folded(name: str) -> str:
    """Return the name as macro fold_name writes it."""
    plain = unicodedata.normalize("NFD", name.lower())
    return re.sub(r"[\s\-'.]|[\u0300-\u036f]", "", plain)


def listed(provider: type) -> Iterable[str]:
    """Return the first names of a country's list, as they are written."""
    for attribute in dir(provider):
        names = getattr(provider, attribute)
        if attribute.startswith("first_names") and not isinstance(names, property):
            yield from (name for name in names if isinstance(name, str))


def main() -> None:
    """Write the seed."""
    countries: dict[str, set[str]] = defaultdict(set)
    for module in pkgutil.iter_modules(person.__path__):
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for name in listed(provider):
            countries[folded(name)].add(module.name)
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name"])
        writer.writerows(
            [name]
            for name, found in sorted(countries.items())
            if re.fullmatch("[a-z]{3,}", name)
            and (ENGLISH in found or len(found) >= FEWEST_COUNTRIES)
        )


if __name__ == "__main__":
    main()
