"""The goals of a build's cost, and whether what was measured meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.build_speed.figures import Size

SMALL, LARGE = 100_000, 1_000_000
GIB = 2**30


@dataclass(frozen=True)
class Goal:
    """A goal: the most that is allowed, what is aimed at, and what was measured (None: nothing).

    `unit` is how the numbers are written: s, GiB, times or %.
    """

    name: str
    most: float
    unit: str
    measured: float | None
    aim: float | None = None
    size: str = ""

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if self.measured is None:
            return "not measured"
        if self.measured > self.most:
            return "missed"
        if self.aim is not None and self.measured <= self.aim:
            return "met, the aim too"
        return "met"


def goals_of(sizes: Sequence[Size]) -> list[Goal]:
    """All goals; those of a size that was not built are not measured."""
    small = _built(sizes, SMALL)
    large = _built(sizes, LARGE)
    at_large, at_small = f"{LARGE:,} people", f"{SMALL:,} people"
    whole = "a build with all tests, checks and publishing"
    return [
        Goal(whole, 600, "s", _of(large, _seconds), 360, at_large),
        Goal(
            "its memory at the peak", 14, "GiB",
            _of(large, lambda size: size.full.peak_bytes / GIB), None, at_large,
        ),
        Goal(whole, 70, "s", _of(small, _seconds), None, at_small),
        Goal(
            "models against the scripts by hand", 1.5, "times",
            _of(large, against_hand), 1.2, at_large,
        ),
        Goal(
            "a raw row's cost against that of the smaller company", 1.2, "times",
            cost_growth(small, large), None, f"{SMALL:,} to {LARGE:,} people",
        ),
        Goal(
            "publishing against copying its bytes", 2, "times",
            _of(large, publishing), None, at_large,
        ),
        Goal(
            "a build after a new day against the first build", 25, "%",
            _of(large, new_day_share), 10, at_large,
        ),
        *_equal(sizes),
    ]  # fmt: skip


def _equal(sizes: Sequence[Size]) -> list[Goal]:
    """Of each size that was compared: tables that differ between a new day and a build of all."""
    return [
        Goal(
            "tables that differ after a new day from a build of all", 0, "",
            float(len(size.different_tables)), None, f"{size.people:,} people",
        )
        for size in sizes
        if size.different_tables is not None
    ]  # fmt: skip


def _seconds(size: Size) -> float:
    return size.full.seconds


def _of(size: Size | None, figure: Callable[[Size], float | None]) -> float | None:
    return None if size is None else figure(size)


def _built(sizes: Sequence[Size], people: int) -> Size | None:
    return next((one for one in sizes if one.people == people and not one.full.problem), None)


def against_hand(size: Size) -> float | None:
    """Seconds of the compared models per second of the scripts; None where the scripts failed."""
    if not size.by_hand or size.by_hand[0].problem:
        return None
    return _ratio(size.by_hand[0].models_seconds, size.by_hand[0].seconds)


def cost_growth(small: Size | None, large: Size | None) -> float | None:
    """Seconds per raw row of the larger company over those of the smaller one."""
    if small is None or large is None:
        return None
    one, other = (_ratio(size.full.seconds, size.full.raw_rows) for size in (large, small))
    return None if one is None or other is None else _ratio(one, other)


def publishing(size: Size) -> float | None:
    """Seconds of publishing per second of copying the published files."""
    return _ratio(size.full.stage("Publishing"), size.limit.write_seconds)


def new_day_share(size: Size) -> float | None:
    """The build after a new day in per cent of the first build."""
    if size.new_day.problem or not size.new_day.seconds:
        return None
    return 100 * size.new_day.seconds / size.full.seconds


def _ratio(one: float, other: float) -> float | None:
    return one / other if other else None
