"""The scores of the check of orders count what was planted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.order_scores import OrderScores, add_order_scores


def test_scores_count_orders(tmp_path: Path) -> None:
    """Orders of risky accounts count for the precision, and not for the recall."""
    planted = [
        ("shop", "1", "p", "amount"),
        ("shop", "2", "p", "address"),
        ("shop", "3", "q", "risky_account"),
        ("shop", "4", "q", "risky_account"),
        ("shop", "9", "q", "amount"),
    ]
    with (tmp_path / "bad_orders.csv").open("w", encoding="utf-8", newline="") as file:
        columns = ("system", "native_order_id", "person_id", "kind")
        csv.writer(file).writerows([columns, *planted])
    reviewed = [
        ("shop", "1", True, "amount_unusual"),
        ("shop", "2", False, None),
        ("shop", "3", True, "account_risk"),
        ("shop", "4", False, None),
        ("pos", "1", True, "quantity_unusual"),
        ("pos", "2", False, None),
    ]
    scores = OrderScores()
    add_order_scores(lambda _: reviewed, tmp_path, scores)
    assert (scores.orders, scores.flagged, scores.right) == (6, 3, 2)
    assert scores.precision == pytest.approx(2 / 3)
    assert scores.recall == 0.5
    assert scores.planted == {"amount": 1, "address": 1, "risky_account": 2}
    assert scores.wrong_reasons == {"quantity_unusual": 1}
    assert "amount 1 of 1" in scores.summary()


def test_nothing_flagged_is_never_wrong() -> None:
    assert (OrderScores().precision, OrderScores().recall) == (1.0, 1.0)
