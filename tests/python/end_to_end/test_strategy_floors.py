"""The strategies hold their floors; the figures are those of `benchmarks.strategy_quality`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.strategy_quality import advised_companies


@pytest.mark.slow(reason="a company of 1,500 people with campaigns is built")
def test_the_chosen_actions_are_worth_more_than_others(tmp_path: Path) -> None:
    scores = advised_companies(tmp_path, (5,), 1500)
    assert scores.contacts > 150, scores.summary()
    chosen = scores.value["chosen"]
    assert chosen >= 1.5 * scores.value["random"], scores.summary()
    assert chosen >= 1.2 * scores.value["best_customers"], scores.summary()
