"""What the strategies of a generated company cause, by the uplift that the truth knows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

Query = Callable[[str], list[tuple[str, ...]]]

ACTIONS = ("promotion", "newsletter", "win_back", "welcome", "cross_sell")
WRITTEN_TO = """
    select
        records.system, records.native_customer_id, strategy.customer_id, strategy.campaign_kind,
        strategy.expected_value_amount, strategy.order_value_amount,
        coalesce(portrait.monetary_amount, 0)
    from portrait.marts.customer_strategy as strategy
    inner join intermediate.int_records_clustered as records
        on strategy.customer_id = records.customer_id
    inner join portrait.marts.customer_portrait as portrait
        on strategy.customer_id = portrait.customer_id
    where strategy.channel in ('mail', 'message')
"""


@dataclass(frozen=True)
class Contacted:
    """A customer who may be written to: the action, what it is expected to bring, and the truth."""

    customer_id: str
    action: str | None
    expected_value: float | None
    order_value: float
    monetary: float
    uplifts: dict[str, float]

    def causes(self, action: str | None) -> float:
        """Orders that the action causes; none where the generator knows no such action."""
        return self.uplifts.get(action or "", 0.0)


@dataclass
class StrategyScores:
    """Orders and value that a budget of contacts causes, by policy; several companies add up."""

    contacts: int = 0
    orders: dict[str, float] = field(default_factory=dict)
    value: dict[str, float] = field(default_factory=dict)

    def add(self, policy: str, chosen: Iterable[tuple[Contacted, float]]) -> None:
        """Add customers with the orders that are caused with each."""
        for customer, orders in chosen:
            self.orders[policy] = self.orders.get(policy, 0.0) + orders
            value = orders * customer.order_value
            self.value[policy] = self.value.get(policy, 0.0) + value

    def summary(self) -> str:
        """Return the figures in lines."""
        lines = [f"{self.contacts} contacts; extra orders and their value by policy:"]
        for policy, orders in self.orders.items():
            lines.append(f"  {policy}: {orders:.1f} orders, {self.value[policy]:,.0f}")
        return "\n".join(lines)


def add_strategy_scores(
    query: Query, truth: Path, scores: StrategyScores, share: float = 0.3
) -> None:
    """Spend a budget of contacts, a share of all who may be written to, in four ways.

    chosen: by expected value, each with the own strategy. random: anybody, any action (its
    expectation). best_customers: the highest revenue first, with a promotion. best_own: the same
    customers with their own strategies.
    """
    uplifts = {
        row["person_id"]: {action: float(row[action]) for action in ACTIONS}
        for row in _rows(truth / "uplifts.csv")
    }
    persons = {
        (row["system"], row["native_id"]): row["person_id"] for row in _rows(truth / "records.csv")
    }
    found: dict[str, Contacted] = {}
    for system, native_id, customer_id, action, expected, order_value, monetary in query(
        WRITTEN_TO
    ):
        person = persons.get((system, native_id))
        if person in uplifts and customer_id not in found:
            found[customer_id] = Contacted(
                customer_id, action, None if expected is None else float(expected),
                float(order_value), float(monetary), uplifts[person],
            )  # fmt: skip
    customers = sorted(found.values(), key=lambda one: one.customer_id)
    budget = round(share * len(customers))
    scores.contacts += budget
    nothing = float("-inf")
    chosen = sorted(
        customers,
        key=lambda one: nothing if one.expected_value is None else one.expected_value,
        reverse=True,
    )[:budget]
    best = sorted(customers, key=lambda one: one.monetary, reverse=True)[:budget]
    part = budget / len(customers) if customers else 0.0
    scores.add("chosen", [(one, one.causes(one.action)) for one in chosen])
    scores.add(
        "random",
        [(one, part * sum(one.uplifts.values()) / len(ACTIONS)) for one in customers],
    )
    scores.add("best_customers", [(one, one.causes("promotion")) for one in best])
    scores.add("best_own", [(one, one.causes(one.action)) for one in best])


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
