"""Value of every customer of the sample, by plain Python from the raw files.

Scores of RFM: 1 + floor(5 × share of buyers with a strictly worse value), at most 5; the best
recency scores 5.
P(alive) after Fader and Hardie's note 021, expected purchases after equation 10 of Fader, Hardie
and Lee (2005) with scipy's 2F1, the mean value after note 013. The parameters are those that the
build publishes; test_clv.py and test_lifetime_value.py test the fit itself.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
import recompute_customers as oracle
from builds import PROJECT, SAMPLE
from scipy.special import hyp2f1

SCORES = ("recency_score", "frequency_score", "monetary_score")
VALUE = (
    *("repeat_days_count", "first_to_last_purchase_days", "observed_days"),
    *("mean_repeat_day_amount", "p_alive", "expected_purchases_30d_count"),
    *("expected_purchases_90d_count", "expected_purchases_365d_count", "expected_purchase_amount"),
)


def read_map(name: str, key: str, value: str) -> dict[str, str]:
    """A seed as a dictionary."""
    with (PROJECT / "seeds" / "value" / f"{name}.csv").open(encoding="utf-8") as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}


def scores_of(accounts: list[dict[str, Any]]) -> list[tuple[int, int, int] | None]:
    """Recency, frequency and monetary score of each account; None without any purchase."""
    buyers = [account for account in accounts if account["frequency"]]
    # Later is better: days since count as less the more they are.
    measures = [
        lambda account: -account["recency_days"],
        lambda account: account["frequency"],
        lambda account: account["monetary_amount"],
    ]
    ranked = [sorted(map(measure, buyers)) for measure in measures]
    best_recency = min(account["recency_days"] for account in buyers)

    def score(account: dict[str, Any]) -> tuple[int, ...]:
        recency, frequency, monetary = (
            min(5, 1 + 5 * bisect_left(values, measure(account)) // len(values))
            for values, measure in zip(ranked, measures, strict=True)
        )
        if account["recency_days"] == best_recency:
            recency = 5
        return recency, frequency, monetary

    return [score(account) if account["frequency"] else None for account in accounts]


def segment_of(account: dict[str, Any], scores: tuple[int, int, int] | None) -> str:
    """The segment of the code, or the other one for old customers and for single purchases."""
    if scores is None:
        return "Prospects"
    segment = read_map("rfm_segment_map", "rfm_code", "rfm_segment")["".join(map(str, scores))]
    since_first = (account["as_of"] - account["first_paid_order_date"]).days
    if segment == "New" and since_first > 30:
        return "Promising"
    if segment == "Cannot Lose" and account["frequency"] < 2:
        return "Hibernating"
    return segment


def value_of(account: dict[str, Any], model: dict[str, float]) -> list[float | None]:
    """What `VALUE` names, of one account."""
    days = account["purchase_days"]
    if not days:
        return [None] * len(VALUE)
    first, last = min(days), max(days)
    x, t_x, observed = len(days) - 1, (last - first).days, (account["as_of"] - first).days
    amounts = [float(amount) for day, amount in days.items() if day > first and amount is not None]
    mean = sum(amounts) / len(amounts) if amounts else None
    r, alpha, a, b = (model[name] for name in ("r", "alpha_days", "a", "b"))
    p, q, gamma = (model[name] for name in ("p", "q", "gamma_amount"))
    p_alive = 1.0
    if x:
        p_alive = 1 / (1 + a / (b + x - 1) * ((alpha + observed) / (alpha + t_x)) ** (r + x))

    def expected(t: int) -> float:
        z = t / (alpha + observed + t)
        # Euler's transformation, which keeps the digits
        series = (1 - z) ** (a - 1) * hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
        return float(p_alive * (a + b + x - 1) / (a - 1) * (1 - series))

    amount = p * gamma / (q - 1)
    if mean is not None and mean > 0:
        amount = p * (gamma + len(amounts) * mean) / (p * len(amounts) + q - 1)
    return [x, t_x, observed, mean, p_alive, expected(30), expected(90), expected(365), amount]


def as_approximated(values: list[float | None]) -> list[Any]:
    """Money is published to four places, scores as doubles."""
    return [
        value
        if value is None or isinstance(value, int)
        else pytest.approx(value, rel=1e-8, abs=1e-4 if name.endswith("amount") else 0)
        for name, value in zip(VALUE, values, strict=True)
    ]


def test_scores_and_value_are_those_of_the_raw_files(published_sample: Path) -> None:
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        records = defaultdict(list)
        for customer_id, *record in connection.execute(
            "select customer_id, system, native_customer_id from marts.bridge_customer_identities"
        ).fetchall():
            records[customer_id].append(tuple(record))
        model = dict(
            connection.execute(
                "select parameter, value from marts.rpt_lifetime_value_model"
            ).fetchall()
        )
        published = {
            customer_id: (rest[:3], rest[3], rest[4:])
            for customer_id, *rest in connection.execute(
                f"select customer_id, {', '.join(SCORES)}, rfm_segment, {', '.join(VALUE)}"
                " from marts.customer_rfm inner join marts.customer_segments using (customer_id)"
                " inner join marts.customer_lifetime_value using (customer_id)"
            ).fetchall()
        }
    assert records.keys() == published.keys()
    accounts = oracle.recompute(SAMPLE, records.values())
    scored = dict(zip(records, zip(accounts, scores_of(accounts), strict=True), strict=True))
    buyers = [customer_id for customer_id, (_, scores) in scored.items() if scores]
    assert len(buyers) > 500
    # Ten by name, as somebody would look them up; then everybody.
    picked = random.Random(6).sample(sorted(buyers), 10)
    for customer_id in (*picked, *records):
        account, scores = scored[customer_id]
        segment = segment_of(account, scores)
        own_scores, own_segment, own_value = published[customer_id]
        assert own_scores == list(scores or (None, None, None)), customer_id
        assert own_segment == segment, customer_id
        assert [
            value if value is None or isinstance(value, int) else float(value)
            for value in own_value
        ] == as_approximated(value_of(account, model)), customer_id
