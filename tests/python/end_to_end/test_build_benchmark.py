"""The benchmark of whole builds runs from end to end on few people, and what it compares agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.build_speed.__main__ import measure_size
from benchmarks.build_speed.beside import TABLES
from benchmarks.build_speed.by_hand import STEPS
from benchmarks.build_speed.company import company_of


@pytest.mark.slow(reason="two builds; a difference by hand fails `make bench` as well")
def test_a_company_is_built_and_compared(tmp_path: Path) -> None:
    company = company_of(tmp_path / "company", 300, seed=5)
    assert company_of(tmp_path / "company", 300, seed=5) == company
    assert 0.001 < company.new_rows / company.history_rows < 0.01

    size = measure_size(company, tmp_path / "build", False, lambda _: None)
    for build in (size.full, size.new_day):
        assert build.problem == ""
        # what a new day finds is not fitted again
        names = [stage.name for stage in build.stages if stage.name != "Fitting"]
        assert names == ["Landing", "Building", "Checking", "Publishing"]
        assert {"staging", "intermediate", "marts"} <= {layer.name for layer in build.layers}
        assert len(build.models) > 200 and len(build.tests) > 500
        spent = sum(stage.cpu_seconds or 0 for stage in build.stages)
        assert 0 < spent <= build.cpu_seconds * 1.05
    assert [side.name for side in size.by_hand] == ["by hand", *STEPS]
    assert [side.problem for side in size.by_hand] == [""] * (1 + len(STEPS))
    assert all(side.rows > 0 for side in size.by_hand if side.name in TABLES)
    assert [side.problem for side in size.pandas] == ["", ""]
    assert size.limit.read_seconds > 0 and size.limit.written_bytes > 0
