"""Identity on companies of other kinds: floors of pairs after clustering, on seeds nobody looks at.

The models were developed on other seeds of these sets. `python -m benchmarks.identity_kinds --set
NAME --explain` says in words what is wrong in a company of a kind; use an odd seed for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from real_examples import raw_file

from benchmarks.identity_kinds import Kinds, line, sum_of

PUBLISHED = {
    "febrl1": "febrl/dataset1.csv",
    "febrl3": "febrl/dataset3.csv",
    "febrl3_national_id": "febrl/dataset3.csv",
    "fake_1000": "fake_1000/fake_1000.csv",
}
SMALL_COMPANIES = (2, 4, 6, 8)


@dataclass(frozen=True)
class Floor:
    """Of a set: the least precision and recall of pairs, and share of true pairs compared."""

    name: str
    precision: float
    recall: float
    compared: float
    seeds: tuple[int, ...] = (2,)


# The first one is quick; `make test-all` holds all.
FLOORS = (
    Floor("small", 0.980, 0.890, 0.999),
    Floor("small", 0.920, 0.860, 0.999, SMALL_COMPANIES),
    Floor("lists", 0.985, 0.810, 0.999, SMALL_COMPANIES),
    Floor("damaged", 0.996, 0.780, 0.885),
    Floor("census", 0.998, 0.915, 0.995),
    Floor("two_tables", 0.9995, 0.995, 0.999),
    Floor("febrl1", 0.999, 0.985, 0.999),
    Floor("febrl3", 0.999, 0.989, 0.998),
    Floor("febrl3_national_id", 0.999, 0.983, 0.998),
    Floor("fake_1000", 0.999, 0.620, 0.999),
    Floor("without_all_three", 0.995, 0.590, 0.980),
    Floor("equal_initials", 0.985, 0.790, 0.980),
    Floor("many_records", 0.999, 0.935, 0.985),
)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinds]:
    with Kinds(tmp_path_factory.mktemp("kinds")) as opened:
        yield opened


@pytest.mark.parametrize(
    "floor",
    [
        FLOORS[0],
        *(
            pytest.param(floor, marks=pytest.mark.slow(reason="a small company of them is built"))
            for floor in FLOORS[1:]
        ),
    ],
    ids=lambda floor: f"{floor.name} {len(floor.seeds)}",
)
def test_identity_holds_its_floors_in_companies_of_other_kinds(
    floor: Floor, kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is joined is one person, and enough records of one person are found."""
    if floor.name in PUBLISHED:
        file = raw_file(PUBLISHED[floor.name])
        monkeypatch.setenv("PORTRAIT_REAL_DATA", str(file.parents[1]))
    outcome = sum_of([kinds.measure(floor.name, seed) for seed in floor.seeds])
    report = line(floor.name, "all", outcome)
    assert outcome.scores.true > 50
    assert outcome.scores.precision >= floor.precision, report
    assert outcome.scores.recall >= floor.recall, report
    assert outcome.compared_share >= floor.compared, report


@pytest.mark.parametrize(("name", "size"), [("small", 120), ("damaged", 400)])
def test_what_is_told_twice_changes_no_verdict(name: str, size: int, kinds: Kinds) -> None:
    """Of any model it holds that evidence counts once; a floor would not show that it counts twice.

    The records get their own name as an alias, numbers that go with others, towns as regions and in
    the address, and an occupation that all have.
    """
    kinds.measure(name, seed=2, size=size)
    once = kinds.verdicts()
    kinds.measure(name, seed=2, size=size, twice_told=True)
    twice = kinds.verdicts()

    assert len(once) > 50
    assert {pair: (once.get(pair), twice.get(pair)) for pair in once.keys() | twice.keys()} == {
        pair: (verdict, verdict) for pair, verdict in once.items()
    }
