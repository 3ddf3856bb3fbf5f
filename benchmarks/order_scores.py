"""How well the check of orders agrees with the bad orders that were planted, counted in orders."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Query = Callable[[str], list[tuple[str, ...]]]

# Orders of those who take advantage are no mistake of their own: the truth names all of them.
ACCOUNT = "risky_account"
REVIEWED = """
    select reviews.system, orders.native_order_id, reviews.review_status = 'to_look_at',
        reviews.reason_1_code
    from portrait.marts.fct_order_reviews as reviews
    inner join portrait.marts.fct_orders as orders on reviews.order_id = orders.order_id
"""


@dataclass
class OrderScores:
    """Counts of orders; several companies add up.

    orders: all that were reviewed. flagged: those to look at; right: those of them that were
    planted, or are of an account that takes advantage. planted, found: by kind.
    """

    orders: int = 0
    flagged: int = 0
    right: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    wrong_reasons: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Share of the orders to look at that are bad; 1 without any."""
        return self.right / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        """Share of the planted orders to look at, but those of accounts; 1 without any."""
        planted = self.planted.total() - self.planted[ACCOUNT]
        found = self.found.total() - self.found[ACCOUNT]
        return found / planted if planted else 1.0

    def summary(self) -> str:
        """Return the figures in lines."""
        kinds = ", ".join(
            f"{kind} {self.found[kind]} of {count}" for kind, count in sorted(self.planted.items())
        )
        return (
            f"Orders to look at: {self.flagged} of {self.orders}, precision {self.precision:.4f}"
            f" ({self.flagged - self.right} wrong), recall {self.recall:.4f} ({kinds}).\n"
            f"First reasons of wrong ones: {dict(self.wrong_reasons)}"
        )


def add_order_scores(query: Query, truth: Path, scores: OrderScores) -> None:
    """Hold a build against the truth."""
    with (truth / "bad_orders.csv").open(encoding="utf-8", newline="") as file:
        bad = {(row["system"], row["native_order_id"]): row["kind"] for row in csv.DictReader(file)}
    for system, native_id, is_flagged, reason in query(REVIEWED):
        kind = bad.get((system, native_id))
        scores.orders += 1
        scores.flagged += bool(is_flagged)
        if kind:
            scores.planted[kind] += 1
            scores.found[kind] += bool(is_flagged)
        elif is_flagged:
            scores.wrong_reasons[reason] += 1
    scores.right = scores.found.total()
