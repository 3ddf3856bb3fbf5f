"""How well the risk of a generated company agrees with the truth, counted in people."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Query = Callable[[str], list[tuple[str, ...]]]

ABUSES = ("is_coupon_abuser", "is_refund_abuser", "is_order_brusher")
# So many of a family make it a large one.
LARGE_FAMILY = 5
FLAGGED = """
    select records.system, records.native_customer_id, risk.risk_band in ('medium', 'high'),
        risk.reason_1_code
    from intermediate.int_records_clustered as records
    inner join portrait.marts.customer_risk as risk on records.customer_id = risk.customer_id
"""


@dataclass
class RiskScores:
    """Counts of people; several companies add up.

    flagged: people of whom a record belongs to a customer of medium or high risk; right: those
    of them who were planted. planted, found: by kind. honest: people by what makes them look risky
    although they are not; honest_flagged: those of them who are flagged.
    """

    flagged: int = 0
    right: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    honest: Counter[str] = field(default_factory=Counter)
    honest_flagged: Counter[str] = field(default_factory=Counter)
    wrong_reasons: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Share of the flagged people who were planted; 1 without any."""
        return self.right / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        """Share of the planted people who are flagged; 1 without any."""
        planted = self.planted.total()
        return self.found.total() / planted if planted else 1.0

    @property
    def honest_share(self) -> float:
        """Share of large families, staff and paying resellers who are flagged; 0 without any."""
        honest = self.honest.total()
        return self.honest_flagged.total() / honest if honest else 0.0

    def summary(self) -> str:
        """Return the figures in lines."""
        kinds = ", ".join(f"{kind} {self.found[kind]} of {self.planted[kind]}" for kind in ABUSES)
        honest = ", ".join(
            f"{kind} {self.honest_flagged[kind]} of {count}"
            for kind, count in sorted(self.honest.items())
        )
        return (
            f"Flagged people: precision {self.precision:.4f} ({self.flagged - self.right} of"
            f" {self.flagged} wrong), recall {self.recall:.4f} ({kinds}).\n"
            f"Flagged though honest: {honest}. Reasons of wrong ones: {dict(self.wrong_reasons)}"
        )


def add_risk_scores(query: Query, truth: Path, scores: RiskScores) -> None:
    """Hold a build against the truth. Testers of the company itself are not counted."""
    with (truth / "people.csv").open(encoding="utf-8", newline="") as file:
        people = {row["person_id"]: row for row in csv.DictReader(file)}
    with (truth / "records.csv").open(encoding="utf-8", newline="") as file:
        person = {
            (row["system"], row["native_id"]): row["person_id"] for row in csv.DictReader(file)
        }
    known: set[str] = set()
    reasons: dict[str, str] = {}
    for system, native_id, is_flagged, reason in query(FLAGGED):
        one = person.get((system, native_id))
        if one is None or people[one]["person_kind"] == "test":
            continue
        known.add(one)
        if is_flagged:
            reasons[one] = reason
    families = Counter(people[one]["household_id"] for one in known)
    honest: dict[str, set[str]] = defaultdict(set)
    for one in known:
        row = people[one]
        abuse = next((kind for kind in ABUSES if row[kind] == "true"), None)
        if abuse:
            scores.planted[abuse] += 1
            scores.found[abuse] += one in reasons
            continue
        if one in reasons:
            scores.wrong_reasons[reasons[one]] += 1
        if row["household_id"] and families[row["household_id"]] >= LARGE_FAMILY:
            honest["large families"].add(one)
        if row["organisation_id"]:
            honest["staff"].add(one)
        if row["person_kind"] == "reseller":
            honest["resellers"].add(one)
    for kind, members in honest.items():
        scores.honest[kind] += len(members)
        scores.honest_flagged[kind] += len(members & reasons.keys())
    scores.flagged += len(reasons)
    scores.right = scores.found.total()
