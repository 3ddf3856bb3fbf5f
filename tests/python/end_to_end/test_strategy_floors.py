"""The strategies hold their floors; the figures are those of `benchmarks.strategy_quality`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.strategy_quality import advised_companies


@pytest.mark.slow(reason="three companies of 1,500 people with campaigns are built")
def test_the_chosen_actions_are_worth_more_than_others(tmp_path: Path) -> None:
    """Of one company alone the lifts are too uncertain: one held-out order moves its figure."""
    scores = advised_companies(tmp_path, (5, 6, 7), 1500)
    assert scores.contacts > 600, scores.summary()
    chosen = scores.value["chosen"]
    assert chosen >= 1.5 * scores.value["random"], scores.summary()
    assert chosen >= 1.2 * scores.value["best_customers"], scores.summary()
