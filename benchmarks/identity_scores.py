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
    records: how many there are; own_share, person_share: sums over records of the share of their
    cluster that is the same person, and of their person that is in the same cluster (B-cubed of
    Bagga and Baldwin 1998). largest: records of the largest cluster.
    found_by, true_by: the same for pairs where a record has this dirt, or for pairs of systems.
    merged_households: clusters that hold two people of a household with one phone and one device.
    merged_colleagues: clusters that hold two people of one organisation.
    """

    right: int = 0
    wrong: int = 0
    true: int = 0
    records: int = 0
    own_share: float = 0.0
    person_share: float = 0.0
    largest: int = 0
    merged_households: int = 0
    merged_colleagues: int = 0
    false_merges: list[list[tuple[str, Record]]] = field(default_factory=list)
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

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of pairs."""
        return harmonic_mean(self.precision, self.recall)

    @property
    def b3_precision(self) -> float:
        """B-cubed precision: mean share of a record's cluster that is the same person."""
        return self.own_share / self.records if self.records else 1.0

    @property
    def b3_recall(self) -> float:
        """B-cubed recall: mean share of a record's person that is in the same cluster."""
        return self.person_share / self.records if self.records else 1.0

    @property
    def b3_f1(self) -> float:
        """Harmonic mean of B-cubed precision and recall."""
        return harmonic_mean(self.b3_precision, self.b3_recall)

    def summary(self) -> str:
        """Return the figures in a line."""
        return (
            f"Pairs: precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}."
            f" B-cubed: precision {self.b3_precision:.4f}, recall {self.b3_recall:.4f},"
            f" F1 {self.b3_f1:.4f}. Largest cluster: {self.largest} records."
        )

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
                self.summary(),
                f"{self.wrong:,} of {joined:,} joined pairs are two people, in"
                f" {len(self.false_merges)} clusters; {self.merged_households} hold people of one"
                f" household, {self.merged_colleagues} of one organisation.",
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
    persons = _groups({record: truth.person[record] for record in known})
    for members in _groups(known).values():
        scores.largest = max(scores.largest, len(members))
        counts = Counter(truth.person[record] for record in members)
        for person, count in counts.items():
            scores.records += count
            scores.own_share += count * count / len(members)
            scores.person_share += count * count / len(persons[person])
        if len(counts) > 1:
            scores.false_merges.append(sorted((truth.person[key], key) for key in members))
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
    for members in persons.values():
        for record, other in combinations(sorted(members), 2):
            is_found = known[record] == known[other]
            scores.true += 1
            for kind in _kinds(truth, record, other):
                scores.true_by[kind] += 1
                scores.found_by[kind] += is_found


def harmonic_mean(one: float, other: float) -> float:
    """Harmonic mean of two shares; 0 where both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def _groups(labels: dict[Record, str]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record, label in labels.items():
        groups[label].append(record)
    return groups


def _kinds(truth: Truth, record: Record, other: Record) -> Iterable[str]:
    """Return the systems of a pair, and what was planted in either record."""
    dirt = {*truth.dirt[record], *truth.dirt[other]}
    return [f"{record[0]} and {other[0]}", *(dirt or {"no dirt"})]
