"""Recommendations hold their floors on real data, and are better than what sells best.

The figures themselves are what `python -m benchmarks.recommendation_quality` prints.
"""

from pathlib import Path

import pytest
from real_examples import raw_file

from benchmarks.recommendation_quality import next_products

pytestmark = pytest.mark.slow(reason="it builds on real data")


def test_the_next_products_are_among_the_recommended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = raw_file("online_retail/onlineretail.parquet")
    monkeypatch.setenv("PORTRAIT_REAL_DATA", str(file.parents[1]))
    scores = next_products(tmp_path / "place")
    new, everything = scores["new", "recommended"], scores["all", "recommended"]
    assert new.customers == 1271
    assert everything.customers == 1375
    assert new.ndcg >= 0.115
    assert new.ndcg > scores["new", "popular_lately"].ndcg + 0.03
    assert new.ndcg > scores["new", "popular"].ndcg + 0.06
    assert everything.ndcg >= 0.34
    assert everything.ndcg > scores["all", "popular_lately"].ndcg + 0.1
    assert scores["again", "recommended"].ndcg >= 0.43
