"""Risk and households hold their floors on a company in which some take advantage.

The figures themselves are what `python -m benchmarks.risk_quality` prints.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.risk_quality import judged_companies
from benchmarks.risk_scores import RiskScores, add_risk_scores


@pytest.mark.slow(reason="a company of 2,000 people with orders and visits is built")
def test_those_who_take_advantage_are_found_and_nobody_else(tmp_path: Path) -> None:
    risk, households = judged_companies(tmp_path, (822,), 2000)
    assert risk.planted.total() > 50, risk.summary()
    assert risk.precision >= 0.95, risk.summary()
    assert risk.recall >= 0.9, risk.summary()
    assert all(risk.found[kind] >= 0.8 * count for kind, count in risk.planted.items())
    assert risk.honest.total() > 100, risk.summary()
    assert risk.honest_share <= 0.005, risk.summary()
    assert households.precision >= 0.98, f"{households.summary()} {households.wrong_pairs}"
    assert households.observable_recall >= 0.9, f"{households.summary()} {households.missed_pairs}"


def test_scores_count_people(tmp_path: Path) -> None:
    """Testers are not counted; a person is flagged where any of the person's customers is."""
    columns = (
        *("person_id", "person_kind", "household_id", "organisation_id"),
        *("is_coupon_abuser", "is_refund_abuser", "is_order_brusher"),
    )
    people = [
        ("1", "regular", "", "", "true", "false", "false"),
        ("2", "regular", "", "", "false", "true", "false"),
        ("3", "regular", "", "o", "false", "false", "false"),
        ("4", "reseller", "", "", "false", "false", "false"),
        ("5", "test", "", "", "false", "false", "false"),
        *((str(number), "regular", "h", "", "false", "false", "false") for number in range(6, 11)),
    ]
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *people])
    with (tmp_path / "records.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [("shop", f"C{person[0]}", person[0]) for person in people]
        csv.writer(file).writerows(
            [("system", "native_id", "person_id"), *rows, ("pos", "M1", "1")]
        )
    flagged = [
        *(("shop", "C1", False, None), ("pos", "M1", True, "coupon_ring")),
        *(("shop", "C2", False, None), ("shop", "C3", True, "shared_device")),
        *(("shop", "C4", False, None), ("shop", "C5", True, "many_accounts")),
        *(("shop", f"C{number}", False, None) for number in range(6, 11)),
        ("shop", "C99", True, "order_burst"),
    ]
    scores = RiskScores()
    add_risk_scores(lambda _: flagged, tmp_path, scores)
    assert (scores.flagged, scores.right) == (2, 1)
    assert scores.precision == scores.recall == 0.5
    assert scores.honest == {"staff": 1, "resellers": 1, "large families": 5}
    assert scores.honest_share == pytest.approx(1 / 7)
    assert scores.wrong_reasons == {"shared_device": 1}
