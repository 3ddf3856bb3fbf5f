"""How well the households of a generated company agree with the truth: pairs of people, counted."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

Pair = tuple[str, str]
Query = Callable[[str], list[tuple[str, ...]]]

MEMBERS = "select household_id, customer_id from intermediate.int_household_members_listed"
# What a person who reads the records would see that two of them have in common.
OBSERVED = """
    select kind || ' ' || value, records.customer_id
    from (
        select record_key, 'phone' as kind, phone as value
        from intermediate.int_record_attributes_unioned
        union all
        select record_key, 'email', email from intermediate.int_record_attributes_unioned
        union all
        select record_key, 'address', city || ' ' || address
        from intermediate.int_record_attributes_unioned
        union all
        select record_key, 'device', native_device_id from intermediate.int_events_sessioned
        union all
        select record_key, 'declared', relationship_id
        from intermediate.int_customer_relationships where relationship_kind = 'family'
        union all
        select related_record_key, 'declared', relationship_id
        from intermediate.int_customer_relationships where relationship_kind = 'family'
    ) as observed
    inner join intermediate.int_records_clustered as records using (record_key)
    where value is not null
    group by all
"""
SAME_NAME_AND_ADDRESS = """
    select folded_last_name || ' ' || city || ' ' || address, records.customer_id
    from intermediate.int_record_attributes_unioned
    inner join intermediate.int_records_clustered as records using (record_key)
    where folded_last_name is not null and address is not null
"""


@dataclass
class HouseholdScores:
    """Counts of pairs of people; several companies add up.

    right, wrong: pairs that share a household here, and in truth or not. true: pairs of a family
    who both are customers; observable: those of them whose records have a value in common.
    seen: right pairs among the observable ones.
    """

    right: int = 0
    wrong: int = 0
    true: int = 0
    observable: int = 0
    seen: int = 0
    wrong_pairs: list[Pair] = field(default_factory=list)
    missed_pairs: list[Pair] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the pairs found that are one household; 1 without any."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs of one household that are found; 1 without any."""
        return self.right / self.true if self.true else 1.0

    @property
    def observable_recall(self) -> float:
        """The same of the pairs whose records have anything in common; 1 without any."""
        return self.seen / self.observable if self.observable else 1.0

    def summary(self) -> str:
        """Return the figures in a line."""
        return (
            f"Pairs of people in one household: precision {self.precision:.4f}"
            f" ({self.wrong} of {self.right + self.wrong} wrong), recall"
            f" {self.observable_recall:.4f} of {self.observable} that share something,"
            f" {self.recall:.4f} of all {self.true}."
        )

    def add(self, found: set[Pair], true: set[Pair], observable: set[Pair]) -> None:
        """Add the pairs of a company."""
        self.right += len(found & true)
        self.wrong += len(found - true)
        self.true += len(true)
        self.observable += len(observable)
        self.seen += len(found & observable)
        self.wrong_pairs += sorted(found - true)
        self.missed_pairs += sorted(observable - found)


def add_household_scores(
    query: Query, truth: Path, households: HouseholdScores, by_rule: HouseholdScores
) -> None:
    """Hold a build against the truth: its households, and the rule of one name and one address."""
    with (truth / "people.csv").open(encoding="utf-8", newline="") as file:
        family = {row["person_id"]: row["household_id"] for row in csv.DictReader(file)}
    with (truth / "records.csv").open(encoding="utf-8", newline="") as file:
        person = {
            (row["system"], row["native_id"]): row["person_id"] for row in csv.DictReader(file)
        }
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for system, native_id, customer in query(
        "select system, native_customer_id, customer_id from intermediate.int_records_clustered"
    ):
        if (system, native_id) in person:
            held[customer][person[system, native_id]] += 1
    # A customer is the person of most of its records.
    whose = {
        customer: min(counts, key=lambda one: (-counts[one], one))
        for customer, counts in held.items()
    }
    known = set(whose.values())
    true = _pairs((family[one], one) for one in known if family[one])
    shared = _pairs((value, whose[customer]) for value, customer in query(OBSERVED)
                    if family.get(whose.get(customer, ""), ""))  # fmt: skip
    observable = shared & true
    for scores, sql in ((households, MEMBERS), (by_rule, SAME_NAME_AND_ADDRESS)):
        found = _pairs(
            (group, whose[customer]) for group, customer in query(sql) if customer in whose
        )
        scores.add(found, true, observable)


def _pairs(grouped: Iterable[Pair]) -> set[Pair]:
    """Return the pairs of different people of each group of (group, person)."""
    groups: dict[str, set[str]] = defaultdict(set)
    for group, one in grouped:
        groups[group].add(one)
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}
