"""The benchmark of identity runs from end to end on few records, and its figures agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.identity_speed import (
    COMPARED_STEPS,
    RECORDS_STEP,
    STEPS,
    has_splink,
    measure,
    report,
)

MILLIONS = 0.001


@pytest.mark.slow(reason="what is measured is proven by other tests")
def test_every_step_and_rule_is_measured(tmp_path: Path) -> None:
    size = measure(tmp_path / "few", MILLIONS, seed=5, again=False)
    assert [step.name for step in size.steps] == [RECORDS_STEP, *STEPS]
    assert all(step.seconds > 0 and step.start_seconds > 0 for step in size.steps)
    assert all(50 < step.peak_megabytes < 4000 for step in size.steps)
    assert size.records == pytest.approx(MILLIONS * 1e6, rel=0.15)

    assert size.pairs > size.joined_pairs > 0
    assert size.pairs <= sum(rule.pairs for rule in size.rules)
    best = max(rule.recall for rule in size.rules)
    assert best <= size.blocking_recall <= sum(rule.recall for rule in size.rules)
    assert sum(rule.alone for rule in size.rules) <= size.blocking_recall
    assert size.blocking_recall > 0.9

    text = report([size])
    for name in (*STEPS, "dbt's start, per step", *(rule.name for rule in size.rules)):
        assert f"| {name} |" in text
    if has_splink():
        assert size.splink_pairs > 0
        assert size.greatest_difference < 1e-6
        assert f"{size.seconds(COMPARED_STEPS):.1f}" in text
