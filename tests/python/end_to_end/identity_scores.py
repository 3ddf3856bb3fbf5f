"""How well the clusters of a generated company agree with the truth: pairs of records, counted."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

# (system, native id)
Record = tuple[str, str]


@dataclass(frozen=True)
class Truth:
    """Who each record is, and what was planted in it.

    household: of people who share phone and device. organisation: of people who work for one.
    """

    person: dict[Record, str]
    dirt: dict[Record, list[str]]
    household: dict[str, str]
    organisation: dict[str, str] = field(default_factory=dict)


@dataclass
class Scores:
    """Counts of pairs of records; several companies add up.

    right, wrong: joined pairs of one person, of two. true: all pairs of one person.
    found_by, true_by: the same for the pairs of which a record has this dirt, or of these systems.
    merged_households: clusters that hold two people of a household with one phone and one device.
    merged_colleagues: clusters that hold two people of one organisation.
    """

    right: int = 0
    wrong: int = 0
    true: int = 0
    merged_households: int = 0
    merged_colleagues: int = 0
    found_by: Counter[str] = field(default_factory=Counter)
    true_by: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Share of the joined pairs that are one person; 1 without any."""
        joined = self.right + self.wrong
        return self.right / joined if joined else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs of one person that are joined; 1 without any."""
        return self.right / self.true if self.true else 1.0

    def report(self) -> str:
        """Return the figures as lines of a Markdown table."""
        lines = [
            "| Pairs of records of one person | Found | Of | Recall |",
            "|---|---|---|---|",
            f"| all | {self.right:,} | {self.true:,} | {self.recall:.3f} |",
        ]
        for kind, count in sorted(self.true_by.items()):
            found = self.found_by[kind]
            lines.append(f"| {kind} | {found:,} | {count:,} | {found / count:.3f} |")
        joined = self.right + self.wrong
        return "\n".join(
            [
                f"Precision {self.precision:.4f}: {self.wrong:,} of {joined:,} joined pairs are two"
                f" people. Merged households: {self.merged_households}, colleagues:"
                f" {self.merged_colleagues}.",
                "",
                *lines,
            ]
        )


def read_truth(folder: Path) -> Truth:
    """Read the truth that `portrait generate` writes beside the raw files."""
    with (folder / "records.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    return Truth(
        person={(row["system"], row["native_id"]): row["person_id"] for row in records},
        dirt={(row["system"], row["native_id"]): row["dirt"].split() for row in records},
        household={
            row["person_id"]: row["household_id"]
            for row in people
            if row["shares_phone"] == "true" and row["shares_device"] == "true"
        },
        organisation={
            row["person_id"]: row["organisation_id"] for row in people if row["organisation_id"]
        },
    )


def add_scores(scores: Scores, truth: Truth, customer: dict[Record, str]) -> None:
    """Add the pairs of a company's records: `customer` is the cluster of each."""
    known = {record: cluster for record, cluster in customer.items() if record in truth.person}
    for members in _groups(known).values():
        for record, other in combinations(members, 2):
            if truth.person[record] == truth.person[other]:
                scores.right += 1
            else:
                scores.wrong += 1
        people = {truth.person[record] for record in members}
        for share, name in (
            (truth.household, "merged_households"),
            (truth.organisation, "merged_colleagues"),
        ):
            shared = Counter(share[person] for person in people if person in share)
            is_merged = any(count > 1 for count in shared.values())
            setattr(scores, name, getattr(scores, name) + is_merged)
    for members in _groups({record: truth.person[record] for record in known}).values():
        for record, other in combinations(sorted(members), 2):
            is_found = known[record] == known[other]
            scores.true += 1
            for kind in _kinds(truth, record, other):
                scores.true_by[kind] += 1
                scores.found_by[kind] += is_found


def _groups(labels: dict[Record, str]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record, label in labels.items():
        groups[label].append(record)
    return groups


def _kinds(truth: Truth, record: Record, other: Record) -> Iterable[str]:
    """Return the systems of a pair, and what was planted in either record."""
    dirt = {*truth.dirt[record], *truth.dirt[other]}
    return [f"{record[0]} and {other[0]}", *(dirt or {"no dirt"})]
