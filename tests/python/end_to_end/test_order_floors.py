"""The check of orders holds its floors; the figures are those of `benchmarks.order_quality`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.order_quality import reviewed_companies


@pytest.mark.slow(reason="a company of 1,200 people with bad orders is built")
def test_bad_orders_are_looked_at_and_few_others(tmp_path: Path) -> None:
    scores = reviewed_companies(tmp_path, (831,), 1200)
    assert scores.planted.total() > 400, scores.summary()
    assert scores.precision >= 0.9, scores.summary()
    assert scores.recall >= 0.85, scores.summary()
