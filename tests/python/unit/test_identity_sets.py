"""The sets of records on which identity is measured: the same by seed, and of their kind."""

import csv
import filecmp
import random
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from benchmarks.damage import Damage
from benchmarks.identity_sets import SETS, TABLES, write_set

MADE = [name for name in SETS if not name.startswith(("febrl", "fake"))]
FEW = {"damaged_50k": 3000}


def rows_of(folder: Path) -> list[dict[str, str]]:
    """Rows of all CSV files below a folder."""
    rows = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return rows


def written(folder: Path, name: str) -> tuple[dict[tuple[str, str], str], dict]:
    """The person and the row of each record of a set."""
    write_set(name, 1, folder / "raw", FEW.get(name, 2000 if name == "census" else None))
    person = {
        (row["system"], row["native_id"]): row["person_id"]
        for row in rows_of(folder / "raw_truth")
        if "native_id" in row
    }
    rows = {
        (system, row[key]): row
        for system, (table, key, _) in TABLES.items()
        for row in rows_of(folder / "raw" / system / table)
    }
    return person, rows


@pytest.mark.parametrize("name", MADE)
def test_a_set_is_the_same_by_seed_and_its_truth_names_every_record(
    name: str, tmp_path: Path
) -> None:
    size = FEW.get(name, 300)
    for folder, seed in (("one", 1), ("again", 1), ("other", 3)):
        write_set(name, seed, tmp_path / folder, size)
    files = [str(path.relative_to(tmp_path / "one")) for path in (tmp_path / "one").rglob("*.csv")]
    same = filecmp.cmpfiles(tmp_path / "one", tmp_path / "again", files, shallow=False)[0]
    assert sorted(same) == sorted(files)
    assert not filecmp.cmpfiles(tmp_path / "one", tmp_path / "other", files, shallow=False)[0]
    person, rows = written(tmp_path / "whole", name)
    assert set(person) == set(rows)
    numbers = rows_of(tmp_path / "whole" / "raw" / "crm" / "identifiers")
    assert {(row["system"], row["native_id"]) for row in numbers} <= set(person)


def test_a_small_company_has_namesakes_families_and_aliases(tmp_path: Path) -> None:
    person, rows = written(tmp_path, "small")
    assert 110 <= len(rows) <= 130
    people_of_name, names_of_person = defaultdict(set), defaultdict(set)
    for record, row in rows.items():
        name = row["full_name"] or f"{row['first_name']} {row['last_name']}"
        people_of_name[name].add(person[record])
        names_of_person[person[record]].add(frozenset(name.split()))
    assert sum(len(people) > 1 for people in people_of_name.values()) >= 5
    assert any(row["aliases"] for row in rows.values())
    households = Counter(
        row["household_id"] for row in rows_of(tmp_path / "raw_truth") if row.get("household_id")
    )
    assert len(households) >= 4
    assert max(households.values()) >= 2


def test_damaged_records_have_neither_mail_nor_phone_and_are_ten_a_person(tmp_path: Path) -> None:
    person, rows = written(tmp_path, "damaged")
    assert not {"email", "phone"} & set(next(iter(rows.values())))
    assert 8 < len(person) / len(set(person.values())) < 12
    names = defaultdict(set)
    for record, row in rows.items():
        names[person[record]].add(row["full_name"])
    # most of ten records write the name in another way
    assert sum(map(len, names.values())) > 0.5 * len(rows)


def test_a_census_has_twins_fathers_with_sons_of_one_name_and_names_that_were_taken(
    tmp_path: Path,
) -> None:
    person, rows = written(tmp_path, "census")
    household = {
        row["person_id"]: row["household_id"]
        for row in rows_of(tmp_path / "raw_truth")
        if "household_id" in row
    }
    births, names = defaultdict(set), defaultdict(set)
    for record, row in rows.items():
        if row["birth_date"]:
            births[household[person[record]], row["birth_date"]].add(person[record])
        names[person[record]].add((record[0], row["last_name"]))
    assert sum(len(people) > 1 for people in births.values()) >= 3
    assert any(row["last_name"].endswith(" Sr") for row in rows.values())
    assert sum(len(known) > 1 for known in names.values()) > 100
    counts = Counter(system for system, _ in rows)
    assert counts["crm"] > 0.8 * counts["shop"]


def test_each_person_of_two_tables_is_once_in_each(tmp_path: Path) -> None:
    person, _ = written(tmp_path, "two_tables")
    for system in ("shop", "pos"):
        people = [one for (whose, _), one in person.items() if whose == system]
        assert len(people) == len(set(people)) == 5000


def test_damage_changes_a_value_and_keeps_its_kind() -> None:
    damage = Damage(random.Random(7))
    # a slip may double a letter and another one take it away again
    slipped = [damage.slips("Elizabeth", 2) for _ in range(500)]
    assert slipped.count("Elizabeth") < 15
    assert len(set(slipped)) > 200
    for _ in range(500):
        day = damage.birth_date(date(1980, 2, 29))
        assert day != date(1980, 2, 29)
        number = damage.digits("A-1207")
        assert number != "A-1207"
        assert len(number) == 6
        assert number.startswith("A-")
    assert damage.short_form("William") == "Bill"
    assert damage.short_form("Xanthippe") in ("Xan", "Xant")
