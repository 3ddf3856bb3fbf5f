"""Identity on companies of other kinds: floors of pairs after clustering, on seeds nobody looks at.

The models were developed on other seeds of these sets. `python -m benchmarks.identity_kinds --set
NAME --explain` says in words what is wrong in a company of a kind; use an odd seed for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from real_examples import raw_file

from benchmarks.identity_kinds import Kinds, line, sum_of


@dataclass(frozen=True)
class Floor:
    """The least precision and recall of pairs, and the least share of true pairs compared."""

    precision: float
    recall: float
    compared: float
    seeds: tuple[int, ...] = (2,)
    size: int | None = None


SMALL_COMPANIES = (2, 4, 6, 8)
FLOORS = {
    "small": Floor(0, 0, 0, SMALL_COMPANIES),
}
PUBLISHED = {
    "febrl1": "febrl/dataset1.csv",
    "febrl3": "febrl/dataset3.csv",
    "febrl3_national_id": "febrl/dataset3.csv",
    "fake_1000": "fake_1000/fake_1000.csv",
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinds]:
    with Kinds(tmp_path_factory.mktemp("kinds")) as opened:
        yield opened


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=()
            if name == "small"
            else pytest.mark.slow(reason="the small companies are built, by the same rules"),
        )
        for name in FLOORS
    ],
)
def test_identity_holds_its_floors_in_every_kind_of_company(
    name: str, kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is joined is one person, and enough records of one person are found."""
    if name in PUBLISHED:
        file = raw_file(PUBLISHED[name])
        monkeypatch.setenv("PORTRAIT_REAL_DATA", str(Path(file).parents[1]))
    floor = FLOORS[name]
    outcome = sum_of([kinds.measure(name, seed, floor.size) for seed in floor.seeds])
    report = line(name, "all", outcome)
    assert outcome.scores.true > 0
    assert outcome.scores.precision >= floor.precision, report
    assert outcome.scores.recall >= floor.recall, report
    assert outcome.compared_share >= floor.compared, report
