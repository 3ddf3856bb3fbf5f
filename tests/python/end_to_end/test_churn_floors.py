"""Churn predicted on real data, at least as well as the plain rule does: AUC and top decile.

The figures themselves are what `python -m benchmarks.value_quality` prints.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from real_examples import raw_file

from benchmarks.value_quality import (
    CHURN_SCORE,
    PLAIN_RULE,
    SPLITS,
    auc,
    predictions,
    top_decile_precision,
)

pytestmark = pytest.mark.slow(reason="it builds on real data")

FILES = {
    "cdnow": "cdnow/cdnow_master.csv",
    "online_retail": "online_retail/onlineretail.parquet",
}
# At most a point below the measured values: AUC and precision of the top decile, lost for 90 days.
# On CDNOW the latter was 1.5 points higher by a score that was no probability: the exact one
# ranks frequent buyers who fell silent a little too high.
FLOORS = {"cdnow": (0.763, 0.907), "online_retail": (0.723, 0.664)}


@pytest.mark.parametrize("name", SPLITS)
def test_churn_is_predicted_better_than_by_the_plain_rule(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = raw_file(FILES[name])
    monkeypatch.setenv("PORTRAIT_REAL_DATA", str(file.parents[1]))
    customers = predictions(SPLITS[name], tmp_path)
    assert len(customers) == {"cdnow": 23570, "online_retail": 3370}[name]

    for is_lost in (customers["is_lost_soon"], customers["is_lost"]):
        score, plain = customers[CHURN_SCORE], customers[PLAIN_RULE]
        assert auc(score, is_lost) > auc(plain, is_lost)
        assert top_decile_precision(score, is_lost) > top_decile_precision(plain, is_lost)
        # To know how long ago the last purchase was is not enough either.
        assert auc(score, is_lost) > auc(customers["days since the last purchase"], is_lost)

    is_lost = customers["is_lost_soon"]
    least_auc, least_precision = FLOORS[name]
    assert auc(customers[CHURN_SCORE], is_lost) >= least_auc
    assert top_decile_precision(customers[CHURN_SCORE], is_lost) >= least_precision

    shares = customers.groupby("churn_risk_band")["is_lost_soon"].mean()
    assert shares["low"] + 0.1 < shares["medium"] < shares["high"] - 0.1
    # Nobody is lost on Online Retail: no nine of ten of a group stayed away in its past.
    assert ("lost" in shares) == (name == "cdnow")
    assert name != "cdnow" or shares["lost"] >= 0.9
