"""Preferences and sensitivity hold their floors, on real data and on a company with known tastes.

The figures themselves are what `python -m benchmarks.portrait_quality` prints.
"""

from pathlib import Path

import pytest
from real_examples import raw_file

from benchmarks.portrait_quality import known_tastes, next_purchases

pytestmark = pytest.mark.slow(reason="it builds on real data and a company of 2,000 people")


def test_the_next_purchase_lies_in_the_preferred_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = raw_file("online_retail/onlineretail.parquet")
    monkeypatch.setenv("PORTRAIT_REAL_DATA", str(file.parents[1]))
    found = next_purchases(tmp_path / "place")
    assert found.customers > 1300
    assert found.preferences >= 0.78
    assert found.preferences > found.all_time + 0.01
    assert found.preferences > found.popular + 0.1


def test_tastes_and_hunters_of_a_generated_company_are_found(tmp_path: Path) -> None:
    found = known_tastes(tmp_path / "place", people=2000, seed=816)
    assert found.people > 1000
    # Tastes of this company never change, so what fades counts for less than all of it.
    assert found.preferences >= 0.85
    assert found.preferences > found.popular + 0.4
    assert found.buyers > 300
    assert found.precision >= 0.85
    assert found.recall >= 0.35
