"""Each analysis runs on the published file of the sample and finds something."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

ANALYSES = sorted((Path(__file__).resolve().parents[3] / "analyses").rglob("*.sql"))


def test_there_are_at_least_ten() -> None:
    assert len(ANALYSES) >= 10


@pytest.mark.parametrize("analysis", ANALYSES, ids=[path.stem for path in ANALYSES])
def test_analysis_answers(published_sample: Path, analysis: Path) -> None:
    with duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True) as connection:
        rows = connection.execute(analysis.read_text(encoding="utf-8")).fetchall()
    assert rows, f"{analysis.name} found nothing"
